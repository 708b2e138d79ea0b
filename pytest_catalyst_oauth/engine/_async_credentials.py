"""`Credentials` for asyncio: the same keeper and steps, another way to wait."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Protocol, final

from ._http import HttpRequest
from ._steps import Apart, Join, Pause
from .errors import OAuthError

# Nothing here imports asyncio before it is used: that takes longer than all the rest.
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Coroutine

    from ._client import Client
    from ._credentials import Credentials
    from ._flight import Flight
    from ._http import HttpReply
    from ._keeper import Keeper
    from ._status import Status
    from ._steps import Answer, Steps, T
    from ._token import Token

    Send = Callable[[HttpRequest], Awaitable[HttpReply]]
    Sleep = Callable[[float], Awaitable[None]]


class AsyncTransport(Protocol):
    """Sends one request and returns one reply, without blocking the event loop."""

    async def send(self, request: HttpRequest) -> HttpReply:
        """Deliver `request`; raise `TransportError` when nobody answers."""
        ...


@final
class AsyncCredentials:
    """A valid token whenever you ask, for asyncio.

    Tasks of any event loop and threads that use the `Credentials` itself wait for the
    same request. A task that is cancelled while it waits leaves the request alone; if
    it was the one that asked, another takes over. The store is read and written in
    the event loop's thread.

    Args:
        credentials: Whose token it is, and where it is kept.
        transport: Carries the requests; brings its own time-outs and retries.

    Attributes:
        client: Whose token.
        keeper: What this shares with `credentials`.
    """

    def __init__(self, credentials: Credentials, transport: AsyncTransport) -> None:
        self.client: Client = credentials.client
        self.keeper: Keeper = credentials.keeper
        self._transport = transport
        # The loop itself forgets a task that nobody holds.
        self._tasks: set[asyncio.Task[object]] = set()

    def __repr__(self) -> str:
        return f"<asynchronous credentials of {self.client.client_id}>"

    async def token(self, *, min_life: float = 0.0) -> Token:
        """Return a token that works now; as `Credentials.token`."""
        token = None if min_life else self.keeper.at_hand()
        if token is not None:
            return token
        return await self._do(self.keeper.token(min_life))

    async def authorization(self) -> str:
        """Return the value of an `Authorization` header; it is a secret."""
        return (await self.token()).authorization

    async def refresh(self) -> Token:
        """Return a newer token than anybody has had; as `Credentials.refresh`."""
        return await self._do(self.keeper.refresh())

    async def replace(self, rejected: Token) -> Token:
        """Return another token than `rejected`; as `Credentials.replace`."""
        return await self._do(self.keeper.replace(rejected))

    async def revoke(
        self,
        token_type: str = "refresh_token",  # noqa: S107  the name of a kind
        *,
        cascades: bool = True,
    ) -> bool:
        """Give a token up, and forget what ends with it; as `Credentials.revoke`."""
        return await self._do(self.keeper.revoke(token_type, cascades=cascades))

    def peek(self) -> Token | None:
        """Return the stored token if it lives, without asking the server."""
        return self.keeper.peek()

    def status(self) -> Status:
        """Tell what is known, without asking the server."""
        return self.keeper.status()

    async def _do(self, steps: Steps[T]) -> T:
        return await drive_async(steps, send=self._transport.send, apart=self._start)

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        import asyncio

        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def drive_async(
    steps: Steps[T],
    *,
    send: Send,
    sleep: Sleep | None = None,
    apart: Callable[[Coroutine[Any, Any, object]], object] | None = None,
) -> T:
    """Do the steps in this task, and return their result; as `drive` in a thread.

    Args:
        steps: What is to be done.
        send: Carries a request.
        sleep: Waits for some seconds; None is `asyncio.sleep`.
        apart: Runs a coroutine in the background; None leaves it undone.

    Raises:
        OAuthError: What the steps raise.
    """
    pause = sleep or _pause
    answer: Answer = None
    # If this task is cancelled, the steps learn of it: whoever waits takes over.
    with closing(steps):
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            answer = None
            match step:
                case HttpRequest():
                    answer = await _sent(send, step)
                case Pause():
                    await pause(step.seconds)
                case Join():
                    await landed(step.flight)
                case Apart() if apart is not None:
                    apart(_quietly(step, send, pause))


async def landed(flight: Flight[Any]) -> None:
    """Wait until a flight has landed, whatever thread or event loop it is in."""
    import asyncio

    loop = asyncio.get_running_loop()
    here = loop.create_future()

    def wake() -> None:
        # A loop that is closed by now has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, here)

    flight.when_landed(wake)
    await here


async def _pause(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _sent(send: Send, request: HttpRequest) -> Answer:
    try:
        return await send(request)
    except OAuthError as error:
        return error


async def _quietly(step: Apart, send: Send, sleep: Sleep) -> None:
    # What goes wrong is in the store, for `status` and for whoever asks next.
    with suppress(OAuthError):
        await drive_async(step.steps(), send=send, sleep=sleep)
