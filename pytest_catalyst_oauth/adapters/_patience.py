"""How long and how often to try. Nothing here needs a library."""

from __future__ import annotations

from typing import final

from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import SettingsError


@final
class Timeouts(Value):
    """How long one attempt may take, in seconds.

    Attributes:
        connect: Until the connection stands.
        read: Between two packets of the answer.
        total: For the whole attempt; a body that drips ends here.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 20.0


@final
class RetryPolicy(Value):
    """How often and how long to try.

    Attributes:
        attempts: Requests in all; 1 never retries.
        total: Seconds after which no further attempt starts.
        first: Upper bound of the first pause in seconds; it doubles each time, and
            the pause is drawn at random below it.
        longest: Upper bound of all pauses in seconds. `Retry-After` may exceed it.

    Raises:
        SettingsError: There would be no attempt at all, or a negative time.
    """

    attempts: int = 4
    total: float = 30.0
    first: float = 0.5
    longest: float = 8.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise SettingsError("retry attempts", "must be 1 or more")
        if min(self.total, self.first, self.longest) < 0:
            raise SettingsError("retry times", "must not be negative")
