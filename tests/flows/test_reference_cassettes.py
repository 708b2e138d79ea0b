"""Each flow, against the fake and from the reference recordings in `cassettes/`.

To record them again, from a fake on a loopback socket:

    REFERENCE_CASSETTES=rewrite pytest tests/flows/test_reference_cassettes.py
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import yaml

from pytest_catalyst_oauth.adapters import CatalystAuth, TransportAdapter, connect
from pytest_catalyst_oauth.cassette import Cassette, scan
from pytest_catalyst_oauth.engine import Client, Limits, MemoryStore, Secret
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    RefusedError,
    ThrottledError,
)

CASSETTES = Path(__file__).parents[2] / "cassettes"
REDIRECT_URI = "https://app.example/callback"
ROWS = "ZohoCatalyst.tables.rows.ALL"
CACHE = "ZohoCatalyst.cache.READ,ZohoCatalyst.cache.CREATE,ZohoCatalyst.cache.DELETE"
_IS_RECORDING = os.environ.get("REFERENCE_CASSETTES") == "rewrite"
_MODES = ("rewrite",) if _IS_RECORDING else ("fake", "replay")


def flow(name: str):
    """Run a test in all modes, with one of the reference cassettes."""
    cassette = str(CASSETTES / name)
    return pytest.mark.parametrize(
        "mode",
        [
            pytest.param(m, marks=pytest.mark.catalyst_oauth(mode=m, cassette=cassette))
            for m in _MODES
        ],
    )


@pytest.fixture(scope="session")
def catalyst_oauth_config(fake_catalyst_server):
    """What the recordings were made with: a fake, and nothing of Zoho's."""
    names = ("client_id", "client_secret", "refresh_token", "project_id", "source")
    urls = ("accounts_url", "api_url")
    env = fake_catalyst_server.env
    return {name: env[f"CATALYST_OAUTH_{name.upper()}"] for name in (*names, *urls)}


@pytest.fixture
def world(mode, request):
    """The fake that answers, for what a person does in a browser; None in replay."""
    if mode == "fake":
        return request.getfixturevalue("fake_catalyst")
    if mode == "rewrite":
        return request.getfixturevalue("fake_catalyst_server").fake
    return None


@pytest.fixture
def connected(world, catalyst_oauth):
    """Make credentials of the test's own, so that it may spend and revoke them."""

    def connected(client: Client | None = None, *, scopes: str = ROWS, **given: Secret):
        if not given:
            token = world.issue_refresh_token(scopes) if world else Secret("replayed")
            given = {"refresh_token": token}
        return connect(
            client or catalyst_oauth.client,
            transport=catalyst_oauth.transport,
            store=MemoryStore(),
            clock=catalyst_oauth.clock,
            # The server's own quota is what is recorded.
            limits=Limits(token_requests=1000),
            background=False,
            **given,
        )

    return connected


@pytest.fixture
def session(catalyst_oauth):
    """Make a session that authorizes itself with the test's own credentials."""

    def session(credentials) -> requests.Session:
        opened = requests.Session()
        opened.auth = CatalystAuth(credentials)
        opened.mount("https://", TransportAdapter(catalyst_oauth.transport))
        opened.mount("http://", TransportAdapter(catalyst_oauth.transport))
        return opened

    return session


@flow("refresh/mint.yaml")
def test_a_refresh_token_becomes_an_access_token(mode, catalyst_oauth, connected):
    """The token lives for an hour, says its scope, and the refresh token is kept."""
    before = catalyst_oauth.clock.now

    token = connected().token()

    assert token.expires_at - before >= timedelta(minutes=59)
    assert str(token.scope) == ROWS
    assert token.refresh_token is not None


