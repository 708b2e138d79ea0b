"""One module per way to obtain a token: build the request, say what it costs."""

from __future__ import annotations

from ._authorization_code import AuthorizationCodeGrant, authorization_url
from ._client_credentials import ClientCredentialsGrant
from ._device_code import DeviceCode, device_code_request, read_device_code
from ._device_polling import DeviceLogin, DevicePolling
from ._grant import Grant
from ._implicit import ImplicitReply, read_implicit_redirect
from ._login_attempt import LoginAttempt
from ._proof_key import ProofKey
from ._redirect import Redirect, read_redirect
from ._refresh import RefreshGrant
from ._revocation import revocation_request
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
