"""A self client without a person, and what each kind of client may do."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import ClientKind
from tests.fake.asking import ROWS, access_of, exchange, refresh, token_request, works
from tests.fake.browsing import APP

SOID = "ZohoCRM.12345"


def ask(fake, client=None, **given):
    fields = {"grant_type": "client_credentials", "scope": ROWS, "soid": SOID, **given}
    return fake.send(token_request(client or fake.client, **fields))


def test_a_self_client_gets_a_token_for_its_organisation(fake):
    """In the documented order, and without a refresh token."""
    reply = ask(fake)

    assert list(reply.json()) == [
        "access_token",
        "scope",
        "api_domain",
        "token_type",
        "expires_in",
    ]
    assert works(fake, access_of(reply))


def test_the_token_grants_what_was_asked_for_only(fake):
    """However much the client's refresh tokens grant."""
    assert ask(fake, scope="ZohoCatalyst.cache.READ").json()["scope"] == (
        "ZohoCatalyst.cache.READ"
    )


@pytest.mark.parametrize("soid", [None, "12345", "ZohoCRM.", "ZohoCRM.org", ".1"])
def test_without_an_organisation_there_is_no_token(fake, soid):
    """The documented word; a malformed one is as good as none."""
    reply = ask(fake, soid=soid)

    assert (reply.status, reply.json()) == (200, {"error": "missing_org_info"})


@pytest.mark.parametrize("scope", [None, "nonsense", "ZohoCatalyst.tabels.READ"])
def test_a_scope_that_does_not_exist_is_refused(fake, scope):
    """And so is none at all."""
    assert ask(fake, scope=scope).json() == {"error": "invalid_scope"}


def test_scopes_of_other_products_pass(fake):
    """Zoho Accounts serves them all, and the catalogue has Catalyst's alone."""
    assert ask(fake, scope="ZohoCRM.modules.ALL").json()["scope"] == (
        "ZohoCRM.modules.ALL"
    )


def test_scopes_may_be_left_unchecked(new_fake):
    """For those of Catalyst that the catalogue does not have yet."""
    fake = new_fake(checks_scopes=False)

    assert "access_token" in ask(fake, scope="ZohoCatalyst.things.READ").json()


def test_an_hour_later_it_is_over(fake, clock):
    """As with every access token."""
    token = access_of(ask(fake))
    clock.advance(seconds=3599)
    assert works(fake, token)

    clock.advance(seconds=1)

    assert not works(fake, token)


GRANTS = {
    ClientKind.SERVER: {"authorization_code", "refresh_token"},
    ClientKind.SELF: {"authorization_code", "refresh_token", "client_credentials"},
    ClientKind.MOBILE: {"authorization_code", "refresh_token"},
    ClientKind.DEVICE: {"refresh_token"},
    ClientKind.JAVASCRIPT: set(),
}


@pytest.mark.parametrize("kind", ClientKind)
@pytest.mark.parametrize(
    "grant_type", ["authorization_code", "refresh_token", "client_credentials"]
)
def test_a_client_may_do_what_its_kind_is_for(new_fake, kind, grant_type):
    """The console's types: a script in a browser never asks this endpoint."""
    fake = new_fake(mobile_needs_proof_key=False)
    uri = None if kind in (ClientKind.SELF, ClientKind.DEVICE) else APP
    client = fake.register_client(redirect_uri=uri, kind=kind)
    code, token = (
        fake.issue_code(client=client),
        fake.issue_refresh_token(client=client),
    )

    reply = {
        "authorization_code": lambda: exchange(fake, code, client=client),
        "refresh_token": lambda: refresh(fake, token, client=client),
        "client_credentials": lambda: ask(fake, client),
    }[grant_type]()

    if grant_type in GRANTS[kind]:
        assert "access_token" in reply.json()
    else:
        assert reply.json() == {"error": "invalid_client"}


def test_a_script_has_no_secret_and_ids_tell_the_series(fake):
    """Mobile and device clients are of series 1004, all others of series 1000."""
    clients = {
        kind: fake.register_client(redirect_uri=APP, kind=kind) for kind in ClientKind
    }

    assert [k for k, c in clients.items() if c.client_secret is None] == ["javascript"]
    series = {kind: client.client_id[:5] for kind, client in clients.items()}
    assert [k for k, prefix in series.items() if prefix == "1004."] == [
        "device",
        "mobile",
    ]


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "grant_type"])
def test_a_request_that_lacks_something_is_an_error_under_200(fake, missing):
    """In which words is not recorded; no token comes of it."""
    reply = ask(fake, **{missing: None})

    assert reply.status == 200
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token"])
def test_a_grant_without_what_it_grants_is_an_error_under_200(fake, grant_type):
    """No code, no refresh token: likewise."""
    reply = fake.send(token_request(fake.client, grant_type=grant_type))

    assert (reply.status, list(reply.json())) == (200, ["error"])


def test_a_refresh_cannot_ask_for_other_scopes(fake):
    """Zoho reads no `scope` there: the token grants what was consented to."""
    token = fake.issue_refresh_token([ROWS, "ZohoCatalyst.cache.READ"])

    for scope in (ROWS, "ZohoCatalyst.files.READ"):
        said = refresh(fake, token, scope=scope).json()["scope"]
        assert said == f"ZohoCatalyst.cache.READ {ROWS}"
