"""The OAuth client for Zoho Catalyst: pure, standard library only, no I/O."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# A start is mostly imports, so each name comes when it is asked for: a program that
# finds its token in the store does without most of them.
if TYPE_CHECKING:
    from . import errors, grants
    from ._api_call import ApiCall
    from ._async_credentials import (
        AsyncCredentials,
        AsyncTransport,
        drive_async,
        landed,
    )
    from ._backoff import Failure
    from ._client import Client, ClientKind
    from ._credentials import Credentials
    from ._data_center import DataCenter
    from ._directory import (
        ServerInfo,
        read_server_info,
        server_info_request,
        suspect_data_center,
    )
    from ._exchange import Exchange, observe
    from ._exchanges import Exchanges
    from ._http import FORM, HttpReply, HttpRequest, Transport
    from ._journal import Journal, JournalingTransport
    from ._memory_store import MemoryStore
    from ._quota import Limits
    from ._rejection import is_stale_token
    from ._reply import is_throttle, read_token
    from ._scope import Scope, ScopeSet
    from ._scope_catalogue import ScopeCatalogue, ScopeEntry
    from ._secret import Secret
    from ._status import Status, TokenState
    from ._steps import Answer, Apart, Join, Pause, Step, Steps, drive
    from ._store import Record, Store, StoreKey
    from ._token import Token

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
    "Exchanges",
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

_MODULES = {
    "Answer": "_steps",
    "Apart": "_steps",
    "ApiCall": "_api_call",
    "AsyncCredentials": "_async_credentials",
    "AsyncTransport": "_async_credentials",
    "Client": "_client",
    "ClientKind": "_client",
    "Credentials": "_credentials",
    "DataCenter": "_data_center",
    "Exchange": "_exchange",
    "Exchanges": "_exchanges",
    "FORM": "_http",
    "Failure": "_backoff",
    "HttpReply": "_http",
    "HttpRequest": "_http",
    "Join": "_steps",
    "Journal": "_journal",
    "JournalingTransport": "_journal",
    "Limits": "_quota",
    "MemoryStore": "_memory_store",
    "Pause": "_steps",
    "Record": "_store",
    "Scope": "_scope",
    "ScopeCatalogue": "_scope_catalogue",
    "ScopeEntry": "_scope_catalogue",
    "ScopeSet": "_scope",
    "Secret": "_secret",
    "ServerInfo": "_directory",
    "Status": "_status",
    "Step": "_steps",
    "Steps": "_steps",
    "Store": "_store",
    "StoreKey": "_store",
    "Token": "_token",
    "TokenState": "_status",
    "Transport": "_http",
    "drive": "_steps",
    "drive_async": "_async_credentials",
    "is_stale_token": "_rejection",
    "is_throttle": "_reply",
    "landed": "_async_credentials",
    "observe": "_exchange",
    "read_server_info": "_directory",
    "read_token": "_reply",
    "server_info_request": "_directory",
    "suspect_data_center": "_directory",
}


if not TYPE_CHECKING:  # or else a checker would believe in any name

    def __getattr__(name: str) -> Any:
        """Import what is asked for."""
        if name in ("errors", "grants"):
            return import_module(f".{name}", __name__)
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        """List what can be asked for."""
        return sorted(__all__)
