"""The OAuth client for Zoho Catalyst: pure, standard library only, no I/O."""

from __future__ import annotations

from . import errors
from ._client import Client, ClientKind
from ._data_center import DataCenter
from ._http import FORM, HttpReply, HttpRequest, Transport
from ._journal import Exchange, Journal, JournalingTransport, observe
from ._scope import Scope, ScopeSet
from ._secret import Secret
from ._token import Token

__all__ = [
    "FORM",
    "Client",
    "ClientKind",
    "DataCenter",
    "Exchange",
    "HttpReply",
    "HttpRequest",
    "Journal",
    "JournalingTransport",
    "Scope",
    "ScopeSet",
    "Secret",
    "Token",
    "Transport",
    "errors",
    "observe",
]
