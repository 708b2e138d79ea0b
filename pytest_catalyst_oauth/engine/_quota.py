"""The limits that Zoho publishes, counted before Zoho counts them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import final

from ._value import Value
from .errors import SettingsError, ThrottledError

Times = tuple[float, ...]


@final
class Limits(Value):
    """How much Zoho allows.

    Attributes:
        token_requests: Per refresh token in one window.
        window: In seconds.
        live_access_tokens: Per refresh token; one more ends the oldest.
        refresh_tokens: Per user and client; one more ends the oldest.

    Raises:
        SettingsError: No request would ever be possible.

    Source: zoho-protocol.md 4.5.
    """

    token_requests: int = 10
    window: float = 600.0
    live_access_tokens: int = 10
    refresh_tokens: int = 20

    def __post_init__(self) -> None:
        if self.token_requests < 1 or not self.window >= 0:
            raise SettingsError(
                "limits",
                f"of {self.token_requests} token requests in {self.window:g} s "
                "allow none",
                "allow at least one",
            )

    def refusal(self, asked: Times, now: float) -> ThrottledError | None:
        """Return what a token request gets now without being sent; None if it may be.

        Args:
            asked: As for `next_request_at`.
            now: Likewise.
        """
        at = self.next_request_at(asked, now)
        if at <= now:
            return None
        error = ThrottledError(
            "quota",
            0,
            f"{self.token_requests} token requests were made in {self.window:g} s; the "
            f"next is possible in {at - now:.0f} s, at "
            f"{datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC",
        )
        error.retry_at = at
        return error

    def next_request_at(self, asked: Times, now: float) -> float:
        """Return when a token request is possible, in seconds since the epoch.

        Args:
            asked: When the others were made, in any order.
            now: Seconds since the epoch. Requests of the future are left out: a clock
                that was ahead must not lock anybody out.
        """
        recent = sorted(at for at in asked if now - self.window < at <= now)
        if len(recent) < self.token_requests:
            return now
        return recent[-self.token_requests] + self.window

    def requests_left(self, asked: Times, now: float) -> int:
        """Return how many token requests the window still holds."""
        recent = [at for at in asked if now - self.window < at <= now]
        return max(self.token_requests - len(recent), 0)

    def noted(self, asked: Times, at: float) -> Times:
        """Return the times with one more, and without those that no longer count."""
        kept = (one for one in asked if at - self.window < one <= at)
        return (*kept, at)
