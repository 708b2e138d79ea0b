"""The OAuth client for Zoho Catalyst: pure, standard library only, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from ._backoff import Failure
from ._client import Client, ClientKind
from ._credentials import Credentials
from ._data_center import DataCenter
from ._http import FORM, HttpReply, HttpRequest, Transport
from ._keeper import Status, TokenState
from ._quota import Limits
from ._reply import is_throttle, read_token
from ._scope import Scope, ScopeSet
from ._secret import Secret
from ._steps import Answer, Apart, Join, Pause, Step, Steps, drive
from ._store import Record, Store, StoreKey
from ._token import Token

# What a program that finds its token in the store does without comes when it is asked
# for: a start is mostly imports.
if TYPE_CHECKING:
    from . import grants
    from ._api_call import ApiCall
    from ._async_credentials import (
        AsyncCredentials,
        AsyncTransport,
        at_hand,
        drive_async,
        landed,
    )
    from ._directory import (
        ServerInfo,
        read_server_info,
        server_info_request,
        suspect_data_center,
    )
    from ._journal import Exchange, Journal, JournalingTransport, observe
    from ._memory_store import MemoryStore
    from ._rejection import is_stale_token
    from ._scope_catalogue import ScopeCatalogue, ScopeEntry

__all__ = [
    "FORM",
    "Answer",
    "Apart",
    "ApiCall",
    "AsyncCredentials",
    "AsyncTransport",
    "Client",
    "ClientKind",
    "Credentials",
    "DataCenter",
    "Exchange",
    "Failure",
    "HttpReply",
    "HttpRequest",
    "Join",
    "Journal",
    "JournalingTransport",
    "Limits",
    "MemoryStore",
    "Pause",
    "Record",
    "Scope",
    "ScopeCatalogue",
    "ScopeEntry",
    "ScopeSet",
    "Secret",
    "ServerInfo",
    "Status",
    "Step",
    "Steps",
    "Store",
    "StoreKey",
    "Token",
    "TokenState",
    "Transport",
    "at_hand",
    "drive",
    "drive_async",
    "errors",
    "grants",
    "is_stale_token",
    "is_throttle",
    "landed",
    "observe",
    "read_server_info",
    "read_token",
    "server_info_request",
    "suspect_data_center",
]

_LATE = {
    "ApiCall": "_api_call",
    "AsyncCredentials": "_async_credentials",
    "AsyncTransport": "_async_credentials",
    "Exchange": "_journal",
    "Journal": "_journal",
    "JournalingTransport": "_journal",
    "MemoryStore": "_memory_store",
    "ScopeCatalogue": "_scope_catalogue",
    "ScopeEntry": "_scope_catalogue",
    "ServerInfo": "_directory",
    "at_hand": "_async_credentials",
    "drive_async": "_async_credentials",
    "is_stale_token": "_rejection",
    "landed": "_async_credentials",
    "observe": "_journal",
    "read_server_info": "_directory",
    "server_info_request": "_directory",
    "suspect_data_center": "_directory",
}


if not TYPE_CHECKING:  # or else a checker would believe in any name

    def __getattr__(name: str) -> Any:
        """Import what is seldom needed."""
        from importlib import import_module

        if name == "grants":
            return import_module(f".{name}", __name__)
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{_LATE[name]}", __name__), name)
