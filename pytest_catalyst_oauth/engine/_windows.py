"""When a token is due for renewal, and when it must be renewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Windows:
    """Three moments of a token, in seconds since the epoch.

    Attributes:
        soft: From here one caller renews while the others use what they have.
        hard: From here everybody waits for the renewal.
        end: From here the token is not handed out, whatever happens.
    """

    soft: float
    hard: float
    end: float

    @classmethod
    def of(cls, obtained_at: float, expires_at: float) -> Windows:
        """Scale the windows with the token's life.

        For Zoho's hour: due ten minutes before the end, and must one minute before.
        """
        life = max(expires_at - obtained_at, 0.0)
        soft = min(max(life / 6, 60.0), 600.0)
        hard = min(max(life / 60, 10.0), 60.0)
        return cls(
            # A token that lives for less than the windows is used for half its life.
            soft=max(expires_at - soft, obtained_at + life / 2),
            hard=max(expires_at - hard, obtained_at + life / 2),
            end=expires_at,
        )
