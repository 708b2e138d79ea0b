"""The consent page: who is asked, and what an answer is worth."""

from __future__ import annotations

import re

import pytest

from pytest_catalyst_oauth.engine import HttpRequest, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeCatalyst
from tests.fake.asking import exchange, revoke, works
from tests.fake.browsing import (
    APP,
    form_of,
    get,
    location,
    page_url,
    press,
    title,
    web_client,
)

CACHE = "ZohoCatalyst.cache.READ"
OFFLINE = {"access_type": "offline"}


def exchanged(fake, client, url):
    code = Secret(re.search(r"code=([^&]+)", url)[1])
    return exchange(fake, code, client=client).json()


def test_the_page_says_what_each_scope_grants(fake):
    """In the words of the catalogue, beside the name."""
    scope = f"ZohoCatalyst.tables.rows.READ,{CACHE}"

    text = get(fake, page_url(web_client(fake), scope=scope)).body.decode()

    assert "ZohoCatalyst.tables.rows.READ" in text
    assert "<dt>Rows: list and get rows</dt>" in text
    assert CACHE in text


def test_the_page_cannot_be_taken_for_the_real_one(fake):
    """It says first that it is a fake, and bears no name of Zoho's."""
    text = get(fake, page_url(web_client(fake))).body.decode()

    assert "This is a fake." in text
    assert "Zoho " not in text


