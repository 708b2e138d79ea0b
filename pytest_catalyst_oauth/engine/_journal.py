"""The ordered, redacted list of exchanges that somebody saw."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, final

from ._exchange import Seen
from ._exchanges import Exchanges, Narrowed, counted, reuses
from .errors import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._exchange import Exchange
    from ._http import HttpReply, HttpRequest, Transport


@final
class Journal(Narrowed):
    """Exchanges in the order in which they ended. Safe to share between threads.

    Args:
        limit: How many are kept; the oldest are forgotten first. None keeps all.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._lock = Lock()
        self._kept: deque[Exchange | Seen] = deque(maxlen=limit)
        self._total = 0
        self._cleared = 0
        self._held = 0
        self._most_at_once = 0

    def add(self, exchange: Exchange) -> None:
        """Append one exchange."""
        with self._lock:
            self._append(exchange)

    def note(
        self,
        request: HttpRequest,
        reply: HttpReply | None,
        at: float,
        *,
        fault: str = "",
        heard: bool = True,
    ) -> None:
        """Append an exchange as a server saw it; it is described when somebody reads.

        Args:
            request: What was asked.
            reply: What came of it; None for nothing.
            at: Seconds since the epoch.
            fault: What went wrong on purpose; it is told before the outcome.
            heard: Whether the reply went out, and its status with it.
        """
        seen = Seen(request, reply, at, fault, heard=heard)
        with self._lock:
            self._append(seen)

    def hold(self) -> None:
        """Count an answer that was noted but is on its way, until `release`."""
        with self._lock:
            self._held += 1

    def release(self) -> None:
        """Count an answer that is there."""
        with self._lock:
            self._held -= 1

    def clear(self) -> None:
        """Forget all exchanges; `total` goes on."""
        with self._lock:
            self._kept.clear()
            self._cleared = self._total
            self._most_at_once = self._held

    @property
    def exchanges(self) -> Exchanges:
        """All that are kept."""
        with self._lock:
            return self._told()

    @property
    def token_requests(self) -> Exchanges:
        """Those that asked the token endpoint."""
        return Exchanges(one for one in self.exchanges if one.is_token_request)

    @property
    def revocations(self) -> Exchanges:
        """Those that asked the revocation endpoint."""
        return Exchanges(one for one in self.exchanges if one.is_revocation)

    @property
    def posts(self) -> Exchanges:
        """Those with the method POST."""
        return self.exchanges.matching(method="POST")

    @property
    def reuses(self) -> Exchanges:
        """Those that presented a code, or a rotated refresh token, again."""
        return Exchanges(reuses(self.exchanges))

    @property
    def most_at_once(self) -> int:
        """The most requests that waited for their answers at one moment."""
        with self._lock:
            return self._most_at_once

    @property
    def total(self) -> int:
        """How many there ever were; the number of the last one."""
        with self._lock:
            return self._total

    @property
    def forgotten(self) -> int:
        """How many were lost to the limit since the journal was cleared."""
        with self._lock:
            return self._total - self._cleared - len(self._kept)

    def after(self, number: int) -> tuple[tuple[int, Exchange], ...]:
        """Return what came after the exchange of a number, each with its own.

        Numbers begin with 1 and are never given again, so a follower who was too slow
        for the limit sees a gap.
        """
        with self._lock:
            told, last = self._told(), self._total
        first = last - len(told) + 1
        return tuple(pair for pair in enumerate(told, first) if pair[0] > number)

    def expect(
        self,
        *,
        token_requests: int | None = None,
        revocations: int | None = None,
        posts: int | None = None,
        reuses: int | None = None,
        exchanges: int | None = None,
    ) -> None:
        """Demand that there were exactly so many of each kind that is given.

        Raises:
            AssertionError: There were not, or some are forgotten; it lists what was
                seen.
        """
        __tracebackhide__ = True
        expected = {
            "token_requests": token_requests,
            "revocations": revocations,
            "posts": posts,
            "reuses": reuses,
            "exchanges": exchanges,
        }
        wrong = [
            f"expected {counted(times, kind)}, saw {len(getattr(self, kind))}"
            for kind, times in expected.items()
            if times is not None and len(getattr(self, kind)) != times
        ]
        if self.forgotten:
            wrong = [f"{counted(self.forgotten)} were forgotten, so nobody can count"]
        if wrong:
            raise AssertionError("\n".join([*wrong, f"of {self.exchanges}"]))

    def _append(self, one: Exchange | Seen) -> None:
        self._kept.append(one)
        self._total += 1
        # Who is noted now, and all whose answers are still on their way.
        self._most_at_once = max(self._most_at_once, self._held + 1)

    def _told(self) -> Exchanges:
        told = [one.told() if isinstance(one, Seen) else one for one in self._kept]
        self._kept = deque(told, maxlen=self._kept.maxlen)
        return Exchanges(told)

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def __str__(self) -> str:
        return "\n".join(map(str, self.exchanges))

    def __repr__(self) -> str:
        return f"<journal of {counted(len(self))}>\n{self}"


@final
class JournalingTransport:
    """Write every exchange of `inner` into a journal."""

    def __init__(
        self, inner: Transport, journal: Journal, clock: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._journal = journal
        self._clock = clock

    def send(self, request: HttpRequest) -> HttpReply:
        """Send through `inner`, and note what came of it."""
        at = self._clock()
        try:
            reply = self._inner.send(request)
        except OAuthError as error:
            self._journal.note(request, None, at, fault=type(error).__name__)
            raise
        self._journal.note(request, reply, at)
        return reply
