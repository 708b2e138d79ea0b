"""Time that a test can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import final


@final
class MovableClock:
    """Seconds since the epoch, for everything that takes a clock.

    Safe to share between threads.

    Args:
        start: Where it stands still until it is moved; None follows real time.
    """

    def __init__(self, start: float | None = None) -> None:
        self._start = start
        self._moved = 0.0
        self._lock = Lock()

    def __call__(self) -> float:
        """Return the time, in seconds since the epoch."""
        return (time.time() if self._start is None else self._start) + self._moved

    @property
    def now(self) -> datetime:
        """The time, UTC."""
        return datetime.fromtimestamp(self(), UTC)

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Move forward; back with negative numbers."""
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self.sleep(step.total_seconds())

    def sleep(self, seconds: float) -> None:
        """Wait as a test waits: by moving forward. Stands in for `time.sleep`."""
        with self._lock:
            self._moved += seconds

    def __repr__(self) -> str:
        return f"<clock at {self.now:%Y-%m-%d %H:%M:%S} UTC>"
