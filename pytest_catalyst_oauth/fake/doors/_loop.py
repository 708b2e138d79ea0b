"""Sockets and timers, served in turn by one thread."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from collections.abc import Callable


@final
class Timer:
    """A call that is due later, unless it is cancelled."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], object]) -> None:
        self._call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Forget the call."""
        self._call = None

    def ring(self) -> None:
        """Call."""
        if self._call is not None:
            self._call()


@final
class Loop:
    """Wait for sockets and moments, and call who is due.

    It is what a door needs of asyncio; importing that is a third of a fake's start.
    One thread runs it; `stop` alone may be called by others.

    Attributes:
        is_stopped: Whether somebody wants its end.
    """

    def __init__(self) -> None:
        self.is_stopped = False
        self._selector = DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        # Timers of one moment ring in their order.
        self._numbers = count()
        self._bell, self._ear = socket.socketpair()
        self.watch(self._ear, EVENT_READ, self._hear)

    def watch(
        self, watched: socket.socket, events: int, call: Callable[[int], object]
    ) -> None:
        """Call whenever a socket is ready.

        Args:
            watched: It does not block.
            events: Of `selectors`.
            call: Is told which of them it is ready for.
        """
        if watched in self._selector.get_map():
            self._selector.modify(watched, events, call)
        else:
            self._selector.register(watched, events, call)

    def forget(self, watched: socket.socket) -> None:
        """Call for a socket no more, if that was wanted at all."""
        if watched in self._selector.get_map():
            self._selector.unregister(watched)

    def later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call once, after some time."""
        timer = Timer(call)
        heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), timer))
        return timer

    def stop(self) -> None:
        """Want its end, from any thread."""
        # Nobody listens if it has ended by itself.
        with suppress(OSError):
            self._bell.send(b"\0")

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Serve while something is true; it is looked at after each turn."""
        while goes_on():
            for key, events in self._selector.select(self._patience()):
                try:
                    key.data(events)
                except Exception as error:  # noqa: BLE001  the others go on
                    report(error)
            while self._timers and self._patience() == 0:
                try:
                    heappop(self._timers)[2].ring()
                except Exception as error:  # noqa: BLE001  likewise
                    report(error)

    def close(self) -> None:
        """Let go of what it holds; the sockets are their owners'."""
        self._selector.close()
        self._bell.close()
        self._ear.close()

    def _hear(self, _: int) -> None:
        self._ear.recv(1)
        self.is_stopped = True

    def _patience(self) -> float | None:
        """Return the seconds up to the next timer; None without one."""
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic())


def report(error: Exception) -> None:
    """Tell whoever reads logs that something of ours broke."""
    import logging

    logging.getLogger(__name__).error("the fake could not answer", exc_info=error)
