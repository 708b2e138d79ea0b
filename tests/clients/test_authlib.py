"""Authlib, on requests and on httpx, against the fake in both profiles."""

from __future__ import annotations

import asyncio
import ssl
import time
import warnings
from contextlib import ExitStack

import pytest
import requests
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings
from tests.clients.person import answered

with warnings.catch_warnings():
    # It would rather have httpx2.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client

APP = "https://shop.example/callback"
ROWS, CACHE = "ZohoCatalyst.tables.rows.READ", "ZohoCatalyst.cache.READ"
# What a careless server would lose, or encode twice.
STATE = "a b+c%2F&d=é"
VERIFIER = "invented-verifier-invented-verifier-invented"
PROFILES = ("faithful", "strict")
LIBRARIES = {"requests": OAuth2Session, "httpx": OAuth2Client}
# Authlib renews a minute early, so such a token is renewed before each call.
BRIEF = {"access_token_lifetime": 30}
DAY = 86_400

both_profiles = pytest.mark.parametrize("profile", PROFILES)


@pytest.fixture(params=LIBRARIES)
def authlib(request):
    """Make clients that send their secret as Zoho wants it, in the form."""
    with ExitStack() as stack:

        def make(server, client=None, **given):
            client = client or server.fake.client
            settings = {
                "token_endpoint_auth_method": "client_secret_post",
                "token_endpoint": server.client.token_url,
                "trust_env": False,
                **given,
            }
            session = LIBRARIES[request.param](
                client.client_id, client.client_secret.reveal(), **settings
            )
            return stack.enter_context(session)

        make.library = request.param
        yield make


def web_app(server):
    return server.fake.register_client(redirect_uri=APP)


def login(session, server, *, verifier=VERIFIER, answer="accept"):
    """Let a person log in; return the token that the client makes of it."""
    url, state = session.create_authorization_url(
        f"{server.accounts_url}/oauth/v2/auth",
        state=STATE,
        code_verifier=VERIFIER,
        access_type="offline",
        prompt="consent",
    )
    assert (state, "code_challenge_method=S256" in url) == (STATE, True)
    back = answered(url, answer)
    return session.fetch_token(
        authorization_response=back, state=STATE, code_verifier=verifier
    )


def opened(authlib, server, **given):
    """Make the client of a web application."""
    return authlib(
        server,
        web_app(server),
        redirect_uri=APP,
        scope=[ROWS, CACHE],
        code_challenge_method="S256",
        **given,
    )


def stored(server):
    """A token that was kept since long ago, when it had an hour to live."""
    return {
        "access_token": "1000.fake-access-token-of-long-ago",
        "refresh_token": server.fake.refresh_token.reveal(),
        "token_type": "Bearer",
        "expires_at": 1_000_000_000,
    }


def names(reply):
    return [row["Name"] for row in reply.json()["data"]]


def rows_url(server):
    return f"{server.project_url}/table/Guests/row"


def strict_https():
    return FakeServer(FakeCatalyst(settings=FakeSettings(profile="strict")), https=True)


def trusting(authlib, server):
    """Whom to trust, as the library wants to hear it."""
    if authlib.library == "requests":
        return server.ca_file
    return ssl.create_default_context(cafile=server.ca_file)


@both_profiles
def test_a_person_logs_in(serve, authlib, profile):
    """With a state, a proof key and a scope; the token opens the API, and lasts."""
    server = serve(profile=profile)
    session = opened(authlib, server)

    token = login(session, server)

    assert set(token["scope"].split()) == {ROWS, CACHE}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
    assert session.refresh_token()["access_token"] != token["access_token"]


@both_profiles
def test_a_stolen_code_is_worth_nothing(serve, authlib, profile):
    """Who does not know the verifier is refused, in each profile's own word."""
    server = serve(profile=profile)

    with pytest.raises(OAuthError) as raised:
        login(opened(authlib, server), server, verifier="x" * 43)

    word = {"faithful": "invalid_code", "strict": "invalid_grant"}[profile]
    assert raised.value.error == word
    # Zoho explains nothing.
    assert bool(raised.value.description) == (profile == "strict")


@both_profiles
def test_a_no_is_taken_for_a_wish_for_client_credentials(serve, authlib, profile):
    """Authlib looks for a code only, so what it reports is not what happened."""
    server = serve(profile=profile)

    with pytest.raises(OAuthError) as raised:
        login(opened(authlib, server), server, answer="reject")

    (asked,) = server.fake.journal.token_requests
    assert asked.grant_type == "client_credentials"
    word = {"faithful": "invalid_client", "strict": "unauthorized_client"}[profile]
    assert raised.value.error == word


