"""requests-oauthlib against the fake in both profiles; it insists on https."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests_oauthlib import OAuth2Session, TokenUpdated

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings
from tests.clients.person import answered

APP = "https://shop.example/callback"
ROWS, CACHE = "ZohoCatalyst.tables.rows.READ", "ZohoCatalyst.cache.READ"
VERIFIER = "invented-verifier-invented-verifier-invented"
DAY = 86_400

both_profiles = pytest.mark.parametrize("profile", ["faithful", "strict"])


@pytest.fixture
def serve_https():
    """Serve a fake with some settings on https."""
    with ExitStack() as stack:

        def start(**settings):
            fake = FakeCatalyst(settings=FakeSettings(**settings))
            return stack.enter_context(FakeServer(fake, https=True))

        yield start


@pytest.fixture
def session_for():
    """Make sessions that trust a server and take nothing of the environment."""
    with ExitStack() as stack:

        def make(server, **given):
            session = stack.enter_context(
                OAuth2Session(**{"client_id": server.client.client_id, **given})
            )
            session.trust_env, session.verify = False, server.ca_file
            return session

        yield make


def web_session(session_for, server):
    """Make a session of a web application, and what it shows at the token endpoint."""
    client = server.fake.register_client(redirect_uri=APP)
    session = session_for(
        server,
        client_id=client.client_id,
        redirect_uri=APP,
        scope=[CACHE, ROWS],
        pkce="S256",
    )
    return session, in_form(client)


def in_form(client):
    """How Zoho wants a client to show who it is."""
    return {"client_secret": client.client_secret.reveal(), "include_client_id": True}


def login(session, server, shown, answer="accept"):
    """Let a person log in; return the token."""
    url, _ = session.authorization_url(
        f"{server.accounts_url}/oauth/v2/auth", access_type="offline", prompt="consent"
    )
    back = answered(url, answer, verify=server.ca_file)
    return session.fetch_token(
        server.client.token_url, authorization_response=back, **shown
    )


def stored(server):
    """A token that was kept since long ago, when it had an hour to live."""
    return {
        "access_token": "1000.fake-access-token-of-long-ago",
        "refresh_token": server.fake.refresh_token.reveal(),
        "token_type": "Bearer",
        "expires_at": 1_000_000_000,
    }


def renewing(session_for, server, **given):
    """Make a session with such a token, that may renew it."""
    client = server.client
    settings = {
        "token": stored(server),
        "auto_refresh_url": client.token_url,
        "auto_refresh_kwargs": {
            "client_id": client.client_id,
            "client_secret": client.client_secret.reveal(),
        },
        **given,
    }
    return session_for(server, **settings)


def names(reply):
    return [row["Name"] for row in reply.json()["data"]]


def rows_url(server):
    return f"{server.project_url}/table/Guests/row"


@both_profiles
def test_a_person_logs_in(serve_https, session_for, profile):
    """With a state, a proof key and scopes that come back as they were asked for."""
    server = serve_https(profile=profile)
    session, shown = web_session(session_for, server)

    token = login(session, server, shown)

    # Another order, or another set, and it would have refused the token.
    assert token["scope"] == [CACHE, ROWS]
    assert token["refresh_token"].startswith("1000.")
    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
    (asked,) = server.fake.journal.token_requests
    assert asked.grant_type == "authorization_code"


@both_profiles
def test_a_no_is_understood(serve_https, session_for, profile):
    """It is `access_denied` from both, and nothing is asked of the token endpoint."""
    server = serve_https(profile=profile)
    session, shown = web_session(session_for, server)

    with pytest.raises(OAuth2Error) as raised:
        login(session, server, shown, answer="reject")

    assert raised.value.error == "access_denied"
    server.fake.journal.expect(token_requests=0)


@both_profiles
def test_a_code_works_once(serve_https, session_for, profile):
    """The second exchange fails; by the standards the first one's token dies of it."""
    server = serve_https(profile=profile)
    session, shown = web_session(session_for, server)
    login(session, server, shown)
    first, code = dict(session.token), session._client.code

    with pytest.raises(OAuth2Error) as raised:
        session.fetch_token(server.client.token_url, code=code, **shown)

    word = {"faithful": "invalid_code", "strict": "invalid_grant"}[profile]
    assert raised.value.error == word
    session.token = first
    after = session.get(rows_url(server)).status_code
    assert after == {"faithful": 200, "strict": 401}[profile]


