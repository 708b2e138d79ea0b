"""Work that does no I/O of its own: it says what it needs next, and is told.

The same generators serve threads, asyncio and httpx: each has a driver of a few
lines that sends, sleeps and waits in its own way.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, TypeVar, final

from ._http import HttpReply, HttpRequest
from ._value import Value
from .errors import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._flight import Flight

T = TypeVar("T")


@final
class Pause(Value, kw_only=False):
    """Let some seconds pass."""

    seconds: float


@final
class Join(Value, kw_only=False):
    """Wait until a flight has landed."""

    flight: Flight[object]


@final
class Apart(Value, kw_only=False):
    """Have some steps done, without waiting for them."""

    steps: Callable[[], Steps[object]]


Step = HttpRequest | Pause | Join | Apart
# A request is answered with a reply or an error; the others with None.
Answer = HttpReply | OAuthError | None
Steps = Generator[Step, Answer, T]


def drive(
    steps: Steps[T],
    *,
    send: Callable[[HttpRequest], HttpReply],
    sleep: Callable[[float], None],
    apart: Callable[[Callable[[], object]], None] | None = None,
    first: Step | None = None,
) -> T:
    """Do the steps in this thread, and return their result.

    Args:
        steps: What is to be done.
        first: A step that `steps` has yielded already.
        send: Carries a request.
        sleep: Waits for some seconds.
        apart: Runs something in the background; None leaves it undone.

    Raises:
        OAuthError: What the steps raise.
    """
    answer: Answer = None
    try:
        while True:
            try:
                step = first or steps.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            answer = first = None
            match step:
                case HttpRequest():
                    answer = _sent(send, step)
                case Pause():
                    sleep(step.seconds)
                case Join():
                    step.flight.wait()
                case Apart() if apart is not None:
                    apart(_in_background(step, send, sleep))
    finally:
        steps.close()


def _sent(send: Callable[[HttpRequest], HttpReply], request: HttpRequest) -> Answer:
    try:
        return send(request)
    except OAuthError as error:
        return error


def _in_background(
    step: Apart,
    send: Callable[[HttpRequest], HttpReply],
    sleep: Callable[[float], None],
) -> Callable[[], object]:
    def work() -> object:
        try:
            return drive(step.steps(), send=send, sleep=sleep)
        except OAuthError:
            # It is in the store, for `status` and for whoever asks next.
            return None

    return work