@both_profiles
def test_a_short_lived_token_is_renewed_before_each_call(serve, authlib, profile):
    """The program is told each time, so that it can keep what rotates."""
    server, kept = serve(profile=profile, **BRIEF), []
    session = authlib(
        server,
        token=stored(server),
        update_token=lambda token, **old: kept.append((old, dict(token))),
    )

    assert [names(session.get(rows_url(server))) for _ in range(3)] == [
        ["Ada", "Grace"]
    ] * 3

    shown = [old["refresh_token"] for old, _ in kept]
    given = [token["refresh_token"] for _, token in kept]
    assert shown == [server.fake.refresh_token.reveal(), *given[:2]]
    # Zoho never rotates; the standards would have it.
    assert len({*shown, *given}) == {"faithful": 1, "strict": 4}[profile]
    assert len({token["access_token"] for _, token in kept}) == 3


@both_profiles
def test_a_token_that_was_ended_is_not_renewed(serve, authlib, profile):
    """Authlib believes the lifetime it was told, and no refusal."""
    server = serve(profile=profile)
    session = authlib(server, token=stored(server))
    assert session.get(rows_url(server)).status_code == 200

    server.fake.clock.advance(hours=1)
    refused = session.get(rows_url(server))

    assert refused.status_code == 401
    assert ("WWW-Authenticate" in refused.headers) == (profile == "strict")
    server.fake.journal.expect(token_requests=1)


def test_a_lifetime_in_milliseconds_is_taken_for_seconds(serve, authlib):
    """As Zoho answered before 2021: the token is believed to live 41 days."""
    server = serve(legacy_lifetimes=True)
    session = authlib(server, token=stored(server))

    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
    assert session.token["expires_at"] > time.time() + 41 * DAY
    assert session.token["expires_in_sec"] == 3600


@both_profiles
def test_its_default_authentication_is_not_zohos(serve, authlib, profile):
    """HTTP Basic is for the standards; Zoho reads the form only."""
    server = serve(profile=profile)
    session = authlib(server, token_endpoint_auth_method=None, token=stored(server))

    if profile == "strict":
        assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
    else:
        with pytest.raises(OAuthError) as raised:
            session.get(rows_url(server))
        assert raised.value.error == "invalid_client"


@both_profiles
def test_a_wrong_secret_is_named(serve, authlib, profile):
    """By an answer of 200 from Zoho, which Authlib reads nevertheless."""
    server = serve(profile=profile)
    session = authlib(server, token=stored(server))
    session.client_secret = "fake-wrong-secret"

    with pytest.raises(OAuthError) as raised:
        session.refresh_token()

    word = {"faithful": "invalid_client_secret", "strict": "invalid_client"}[profile]
    assert raised.value.error == word
    (asked,) = server.fake.journal.token_requests
    assert asked.status == {"faithful": 200, "strict": 401}[profile]


@both_profiles
def test_the_throttle_is_an_error_like_any_other(serve, authlib, profile):
    """Zoho's word for it has a blank, and no status of its own."""
    server = serve(profile=profile, token_requests=1)
    session = authlib(server, token=stored(server))
    session.refresh_token()

    with pytest.raises(OAuthError) as raised:
        session.refresh_token()

    word = {"faithful": "Access Denied", "strict": "temporarily_unavailable"}[profile]
    assert raised.value.error == word
    status = server.fake.journal.token_requests[-1].status
    assert status == {"faithful": 400, "strict": 429}[profile]


def test_client_credentials_need_an_organisation_at_zoho(serve, authlib):
    """Authlib repeats it in no renewal, so the second token is refused."""
    server = serve(**BRIEF)
    session = authlib(server, scope=ROWS)

    with pytest.raises(OAuthError, match="missing_org_info"):
        session.fetch_token()
    token = session.fetch_token(soid="ZohoCatalyst.10000000001")

    assert "refresh_token" not in token
    with pytest.raises(OAuthError, match="missing_org_info"):
        session.get(rows_url(server))


def test_client_credentials_renew_themselves_by_the_standards(serve, authlib):
    """A scope suffices there."""
    server, kept = serve(profile="strict", **BRIEF), []
    session = authlib(
        server, scope=ROWS, update_token=lambda token, **old: kept.append(old)
    )
    first = session.fetch_token()["access_token"]

    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
    assert kept == [{"access_token": first}]


