"""Time that a test can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import final

from pytest_catalyst_oauth.engine.errors import SettingsError

# Wherever a clock stands, the year has four digits in all zones, also years later.
_EARLIEST = datetime(1000, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(9900, 1, 1, tzinfo=UTC).timestamp()


@final
class MovableClock:
    """Seconds since the epoch, for everything that takes a clock.

    Safe to share between threads. It never leaves the years 1000 to 9900: a move that
    would lead there is refused, and it stays where it is.

    Args:
        start: Where it stands still until it is moved; None follows real time.

    Raises:
        SettingsError: The start is outside of these years.
    """

    def __init__(self, start: float | None = None) -> None:
        self._start = None if start is None else _checked(start)
        self._moved = 0.0
        self._lock = Lock()

    def __call__(self) -> float:
        """Return the time, in seconds since the epoch."""
        # `_unmoved`, written out: whoever asks for a token asks ten times.
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
        """Move forward; back with negative numbers.

        Raises:
            SettingsError: It would leave the years 1000 to 9900.
        """
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        except (OverflowError, ValueError):
            raise _too_far() from None
        self.sleep(step.total_seconds())

    def sleep(self, seconds: float) -> None:
        """Wait as a test waits: by moving forward. Stands in for `time.sleep`.

        Raises:
            SettingsError: It would leave the years 1000 to 9900.
        """
        with self._lock:
            try:
                moved = self._moved + seconds
            except OverflowError:
                raise _too_far() from None
            _checked(self._unmoved + moved)
            self._moved = moved

    def move_to(self, moment: float) -> float:
        """Move to a moment, in seconds since the epoch; return how far that was.

        Raises:
            SettingsError: It is outside of the years 1000 to 9900.
        """
        with self._lock:
            before, self._moved = self._moved, _checked(moment) - self._unmoved
            return self._moved - before

    @property
    def _unmoved(self) -> float:
        return time.time() if self._start is None else self._start

    def __repr__(self) -> str:
        return f"<clock at {self.now:%Y-%m-%d %H:%M:%S} UTC>"


def _checked(moment: float) -> float:
    # What is no number is not between two.
    if not _EARLIEST <= moment < _LATEST:
        raise _too_far()
    return moment


def _too_far() -> SettingsError:
    return SettingsError(
        "clock", "cannot leave the years 1000 to 9900", "choose a moment inside of them"
    )
