"""Zoho Accounts and the Catalyst API on your own machine.

`FakeCatalyst` is the one name to learn; everything else is reached from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._clock import MovableClock
    from ._fake import FakeCatalyst
    from ._settings import FakeSettings
    from .doors._server import FakeServer

__all__ = ["FakeCatalyst", "FakeServer", "FakeSettings", "MovableClock"]

_LATE = {
    "FakeCatalyst": "_fake",
    "FakeServer": "doors._server",
    "FakeSettings": "_settings",
    "MovableClock": "_clock",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: a clock alone needs no fake, a fake no socket."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f".{_LATE[name]}", __name__), name)
    globals()[name] = found
    return found
