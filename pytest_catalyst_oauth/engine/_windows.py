"""When a token is due for renewal, and when it must be renewed."""

from __future__ import annotations

from typing import final

from ._value import Value

# Seconds by which the clocks of two machines may differ, or one be corrected.
_TOLERANCE = 60.0


@final
class Windows(Value, kw_only=False):
    """Four moments of a token, in seconds since the epoch.

    Attributes:
        start: Before this the clock was set back, and nothing is known.
        soft: From here one caller renews while the others use what they have.
        hard: From here everybody waits for the renewal.
        end: From here the token is not handed out, whatever happens.
    """

    start: float
    soft: float
    hard: float
    end: float

    @classmethod
    def of(cls, obtained_at: float, expires_at: float, jitter: float = 0.0) -> Windows:
        """Scale the windows with the token's life.

        For Zoho's hour: due ten minutes before the end, and must one minute before.

        Args:
            obtained_at: When the token was asked for.
            expires_at: When it ends.
            jitter: How much earlier it is due, as a share of the window; differs per
                process, so that a fleet does not wake up at once.
        """
        life = max(expires_at - obtained_at, 0.0)
        soft = min(max(life / 6, 60.0), 600.0)
        hard = min(max(life / 60, 10.0), 60.0)
        # A token that lives for less than the windows is used for half its life.
        half = obtained_at + life / 2
        return cls(
            start=obtained_at - _TOLERANCE,
            soft=max(expires_at - soft * (1 + jitter), half),
            hard=max(expires_at - hard, half),
            end=expires_at,
        )

    def lives(self, now: float) -> bool:
        """Tell whether the token may be handed out at all."""
        return self.start <= now < self.end
