"""How old a cassette may be, as people write it."""

from __future__ import annotations

import re
from datetime import timedelta

from pytest_catalyst_oauth.engine.errors import SettingsError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_age(text: str) -> timedelta:
    """Read a whole number and a unit, such as `90d`.

    Raises:
        SettingsError: It is neither.
    """
    found = re.fullmatch(r"\s*(\d{1,6})\s*([smhdw])\s*", text)
    if not found:
        raise SettingsError(
            f"max-age {text!r}",
            "is not a duration",
            "write a whole number and a unit: 90d, 12w, 6h, 30m or 45s",
        )
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
