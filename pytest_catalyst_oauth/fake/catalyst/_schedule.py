"""When a cron is due."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.fake._answer import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

# Eight years hold each day of each month, also the 29th of February.
_MOST_YEARS = 8
_LATEST = 253_000_000_000


@final
class Schedule(Value):
    """When a cron is due.

    Attributes:
        once_at: Seconds since the epoch, for a cron of one time only.
        every: Seconds between two times; None for days.
        at: Time of the day.
        days: Of the month; empty for each.
        months: Of the year; empty for each.
        zone: Whose days these are.
    """

    once_at: float | None = None
    every: int | None = None
    at: time | None = None
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    zone: tzinfo = UTC

    @classmethod
    def read(cls, detail: Mapping[str, Any]) -> Schedule:
        """Read a `cron_detail` or `job_detail`; one without a time is never due.

        Raises:
            ValueError: A member is no number, date or time zone; the text names it.
        """
        if detail.get("time_of_execution") is not None:
            moment = _number(detail, "time_of_execution", 10**15)
            return cls(once_at=min(moment / 1000, _LATEST))
        hour, minute = _number(detail, "hour", 10**4), _number(detail, "minute", 10**4)
        second = _number(detail, "second", 10**6)
        repetition = detail.get("repetition_type")
        if repetition == "every":
            every = hour * 3600 + minute * 60 + second
            if not every:
                raise ValueError("hour")
            return cls(every=every)
        if repetition not in ("daily", "monthly", "yearly"):
            raise ValueError("repetition_type")
        if max(hour // 24, minute // 60, second // 60):
            raise ValueError("hour")
        return cls(
            at=time(hour, minute, second),
            days=_numbers(detail, "days", 31),
            months=_numbers(detail, "months", 12),
            zone=_zone(detail.get("timezone")),
        )

    def after(self, moment: float, start: float) -> float | None:
        """Return the first time after a moment; None for never again.

        Args:
            moment: Seconds since the epoch.
            start: From when `every` counts.
        """
        if self.once_at is not None:
            return self.once_at if self.once_at > moment else None
        if self.every is not None:
            return start + (max(moment - start, 0) // self.every + 1) * self.every
        return self._day_after(moment) if self.at is not None else None

    def _day_after(self, moment: float) -> float | None:
        first = datetime.fromtimestamp(moment, self.zone).date()
        for day in self._days_from(first):
            due = datetime.combine(day, self.at or time(), self.zone).timestamp()
            if due > moment:
                return due
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        """Yield the days that fit; going through all days would take too long."""
        months = sorted(self.months or range(1, 13))
        days = sorted(self.days or range(1, 32))
        for year in range(first.year, min(first.year + _MOST_YEARS, MAXYEAR) + 1):
            for month in months:
                if (year, month) < (first.year, first.month):
                    continue
                found = (_date(year, month, day) for day in days)
                yield from (one for one in found if one is not None and one >= first)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(detail: Mapping[str, Any], name: str, below: int) -> int:
    value = detail.get(name)
    number = 0 if value is None else whole_number(value)
    if number is None or number >= below:
        raise ValueError(name)
    return number


def _numbers(detail: Mapping[str, Any], name: str, most: int) -> frozenset[int]:
    given = detail.get(name) or []
    numbers = [whole_number(one) for one in given] if isinstance(given, list) else [0]
    kept = frozenset(one for one in numbers if one is not None and 0 < one <= most)
    if len(kept) != len(numbers):
        raise ValueError(name)
    return kept


def _zone(name: object) -> tzinfo:
    if name is None:
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name if isinstance(name, str) else "")
    except (ValueError, OSError, KeyError):
        raise ValueError("timezone") from None
