"""One module per way to obtain a token: build the request, say what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._grant import Grant
from ._refresh import RefreshGrant
from ._revocation import revocation_request

# A renewal needs no other.
if TYPE_CHECKING:
    from ._authorization_code import AuthorizationCodeGrant, authorization_url
    from ._client_credentials import ClientCredentialsGrant
    from ._device_code import DeviceCode, device_code_request, read_device_code
    from ._device_polling import DeviceLogin, DevicePolling
    from ._implicit import ImplicitReply, read_implicit_redirect
    from ._login_attempt import LoginAttempt
    from ._proof_key import ProofKey
    from ._redirect import Redirect, read_redirect
    from ._scope_enhancement import (
        EnhancementToken,
        enhancement_request,
        enhancement_url,
        read_enhancement,
    )
    from ._self_client import SelfClientGrant

__all__ = [
    "AuthorizationCodeGrant",
    "ClientCredentialsGrant",
    "DeviceCode",
    "DeviceLogin",
    "DevicePolling",
    "EnhancementToken",
    "Grant",
    "ImplicitReply",
    "LoginAttempt",
    "ProofKey",
    "Redirect",
    "RefreshGrant",
    "SelfClientGrant",
    "authorization_url",
    "device_code_request",
    "enhancement_request",
    "enhancement_url",
    "read_device_code",
    "read_enhancement",
    "read_implicit_redirect",
    "read_redirect",
    "revocation_request",
]

_LATE = {
    "AuthorizationCodeGrant": "_authorization_code",
    "ClientCredentialsGrant": "_client_credentials",
    "DeviceCode": "_device_code",
    "DeviceLogin": "_device_polling",
    "DevicePolling": "_device_polling",
    "EnhancementToken": "_scope_enhancement",
    "ImplicitReply": "_implicit",
    "LoginAttempt": "_login_attempt",
    "ProofKey": "_proof_key",
    "Redirect": "_redirect",
    "SelfClientGrant": "_self_client",
    "authorization_url": "_authorization_code",
    "device_code_request": "_device_code",
    "enhancement_request": "_scope_enhancement",
    "enhancement_url": "_scope_enhancement",
    "read_device_code": "_device_code",
    "read_enhancement": "_scope_enhancement",
    "read_implicit_redirect": "_implicit",
    "read_redirect": "_redirect",
}


if not TYPE_CHECKING:  # or else a checker would believe in any name

    def __getattr__(name: str) -> Any:
        """Import what is seldom needed."""
        if name not in _LATE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f".{_LATE[name]}", __name__), name)
