"""`RetryingTransport`: when to ask again, and for how long."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_catalyst_oauth.adapters import RetryingTransport, RetryPolicy
from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.engine.errors import SettingsError, TransportError
from tests.engine.doubles import (
    CLIENT,
    CODE,
    NO_ANSWER,
    REFRESH,
    REFUSED,
    START,
    THROTTLED,
    UNREACHED,
    Server,
    StillClock,
    token_reply,
)

BUSY = HttpReply(status=503)
ISSUED = token_reply("1000.invented")


def busy(retry_after):
    return HttpReply(status=503, headers=(("retry-after", retry_after),))


class Attempt:
    """One `send` with a clock that only sleeping moves."""

    def __init__(self, *answers, request=None, **policy):
        self.server = Server(*answers)
        self.clock = StillClock()
        self.slept = []
        transport = RetryingTransport(
            self.server,
            RetryPolicy(**policy) if policy else None,
            sleep=self.sleep,
            clock=self.clock,
        )
        try:
            self.outcome = transport.send(request or REFRESH.request(CLIENT))
        except TransportError as error:
            self.outcome = error

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.clock.advance(seconds)


@pytest.mark.parametrize("answer", [NO_ANSWER, UNREACHED, BUSY, HttpReply(status=500)])
def test_what_may_pass_is_tried_again(answer):
    """No connection, no answer, or a failing server: the next try may work."""
    attempt = Attempt(answer, answer, ISSUED)

    assert attempt.outcome == ISSUED
    assert len(attempt.server.asked) == 3


@pytest.mark.parametrize(
    "answer",
    [
        REFUSED,
        HttpReply(status=400),
        HttpReply(status=404),
        HttpReply(status=429),
        THROTTLED,
        HttpReply(status=503, body=THROTTLED.body),
    ],
)
def test_an_answer_is_an_answer(answer):
    """A refusal costs quota each time, and the throttle grows with asking."""
    attempt = Attempt(answer)

    assert attempt.outcome == answer
    assert len(attempt.server.asked) == 1
    assert attempt.slept == []


def test_an_error_of_our_own_is_not_tried_again():
    """A bug does not get better by repetition."""

    def crash(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Attempt(crash)


@pytest.mark.parametrize(
    ("answer", "asked"), [(NO_ANSWER, 1), (BUSY, 1), (UNREACHED, 2)]
)
def test_a_code_is_repeated_only_if_it_cannot_have_arrived(answer, asked):
    """A code that was seen twice may cost the tokens of the first exchange."""
    attempt = Attempt(answer, ISSUED, request=CODE.request(CLIENT))

    assert len(attempt.server.asked) == asked


@pytest.mark.parametrize("answer", [NO_ANSWER, BUSY])
def test_the_last_outcome_is_the_one_that_counts(answer):
    """After four attempts the caller gets what the fourth one got."""
    attempt = Attempt(*[answer] * 9)

    assert len(attempt.server.asked) == 4
    if answer is BUSY:
        assert attempt.outcome == BUSY
    else:
        assert attempt.outcome.args == NO_ANSWER.args


def test_one_attempt_means_none_after_it():
    """A policy can switch retries off."""
    attempt = Attempt(BUSY, ISSUED, attempts=1)

    assert attempt.outcome == BUSY


def test_pauses_are_drawn_below_a_doubling_bound():
    """Random, so that a fleet does not come back all at once."""
    drawn = [
        Attempt(*[BUSY] * 5, attempts=5, first=1, longest=3).slept for _ in "x" * 50
    ]

    for pauses in drawn:
        assert all(
            0 <= p <= bound for p, bound in zip(pauses, (1, 2, 3, 3), strict=True)
        )
    assert len({pauses[0] for pauses in drawn}) > 10


@pytest.mark.parametrize(
    "value", ["7", " 7 ", formatdate(START + 7, usegmt=True), formatdate(START + 7)]
)
def test_the_servers_wish_is_respected(value):
    """`Retry-After` in seconds or as a date: not a moment earlier."""
    attempt = Attempt(busy(value), ISSUED, first=0)

    assert attempt.slept == [7]
    assert attempt.outcome == ISSUED


@pytest.mark.parametrize(
    "value",
    ["", "soon", "-5", "1.5", "Wed, 99 Foo", formatdate(START - 60, usegmt=True)],
)
def test_a_wish_that_makes_no_sense_is_ignored(value):
    """Then our own pause counts."""
    assert Attempt(busy(value), ISSUED, first=0).slept == [0]


@given(st.text(max_size=40))
@example("Mon, 01 Jan 0001 00:00:00 +2359")
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("1 Jan 2000 00:00:00 +99999999999")
@example("٣")
def test_no_wish_breaks_anything(value):
    """A header is anybody's text."""
    attempt = Attempt(busy(value), ISSUED)

    assert attempt.outcome in (ISSUED, busy(value))


@pytest.mark.parametrize("value", ["31", "3600", "9" * 400, formatdate(START + 86_400)])
def test_a_long_wish_is_not_waited_for(value):
    """Nobody sleeps past the budget: the caller gets the answer at once."""
    attempt = Attempt(busy(value), ISSUED)

    assert attempt.slept == []
    assert attempt.outcome == busy(value)


def test_pauses_together_stay_within_the_budget():
    """No attempt starts after it, however many are left."""
    attempt = Attempt(*[busy("12")] * 9, attempts=9, total=30)

    assert attempt.slept == [12, 12]
    assert len(attempt.server.asked) == 3


@pytest.mark.parametrize(
    "policy",
    [{"attempts": 0}, {"total": -1}, {"first": -0.1}, {"longest": -1}],
)
def test_an_impossible_policy_is_refused(policy):
    """The message names what is wrong."""
    with pytest.raises(SettingsError, match=r"^retry "):
        RetryPolicy(**policy)
