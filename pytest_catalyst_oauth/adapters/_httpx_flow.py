"""How a client of `httpx` is told, step by step, what one call needs."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar, final

import httpx

from pytest_catalyst_oauth.engine import Join, Pause, landed
from pytest_catalyst_oauth.engine.errors import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# A request is for the client to send, a response is to be read.
FlowStep = httpx.Request | httpx.Response | Pause | Join
FlowSteps = Generator[FlowStep, Any, T]


@final
class SyncFlow(Generator[httpx.Request, httpx.Response, None]):
    """What a `Client` asks for its next request."""

    def __init__(
        self, steps: FlowSteps[None], sleep: Callable[[float], None] | None
    ) -> None:
        self._steps = steps
        self._sleep = sleep or time.sleep

    def send(self, response: httpx.Response | None) -> httpx.Request:
        return self._advance(self._steps.send, response)

    def throw(self, *error: Any) -> httpx.Request:
        return self._advance(self._steps.throw, *error)

    def _advance(self, go_on: Callable[..., FlowStep], *answer: Any) -> httpx.Request:
        while True:
            step = go_on(*answer)
            go_on, answer = self._steps.send, (None,)
            match step:
                case httpx.Request():
                    return step
                case httpx.Response():
                    try:
                        step.read()
                    except Exception as error:  # noqa: BLE001  for whoever wants to read
                        step.close()
                        go_on, answer = self._steps.throw, (error,)
                case Pause():
                    self._sleep(step.seconds)
                case Join():
                    step.flight.wait()

    def close(self) -> None:
        _end(self._steps, sys.exception())


@final
class AsyncFlow(AsyncGenerator[httpx.Request, httpx.Response]):
    """What an `AsyncClient` asks for its next request."""

    def __init__(
        self, steps: FlowSteps[None], sleep: Callable[[float], None] | None
    ) -> None:
        self._steps = steps
        self._sleep = sleep

    async def asend(self, response: httpx.Response | None) -> httpx.Request:
        return await self._advance(self._steps.send, response)

    async def athrow(self, *error: Any) -> httpx.Request:
        return await self._advance(self._steps.throw, *error)

    async def _advance(
        self, go_on: Callable[..., FlowStep], *answer: Any
    ) -> httpx.Request:
        while True:
            try:
                step = go_on(*answer)
            except StopIteration:
                raise StopAsyncIteration from None
            go_on, answer = self._steps.send, (None,)
            match step:
                case httpx.Request():
                    return step
                case httpx.Response():
                    try:
                        await step.aread()
                    except Exception as error:  # noqa: BLE001  for whoever wants to read
                        await step.aclose()
                        go_on, answer = self._steps.throw, (error,)
                case Pause():
                    await self._rest(step.seconds)
                case Join():
                    await landed(step.flight)

    async def _rest(self, seconds: float) -> None:
        if self._sleep is None:
            await asyncio.sleep(seconds)
        else:
            self._sleep(seconds)

    async def aclose(self) -> None:
        _end(self._steps, sys.exception())


def _end(steps: FlowSteps[None], error: BaseException | None) -> None:
    """End the steps; let them note why a token request has got no answer.

    `httpx` only closes a flow when a request fails. Without the reason, all who wait
    would try the same, one after another.

    Args:
        steps: Of one call.
        error: What the client is about to raise. A cancelled task, or Control-C, says
            nothing about the server: then somebody who waits takes over.

    Raises:
        OAuthError: The reason, in our words.
    """
    problem = None
    with closing(steps):
        if isinstance(error, Exception):
            frames = error.__traceback__
            try:
                steps.throw(error)
            except OAuthError as noted:
                problem = noted
            except Exception:  # noqa: BLE001, S110  the client raises it itself
                pass
            error.__traceback__ = frames
    if problem is not None and problem is not error:
        raise problem.with_traceback(None) from None
