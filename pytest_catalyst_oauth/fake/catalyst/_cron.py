"""Crons: what is to be done when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ._envelope import ApiError
from ._schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_catalyst_oauth.fake._users import User

_TYPES = ("OneTime", "Periodic", "Calendar", "Calender", "CronExpression")
_NEWER = {"status": "cron_status", "job_detail": "cron_detail"}
# A clock that was moved by decades is not worth an hour of counting.
_MOST_RUNS = 5000


@final
class Cron:
    """One cron.

    Attributes:
        cron_id: 17 digits.
        details: As they were given, by the newer interface's names.
        schedule: When it is due.
        created_at: Seconds since the epoch.
        modified_at: Likewise.
        created_by: Whose token it was.
        modified_by: Likewise.
        seen_at: Until when its runs were counted.
        runs: How often it ran, whether due or told to.
    """

    __slots__ = (
        "created_at",
        "created_by",
        "cron_id",
        "details",
        "modified_at",
        "modified_by",
        "runs",
        "schedule",
        "seen_at",
    )

    def __init__(
        self,
        *,
        cron_id: int,
        details: dict[str, Any],
        schedule: Schedule,
        created_at: float,
        modified_at: float,
        created_by: User,
        modified_by: User,
        seen_at: float,
    ) -> None:
        self.cron_id = cron_id
        self.details = details
        self.schedule = schedule
        self.created_at = created_at
        self.modified_at = modified_at
        self.created_by = created_by
        self.modified_by = modified_by
        self.seen_at = seen_at
        self.runs = 0

    @property
    def name(self) -> str:
        """Unique in its project."""
        return str(self.details["cron_name"])

    @property
    def is_on(self) -> bool:
        """Whether it runs when it is due."""
        return bool(self.details.get("cron_status", True))

    def next_run(self) -> float | None:
        """Return when it is due next, in seconds since the epoch; None for never."""
        if not self.is_on:
            return None
        return self.schedule.after(self.seen_at, self.created_at)

    def run_until(self, now: float) -> None:
        """Count the runs that were due."""
        for _ in range(_MOST_RUNS):
            due = self.next_run()
            if due is None or due > now:
                break
            self.runs += 1
            self.seen_at = due
        self.seen_at = max(self.seen_at, now)

    def change(self, details: Mapping[str, Any], now: float, user: User) -> None:
        """Replace what is given.

        Raises:
            ApiError: The result is no cron.
        """
        after = {**self.details, **in_one_spelling(details)}
        self.schedule = checked(after)
        self.details = after
        self.modified_at = now
        self.modified_by = user


def checked(details: Mapping[str, Any]) -> Schedule:
    """Return when a cron is due.

    Raises:
        ApiError: It is no cron; the error names the member.
    """
    name = details.get("cron_name")
    if not isinstance(name, str) or not name:
        raise _invalid("cron_name")
    if not name.isascii() or not name.replace("_", "a").isalnum():
        raise ApiError(400, "PATTERN_NOT_MATCHED", "Invalid input value for cron_name")
    if details.get("cron_type") not in _TYPES:
        raise _invalid("cron_type")
    if not isinstance(details.get("cron_status", True), bool):
        raise _invalid("cron_status")
    return _schedule(details)


def in_one_spelling(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details by the newer interface's names; the older has others for two."""
    return {_NEWER.get(name, name): value for name, value in details.items()}


def _schedule(details: Mapping[str, Any]) -> Schedule:
    detail = details.get("cron_detail")
    if not isinstance(detail, dict):
        raise _invalid("cron_detail")
    if details["cron_type"] == "CronExpression":
        if not isinstance(details.get("cron_expression"), str):
            raise _invalid("cron_expression")
        return Schedule()
    try:
        return Schedule.read(detail)
    except ValueError as error:
        raise _invalid(str(error)) from None


def _invalid(name: str) -> ApiError:
    return ApiError(400, "INVALID_INPUT", f"Invalid input value for {name}")
