"""The rules of Zoho Accounts: the token and the revocation endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ._answer import html_answer, json_answer, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_catalyst_oauth.engine import (
        Client,
        HttpReply,
        HttpRequest,
        ScopeSet,
        Secret,
    )

    from ._settings import FakeSettings
    from ._vault import Vault

_THROTTLE = {
    "error_description": (
        "You have made too many requests continuously. "
        "Please try again after some time."
    ),
    "error": "Access Denied",
    "status": "failure",
}


@final
class Accounts:
    """Zoho Accounts of one data centre. Errors are HTTP 200, as Zoho sends them.

    Source: zoho-protocol.md 4 and 14.
    """

    def __init__(self, settings: FakeSettings, vault: Vault, api_domain: str) -> None:
        self._settings = settings
        self._vault = vault
        self._api_domain = api_domain

    def token(self, request: HttpRequest) -> HttpReply:
        """Answer `POST /oauth/v2/token`."""
        if request.method != "POST":
            return html_answer("Method Not Allowed", 405)
        given = parameters(request)
        refresh_token = given.get("refresh_token")
        if refresh_token and self._vault.is_throttled(refresh_token):
            return json_answer(_THROTTLE, self._settings.throttle_status)
        client = self._vault.clients.get(_plain(given, "client_id") or "")
        if client is None:
            return _error("invalid_client")
        if given.get("client_secret") != client.client_secret:
            return _error("invalid_client_secret")
        match _plain(given, "grant_type"):
            case "authorization_code":
                return self._exchange(client, given)
            case "refresh_token":
                return self._refresh(client, refresh_token)
            case _:
                # No recording of this case exists.
                return _error("general_error")

    def revoke(self, request: HttpRequest) -> HttpReply:
        """Answer `POST /oauth/v2/token/revoke`. Possession of the token suffices."""
        if request.method != "POST":
            return html_answer("Method Not Allowed", 405)
        given = parameters(request)
        token = given.get("token")
        if token is None and self._settings.revocation_alias:
            token = given.get("refresh_token")
        if token is not None and self._vault.end(token):
            return json_answer({"status": "success"})
        # The status is documented, the body is not.
        return json_answer({"status": "failure"}, 400)

    def _exchange(self, client: Client, given: Mapping[str, Secret]) -> HttpReply:
        secret = given.get("code")
        code = self._vault.take_code(secret) if secret else None
        if code is None or code.client_id != client.client_id:
            return _error("invalid_code")
        if code.redirect_uri != _plain(given, "redirect_uri"):
            return _error("invalid_redirect_uri")
        new = None
        if code.offline:
            new = self._vault.add_consent(client.client_id, code.scope)
        access = self._vault.add_access(code.scope, new)
        return self._issued(code.scope, access_token=access, refresh_token=new)

    def _refresh(self, client: Client, refresh_token: Secret | None) -> HttpReply:
        consent = refresh_token and self._vault.consent(refresh_token, client.client_id)
        if not consent:
            return _error("invalid_code")
        # Zoho never rotates: the reply says nothing of the refresh token.
        access = self._vault.add_access(consent.scope, refresh_token)
        return self._issued(consent.scope, access_token=access)

    def _issued(self, scope: ScopeSet, **tokens: Secret | None) -> HttpReply:
        settings = self._settings
        seconds = int(settings.access_token_lifetime)
        beside: dict[str, Any] = {}
        if settings.says_scope:
            beside["scope"] = str(scope)
        if settings.legacy_lifetimes:
            beside["expires_in_sec"] = seconds
        beside["api_domain"] = self._api_domain
        beside["token_type"] = "Bearer"
        beside["expires_in"] = seconds * (1000 if settings.legacy_lifetimes else 1)
        return json_answer(
            {**{name: t.reveal() for name, t in tokens.items() if t}, **beside}
        )


def _error(code: str) -> HttpReply:
    return json_answer({"error": code})


def _plain(given: Mapping[str, Secret], name: str) -> str | None:
    """Return a parameter that is no secret."""
    value = given.get(name)
    return value.reveal() if value else None
