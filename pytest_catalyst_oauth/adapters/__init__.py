"""The engine's connections to the world. Each library is imported when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._catalyst_auth import CatalystAuth
    from ._connect import connect
    from ._environment import (
        PREFIX,
        SECRET_KEYS,
        VARIABLE_KEYS,
        Found,
        read_variables,
    )
    from ._file_lock import file_lock
    from ._httpx import AsyncHttpxTransport, HttpxTransport, HttpxTransportAdapter
    from ._httpx_auth import CatalystHttpxAuth
    from ._httpx_observing import ObservingHttpxTransport
    from ._open_store import open_store
    from ._patience import RetryPolicy, Timeouts
    from ._private_file import ensure_private_folder, write_private_file
    from ._requests import RequestsTransport
    from ._requests_session import ObservingAdapter, TransportAdapter, read_request
    from ._shared_file import read_private
    from ._sqlite_store import SqliteStore
    from ._stored_login import check_login_store, keep_login, login_key
    from ._tenacity import AsyncRetryingTransport, RetryingTransport

__all__ = [
    "PREFIX",
    "SECRET_KEYS",
    "VARIABLE_KEYS",
    "AsyncHttpxTransport",
    "AsyncRetryingTransport",
    "CatalystAuth",
    "CatalystHttpxAuth",
    "Found",
    "HttpxTransport",
    "HttpxTransportAdapter",
    "ObservingAdapter",
    "ObservingHttpxTransport",
    "RequestsTransport",
    "RetryPolicy",
    "RetryingTransport",
    "SqliteStore",
    "Timeouts",
    "TransportAdapter",
    "check_login_store",
    "connect",
    "ensure_private_folder",
    "file_lock",
    "keep_login",
    "login_key",
    "open_store",
    "read_private",
    "read_request",
    "read_variables",
    "write_private_file",
]

_LATE = {
    "AsyncHttpxTransport": "_httpx",
    "AsyncRetryingTransport": "_tenacity",
    "CatalystAuth": "_catalyst_auth",
    "CatalystHttpxAuth": "_httpx_auth",
    "Found": "_environment",
    "PREFIX": "_environment",
    "SECRET_KEYS": "_environment",
    "VARIABLE_KEYS": "_environment",
    "read_variables": "_environment",
    "HttpxTransport": "_httpx",
    "HttpxTransportAdapter": "_httpx",
    "RequestsTransport": "_requests",
    "Timeouts": "_patience",
    "TransportAdapter": "_requests_session",
    "SqliteStore": "_sqlite_store",
    "RetryPolicy": "_patience",
    "RetryingTransport": "_tenacity",
    "check_login_store": "_stored_login",
    "keep_login": "_stored_login",
    "login_key": "_stored_login",
    "connect": "_connect",
    "ensure_private_folder": "_private_file",
    "file_lock": "_file_lock",
    "open_store": "_open_store",
    "write_private_file": "_private_file",
    "read_private": "_shared_file",
    "read_request": "_requests_session",
    "ObservingAdapter": "_requests_session",
    "ObservingHttpxTransport": "_httpx_observing",
}


def __getattr__(name: str) -> Any:
    """Import what a third-party library stands behind."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f".{_LATE[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List what can be asked for."""
    return sorted(__all__)
