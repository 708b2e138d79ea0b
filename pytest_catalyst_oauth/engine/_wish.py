"""Which stored token will do."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ._value import Value
from ._windows import Windows
from .errors import SettingsError

if TYPE_CHECKING:
    from ._secret import Secret
    from ._store import Record

# The share of a token's life that may be asked for; with more, each call would mint.
_MOST = 5 / 6


@final
class Wish(Value):
    """What a caller wants, beyond a token that lives.

    Attributes:
        instead_of: Record whose token will not do, however fresh it is.
        rejected: Access token that will not do, and that nobody shall use again.
        min_life: Seconds that it must still live.
        jitter: This process's share of earliness; see `Windows`.
    """

    instead_of: Record | None = None
    rejected: Secret | None = None
    min_life: float = 0.0
    jitter: float = 0.0

    def accepts(self, record: Record, now: float) -> bool:
        """Tell whether a record's token is what the caller wants."""
        token = record.access_token
        if token is None or token == self.rejected:
            return False
        windows = self.windows(record)
        if not windows.lives(now):
            return False
        if self.instead_of is not None and not record.is_other_than(self.instead_of):
            return False
        if self.min_life and not self._lasts(record, now):
            return False
        chosen = self.instead_of or self.rejected or self.min_life
        return now < (windows.hard if chosen else windows.soft)

    def windows(self, record: Record) -> Windows:
        """When a record's token is due for this process."""
        return Windows.of(record.obtained_at, record.expires_at, self.jitter)

    def _lasts(self, record: Record, now: float) -> bool:
        life = record.expires_at - record.obtained_at
        return record.expires_at - now >= min(self.min_life, life * _MOST)


def check_life(given: object) -> None:
    """Refuse what is no time that a token can live."""
    # Not a number is smaller than nothing, and nothing is smaller than it.
    if not isinstance(given, int | float) or not 0 <= given < float("inf"):
        raise SettingsError(
            f"min_life {given!r}",
            "is no finite number of seconds, from 0 on",
            "say how long the token must still live, for example min_life=600",
        )
