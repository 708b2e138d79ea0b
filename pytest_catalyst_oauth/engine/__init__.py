"""The OAuth client for Zoho Catalyst: pure, standard library only, no I/O."""

from __future__ import annotations

from . import errors, grants
from ._api_call import ApiCall
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
from ._http import FORM, HttpReply, HttpRequest, Transport
from ._journal import Exchange, Journal, JournalingTransport, observe
from ._keeper import Status, TokenState
from ._memory_store import MemoryStore
from ._quota import Limits
from ._rejection import is_stale_token
from ._reply import is_throttle, read_token
from ._scope import Scope, ScopeSet
from ._scope_catalogue import ScopeCatalogue, ScopeEntry
from ._secret import Secret
from ._store import Record, Store, StoreKey
from ._token import Token

__all__ = [
    "FORM",
    "ApiCall",
    "Client",
    "ClientKind",
    "Credentials",
    "DataCenter",
    "Exchange",
    "Failure",
    "HttpReply",
    "HttpRequest",
    "Journal",
    "JournalingTransport",
    "Limits",
    "MemoryStore",
    "Record",
    "Scope",
    "ScopeCatalogue",
    "ScopeEntry",
    "ScopeSet",
    "Secret",
    "ServerInfo",
    "Status",
    "Store",
    "StoreKey",
    "Token",
    "TokenState",
    "Transport",
    "errors",
    "grants",
    "is_stale_token",
    "is_throttle",
    "observe",
    "read_server_info",
    "read_token",
    "server_info_request",
    "suspect_data_center",
]
