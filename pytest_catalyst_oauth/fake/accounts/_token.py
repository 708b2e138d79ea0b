"""The token endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.fake._answer import html_answer, json_answer

from ._error import AccountsError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply, ScopeSet, Secret

    from ._call import AccountsCall

_THROTTLE = {
    "error_description": (
        "You have made too many requests continuously. "
        "Please try again after some time."
    ),
    "error": "Access Denied",
    "status": "failure",
}


def token(call: AccountsCall) -> HttpReply:
    """Answer `POST /oauth/v2/token`.

    Source: zoho-protocol.md 4 and 14.
    """
    if call.request.method != "POST":
        return html_answer("Method Not Allowed", 405)
    vault, refresh_token = call.server.vault, call.given.get("refresh_token")
    if refresh_token and vault.is_throttled(refresh_token):
        return json_answer(_THROTTLE, call.server.settings.throttle_status)
    client = authenticated(call)
    match call.plain("grant_type"):
        case "authorization_code":
            return _exchange(call, client)
        case "refresh_token":
            return _refresh(call, client, refresh_token)
        case _:
            # No recording of this case exists.
            raise AccountsError("general_error", "unsupported_grant_type")


def authenticated(call: AccountsCall) -> Client:
    """Return the client that asks.

    Raises:
        AccountsError: It is unknown, or its secret is another.
    """
    client = call.server.vault.clients.get(call.plain("client_id") or "")
    if client is None:
        raise AccountsError("invalid_client", "invalid_client", status=401)
    if call.given.get("client_secret") != client.client_secret:
        raise AccountsError("invalid_client_secret", "invalid_client", status=401)
    return client


def _exchange(call: AccountsCall, client: Client) -> HttpReply:
    vault, secret = call.server.vault, call.given.get("code")
    code = vault.take_code(secret) if secret else None
    if code is None or code.client_id != client.client_id:
        raise AccountsError("invalid_code", "invalid_grant")
    if code.redirect_uri != call.plain("redirect_uri"):
        raise AccountsError("invalid_redirect_uri", "invalid_grant")
    new = vault.add_consent(client.client_id, code.scope) if code.offline else None
    access = vault.add_access(code.scope, new)
    return _issued(call, code.scope, access_token=access, refresh_token=new)


def _refresh(
    call: AccountsCall, client: Client, refresh_token: Secret | None
) -> HttpReply:
    vault = call.server.vault
    consent = refresh_token and vault.consent(refresh_token, client.client_id)
    if not consent:
        raise AccountsError("invalid_code", "invalid_grant")
    # Zoho never rotates: the reply says nothing of the refresh token.
    access = vault.add_access(consent.scope, refresh_token)
    return _issued(call, consent.scope, access_token=access)


def _issued(call: AccountsCall, scope: ScopeSet, **tokens: Secret | None) -> HttpReply:
    settings = call.server.settings
    seconds = int(settings.access_token_lifetime)
    beside: dict[str, Any] = {}
    if settings.says_scope:
        beside["scope"] = str(scope)
    if settings.legacy_lifetimes:
        beside["expires_in_sec"] = seconds
    beside["api_domain"] = call.server.center.api_domain
    beside["token_type"] = "Bearer"
    beside["expires_in"] = seconds * (1000 if settings.legacy_lifetimes else 1)
    return json_answer(
        {**{name: t.reveal() for name, t in tokens.items() if t}, **beside}
    )
