"""`ClientCredentialsGrant`: a token for an organization, asked for anew each time."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import MemoryStore, ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.engine.grants import ClientCredentialsGrant
from tests.engine.doubles import Server, StillClock, credentials
from tests.engine.grants.people import SCOPES, SECRET, client

GRANT = ClientCredentialsGrant(scopes=SCOPES, soid="ZohoCRM.12345")


def test_the_grant_sends_exactly_its_fields():
    """The organization among them; and it may be repeated."""
    request = GRANT.request(client("self"))

    assert request.url == "https://accounts.zoho.com/oauth/v2/token"
    assert request.replayable
    assert request.body == (
        b"grant_type=client_credentials"
        b"&scope=ZohoCatalyst.cache.READ%2CZohoCatalyst.tables.rows.READ"
        b"&soid=ZohoCRM.12345"
        b"&client_id=1000.INVENTEDCLIENT&client_secret=invented-client-secret"
    )


def test_a_token_that_ended_is_asked_for_again():
    """No refresh token comes with it, and none is missed (RFC 6749, 4.4.3)."""
    server, clock = Server(), StillClock()
    ours = credentials(server, clock=clock, grant=GRANT)

    first = ours.token()
    clock.advance(3600)
    second = ours.token()

    assert not GRANT.single_use
    assert (first.refresh_token, second.refresh_token) == (None, None)
    assert first.access_token != second.access_token
    assert [body.partition("&")[0] for body in server.bodies] == [
        "grant_type=client_credentials"
    ] * 2


def test_two_organizations_do_not_share_a_token():
    """One store, one client: what tells them apart is the grant."""
    server, store = Server(), MemoryStore()
    other = ClientCredentialsGrant(scopes=SCOPES, soid="ZohoCRM.67890")

    tokens = [
        credentials(server, store=store, grant=grant).token().access_token
        for grant in (GRANT, other)
    ]

    assert len(set(tokens)) == 2
    assert GRANT.secret != other.secret


def test_a_missing_organization_is_told_before_anything_is_sent():
    """Zoho would say `missing_org_info`; we name the option."""
    with pytest.raises(SettingsError, match=r"soid: is missing.* ZohoCRM\.12345"):
        ClientCredentialsGrant(scopes=SCOPES)


@pytest.mark.parametrize("soid", ["12345", "ZohoCRM.", ".12345", "a.b.c", "a b.1"])
def test_a_malformed_organization_is_told_likewise(soid):
    """It has a service and a number, with a dot between."""
    with pytest.raises(SettingsError, match=r"expected Service\.organization"):
        ClientCredentialsGrant(scopes=SCOPES, soid=soid)


def test_an_empty_scope_is_not_widened():
    """Asking for nothing must not mean asking for all."""
    with pytest.raises(SettingsError, match="scopes: are empty"):
        ClientCredentialsGrant(scopes=ScopeSet(), soid="ZohoCRM.12345")


def test_the_grant_shows_no_secret():
    """It holds none; the client's stays in the client."""
    assert SECRET not in f"{GRANT!r} {GRANT.request(client('self'))!r}"
    assert isinstance(GRANT.secret, Secret)
