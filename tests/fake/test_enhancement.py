"""More scopes for a refresh token that is there already."""

from __future__ import annotations

import re

import pytest

from pytest_catalyst_oauth.engine import HttpRequest, ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import RefusedError, SettingsError
from pytest_catalyst_oauth.engine.grants import (
    enhancement_request,
    enhancement_url,
    read_enhancement,
)
from tests.fake.asking import (
    INVENTED,
    ROWS,
    START,
    access_of,
    exchange,
    refresh,
    refresh_token_of,
    works,
)
from tests.fake.browsing import APP, get, page_url, press, title, web_client

CACHE = ScopeSet.parse("ZohoCatalyst.cache.READ")


@pytest.fixture
def client(fake):
    return web_client(fake)


@pytest.fixture
def token(fake, client):
    """A refresh token for the cache only."""
    return fake.issue_refresh_token(CACHE, client=client)


def enhanced(fake, client, token):
    reply = fake.send(enhancement_request(client, token))
    return read_enhancement(reply, asked_at=START)


def url_of(fake, client, token):
    enhancement = enhanced(fake, client, token)
    return enhancement_url(client, ScopeSet.parse(ROWS), enhancement)


def test_a_consent_widens_the_refresh_token(fake, client, token):
    """It stays the same; from then on its access tokens open more."""
    assert not may_read_rows(fake, client, token)

    url = fake.consent(url_of(fake, client, token))

    assert url.startswith(f"{APP}?location=us&accounts-server=")
    reply = refresh(fake, token, client=client)
    assert ScopeSet.parse(reply.json()["scope"]) == CACHE | ScopeSet.parse(ROWS)
    assert works(fake, access_of(reply))


def may_read_rows(fake, client, token):
    return ROWS in refresh(fake, token, client=client).json()["scope"]


def test_a_refusal_widens_nothing(fake, client, token):
    """The application hears of it."""
    url = fake.consent(url_of(fake, client, token), accept=False)

    assert url == f"{APP}?error=access_denied"
    assert not may_read_rows(fake, client, token)


def test_opening_the_page_widens_nothing(fake, client, token):
    """It shows what is asked for in addition."""
    page = get(fake, url_of(fake, client, token))

    assert ROWS in page.body.decode()
    assert not may_read_rows(fake, client, token)


def test_the_token_opens_no_api(fake, client, token):
    """It is called an access token, and is none."""
    assert not works(fake, enhanced(fake, client, token).secret)


def test_the_token_works_once(fake, client, token):
    """A second consent needs a second one."""
    url = url_of(fake, client, token)
    fake.consent(url)

    assert title(get(fake, url)) == "Invalid Enhancement Token"


def test_the_token_is_short_lived(fake, client, token, clock):
    """And a page that was open meanwhile ends with it."""
    url = url_of(fake, client, token)
    page = get(fake, url)
    clock.advance(seconds=599)
    assert title(get(fake, url)) == "Do you agree?"

    clock.advance(seconds=1)

    assert title(get(fake, url)) == "Invalid Enhancement Token"
    assert title(press(fake, page)) == "Page Expired"


def test_a_revoked_token_is_widened_by_nobody(fake, client, token):
    """Whoever pressed the button on an old page sees why."""
    page = get(fake, url_of(fake, client, token))
    fake.revoke(token)

    assert title(press(fake, page)) == "Invalid Enhancement Token"


def test_nobody_else_can_widen_it(fake, client):
    """Only the person in whose name it acts."""
    code = re.search(
        "code=([^&]+)", fake.consent(page_url(client, access_type="offline"))
    )
    token = refresh_token_of(exchange(fake, Secret(code[1]), client=client))
    eve = fake.add_user("Eve")

    with pytest.raises(SettingsError, match="Not Your Account"):
        fake.consent(url_of(fake, client, token), user=eve)


def test_another_client_cannot_use_it(fake, client, token):
    """The page wants the client for which it was issued."""
    other, enhancement = web_client(fake), enhanced(fake, client, token)
    url = enhancement_url(other, ScopeSet.parse(ROWS), enhancement)

    with pytest.raises(SettingsError, match="Invalid Enhancement Token"):
        fake.consent(url)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "1000.NOBODY"}, "invalid_client"),
        ({"client_secret": INVENTED}, "invalid_client_secret"),
        ({"refresh_token": INVENTED}, "invalid_code"),
        ({"grant_type": "refresh_token"}, "general_error"),
    ],
)
def test_whoever_asks_wrongly_gets_none(fake, client, token, change, error):
    """The words are those of the token endpoint."""
    fields = {
        "grant_type": "update_scopes_token",
        "refresh_token": token,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        **change,
    }
    url = enhancement_request(client, token).url
    reply = fake.send(HttpRequest.post_form(url, fields.items()))

    with pytest.raises(RefusedError) as caught:
        read_enhancement(reply, asked_at=START)

    assert caught.value.error == error


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"response_type": "code"}, "Invalid Response Type"),
        ({"scope": "ZohoCatalyst.tabels.READ"}, "Invalid OAuth Scope"),
        ({"redirect_uri": "https://evil.example"}, "Invalid Redirect Uri"),
        ({"enhance_token": "1000.nobody"}, "Invalid Enhancement Token"),
        ({"enhance_token": None}, "Invalid Enhancement Token"),
    ],
)
def test_mistakes_are_shown(fake, client, token, given, expected):
    """As those of the authorization endpoint are."""
    fields = {
        "response_type": "update_scopes",
        "enhance_token": enhanced(fake, client, token).secret.reveal(),
        **given,
    }
    url = page_url(client, "/oauth/v2/token/addextrascope", **fields)

    assert title(get(fake, url)) == expected
