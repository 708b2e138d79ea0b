"""The token endpoint."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import ClientKind, ScopeCatalogue, ScopeSet
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._answer import THROTTLE, json_answer

from . import _device, _strict
from ._authentication import authenticated
from ._error import AccountsError
from ._issuing import issued
from ._openid import id_token
from ._pkce import check_proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Client, HttpReply, Secret

    from ._call import AccountsCall
    from ._holdings import Consent

    Grant = Callable[[AccountsCall, Client], HttpReply]

# zoho-protocol.md 8: the service, and the organisation's number in it.
_SOID = re.compile(r"\w+\.\d+\Z")


def token(call: AccountsCall) -> HttpReply:
    """Answer `POST /oauth/v2/token`.

    Source: zoho-protocol.md 4 and 14.
    """
    refresh_token = call.given.get("refresh_token")
    if refresh_token and call.server.vault.is_throttled(refresh_token):
        return _throttled(call)
    client, grant_type = authenticated(call), call.plain("grant_type")
    grant, kinds = _GRANTS.get(grant_type or "", _NO_GRANT)
    if grant is None or (grant_type == _DEVICE and not call.server.settings.is_strict):
        # No recording of this case exists.
        standard = "unsupported_grant_type" if grant_type else "invalid_request"
        raise AccountsError("general_error", standard)
    if client.kind not in kinds:
        raise AccountsError(
            "invalid_client",
            "unauthorized_client",
            description=f"A client of kind {client.kind.value} may not do this.",
        )
    return grant(call, client)


def _throttled(call: AccountsCall) -> HttpReply:
    settings = call.server.settings
    if settings.is_strict:
        return _strict.throttled(settings.token_window)
    return json_answer(THROTTLE, settings.throttle_status)


def _exchange(call: AccountsCall, client: Client) -> HttpReply:
    vault, secret = call.server.vault, _required(call, "code")
    code = vault.take_code(secret)
    if code is None or code.client_id != client.client_id:
        if code is None and call.server.settings.is_strict:
            vault.punish_reuse(secret, client.client_id)
        raise AccountsError("invalid_code", "invalid_grant")
    if code.redirect_uri != call.plain("redirect_uri"):
        raise AccountsError("invalid_redirect_uri", "invalid_grant")
    check_proof(call, client, code)
    consent = vault.grant(
        client.client_id, code.scope, code.user, offline=code.offline, code=secret
    )
    return issued(
        call,
        code.scope,
        access_token=vault.add_access(consent),
        refresh_token=consent.refresh_token,
        id_token=id_token(call, consent, code.nonce),
    )


def _refresh(call: AccountsCall, client: Client) -> HttpReply:
    """Zoho never rotates: its reply says nothing of the refresh token."""
    vault, secret = call.server.vault, _required(call, "refresh_token")
    consent = vault.consent(secret, client.client_id)
    is_strict = call.server.settings.is_strict
    if consent is None:
        if is_strict:
            vault.punish_reuse(secret, client.client_id)
        raise AccountsError("invalid_code", "invalid_grant")
    scope = _narrowed(call, consent) if is_strict else consent.scope
    new = vault.rotate(consent) if is_strict else None
    access = vault.add_access(consent, scope)
    return issued(call, scope, access_token=access, refresh_token=new)


def _narrowed(call: AccountsCall, consent: Consent) -> ScopeSet:
    """Return what a refresh asks for: RFC 6749, section 6."""
    if call.plain("scope") is None:
        return consent.scope
    scope = _asked(call)
    if not all(consent.scope.grants(one) for one in scope):
        raise AccountsError("invalid_scope", "invalid_scope")
    return scope


def _client_credentials(call: AccountsCall, client: Client) -> HttpReply:
    """Zoho asks which organisation is meant; the standard has no word for that.

    Source: zoho-protocol.md 4.2 and 8; RFC 6749, section 4.4.
    """
    soid, settings = call.plain("soid") or "", call.server.settings
    if not settings.is_strict and not _SOID.match(soid):
        raise AccountsError("missing_org_info")
    scope = _asked(call)
    # Behind each token stands nothing but the client.
    consent = call.server.vault.grant(client.client_id, scope, offline=False)
    return issued(call, scope, access_token=call.server.vault.add_access(consent))


def _asked(call: AccountsCall) -> ScopeSet:
    """Return the scopes that a request names.

    Raises:
        AccountsError: There is none, or one that does not exist.
    """
    scope = _read(call.plain("scope") or "", call.server.settings.checks_scopes)
    if not scope:
        raise AccountsError("invalid_scope", "invalid_scope")
    return scope


@lru_cache(maxsize=256)
def _read(text: str, checks: bool) -> ScopeSet:
    """Return the scopes of a text; none if one of them does not exist."""
    try:
        scope = ScopeSet.parse(text)
    except SettingsError:
        return ScopeSet()
    return ScopeSet() if checks and ScopeCatalogue.load().unknown(scope) else scope


def _required(call: AccountsCall, name: str) -> Secret:
    """Return what a grant cannot do without; how Zoho misses it is not recorded."""
    value = call.given.get(name)
    if value is None:
        raise AccountsError("invalid_code", description=f"{name} is missing.")
    return value


_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_WITH_CODE = frozenset({ClientKind.SERVER, ClientKind.SELF, ClientKind.MOBILE})
_NO_GRANT: tuple[None, frozenset[ClientKind]] = (None, frozenset())
# Source: zoho-protocol.md 2.1.
_GRANTS: dict[str, tuple[Grant, frozenset[ClientKind]]] = {
    "authorization_code": (_exchange, _WITH_CODE),
    "refresh_token": (_refresh, _WITH_CODE | {ClientKind.DEVICE}),
    "client_credentials": (_client_credentials, frozenset({ClientKind.SELF})),
    _DEVICE: (_device.poll, frozenset({ClientKind.DEVICE})),
}
