"""How long to leave the server alone after a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ._value import Value
from .errors import LoginNeededError, RefusedError, ThrottledError, by_name

if TYPE_CHECKING:
    from .errors import OAuthError

# seconds: the first pause and the longest; each failure in a row doubles it
_NOBODY_ANSWERED = (5.0, 60.0)
_REFUSED = (10.0, 600.0)
# the whole window of Zoho's quota (zoho-protocol.md 4.5)
_THROTTLED = (600.0, 600.0)
# Only a person can cure it. Asking once a window, and ever more rarely, costs nothing
# and heals a fleet that an outage of the server has told so.
_LOGIN_NEEDED = (600.0, 86_400.0)


@final
class Failure(Value):
    """A failed request, in a form that a store can keep and share.

    Attributes:
        kind: Class name of the error.
        args: Its arguments; plain values without secrets.
        at: When it happened, in seconds since the epoch.
        retry_at: Nobody asks again before, in seconds since the epoch.
        count: Failures in a row, this one included.
    """

    kind: str
    args: tuple[str | int | bool, ...]
    at: float
    retry_at: float
    count: int = 1

    @classmethod
    def of(cls, error: OAuthError, at: float, before: Failure | None) -> Failure:
        """Describe `error`; `before` is the failure that it follows, if any."""
        count = before.count + 1 if before else 1
        first, longest = _pause(error)
        # 2 ** 10 is beyond every longest pause; no overflow after a bad weekend
        pause = min(first * 2 ** min(count - 1, 10), longest)
        return cls(
            kind=type(error).__name__,
            args=error.args,
            at=at,
            retry_at=at + pause,
            count=count,
        )

    def is_cooling(self, now: float) -> bool:
        """Tell whether the pause is still on. A clock set back ends it."""
        return self.at <= now < self.retry_at

    def error(self) -> OAuthError:
        """Build the error again, a new one for each who raises it."""
        error = by_name(self.kind, self.args)
        error.retry_at = self.retry_at
        return error


def _pause(error: OAuthError) -> tuple[float, float]:
    if isinstance(error, ThrottledError):
        return _THROTTLED
    if isinstance(error, LoginNeededError):
        return _LOGIN_NEEDED
    return _REFUSED if isinstance(error, RefusedError) else _NOBODY_ANSWERED