@flow("refresh/after_the_hour.yaml")
def test_a_token_is_renewed_after_its_hour(mode, catalyst_oauth, connected, session):
    """A call an hour later is made with another token, after one more request."""
    credentials = connected()
    url = f"{catalyst_oauth.project_url}/table/Guests/row"
    first = credentials.token()
    assert session(credentials).get(url).ok

    catalyst_oauth.clock.advance(hours=1)

    assert session(credentials).get(url).ok
    assert credentials.token() != first
    assert len(catalyst_oauth.journal.token_requests) == 2


@flow("self_client/exchange.yaml")
def test_a_code_of_the_console_is_exchanged(mode, world, connected):
    """It brings an access token and a refresh token."""
    code = world.issue_code(ROWS) if world else Secret("replayed")

    token = connected(code=code).token()

    assert token.refresh_token is not None
    assert str(token.scope) == ROWS


@flow("self_client/used_twice.yaml")
def test_a_code_works_once(mode, world, connected):
    """Its second exchange is refused; only a person can bring another."""
    code = world.issue_code(ROWS) if world else Secret("replayed")
    assert connected(code=code).token()

    with pytest.raises(LoginNeededError) as caught:
        connected(code=code).token()

    assert (caught.value.error, caught.value.status) == ("invalid_code", 200)


@flow("authorization_code/exchange.yaml")
def test_a_code_of_a_redirect_is_exchanged(mode, world, catalyst_oauth, connected):
    """The exchange repeats the redirect URI that the authorization request named."""
    client, code = _redirected(world, catalyst_oauth.client)

    token = connected(client, code=code).token()

    assert token.refresh_token is not None


@flow("authorization_code/wrong_redirect_uri.yaml")
def test_another_redirect_uri_is_refused(mode, world, catalyst_oauth, connected):
    """Zoho compares it exactly."""
    client, code = _redirected(world, catalyst_oauth.client)

    with pytest.raises(RefusedError) as caught:
        connected(_like(client, redirect_uri=f"{REDIRECT_URI}/"), code=code).token()

    assert caught.value.error == "invalid_redirect_uri"


@flow("revocation/revoke.yaml")
def test_a_revoked_token_is_gone(mode, catalyst_oauth, connected, session):
    """Revoking twice is fine; the access token ends with the refresh token."""
    credentials = connected()
    given = credentials.token().refresh_token
    url = f"{catalyst_oauth.project_url}/table/Guests/row"
    header = {"Authorization": credentials.authorization()}

    assert credentials.revoke() is True
    assert connected(refresh_token=given).revoke() is False

    stale = session(credentials)
    stale.auth = None
    reply = stale.get(url, headers=header)
    assert (reply.status_code, _code(reply)) == (401, "INVALID_TOKEN")
    with pytest.raises(LoginNeededError):
        connected(refresh_token=given).token()


@flow("refused/wrong_client_secret.yaml")
def test_a_wrong_secret_is_named(mode, catalyst_oauth, connected):
    """HTTP 200, and a hint where to copy the right one."""
    wrong = _like(catalyst_oauth.client, client_secret=Secret("not-the-secret-at-all"))

    with pytest.raises(RefusedError) as caught:
        connected(wrong).token()

    assert (caught.value.error, caught.value.status) == ("invalid_client_secret", 200)
    assert "API console" in str(caught.value)


@flow("refused/unknown_client.yaml")
def test_an_unknown_client_is_named(mode, catalyst_oauth, connected):
    """HTTP 200, and the advice to check the data centre."""
    wrong = _like(
        catalyst_oauth.client, client_id="1000.NOBODYNOBODYNOBODYNOBODYNOBODY"
    )

    with pytest.raises(RefusedError) as caught:
        connected(wrong).token()

    assert (caught.value.error, caught.value.status) == ("invalid_client", 200)


@flow("refused/throttled.yaml")
def test_the_eleventh_request_is_throttled(mode, catalyst_oauth, connected):
    """Ten token requests in ten minutes are answered, one more is not."""
    credentials = connected()
    for _ in range(10):
        assert credentials.refresh()

    with pytest.raises(ThrottledError):
        credentials.refresh()

    assert credentials.token(), "the tenth token still lives"
    assert len(catalyst_oauth.journal.token_requests) == 11


