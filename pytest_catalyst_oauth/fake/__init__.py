"""Zoho Accounts and the Catalyst API on your own machine.

`FakeCatalyst` is the one name to learn; everything else is reached from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._clock import MovableClock
from ._fake import FakeCatalyst
from ._settings import FakeSettings

if TYPE_CHECKING:
    from .doors._server import FakeServer

__all__ = ["FakeCatalyst", "FakeServer", "FakeSettings", "MovableClock"]


def __getattr__(name: str) -> Any:
    """Import the server when somebody wants a socket."""
    if name != "FakeServer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .doors._server import FakeServer

    return FakeServer
