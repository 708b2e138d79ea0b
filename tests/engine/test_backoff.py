"""`Failure`: how long the server is left alone."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import Failure
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    RefusedError,
    ReplyError,
    ThrottledError,
    TransportError,
)
from tests.engine.doubles import NO_ANSWER, START


def pauses(error, times):
    failure, found = None, []
    for _ in range(times):
        failure = Failure.of(error, START, failure)
        found.append(failure.retry_at - START)
    return found


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TransportError("x", "y"), [5, 10, 20, 40, 60, 60]),
        (ReplyError(502, "server error"), [5, 10, 20, 40, 60, 60]),
        (RefusedError("invalid_client", 200), [10, 20, 40, 80, 160, 320, 600, 600]),
        (LoginNeededError("invalid_code", 200), [600, 1200, 2400, 4800]),
        (ThrottledError("Access Denied", 400), [600, 600]),
    ],
)
def test_pauses_double_up_to_a_limit(error, expected):
    """The more often it failed, the longer nobody asks."""
    assert pauses(error, len(expected)) == expected


def test_a_long_row_of_failures_does_not_overflow():
    """A bad weekend is a few thousand failures."""
    assert pauses(NO_ANSWER, 3000)[-1] == 60


def test_a_pause_is_on_until_its_end():
    """At the end of the pause somebody may ask again."""
    failure = Failure.of(NO_ANSWER, START, None)

    assert failure.is_cooling(START)
    assert failure.is_cooling(START + 4.9)
    assert not failure.is_cooling(START + 5)


def test_a_clock_that_was_set_back_ends_the_pause():
    """Otherwise a wrong clock would stop everything for years."""
    failure = Failure.of(NO_ANSWER, START, None)

    assert not failure.is_cooling(START - 3600)
