"""Remembering what was sent and answered."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, final

from ._exchange import RecordedExchange

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest, Transport


@final
class Tape:
    """Exchanges in the order of their completion. Safe to share between threads.

    It holds secrets, in memory only; `Cassette.save` scrubs what it writes.

    Args:
        heard: Is told each exchange as well.
    """

    def __init__(
        self, heard: Callable[[HttpRequest, HttpReply], None] | None = None
    ) -> None:
        self._lock = Lock()
        self._heard = heard
        self._exchanges: list[RecordedExchange] = []

    def add(self, request: HttpRequest, reply: HttpReply) -> None:
        """Append one exchange."""
        with self._lock:
            self._exchanges.append(RecordedExchange(request, reply))
        if self._heard is not None:
            self._heard(request, reply)

    @property
    def exchanges(self) -> tuple[RecordedExchange, ...]:
        """All exchanges so far."""
        with self._lock:
            return tuple(self._exchanges)


@final
class Recorder:
    """A transport that remembers what `inner` was asked and answered.

    A request that nobody answered is not remembered: a cassette has no way to say so.
    """

    def __init__(self, inner: Transport, tape: Tape | None = None) -> None:
        self._inner = inner
        self._tape = tape or Tape()

    def send(self, request: HttpRequest) -> HttpReply:
        """Send through `inner`, and remember the exchange."""
        reply = self._inner.send(request)
        self._tape.add(request, reply)
        return reply

    @property
    def exchanges(self) -> tuple[RecordedExchange, ...]:
        """All exchanges so far, in the order of their completion."""
        return self._tape.exchanges
