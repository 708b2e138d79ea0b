"""The grants: the exact requests, and which may be repeated."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import (
    FORM,
    Client,
    DataCenter,
    ScopeSet,
    Secret,
    grants,
)
from pytest_catalyst_oauth.engine.errors import RefusedError, SettingsError
from tests.engine.doubles import CLIENT, CODE, REFRESH

CALLBACK = "https://app.example/cb?a=b"
WEB = Client(
    client_id="1000.INVENTEDCLIENT",
    client_secret=Secret("invented-client-secret"),
    kind="server",
    redirect_uri=CALLBACK,
    data_center=DataCenter.parse("eu"),
)
# A state as Zoho's own command line makes it: base64.
STATE = "in+ven/ted=="
REDIRECT = (
    "https://app.example/cb?state=in%2Bven%2Fted%3D%3D&code=1000.invented-code"
    "&location=eu&accounts-server=https%3A%2F%2Fevil.example&"
)


@pytest.mark.parametrize(
    ("grant", "body"),
    [
        (
            REFRESH,
            (
                b"grant_type=refresh_token&refresh_token=1000.invented-refresh-token"
                b"&client_id=1000.INVENTEDCLIENT&client_secret=invented-client-secret"
            ),
        ),
        (
            CODE,
            (
                b"grant_type=authorization_code&code=1000.invented-code"
                b"&client_id=1000.INVENTEDCLIENT&client_secret=invented-client-secret"
            ),
        ),
        (
            grants.AuthorizationCodeGrant(
                code=Secret("1000.invented-code"), redirect_uri=CALLBACK
            ),
            (
                b"grant_type=authorization_code&code=1000.invented-code"
                b"&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fa%3Db"
                b"&client_id=1000.INVENTEDCLIENT&client_secret=invented-client-secret"
            ),
        ),
    ],
)
def test_a_grant_sends_exactly_its_fields(grant, body):
    """All of them in the body, where no access log keeps them."""
    request = grant.request(CLIENT)

    assert (request.method, request.url) == ("POST", CLIENT.token_url)
    assert request.header("Content-Type") == FORM
    assert request.body == body


def test_a_client_without_a_secret_sends_none():
    """A javascript client names itself and nothing else."""
    client = Client(
        client_id="1000.JS", kind="javascript", data_center=DataCenter.parse("eu")
    )

    assert REFRESH.request(client).body.endswith(b"token&client_id=1000.JS")


def test_a_revocation_names_the_token_and_nothing_else():
    """Whoever holds the token may give it up; the client stays out of it."""
    request = grants.revocation_request(CLIENT, Secret("1000.invented"))

    assert (request.method, request.url) == ("POST", CLIENT.revocation_url)
    assert request.body == b"token=1000.invented"
    assert request.replayable


def test_only_a_refresh_may_be_repeated():
    """A code works once, and a second try may cost the tokens of the first."""
    web = grants.AuthorizationCodeGrant(code=Secret("1000.x"), redirect_uri=CALLBACK)

    assert not REFRESH.single_use
    assert REFRESH.request(CLIENT).replayable
    for grant in (CODE, web):
        assert grant.single_use
        assert not grant.request(CLIENT).replayable
        assert grant.secret == grant.code


def test_the_authorization_url_asks_for_a_refresh_token():
    """Without `offline` and `consent` there is none the second time."""
    url = grants.authorization_url(
        WEB, ScopeSet.parse("ZohoCatalyst.cron.ALL openid"), state=STATE
    )

    assert url == (
        "https://accounts.zoho.eu/oauth/v2/auth?response_type=code"
        "&client_id=1000.INVENTEDCLIENT&scope=openid%2CZohoCatalyst.cron.ALL"
        "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fa%3Db"
        "&state=in%2Bven%2Fted%3D%3D&access_type=offline&prompt=consent"
    )


def test_prompting_can_be_left_to_zoho():
    """Then the parameter is absent, not empty."""
    url = grants.authorization_url(
        WEB, ScopeSet.parse("openid"), state="s", access_type="online", prompt=None
    )

    assert url.endswith("&state=s&access_type=online")


@pytest.mark.parametrize(
    ("client", "scopes", "state", "message"),
    [
        (CLIENT, "openid", "s", "has no redirect URI; give the one"),
        (WEB, "", "s", "scopes: are empty; name at least one"),
        (WEB, "openid", "", "state: is empty"),
    ],
)
def test_an_authorization_needs_all_its_parts(client, scopes, state, message):
    """The message names what is missing, before a browser opens."""
    with pytest.raises(SettingsError, match=message):
        grants.authorization_url(client, ScopeSet.parse(scopes), state=state)


def test_a_redirect_is_read():
    """With its trailing `&`, and with a data centre that we know."""
    redirect = grants.read_redirect(REDIRECT, state=STATE)

    assert redirect.code == Secret("1000.invented-code")
    assert redirect.data_center == DataCenter.parse("eu")


def test_a_redirect_cannot_choose_the_server():
    """`accounts-server` could name any host, so it is ignored."""
    redirect = grants.read_redirect(REDIRECT, state=STATE)

    assert "evil" not in str(redirect)


def test_a_redirect_without_a_location_leaves_the_centre_open():
    """Then it is the client's own."""
    url = "https://app.example/cb?state=s&code=1000.invented-code"

    assert grants.read_redirect(url, state="s").data_center is None


@pytest.mark.parametrize(
    ("url", "state"),
    [
        (REDIRECT, "another"),
        (REDIRECT, STATE.upper()),
        ("https://app.example/cb?code=1000.invented-code", "s"),
        ("https://app.example/cb?code=1000.invented-code", ""),
        ("https://app.example/cb?state=&code=1000.invented-code", ""),
        ("https://app.example/cb?error=access_denied", "s"),
        ("https://app.example/cb?state=%FF&code=x", "s"),
    ],
)
def test_a_redirect_of_another_login_is_refused(url, state):
    """A link that somebody planted must not log us in as somebody else."""
    with pytest.raises(SettingsError, match="is not the one of this login") as caught:
        grants.read_redirect(url, state=state)

    assert "invented" not in str(caught.value)


def test_a_person_may_say_no():
    """A rejected consent is a refusal with Zoho's own code."""
    url = "https://app.example/cb?state=s&error=access_denied"

    with pytest.raises(RefusedError, match="ask again later") as caught:
        grants.read_redirect(url, state="s")

    assert caught.value.error == "access_denied"


def test_an_error_in_a_redirect_is_cut_and_cleaned():
    """Its text is anybody's, and goes to a terminal."""
    url = "https://app.example/cb?state=s&error=%1B%5B31m" + "x%20" * 100

    with pytest.raises(RefusedError) as caught:
        grants.read_redirect(url, state="s")

    assert caught.value.error.isprintable()
    assert len(caught.value.error) <= 80


@pytest.mark.parametrize("tail", ["", "&code="])
def test_a_redirect_without_a_code_is_refused(tail):
    """There is nothing to exchange."""
    with pytest.raises(SettingsError, match="carries no code"):
        grants.read_redirect(f"https://app.example/cb?state=s{tail}", state="s")


def test_an_unknown_location_is_refused():
    """The code is not sent to a host that nobody has heard of."""
    with pytest.raises(SettingsError, match="data centre 'mars': is unknown"):
        grants.read_redirect(REDIRECT.replace("=eu&", "=mars&"), state=STATE)
