"""Retries, by tenacity."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast, final

from pytest_catalyst_oauth.engine import (
    HttpReply,
    HttpRequest,
    Pause,
    drive,
    drive_async,
    is_throttle,
)
from pytest_catalyst_oauth.engine.errors import OAuthError, TransportError

from ._patience import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import tenacity

    from pytest_catalyst_oauth.engine import (
        Answer,
        AsyncTransport,
        Steps,
        Transport,
    )

T = TypeVar("T")


@final
class Attempts:
    """Decide when to try again; others send and wait.

    Never for a refusal, nor for Zoho's throttle, which asking again makes longer; and
    a request that must not be sent twice is only repeated if it cannot have arrived.

    Args:
        policy: How often.
        clock: Seconds since the epoch, for a `Retry-After` that is a date.
    """

    def __init__(
        self, policy: RetryPolicy | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._policy = policy or RetryPolicy()
        self._clock = clock

    def steps(self, request: HttpRequest) -> Steps[HttpReply]:
        """Send until there is an answer to keep, or the budget is spent.

        Raises:
            TransportError: The last attempt got no answer either.
        """
        started = time.monotonic()
        answer: Answer = yield request
        if not _may_repeat(request, answer):
            return _kept(answer)
        return (yield from self.again(request, answer, started))

    def again(
        self, request: HttpRequest, answer: Answer, started: float
    ) -> Steps[HttpReply]:
        """Go on after a first answer that is not to keep.

        Args:
            request: As for `steps`.
            answer: What the first attempt brought.
            started: When it began, by `time.monotonic`.

        Raises:
            TransportError: As for `steps`.
        """
        # Few requests get here, so the others do not wait for this import.
        import tenacity

        retrying = tenacity.Retrying(
            stop=self._is_over,
            wait=self._pause,
            retry=tenacity.retry_if_exception(lambda e: _may_repeat(request, e))
            | tenacity.retry_if_result(lambda r: _may_repeat(request, r)),
            retry_error_callback=_last_outcome,
        )
        retrying.begin()
        state = tenacity.RetryCallState(retrying, None, (), {})
        state.start_time = started
        while True:
            todo: Any = retrying.iter(state)
            if isinstance(todo, tenacity.DoAttempt):
                _note(state, (yield request) if answer is None else answer)
                answer = None
            elif isinstance(todo, tenacity.DoSleep):
                state.prepare_for_next_attempt()
                yield Pause(float(todo))
            else:
                reply: HttpReply = todo
                return reply

    def of(self, steps: Steps[T]) -> Steps[T]:
        """Do some steps, with several attempts at each of their requests."""
        answer: Answer = None
        with closing(steps):
            while True:
                try:
                    step = steps.send(answer)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                if not isinstance(step, HttpRequest):
                    answer = yield step
                    continue
                try:
                    answer = yield from self.steps(step)
                except OAuthError as error:
                    answer = error

    def _is_over(self, state: tenacity.RetryCallState) -> bool:
        policy = self._policy
        # Pauses count even if the given `sleep` does not take its time.
        spent = max(state.seconds_since_start or 0.0, state.idle_for)
        over = spent + state.upcoming_sleep >= policy.total
        return over or state.attempt_number >= policy.attempts

    def _pause(self, state: tenacity.RetryCallState) -> float:
        import tenacity

        policy = self._policy
        drawn = tenacity.wait_random_exponential(
            multiplier=policy.first, max=policy.longest
        )(state)
        return max(drawn, self._asked_for(state))

    def _asked_for(self, state: tenacity.RetryCallState) -> float:
        """Return the seconds that the server's `Retry-After` asks for, or 0.

        Source: RFC 9110, section 10.2.3.
        """
        outcome = state.outcome
        if outcome is None or outcome.failed:
            return 0.0
        return _seconds(outcome.result().header("Retry-After") or "", self._clock())


@final
class RetryingTransport:
    """Try again when nobody answered, or the server failed; see `Attempts`.

    Args:
        inner: Makes one attempt.
        policy: How often.
        sleep: Waits for some seconds.
        clock: Seconds since the epoch, for a `Retry-After` that is a date.
    """

    def __init__(
        self,
        inner: Transport,
        policy: RetryPolicy | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inner = inner
        self._attempts = Attempts(policy, clock)
        self._sleep = sleep

    def send(self, request: HttpRequest) -> HttpReply:
        """Send until there is an answer to keep, or the budget is spent.

        Raises:
            TransportError: The last attempt got no answer either.
        """
        # The first attempt without steps, which most requests never need.
        started = time.monotonic()
        answer: Answer
        try:
            answer = self._inner.send(request)
        except OAuthError as error:
            answer = error
        if not _may_repeat(request, answer):
            return _kept(answer)
        steps = self._attempts.again(request, answer, started)
        return drive(steps, send=self._inner.send, sleep=self._sleep)


@final
class AsyncRetryingTransport:
    """`RetryingTransport` for asyncio.

    Args:
        inner: Makes one attempt.
        policy: How often.
        sleep: Waits for some seconds; None is `asyncio.sleep`.
        clock: Seconds since the epoch, for a `Retry-After` that is a date.
    """

    def __init__(
        self,
        inner: AsyncTransport,
        policy: RetryPolicy | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._inner = inner
        self._attempts = Attempts(policy, clock)
        self._sleep = sleep

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send until there is an answer to keep, or the budget is spent.

        Raises:
            TransportError: The last attempt got no answer either.
        """
        steps = self._attempts.steps(request)
        return await drive_async(steps, send=self._inner.send, sleep=self._sleep)


def _note(state: tenacity.RetryCallState, answer: Answer) -> None:
    if isinstance(answer, OAuthError):
        state.set_exception((type(answer), answer, None))
    else:
        state.set_result(answer)


def _seconds(value: str, now: float) -> float:
    """Read a number of seconds or a date; 0 for anything else, or for the past."""
    text = value.strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(moment.timestamp() - now, 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0


def _may_repeat(request: HttpRequest, answer: Answer | BaseException) -> bool:
    if isinstance(answer, HttpReply):
        return (
            answer.status >= 500
            and request.replayable
            and not is_throttle(answer.json())
        )
    if isinstance(answer, TransportError):
        return request.replayable or not answer.sent
    return False


def _kept(answer: Answer) -> HttpReply:
    if isinstance(answer, OAuthError):
        raise answer
    return cast("HttpReply", answer)


def _last_outcome(state: tenacity.RetryCallState) -> HttpReply:
    if state.outcome is None:  # pragma: no cover  tenacity sets it before it calls us
        raise AssertionError
    reply: HttpReply = state.outcome.result()
    return reply
