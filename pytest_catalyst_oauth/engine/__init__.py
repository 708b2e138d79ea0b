"""The OAuth client for Zoho Catalyst: pure, standard library only, no I/O."""

from __future__ import annotations

from . import errors, grants
from ._backoff import Failure
from ._client import Client, ClientKind
from ._credentials import Credentials, Status
from ._data_center import DataCenter
from ._http import FORM, HttpReply, HttpRequest, Transport
from ._journal import Exchange, Journal, JournalingTransport, observe
from ._memory_store import MemoryStore
from ._rejection import is_stale_token
from ._reply import is_throttle
from ._scope import Scope, ScopeSet
from ._secret import Secret
from ._store import Record, Store, StoreKey
from ._token import Token

__all__ = [
    "FORM",
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
    "MemoryStore",
    "Record",
    "Scope",
    "ScopeSet",
    "Secret",
    "Status",
    "Store",
    "StoreKey",
    "Token",
    "Transport",
    "errors",
    "grants",
    "is_stale_token",
    "is_throttle",
    "observe",
]
