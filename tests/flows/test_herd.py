"""The herd: however many ask at expiry, the server is asked once."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.adapters import RetryPolicy, connect
from tests.engine.doubles import together
from tests.flows.crowd import THREADS, Crowd

UNKNOWN_CLIENT = {"status": 200, "body": '{"error":"invalid_client"}'}
# (what the fake is told, what all get, how long nobody asks again)
FAILURES = {
    "refused": (UNKNOWN_CLIENT, "RefusedError", 10),
    "server error": ({"status": 503}, "ReplyError", 5),
}


@pytest.fixture
def fake(server):
    server.fake.slow("token", seconds=0.2)
    return server.fake


def asked(fake):
    return len(fake.journal.token_requests)


@pytest.fixture
def held(server, tmp_path, clock):
    return connect(
        server.client,
        refresh_token=server.fake.refresh_token,
        store=tmp_path / "tokens.db",
        retry=RetryPolicy(attempts=1),
        clock=clock,
    )


def test_sixty_four_threads_cause_one_request(fake, held, clock):
    """At the first token, and at each expiry."""
    for round_ in range(1, 4):
        tokens = together(64, held.token)

        assert len({token.access_token for token in tokens}) == 1
        assert len(tokens) == 64
        assert asked(fake) == round_
        clock.advance(hours=1)


@pytest.mark.parametrize("kind", FAILURES)
def test_sixty_four_threads_share_a_failure(fake, held, clock, kind):
    """The same typed error for all, and no request before the pause is over."""
    told, name, pause = FAILURES[kind]
    fake.fail("token", times=1, **told)

    got = together(64, held.token)
    clock.advance(seconds=pause - 0.5)
    got += together(64, held.token)

    assert {type(error).__name__ for error in got} == {name}
    assert len({error.args for error in got}) == 1
    assert len(got) == 128
    assert asked(fake) == 1
    clock.advance(seconds=1)
    assert len({token.access_token for token in together(64, held.token)}) == 1
    assert asked(fake) == 2


def test_sixteen_processes_cause_one_request(server, fake, clock, tmp_path):
    """Four threads each, one store, one token: at every expiry, and at a failure."""
    told, name, pause = FAILURES["refused"]
    with Crowd(16, tmp_path / "tokens.db", server.env) as crowd:
        for round_ in (1, 2):
            got = crowd.ask(clock())
            assert len(got) == 16 * THREADS
            assert len(set(got)) == 1
            assert asked(fake) == round_
            clock.advance(hours=1)

        fake.fail("token", times=1, **told)
        got = crowd.ask(clock())
        clock.advance(seconds=pause - 0.5)
        got += crowd.ask(clock())
        assert len(got) == 2 * 16 * THREADS
        assert {error[0] for error in got} == {name}
        assert len(set(map(tuple, got))) == 1
        assert asked(fake) == 3

        clock.advance(seconds=1)
        assert len(set(crowd.ask(clock()))) == 1
        assert asked(fake) == 4