def test_the_page_runs_nothing_and_cannot_be_framed(fake):
    """No script, no foreign style or image, no frame around it."""
    reply = get(fake, page_url(web_client(fake)))

    policy = reply.header("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert b"<script" not in reply.body


def test_a_first_offline_consent_brings_a_refresh_token(fake):
    """It need not say `prompt=consent`."""
    client = web_client(fake)

    url = fake.consent(page_url(client, **OFFLINE))

    assert "refresh_token" in exchanged(fake, client, url)


def test_an_online_consent_brings_none(fake):
    """`online` is what a request means that says nothing."""
    client = web_client(fake)

    assert "refresh_token" not in exchanged(
        fake, client, fake.consent(page_url(client))
    )


def test_a_known_consent_is_not_asked_for_again(fake):
    """The browser is sent back at once; even offline it brings no refresh token."""
    client = web_client(fake)
    fake.consent(page_url(client, **OFFLINE))

    reply = get(fake, page_url(client, state="s", **OFFLINE))

    assert location(reply).startswith(f"{APP}?state=s&code=")
    answer = exchanged(fake, client, location(reply))
    assert "access_token" in answer
    assert "refresh_token" not in answer


def test_prompt_consent_asks_again_and_brings_a_refresh_token(fake):
    """That is why whoever needs one says it."""
    client = web_client(fake)
    url = page_url(client, prompt="consent", **OFFLINE)
    fake.consent(url)

    assert title(get(fake, url)) == "Do you agree?"
    assert "refresh_token" in exchanged(fake, client, fake.consent(url))


@pytest.mark.parametrize("door", [FakeCatalyst.revoke, revoke])
def test_a_revoked_token_leaves_the_consent(fake, door):
    """A consent stands behind many tokens; so `prompt=consent` is needed again.

    Nobody recorded that Zoho forgets it (zoho-protocol.md 2.2 and 4.6).
    """
    client = web_client(fake)
    url = page_url(client, **OFFLINE)
    first = exchanged(fake, client, fake.consent(url))

    assert door(fake, Secret(first["refresh_token"]))

    again = get(fake, url)
    assert again.status == 302
    assert "refresh_token" not in exchanged(fake, client, location(again))
    asked = page_url(client, prompt="consent", **OFFLINE)
    assert title(get(fake, asked)) == "Do you agree?"
    assert "refresh_token" in exchanged(fake, client, fake.consent(asked))


def test_more_than_was_consented_to_is_asked_for(fake):
    """A consent never grows by itself; what was asked once stays known."""
    client = web_client(fake)
    fake.consent(page_url(client))

    assert title(get(fake, page_url(client, scope=CACHE))) == "Do you agree?"

    fake.consent(page_url(client, scope=CACHE))

    assert get(fake, page_url(client)).status == 302
    assert get(fake, page_url(client, scope=CACHE)).status == 302


def test_a_consent_to_all_is_one_to_each(fake):
    """`.ALL` holds every operation of its resource."""
    client = web_client(fake)
    fake.consent(page_url(client, scope="ZohoCatalyst.tables.rows.ALL"))

    assert get(fake, page_url(client)).status == 302


def test_a_consent_is_for_one_client_and_of_one_person(fake):
    """Neither another application nor another person profits from it."""
    client, other, eve = web_client(fake), web_client(fake), fake.add_user("Eve")
    fake.consent(page_url(client))

    assert get(fake, page_url(client)).status == 302
    assert title(get(fake, page_url(other))) == "Do you agree?"
    page = get(fake, page_url(client, login_hint=eve.email))
    assert title(page) == "Do you agree?"


def test_a_refusal_is_not_remembered(fake):
    """The next time the person is asked again."""
    client = web_client(fake)

    url = fake.consent(page_url(client, state="s"), accept=False)

    assert url == f"{APP}?state=s&error=access_denied"
    assert title(get(fake, page_url(client))) == "Do you agree?"


def test_a_person_says_who_it_is(fake):
    """With several accounts the page asks, and the last one stays signed in."""
    client, eve = web_client(fake), fake.add_user("Eve")
    page = get(fake, page_url(client))

    assert "Who are you?" in page.body.decode()
    press(fake, page, user="EVE@example.com")

    assert fake.user == eve
    assert get(fake, page_url(client)).status == 302


def test_names_of_people_are_escaped(fake):
    """Whoever names an account cannot write the page."""
    fake.add_user("<b>Eve</b>", email="eve@example.com")

    text = get(fake, page_url(web_client(fake))).body.decode()

    assert "<b>" not in text
    assert "&lt;b&gt;Eve" in text


def test_names_of_clients_are_escaped(fake):
    """Whoever plants a client cannot write the page."""
    planted = {"client_id": "1000.<b>'\"", "kind": "server", "redirect_uri": APP}
    fake.seed({"clients": [{**planted, "client_secret": "invented"}]})
    client = fake.register_client(redirect_uri=APP)

    page = get(fake, page_url(client, client_id=planted["client_id"]))

    assert title(page) == "Do you agree?"
    assert b"<b>" not in page.body
    assert b"1000.&lt;b&gt;&#39;&#34;" in page.body


def test_the_form_holds_a_ticket_and_nothing_to_forge(fake):
    """What was asked, and where the answer goes, stays with the server."""
    client = web_client(fake)
    page = get(fake, page_url(client, state="s"))

    reply = press(
        fake,
        page,
        client_id=fake.client.client_id,
        redirect_uri="https://evil.example",
        scope="ZohoCatalyst.tables.rows.ALL",
        state="forged",
    )

    assert set(form_of(page)[1]) == {"ticket", "user"}
    assert location(reply).startswith(f"{APP}?state=s&code=")


def test_a_form_without_a_ticket_of_ours_consents_to_nothing(fake):
    """A page of another site cannot guess one."""
    client = web_client(fake)
    page = get(fake, page_url(client))

    for ticket in ("", "fa4efa4e", "fa4efa4e" + "0" * 32):
        reply = press(fake, page, ticket=ticket)
        assert (reply.status, title(reply)) == (400, "Page Expired")

    assert title(get(fake, page_url(client))) == "Do you agree?"


@pytest.mark.parametrize(
    "header",
    [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ],
)
def test_another_site_cannot_send_the_form(fake, header):
    """Not even with a ticket that it fetched for itself."""
    client = web_client(fake)
    page = get(fake, page_url(client))

    reply = press(fake, page, headers=(header,))

    assert (reply.status, title(reply)) == (403, "Not From Here")
    assert press(fake, page).status == 302


@pytest.mark.parametrize("origin", ["null", "http://[", "", "https://a.example/b"])
def test_an_origin_that_is_none_of_ours_sends_no_form(fake, origin):
    """Whatever it is: the page of a sandbox, or no address at all."""
    client = web_client(fake)
    page = get(fake, page_url(client))

    reply = press(fake, page, headers=(("Origin", origin),))

    assert (reply.status, title(reply)) == (403, "Not From Here")
    assert title(get(fake, page_url(client))) == "Do you agree?"


def test_nobody_consents_who_has_no_account(fake, new_fake):
    """Not even whoever is signed in, in that other person's place."""
    client, stranger = web_client(fake), new_fake().add_user("Eve")

    with pytest.raises(SettingsError, match="Unknown Account"):
        fake.consent(page_url(client), user=stranger)

    assert title(get(fake, page_url(client))) == "Do you agree?"


def test_our_own_page_may_send_the_form(fake):
    """A browser says where it comes from."""
    page = get(fake, page_url(web_client(fake)))
    origin = ("Origin", "https://accounts.zoho.com")

    assert press(fake, page, headers=(origin,)).status == 302


def test_a_second_click_does_no_harm(fake):
    """It gets the same answer; no second code comes to be, no answer changes."""
    client = web_client(fake)
    page = get(fake, page_url(client, **OFFLINE))

    first, second = press(fake, page), press(fake, page)
    other = press(fake, page, "reject")

    assert location(first) == location(second) == location(other)
    assert "access_token" in exchanged(fake, client, location(first))
    assert exchanged(fake, client, location(second)) == {"error": "invalid_code"}


def test_a_page_does_not_wait_for_ever(fake, clock):
    """After ten minutes nobody remembers what it asked."""
    page = get(fake, page_url(web_client(fake)))
    clock.advance(minutes=10)

    assert title(press(fake, page)) == "Page Expired"


def test_very_many_open_pages_do_not_fill_the_memory(fake):
    """The oldest page ends; a new one always works."""
    url = page_url(web_client(fake))
    oldest = get(fake, url)
    for _ in range(1000):
        newest = get(fake, url)

    assert title(press(fake, oldest)) == "Page Expired"
    assert press(fake, newest).status == 302


def test_a_form_that_answers_nothing_decides_nothing(fake):
    """Neither yes nor no; the page can still be answered."""
    page = get(fake, page_url(web_client(fake)))

    assert title(press(fake, page, "perhaps")) == "No Answer"
    assert press(fake, page).status == 302


def test_a_link_cannot_consent(fake):
    """Only a form can; an image in a mail opens links."""
    page = get(fake, page_url(web_client(fake)))
    action, fields = form_of(page)
    url = f"https://accounts.zoho.com{action}?ticket={fields['ticket']}&answer=accept"

    assert fake.send(HttpRequest(method="GET", url=url)).status == 405


def test_a_token_of_a_consent_opens_the_api(fake):
    """The whole way, from the page to the rows."""
    client = web_client(fake)

    answer = exchanged(fake, client, fake.consent(page_url(client)))

    assert works(fake, Secret(answer["access_token"]))


def test_an_address_is_taken_once(fake):
    """Two people cannot have one account."""
    eve = fake.add_user("Eve")

    with pytest.raises(SettingsError, match="is there already"):
        fake.add_user("Eve")
    assert eve.zuid != fake.user.zuid