@flow("tables/rows.yaml")
def test_rows_are_written_and_read(mode, world, catalyst_oauth, connected, session):
    """Insert, read, change and delete, each in Catalyst's envelope."""
    if world:
        world.add_table("Rooms", columns={"Name": "varchar", "Beds": "bigint"})
    http = session(connected())
    url = f"{catalyst_oauth.project_url}/table/Rooms/row"

    (row,) = http.post(url, json=[{"Name": "Attic", "Beds": 1}]).json()["data"]
    changed = http.put(url, json=[{"ROWID": row["ROWID"], "Beds": 2}]).json()["data"]
    read = http.get(f"{url}/{row['ROWID']}").json()["data"]
    gone = http.delete(f"{url}/{row['ROWID']}")

    assert (row["Beds"], changed[0]["Beds"], read["Beds"]) == (1, 2, 2)
    assert gone.json()["status"] == "success"
    assert http.get(f"{url}/{row['ROWID']}").status_code == 404


@flow("cache/item.yaml")
def test_a_cache_item_is_written_and_read(mode, catalyst_oauth, connected, session):
    """PUT needs cache.CREATE, since there is no cache.UPDATE."""
    http = session(connected(scopes=CACHE))
    url = f"{catalyst_oauth.project_url}/cache"
    item = {"cache_name": "room", "cache_value": "Attic"}

    put = http.put(url, json=item).json()["data"]
    got = http.get(url, params={"cacheKey": "room"}).json()["data"]
    assert http.delete(url, params={"cacheKey": "room"}).ok
    after = http.get(url, params={"cacheKey": "room"}).json()["data"]

    assert (put["cache_value"], got["cache_value"]) == ("Attic", "Attic")
    assert after["cache_value"] is None


@flow("scopes/mismatch.yaml")
def test_a_missing_scope_is_no_reason_to_refresh(
    mode, catalyst_oauth, connected, session
):
    """The API answers 401, and no token request follows."""
    http = session(connected(scopes="ZohoCatalyst.cache.READ"))

    reply = http.get(f"{catalyst_oauth.project_url}/table/Guests/row")

    assert (reply.status_code, _code(reply)) == (401, "OAUTH_SCOPE_MISMATCH")
    assert len(catalyst_oauth.journal.token_requests) == 1


@pytest.mark.parametrize(
    "path",
    sorted(CASSETTES.rglob("*.yaml")),
    ids=lambda path: str(path.relative_to(CASSETTES)),
)
def test_each_cassette_says_truthfully_where_it_came_from(path):
    """From our fake; it holds no secret and is played by a test of this file."""
    text = path.read_text()
    name = str(path.relative_to(CASSETTES))

    origin = Cassette.load(path).origin
    assert origin.source.startswith("the fake of pytest-catalyst-oauth ")
    assert "nothing here was recorded from Zoho" in text.splitlines()[0]
    assert f'@flow("{name}")' in Path(__file__).read_text()
    assert scan(path.read_bytes()) == ()
    assert yaml.safe_load(text)["version"] == 1


def _redirected(world, client: Client) -> tuple[Client, Secret]:
    if world is None:
        return _like(client, redirect_uri=REDIRECT_URI, kind="server"), Secret(
            "replayed"
        )
    registered = world.register_client(redirect_uri=REDIRECT_URI)
    code = world.issue_code(ROWS, client=registered)
    return _like(registered, data_center=client.data_center), code


def _like(client: Client, **changes) -> Client:
    names = ("client_id", "client_secret", "kind", "redirect_uri", "data_center")
    return Client(**{**{name: getattr(client, name) for name in names}, **changes})


def _code(reply: requests.Response) -> str:
    return reply.json()["data"]["error_code"]