@both_profiles
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_what_is_given_up_is_dead(serve, authlib, profile, kind):
    """A second time is 400 at Zoho, and no mistake by the standards."""
    server = serve(profile=profile)
    session = authlib(
        server,
        token=stored(server),
        revocation_endpoint_auth_method="client_secret_post",
    )
    session.get(rows_url(server))
    url, token = server.client.revocation_url, session.token[kind]

    done = [
        session.revoke_token(url, token=token, token_type_hint=kind) for _ in range(2)
    ]

    again = {"faithful": 400, "strict": 200}[profile]
    assert [reply.status_code for reply in done] == [200, again]
    assert done[0].text == {"faithful": '{"status":"success"}', "strict": ""}[profile]
    assert session.get(rows_url(server)).status_code == 401


def test_the_metadata_is_all_it_needs(authlib):
    """Valid as Authlib has it, and each address in it works; only strict has one."""
    with strict_https() as server, requests.Session() as plain:
        plain.trust_env, plain.verify = False, server.ca_file
        documents = [
            plain.get(get_well_known_url(server.accounts_url, True, suffix)).json()
            for suffix in ("oauth-authorization-server", "openid-configuration")
        ]
        AuthorizationServerMetadata(documents[0]).validate()
        OpenIDProviderMetadata(documents[1]).validate()
        session = opened(
            authlib, server, **documents[0], verify=trusting(authlib, server)
        )
        found = session.metadata

        url, state = session.create_authorization_url(
            found["authorization_endpoint"],
            code_verifier=VERIFIER,
            access_type="offline",
        )
        back = answered(url, verify=server.ca_file)
        session.fetch_token(
            authorization_response=back, state=state, code_verifier=VERIFIER
        )
        assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
        assert session.revoke_token(found["revocation_endpoint"]).status_code == 200
        assert session.get(rows_url(server)).status_code == 401


@both_profiles
def test_the_id_token_is_genuine(serve, authlib, profile):
    """Signed by a key of the server, for this client, with the nonce it chose."""
    server = serve(profile=profile)
    client = web_app(server)
    session = authlib(server, client, redirect_uri=APP, scope="openid email")
    url, state = session.create_authorization_url(
        f"{server.accounts_url}/oauth/v2/auth", nonce="invented-nonce"
    )

    token = session.fetch_token(authorization_response=answered(url), state=state)

    published = session.request(
        "GET", f"{server.accounts_url}/oauth/v2/keys", withhold_token=True
    )
    keys = KeySet.import_key_set(published.json())
    claims = CodeIDToken(
        jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims,
        {},
        {
            "iss": {"value": server.accounts_url},
            "aud": {"value": client.client_id},
        },
        {
            "nonce": "invented-nonce",
            "client_id": client.client_id,
            "access_token": token["access_token"],
        },
    )
    claims.validate()
    assert claims["email"] == "ada@example.com"


@both_profiles
def test_five_calls_at_once_renew_once(serve, profile):
    """Asynchronous callers wait for the first; a second renewal would cost a token."""
    server, kept = serve(profile=profile), []

    async def keep(token, **old):
        kept.append(old)

    async def five():
        client = server.fake.client
        async with AsyncOAuth2Client(
            client.client_id,
            client.client_secret.reveal(),
            token=stored(server),
            token_endpoint=server.client.token_url,
            token_endpoint_auth_method="client_secret_post",
            update_token=keep,
            trust_env=False,
        ) as session:
            return await asyncio.gather(
                *(session.get(rows_url(server)) for _ in range(5))
            )

    assert [names(reply) for reply in asyncio.run(five())] == [["Ada", "Grace"]] * 5
    server.fake.journal.expect(token_requests=1, exchanges=6)
    assert kept == [{"refresh_token": server.fake.refresh_token.reveal()}]


def test_zohos_own_addresses_need_the_environment_only(
    fake_by_proxy, authlib, monkeypatch
):
    """A finished program meets the fake by a proxy and a file to trust."""
    for name, value in fake_by_proxy.env.items():
        monkeypatch.setenv(name, value)
    session = authlib(
        fake_by_proxy,
        token=stored(fake_by_proxy),
        token_endpoint="https://accounts.zoho.com/oauth/v2/token",
        trust_env=True,
    )

    reply = session.get(
        "https://api.catalyst.zoho.com/baas/v1/project/"
        f"{fake_by_proxy.fake.project_id}/table/Guests/row"
    )

    assert names(reply) == ["Ada", "Grace"]
    assert [one.origin for one in fake_by_proxy.fake.journal] == [
        "https://accounts.zoho.com",
        "https://api.catalyst.zoho.com",
    ]
