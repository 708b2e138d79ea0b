"""The engine's connections to the world. Each library is imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._catalyst_auth import CatalystAuth
from ._connect import connect, open_store
from ._private_file import write_private_file

if TYPE_CHECKING:
    from ._requests import RequestsTransport, Timeouts, TransportAdapter, read_request
    from ._sqlite_store import SqliteStore
    from ._tenacity import RetryingTransport, RetryPolicy

__all__ = [
    "CatalystAuth",
    "RequestsTransport",
    "RetryPolicy",
    "RetryingTransport",
    "SqliteStore",
    "Timeouts",
    "TransportAdapter",
    "connect",
    "open_store",
    "read_request",
    "write_private_file",
]

_LATE = {
    "RequestsTransport": "_requests",
    "Timeouts": "_requests",
    "TransportAdapter": "_requests",
    "SqliteStore": "_sqlite_store",
    "RetryPolicy": "_tenacity",
    "RetryingTransport": "_tenacity",
    "read_request": "_requests",
}


def __getattr__(name: str) -> Any:
    """Import what a third-party library stands behind."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATE[name]}", __name__), name)
