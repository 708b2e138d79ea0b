"""The control page in a real browser, with and without JavaScript."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from pytest_catalyst_oauth.engine import ClientKind, HttpRequest
from pytest_catalyst_oauth.engine.errors import TransportError
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, MovableClock
from tests.browser.conftest import IMAGES
from tests.fake.asking import START, access_of, call, new_access, refresh, revoke

SIZE = {"width": 1180, "height": 860}


@pytest.fixture
def controlled():
    """A fake of this test's own, with its control."""
    fake = FakeCatalyst(clock=MovableClock(start=START))
    with FakeServer(fake, control=True) as running:
        yield running


@pytest.fixture
def open_page(browser, controlled):
    """Open the control page; whatever the browser complains about fails the test."""
    contexts, complaints = [], []

    def open_page(*, scripts=True, dark=False):
        context = browser.new_context(
            viewport=SIZE,
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        assert page.goto(controlled.control_page()).status == 200
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def live(fake):
    """A little of everything that a timeline can show."""
    access = new_access(fake, ["ZohoCatalyst.tables.rows.READ"])
    call(fake, "/table/Guests/row", access)
    fake.clock.advance(hours=1)
    call(fake, "/table/Guests/row", access)
    fake.fail("token")
    refresh(fake)
    fake.fail("token", fault="reset_before")
    with pytest.raises(TransportError):
        refresh(fake)
    access = access_of(refresh(fake))
    call(fake, "/table/Guests/row", access)
    revoke(fake, access)
    fake.fail("token", fault="throttle", times=2)


def test_what_happens_appears_by_itself(open_page, controlled):
    """Without a reload, in the order in which it happened."""
    page = open_page()
    assert page.locator("#timeline li").count() == 0

    refresh(controlled.fake)
    call(controlled.fake, "/table/Guests/row", new_access(controlled.fake))

    page.locator("#timeline li").nth(2).wait_for()
    told = page.locator("#timeline li").all_inner_texts()
    assert "POST /oauth/v2/token" in told[0]
    assert "200 access token issued" in told[0]
    assert "200 success" in told[2]


def test_what_somebody_types_is_left_alone(open_page, controlled):
    """The page renews itself around the form that has the focus."""
    page = open_page()
    page.get_by_label("Seconds").fill("90")

    refresh(controlled.fake)

    page.locator("#timeline li").first.wait_for()
    assert page.get_by_label("Seconds").input_value() == "90"


def test_everything_works_without_javascript(open_page, controlled):
    """Clock, faults, tokens and codes are plain forms."""
    fake = controlled.fake
    page = open_page(scripts=False)

    page.get_by_role("button", name="+1 h").click()
    expect(page.locator(".now")).to_have_text("2027-01-15 09:00:00 UTC")

    page.get_by_label("Endpoint").select_option("token")
    page.get_by_role("spinbutton", name="Status").fill("502")
    page.get_by_role("button", name="Add fault").click()
    expect(page.locator("#faults")).to_contain_text("token: status, 1 more")
    assert refresh(fake).status == 502

    page.get_by_role("button", name="Generate code").first.click()
    expect(page.get_by_role("status")).to_contain_text("1000.fa4e")

    page.get_by_role("button", name="Revoke refresh token").click()
    expect(page.locator("#tokens")).to_contain_text("There are none.")
    assert refresh(fake).json()["error"] == "invalid_code"

    page.reload()
    expect(page.locator("#timeline")).to_contain_text("invalid_code")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#timeline")).to_contain_text("Nobody has asked anything yet")


def test_a_device_is_approved(open_page, controlled):
    """By the person in front of the page."""
    fake = controlled.fake
    device = fake.register_client(kind=ClientKind.DEVICE)
    fields = {"grant_type": "device_request", "client_id": device.client_id}
    fields |= {"scope": "ZohoCatalyst.tables.rows.READ", "access_type": "offline"}
    url = f"{device.data_center.accounts_url}/oauth/v3/device/code"
    fake.send(HttpRequest.post_form(url, fields.items()))
    page = open_page(scripts=False)

    page.get_by_role("button", name="Approve").click()

    expect(page.locator("#devices")).to_contain_text("approved")
    assert fake.state()["devices"][0]["answer"] == "approved"


def test_a_keyboard_is_enough(open_page, controlled):
    """Every control is reached by Tab, has a name, and shows where the focus is."""
    live(controlled.fake)
    page = open_page(scripts=False)

    names = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:
            break
        assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
        names.append(focused.inner_text())
    assert "Clear" in names
    assert {"+1 min", "+1 h", "Move", "Heal all", "Add fault"} <= set(names)

    page.get_by_role("button", name="+1 min").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".now")).to_have_text("2027-01-15 09:01:00 UTC")


def test_it_fits_on_a_small_screen(open_page, controlled):
    """Nothing but the table of tokens has to be scrolled sideways."""
    live(controlled.fake)
    page = open_page(scripts=False)
    page.set_viewport_size({"width": 400, "height": 800})

    for part in page.locator("section").all():
        box = part.bounding_box()
        assert box["x"] + box["width"] <= 400


@pytest.mark.parametrize("dark", [False, True])
def test_it_can_be_read_in_the_light_and_in_the_dark(open_page, controlled, dark):
    """As the system likes it; the picture is for the documentation."""
    fake = controlled.fake
    fake.register_client(redirect_uri="https://app.example/callback")
    live(fake)
    page = open_page(scripts=False, dark=dark)

    ink, back = (
        page.locator("body").evaluate(f"one => getComputedStyle(one).{name}")
        for name in ("color", "backgroundColor")
    )

    assert (brightness(ink) > brightness(back)) is dark
    assert abs(brightness(ink) - brightness(back)) > 150
    if os.environ.get("UPDATE_SCREENSHOTS") and not dark:
        page.screenshot(path=IMAGES / "fake-control.png", animations="disabled")


def brightness(color):
    """Of `rgb(1, 2, 3)`, from 0 to 255."""
    return sum(map(int, color[4:-1].split(","))) / 3
