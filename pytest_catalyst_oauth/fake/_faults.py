"""Failures on demand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINTS = ("token", "revoke", "api")


@final
@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of a request, and how long the server takes for it.

    Attributes:
        reply: The answer.
        delay: Seconds to wait before it is sent.
    """

    reply: HttpReply
    delay: float


@final
class Faults:
    """Which endpoints fail, and which are slow."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[HttpReply]] = {
            name: deque() for name in ENDPOINTS
        }
        self._delays: dict[str, float] = dict.fromkeys(ENDPOINTS, 0.0)

    def add(
        self,
        endpoint: str,
        *,
        status: int,
        times: int,
        headers: Mapping[str, str],
        body: str,
    ) -> None:
        """Let the next `times` requests to an endpoint get this answer.

        Raises:
            SettingsError: There is no such endpoint, or status.
        """
        if not 200 <= status <= 599:
            raise SettingsError(
                f"status {status}", "ends no request", "choose one from 200 to 599"
            )
        # `Retry-After: 1` is easily given as a number.
        pairs = tuple((name, str(value)) for name, value in headers.items())
        reply = HttpReply(status=status, headers=pairs, body=body.encode())
        self._queues[_known(endpoint)].extend([reply] * times)

    def slow(self, endpoint: str, seconds: float) -> None:
        """Let all answers of an endpoint take that long.

        Raises:
            SettingsError: There is no such endpoint, or the time is negative.
        """
        if seconds < 0:
            raise SettingsError(f"{seconds} seconds", "cannot be waited for")
        self._delays[_known(endpoint)] = seconds

    def delay(self, endpoint: str) -> float:
        """Return the seconds that an endpoint's answers take."""
        return self._delays.get(endpoint, 0.0)

    def take(self, endpoint: str) -> HttpReply | None:
        """Return the next failure of an endpoint, once."""
        queue = self._queues.get(endpoint)
        return queue.popleft() if queue else None

    def clear(self) -> None:
        """Let everything work again."""
        for name in ENDPOINTS:
            self._queues[name].clear()
            self._delays[name] = 0.0


def _known(endpoint: str) -> str:
    if endpoint not in ENDPOINTS:
        raise SettingsError(
            f"endpoint {endpoint!r}", "is unknown", f"choose one of {ENDPOINTS}"
        )
    return endpoint
