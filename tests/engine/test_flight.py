"""`SingleFlight`: one works, many wait, all get the same."""

from __future__ import annotations

from threading import Barrier, Event, Thread

import pytest

from pytest_catalyst_oauth.engine._flight import SingleFlight
from pytest_catalyst_oauth.engine._steps import drive
from pytest_catalyst_oauth.engine.errors import OAuthError, RefusedError
from tests.engine.doubles import Crowd


def run(flight, work):
    """Do work that asks nobody, or wait for it, as a thread does."""

    def steps():
        return work()
        yield

    return drive(flight.run(steps), send=None, sleep=None)


def joined(flight, count, outcome):
    """Run work that many join; return what all got, and how often it was done."""
    calls, crowds = [], []

    def work():
        calls.append(1)
        crowds.append(Crowd(count, lambda: run(flight, work)))
        crowds[0].wait_until_all_wait()
        if isinstance(outcome, OAuthError):
            raise outcome
        return outcome

    try:
        mine = run(flight, work)
    except OAuthError as error:
        mine = error
    return [mine, *crowds[0].join()], len(calls)


def test_threads_that_ask_at_once_share_one_piece_of_work():
    """Sixty-four ask, one works."""
    got, calls = joined(SingleFlight(), 63, "token")

    assert got == ["token"] * 64
    assert calls == 1


def test_threads_share_an_error_too():
    """Each gets an instance of its own, equal in type and arguments."""
    got, calls = joined(SingleFlight(), 31, RefusedError("invalid_client", 200, "no"))

    assert calls == 1
    assert {(type(error), error.args) for error in got} == {
        (RefusedError, ("invalid_client", 200, "no"))
    }
    assert len(set(map(id, got))) == 32


def test_the_next_to_ask_starts_anew():
    """A flight that has landed answers nobody who comes later."""
    flight = SingleFlight()

    assert run(flight, lambda: 1) == 1
    assert run(flight, lambda: 2) == 2


def test_a_waiter_takes_over_when_the_worker_is_interrupted():
    """Ctrl-C in one thread does not strand the others."""
    flight = SingleFlight()
    at_work, go = Event(), Barrier(2)

    def interrupted():
        at_work.set()
        go.wait()
        raise KeyboardInterrupt

    def first():
        with pytest.raises(KeyboardInterrupt):
            run(flight, interrupted)

    got = []
    worker = Thread(target=first)
    worker.start()
    at_work.wait()
    waiter = Thread(target=lambda: got.append(run(flight, lambda: "mine")))
    waiter.start()

    assert flight.is_busy
    go.wait()
    worker.join()
    waiter.join()
    assert got == ["mine"]
    assert not flight.is_busy


def test_an_error_leaves_the_flight_free():
    """After a failure the next one may try."""
    flight = SingleFlight()

    def fail():
        raise OAuthError("no")

    with pytest.raises(OAuthError):
        run(flight, fail)

    assert not flight.is_busy
    assert run(flight, lambda: 1) == 1
