"""`connect` and `open_store`: the usual parts, wired together."""

from __future__ import annotations

from pathlib import Path

import pytest

import pytest_catalyst_oauth.adapters as adapters
from pytest_catalyst_oauth.adapters import RetryPolicy, SqliteStore, connect, open_store
from pytest_catalyst_oauth.engine import Client, Journal, MemoryStore, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.engine.doubles import CLIENT, NO_ANSWER, REFUSED, Server, StillClock


def test_connecting_asks_nobody_and_touches_no_file(tmp_path, monkeypatch):
    """Until the first token is asked for, nothing happens."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    held = connect(CLIENT, refresh_token=Secret("1000.invented"))

    assert held.client is CLIENT
    assert list(tmp_path.iterdir()) == []


def test_attempts_are_retried_and_noted():
    """Every attempt is in the journal; the clock and the sleep are the given ones."""
    clock, journal, slept = StillClock(), Journal(), []
    held = connect(
        CLIENT,
        refresh_token=Secret("1000.invented"),
        store="memory:",
        transport=Server(NO_ANSWER),
        journal=journal,
        clock=clock,
        sleep=slept.append,
    )

    assert held.token().expires_at.timestamp() == clock() + 3600
    assert [one.outcome for one in journal] == ["TransportError", "access token issued"]
    assert len(slept) == 1


def test_the_policy_is_the_callers():
    """Who wants one attempt gets one."""
    server = Server(NO_ANSWER, REFUSED)
    held = connect(
        CLIENT,
        refresh_token=Secret("1000.invented"),
        store=MemoryStore(),
        transport=server,
        retry=RetryPolicy(attempts=1),
    )
    with pytest.raises(type(NO_ANSWER)):
        held.token()

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("redirect_uri", "named"), [(None, False), ("https://app.example/cb", True)]
)
def test_a_code_is_exchanged_as_its_client_needs(redirect_uri, named):
    """A code from a redirect names the redirect URI; one from the console does not."""
    server = Server()
    client = Client(
        client_id=CLIENT.client_id,
        client_secret=CLIENT.client_secret,
        redirect_uri=redirect_uri,
        data_center=CLIENT.data_center,
    )
    connect(client, code=Secret("1000.code"), store="memory:", transport=server).token()

    assert "code=1000.code" in server.bodies[0]
    assert ("redirect_uri=" in server.bodies[0]) is named


def test_a_code_and_a_refresh_token_are_too_much():
    """It is not guessed which one is meant."""
    with pytest.raises(SettingsError, match="exclude each other; give one of them"):
        connect(CLIENT, refresh_token=Secret("a"), code=Secret("b"))


def test_what_is_stored_needs_no_configuration():
    """A login once; later programs name the client only."""
    store, server = MemoryStore(), Server()
    given = {"store": store, "transport": server, "clock": StillClock()}
    first = connect(CLIENT, refresh_token=Secret("1000.invented"), **given).token()

    assert connect(CLIENT, **given).token() == first


def test_profiles_share_a_store():
    """Two users of one client do not overwrite each other."""
    store = MemoryStore()
    for profile in ("one", "two"):
        connect(
            CLIENT,
            refresh_token=Secret("1000.invented"),
            store=store,
            transport=Server(),
            profile=profile,
        ).token()

    assert len(list(store.keys())) == 2


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("tokens.db", "tokens.db"),
        ("folder/tokens.db", "folder/tokens.db"),
        ("./a:b/tokens.db", "./a:b/tokens.db"),
        ("sqlite:folder/tokens.db", "folder/tokens.db"),
        ("C:\\folder\\tokens.db", "C:\\folder\\tokens.db"),
        (Path("folder/tokens.db"), "folder/tokens.db"),
    ],
)
def test_an_address_is_mostly_a_path(address, path):
    """With or without the scheme, as text or as a path."""
    store = open_store(address)

    assert isinstance(store, SqliteStore)
    assert repr(store) == f"<SQLite store {path}>"


@pytest.mark.parametrize("address", ["~/tokens.db", "sqlite:~/tokens.db"])
def test_a_tilde_is_the_users_home(address, monkeypatch, tmp_path):
    """As in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))

    assert repr(open_store(address)) == f"<SQLite store {tmp_path / 'tokens.db'}>"


def test_the_default_is_a_file_of_the_platform(monkeypatch, tmp_path):
    """Where programs keep their state."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert repr(open_store()).endswith("catalyst-oauth/tokens.db>")


def test_memory_is_a_store_too():
    """For one process, or for tests."""
    assert isinstance(open_store("memory:"), MemoryStore)


@pytest.mark.parametrize("address", ["sqlite:", "foo:bar"])
def test_an_unknown_kind_is_answered_with_the_known_ones(address):
    """The message lists what may be given."""
    with pytest.raises(SettingsError, match="give a path, sqlite:PATH or memory:"):
        open_store(address)


@pytest.mark.parametrize("address", ["~nobody-of-that-name/x.db"])
def test_a_home_that_does_not_exist_is_an_error(address):
    """The message names the address."""
    with pytest.raises(SettingsError, match="nobody-of-that-name"):
        open_store(address)


def test_every_promised_name_is_there():
    """Late imports included."""
    assert all(getattr(adapters, name) for name in adapters.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        adapters.Nothing  # noqa: B018  asking is the point
