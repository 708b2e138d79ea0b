"""One module per way to obtain a token: build the request, say what it costs."""

from __future__ import annotations

from ._authorization_code import (
    AuthorizationCodeGrant,
    Redirect,
    authorization_url,
    read_redirect,
)
from ._grant import Grant
from ._refresh import RefreshGrant
from ._revocation import revocation_request
from ._self_client import SelfClientGrant

__all__ = [
    "AuthorizationCodeGrant",
    "Grant",
    "Redirect",
    "RefreshGrant",
    "SelfClientGrant",
    "authorization_url",
    "read_redirect",
    "revocation_request",
]
