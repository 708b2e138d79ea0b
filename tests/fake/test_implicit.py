"""The implicit grant, and its silent renewal."""

from __future__ import annotations

import re

import pytest

from pytest_catalyst_oauth.engine import ClientKind, DataCenter
from pytest_catalyst_oauth.engine.errors import RefusedError
from pytest_catalyst_oauth.engine.grants import read_implicit_redirect
from tests.fake.asking import START, works
from tests.fake.browsing import APP, get, location, page_url, title, web_client

TOKEN = r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}"
CACHE = "ZohoCatalyst.cache.READ"


@pytest.fixture
def script(fake):
    return web_client(fake, kind=ClientKind.JAVASCRIPT)


def url_of(client, **given):
    return page_url(client, response_type="token", **given)


def renewal(client, **given):
    return page_url(client, "/oauth/v2/auth/refresh", response_type="token", **given)


def read(url, state="s"):
    return read_implicit_redirect(url, state=state, received_at=START, redirect_uri=APP)


def test_the_fragment_reads_as_documented(fake, script):
    """Nothing of it reaches the application's server."""
    url = fake.consent(url_of(script, state="s"))

    assert re.fullmatch(
        re.escape(f"{APP}#state=s&access_token=")
        + TOKEN
        + "&expires_in=3600&location=us&api_domain="
        + re.escape("https%3A%2F%2Fwww.zohoapis.com"),
        url,
    )


def test_without_a_state_the_fragment_begins_as_seen(fake, script):
    """With a stray `&`."""
    url = fake.consent(url_of(script))

    assert url.startswith(f"{APP}#&access_token=")
    assert read(url, state=None).data_center == DataCenter.parse("us")


def test_the_engine_reads_a_token_that_works(fake, script):
    """No refresh token is with it."""
    reply = read(fake.consent(url_of(script, state="s")))

    assert reply.token.refresh_token is None
    assert works(fake, reply.token.access_token)


def test_the_token_ends_after_an_hour(fake, script, clock):
    """As every access token does."""
    token = read(fake.consent(url_of(script, state="s"))).token.access_token
    clock.advance(hours=1)

    assert not works(fake, token)


def test_a_refusal_is_in_the_fragment_too(fake, script):
    """Where the script looks for it."""
    url = fake.consent(url_of(script, state="s"), accept=False)

    assert url == f"{APP}#state=s&error=access_denied"


def test_a_known_consent_is_not_asked_for_again(fake, script):
    """The script gets a token at once, unless it wants the page."""
    fake.consent(url_of(script))

    assert "access_token=" in location(get(fake, url_of(script)))
    assert title(get(fake, url_of(script, prompt="consent"))) == "Do you agree?"


def test_a_silent_renewal_brings_another_token(fake, script):
    """Without a page, for what was consented to."""
    first = read(fake.consent(url_of(script, state="s"))).token

    reply = get(fake, renewal(script, state="s"))

    second = read(location(reply)).token
    assert second.access_token != first.access_token
    assert works(fake, second.access_token)


@pytest.mark.parametrize(
    ("consented", "error"),
    [(None, "client_not_granted"), (CACHE, "prompt_required")],
)
def test_a_silent_renewal_says_why_not(fake, script, consented, error):
    """The script learns whether to open the page."""
    if consented:
        fake.consent(url_of(script, scope=consented))

    with pytest.raises(RefusedError) as caught:
        read(location(get(fake, renewal(script, state="s"))))

    assert caught.value.error == error


def test_a_silent_renewal_is_for_scripts(fake):
    """A server has a refresh token."""
    client = web_client(fake)
    fake.consent(page_url(client))

    assert location(get(fake, renewal(client))) == f"{APP}#&error=access_denied"


@pytest.mark.parametrize("make", [url_of, renewal])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"client_id": "no"}, "Invalid Client"),
        ({"redirect_uri": "https://evil.example"}, "Invalid Redirect Uri"),
        ({"scope": "ZohoCatalyst.tabels.READ"}, "Invalid OAuth Scope"),
    ],
)
def test_mistakes_are_shown(fake, script, make, given, expected):
    """As those of the code grant are."""
    assert title(get(fake, make(script, **given))) == expected


def test_strict_says_the_type_and_the_issuer(new_fake):
    """RFC 6749, section 4.2.2, and RFC 9207."""
    fake = new_fake(profile="strict")
    script = web_client(fake, kind=ClientKind.JAVASCRIPT)

    url = fake.consent(url_of(script))

    assert "&token_type=Bearer&scope=ZohoCatalyst.tables.rows.READ&iss=https" in url


def test_strict_gives_servers_no_token_this_way(new_fake):
    """They get codes: RFC 9700, section 2.1.2."""
    fake = new_fake(profile="strict")

    assert "#&error=unauthorized_client&" in location(
        get(fake, url_of(web_client(fake)))
    )