@both_profiles
def test_an_old_token_is_renewed_by_itself(serve_https, session_for, profile):
    """The program gets what it must keep: at Zoho still the same refresh token."""
    server, kept = serve_https(profile=profile), []
    session = renewing(session_for, server, token_updater=kept.append)

    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]

    (token,) = kept
    is_same = token["refresh_token"] == server.fake.refresh_token.reveal()
    assert is_same == (profile == "faithful")
    assert token["expires_in"] == 3600
    server.fake.journal.expect(token_requests=1, exchanges=3)


def test_without_a_keeper_the_renewal_is_an_exception(serve_https, session_for):
    """The request is not sent; the new token is in what was raised."""
    server = serve_https()

    with pytest.raises(TokenUpdated) as raised:
        renewing(session_for, server).get(rows_url(server))

    assert raised.value.token["access_token"].startswith("1000.")
    server.fake.journal.expect(token_requests=1, exchanges=1)


@both_profiles
def test_a_dead_refresh_token_is_an_error_of_its_own(serve_https, session_for, profile):
    """Zoho's 200 does not hide it, and its word is unknown to the library."""
    server, kept = serve_https(profile=profile), []
    server.fake.revoke(server.fake.refresh_token)

    with pytest.raises(OAuth2Error) as raised:
        renewing(session_for, server, token_updater=kept.append).get(rows_url(server))

    kind = {"faithful": "CustomOAuth2Error", "strict": "InvalidGrantError"}[profile]
    assert type(raised.value).__name__ == kind
    assert kept == []
    (asked,) = server.fake.journal.token_requests
    assert asked.status == {"faithful": 200, "strict": 400}[profile]


@both_profiles
def test_its_default_authentication_is_not_zohos(serve_https, session_for, profile):
    """HTTP Basic, unless it is told to use the form."""
    server = serve_https(profile=profile)
    session, shown = web_session(session_for, server)
    basic = {"client_secret": shown["client_secret"]}

    if profile == "strict":
        assert login(session, server, basic)["token_type"] == "Bearer"
    else:
        with pytest.raises(OAuth2Error) as raised:
            login(session, server, basic)
        assert raised.value.error == "invalid_client"


@both_profiles
def test_client_credentials(serve_https, session_for, profile):
    """With Zoho's parameter for the organisation, which the standards ignore."""
    server = serve_https(profile=profile)
    backend = BackendApplicationClient(client_id=server.client.client_id, scope=[ROWS])
    session = session_for(server, client=backend)

    token = session.fetch_token(
        server.client.token_url,
        soid="ZohoCatalyst.10000000001",
        **in_form(server.client),
    )

    assert (token["scope"], "refresh_token" in token) == ([ROWS], False)
    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]


@both_profiles
def test_what_is_given_up_is_dead(serve_https, session_for, profile):
    """By the request that oauthlib builds; the client's secret is extra at Zoho."""
    server, kept = serve_https(profile=profile), []
    session = renewing(session_for, server, token_updater=kept.append)
    session.get(rows_url(server))
    url, headers, body = session._client.prepare_token_revocation_request(
        server.client.revocation_url,
        session.token["refresh_token"],
        token_type_hint="refresh_token",
        client_id=server.client.client_id,
        client_secret=server.client.client_secret.reveal(),
    )

    done = session.post(url, data=body, headers=headers, withhold_token=True)

    assert done.status_code == 200
    assert session.get(rows_url(server)).status_code == 401


def test_a_lifetime_in_milliseconds_is_taken_for_seconds(serve_https, session_for):
    """As Zoho answered before 2021: the token is believed to live 41 days."""
    server, kept = serve_https(legacy_lifetimes=True), []

    renewing(session_for, server, token_updater=kept.append).get(rows_url(server))

    assert kept[0]["expires_at"] > time.time() + 41 * DAY


@both_profiles
def test_a_page_instead_of_json_is_a_missing_token(serve_https, session_for, profile):
    """What a gateway says in HTML with status 200 never becomes a token."""
    server, kept = serve_https(profile=profile), []
    server.fake.fail("token", fault="html")
    session = renewing(session_for, server, token_updater=kept.append)

    with pytest.raises(OAuth2Error) as raised:
        session.get(rows_url(server))
    assert raised.value.error == "missing_token"
    assert names(session.get(rows_url(server))) == ["Ada", "Grace"]
    assert len(kept) == 1
