"""The herd on stores that machines share, and a store that goes away meanwhile."""

from __future__ import annotations

import warnings

import pytest

from pytest_catalyst_oauth.adapters import (
    RequestsTransport,
    RetryPolicy,
    connect,
    open_store,
)
from pytest_catalyst_oauth.engine.errors import OAuthError, StoreError, StoreWarning
from pytest_catalyst_oauth.fake import (
    FakeCatalyst,
    FakeServer,
    FakeSettings,
    MovableClock,
)
from tests.adapters.stores import NO_REDIS, REDIS, START, own_redis
from tests.engine.doubles import together
from tests.fake.asking import works
from tests.flows.crowd import THREADS, Crowd


@pytest.fixture
def clock():
    return MovableClock(start=START)


@pytest.fixture
def server(clock):
    settings = FakeSettings(token_requests=1000)
    with FakeServer(FakeCatalyst(settings=settings, clock=clock)) as server:
        yield server


def asked(server):
    return len(server.fake.journal.token_requests)


def held_by(server, store, clock):
    return connect(
        server.client,
        refresh_token=server.fake.refresh_token,
        store=store,
        retry=RetryPolicy(attempts=1),
        clock=clock,
    )


@pytest.mark.parametrize("kind", ["json", "json sealed", "redis"])
def test_sixteen_processes_cause_one_request(server, clock, place_of, kind):
    """Four threads each, one store, one token, at every expiry."""
    server.fake.slow("token", seconds=0.2)
    with Crowd(16, place_of(kind).address, server.env) as crowd:
        for round_ in (1, 2):
            got = crowd.ask(clock())

            assert len(got) == 16 * THREADS
            assert len(set(map(str, got))) == 1
            assert isinstance(got[0], str)
            assert asked(server) == round_
            clock.advance(hours=1)


@pytest.fixture
def durable():
    """A Redis server that finds its data again when it is restarted."""
    if REDIS is None:
        pytest.skip(NO_REDIS)
    with own_redis("--appendonly", "yes", "--appendfsync", "always") as redis:
        yield redis


def outcome(held, server, clock):
    """Ask once; return a living token of the server's, or the error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", StoreWarning)
            token = held.token()
    except OAuthError as error:
        return error
    assert token.expires_at.timestamp() > clock()
    assert works(server.fake, token.access_token)
    return token


def test_a_restarted_redis_is_a_pause_and_no_more(server, clock, durable):
    """A held token goes on working; after that, one clear error; then it goes on."""
    held = held_by(server, durable.address, clock)
    first = held.token()

    durable.stop()

    assert held.token() == first
    clock.advance(hours=1)
    with pytest.raises(StoreError, match=r"unix://.*: cannot be reached"):
        held.token()

    durable.start()

    assert held.token().access_token != first.access_token
    assert asked(server) == 2


def test_a_redis_that_comes_and_goes_gives_no_wrong_token(server, clock, durable):
    """Whatever the moment, each thread gets a living token or a `StoreError`."""
    holders = [held_by(server, durable.address, clock) for _ in range(4)]
    numbers = iter(range(10_000))
    kinds = set()

    def ask():
        held = holders[next(numbers) % 4]
        return [outcome(held, server, clock) for _ in range(5)]

    for _ in range(4):
        clock.advance(hours=1)
        crowd = together(8, ask)
        durable.stop()
        crowd += together(8, ask)
        clock.advance(hours=1)
        crowd += together(8, ask)
        durable.start()
        crowd += together(8, ask)
        kinds |= {type(got).__name__ for thread in crowd for got in thread}
        assert not isinstance(outcome(holders[0], server, clock), OAuthError)

    assert kinds == {"Token", "StoreError"}


def test_a_redis_that_is_lost_while_a_token_is_on_its_way(server, clock):
    """The token works, a warning says that nobody else will find it."""
    if REDIS is None:
        pytest.skip(NO_REDIS)
    with own_redis() as redis:
        transport = Stopping(redis)
        held = connect(
            server.client,
            refresh_token=server.fake.refresh_token,
            store=redis.address,
            transport=transport,
            retry=RetryPolicy(attempts=1),
            clock=clock,
        )

        with pytest.warns(StoreWarning, match="cannot be reached"):
            token = held.token()

        assert held.token() == token
        redis.start()
        assert list(open_store(redis.address).keys()) == []


class Stopping:
    """A transport in whose middle the store goes away."""

    def __init__(self, redis):
        self._inner = RequestsTransport()
        self._redis = redis

    def send(self, request):
        reply = self._inner.send(request)
        self._redis.stop()
        return reply
