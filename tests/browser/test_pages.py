"""People at a browser, which goes to https://accounts.zoho.com and meets the fake."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from pytest_catalyst_oauth.engine import ScopeSet
from pytest_catalyst_oauth.engine.errors import RefusedError
from pytest_catalyst_oauth.engine.grants import (
    LoginAttempt,
    device_code_request,
    read_device_code,
)
from pytest_catalyst_oauth.fake import FakeServer

SCOPES = ScopeSet.parse(
    "ZohoCatalyst.tables.rows.READ ZohoCatalyst.cache.READ ZohoCatalyst.files.CREATE"
)
DEVICE = "https://accounts.zoho.com/oauth/v3/device"


def test_a_person_accepts(server, client, app, page, screenshot):
    """From the consent page to tokens, by keyboard alone."""
    attempt = LoginAttempt.start(client, SCOPES)
    page.goto(attempt.url)
    screenshot("consent")

    assert page.url.startswith("https://accounts.zoho.com/oauth/v2/auth?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Do you agree?")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Accept")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{app}?**")

    owner, grant = attempt.finish(page.url)
    reply = server.fake.send(grant.request(owner))
    assert ScopeSet.parse(reply.json()["scope"]) == SCOPES


def test_a_person_rejects(client, app, page):
    """The application hears of it, and of nothing else."""
    attempt = LoginAttempt.start(client, SCOPES)
    page.goto(attempt.url)

    page.get_by_role("button", name="Reject").click()
    page.wait_for_url(f"{app}?**")

    with pytest.raises(RefusedError) as caught:
        attempt.finish(page.url)
    assert caught.value.error == "access_denied"


def test_a_person_with_two_accounts_chooses_by_label(app, page):
    """Every field has a name that can be read aloud; plain http serves it as well."""
    with FakeServer() as server:
        eve = server.fake.add_user("Eve")
        own = server.fake.register_client(redirect_uri=app)
        client = replace(own, data_center=server.client.data_center)
        page.goto(LoginAttempt.start(client, SCOPES).url)

        group = page.get_by_role("group", name="Who are you?")
        group.get_by_label("Eve Example").check()
        page.get_by_role("button", name="Accept").click()
        page.wait_for_url(f"{app}?**")

        assert server.fake.user == eve


def test_a_person_connects_a_device(server, device, page, screenshot):
    """A wrong code is said aloud and can be corrected; the right one goes on."""
    reply = server.fake.send(device_code_request(device, SCOPES))
    codes = read_device_code(
        reply, asked_at=server.fake.clock(), home=device.data_center
    )
    page.goto(codes.verification_url)
    assert page.url == DEVICE
    screenshot("device")

    code = page.get_by_label("Code of the device")
    expect(code).to_be_focused()
    page.keyboard.type("AAAA-0000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No device shows this code.")
    assert code.input_value() == "AAAA-0000"

    code.fill(codes.user_code.lower())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("main")).to_contain_text(f"shows {codes.user_code}")
    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Device allowed")


def test_a_person_is_told_of_a_mistake_on_the_spot(shop, page, screenshot):
    """Nobody is sent to an address that the console does not know."""
    attempt = LoginAttempt.start(shop, SCOPES)
    reply = page.goto(attempt.url.replace("callback", "elsewhere"))
    screenshot("error")

    assert reply.status == 400
    assert page.url.startswith("https://accounts.zoho.com/")
    assert page.title() == "Invalid Redirect Uri"
    expect(page.get_by_role("main")).to_contain_text("https://shop.example/elsewhere")


def test_a_form_of_another_site_consents_to_nothing(server, client, page):
    """A browser says where a form came from, whatever that site had fetched."""
    attempt = LoginAttempt.start(client, SCOPES)
    page.goto(attempt.url)
    action = "https://accounts.zoho.com/oauth/fake/consent"
    stolen = page.locator("form").inner_html()
    form = f'<form method="post" action="{action}">{stolen}</form>'
    page.route(
        "https://evil.example/**",
        lambda route: route.fulfill(content_type="text/html", body=form),
    )
    page.goto("https://evil.example/")

    page.get_by_role("button", name="Accept").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Not From Here")
