"""`MemoryStore`, and what every store promises.

The promises are checked on all stores that need nothing but this machine.
"""

from __future__ import annotations

from threading import Event, Thread

import pytest

from pytest_catalyst_oauth.adapters import SqliteStore
from pytest_catalyst_oauth.engine import (
    Failure,
    MemoryStore,
    Record,
    ScopeSet,
    Secret,
    StoreKey,
)
from tests.engine.doubles import START, together

KEY = StoreKey(
    profile="default", accounts_url="https://accounts.zoho.eu", client_id="1000.X"
)
OTHER = StoreKey(
    profile="other", accounts_url="https://accounts.zoho.eu", client_id="1000.X"
)
FULL = Record(
    seed="0123",
    spent=True,
    access_token=Secret("1000.invented-access"),
    expires_at=START + 3600.25,
    obtained_at=START,
    refresh_token=Secret("1000.invented-refresh"),
    scope=ScopeSet.parse("ZohoCatalyst.cron.ALL openid"),
    api_domain="https://www.zohoapis.eu",
    failure=Failure(
        kind="TransportError",
        args=("https://accounts.zoho.eu", "verbindung weg ☹", False),
        at=START + 1.5,
        retry_at=START + 6.5,
        count=2,
    ),
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    if request.param == "memory":
        return MemoryStore()
    return SqliteStore(tmp_path / "tokens.db")


def numbered(store, key=KEY):
    record = store.load(key)
    return record.generation if record else 0


@pytest.mark.parametrize("record", [FULL, Record()], ids=["full", "empty"])
def test_a_record_comes_back_as_it_was(store, record):
    """Every field survives, secrets and failures included."""
    assert store.compare_and_swap(KEY, 0, record)

    kept = store.load(KEY)

    assert kept.generation == 1
    assert kept == type(record)(
        **{
            name: 1 if name == "generation" else getattr(record, name)
            for name in record.__slots__
        }
    )


def test_there_is_nothing_at_first(store):
    """An empty store has no record, no key, and nothing to forget."""
    assert store.load(KEY) is None
    assert list(store.keys()) == []
    assert not store.delete(KEY)


def test_the_older_writer_loses(store):
    """Whoever read before another wrote does not overwrite it."""
    store.compare_and_swap(KEY, 0, FULL)

    assert not store.compare_and_swap(KEY, 0, Record())
    assert not store.compare_and_swap(KEY, 7, Record())

    assert store.load(KEY).access_token == FULL.access_token
    assert store.compare_and_swap(KEY, 1, Record())
    assert numbered(store) == 2


def test_one_of_many_writers_wins(store):
    """Sixteen write over the same generation; one is told that it did."""
    written = together(16, lambda: store.compare_and_swap(KEY, 0, FULL))

    assert sorted(written) == [False] * 15 + [True]
    assert numbered(store) == 1


def test_keys_do_not_mix(store):
    """Profiles have records of their own, and are listed without their tokens."""
    store.compare_and_swap(KEY, 0, FULL)
    store.compare_and_swap(OTHER, 0, Record())

    assert set(store.keys()) == {KEY, OTHER}
    assert store.load(OTHER).access_token is None
    assert store.delete(KEY)
    assert list(store.keys()) == [OTHER]


def test_a_lock_has_one_holder(store):
    """Whoever does not wait is told at once; the next gets it after the release."""
    with store.lock(KEY, 0) as first:
        with store.lock(KEY, 0) as second:
            assert (first, second) == (True, False)
        with store.lock(OTHER, 0) as third:
            assert third

    with store.lock(KEY, 0) as again:
        assert again


def test_a_lock_is_released_by_an_error(store):
    """A crash inside does not lock everybody out, and is not swallowed."""

    def crash():
        with store.lock(KEY, 0):
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        crash()

    with store.lock(KEY, 0) as locked:
        assert locked


def test_a_waiter_gets_the_lock_when_it_is_free(store):
    """Waiting is worth it: the lock is handed on."""
    waiting, got = Event(), []

    def wait():
        waiting.set()
        with store.lock(KEY, 30) as locked:
            got.append(locked)

    with store.lock(KEY, 0):
        waiter = Thread(target=wait)
        waiter.start()
        waiting.wait()
    waiter.join()

    assert got == [True]


def test_waiting_ends_at_the_deadline(store):
    """A lock that is never released does not stop everybody for ever."""
    with store.lock(KEY, 0), store.lock(KEY, 0.01) as second:
        assert not second


def test_keys_differ_in_every_part():
    """Neighbouring parts cannot be shifted into each other."""
    keys = [
        StoreKey(profile="ab", accounts_url="c", client_id="d"),
        StoreKey(profile="a", accounts_url="bc", client_id="d"),
        StoreKey(profile="ab", accounts_url="cd", client_id=""),
        StoreKey(profile="2:ab", accounts_url="c", client_id="d"),
    ]

    assert len({key.digest for key in keys}) == 4
    assert all(key.digest.isalnum() for key in keys)
