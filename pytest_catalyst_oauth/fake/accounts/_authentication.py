"""Who asks: the client's id and secret."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from pytest_catalyst_oauth.engine import ClientKind, Secret

from ._error import AccountsError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client

    from ._call import AccountsCall


def authenticated(call: AccountsCall) -> Client:
    """Return the client that asks.

    Raises:
        AccountsError: It is unknown, or its secret is another.

    Source: zoho-protocol.md 14; strict: RFC 6749, sections 2.3.1 and 3.2.1.
    """
    client_id, secret = call.plain("client_id"), call.given.get("client_secret")
    if call.server.settings.is_strict:
        client_id, secret = _named(call, client_id, secret)
    client = call.server.vault.clients.get(client_id or "")
    if client is None:
        raise AccountsError("invalid_client", "invalid_client", status=401)
    if secret != client.client_secret and not _is_public(call, client, secret):
        raise AccountsError("invalid_client_secret", "invalid_client", status=401)
    return client


def _is_public(call: AccountsCall, client: Client, secret: Secret | None) -> bool:
    """Tell whether a client need not show a secret: RFC 8252, section 8.4."""
    is_native = client.kind is ClientKind.MOBILE
    return secret is None and is_native and call.server.settings.is_strict


def _named(
    call: AccountsCall, client_id: str | None, secret: Secret | None
) -> tuple[str | None, Secret | None]:
    """Return id and secret, by whichever method the client shows them.

    Raises:
        AccountsError: It uses two methods at once, or means two clients.
    """
    scheme, _, value = (call.request.header("Authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return client_id, secret
    basic_id, basic_secret = _basic(value)
    if secret is not None or client_id not in (None, basic_id):
        raise AccountsError(
            "invalid_client",
            "invalid_request",
            description="Use one method of client authentication.",
        )
    return basic_id, basic_secret


def _basic(value: str) -> tuple[str | None, Secret | None]:
    """Read what RFC 7617 and RFC 6749, section 2.3.1, make of id and secret."""
    from base64 import b64decode

    try:
        text = b64decode(value, validate=True).decode()
    except ValueError:
        return None, None
    name, _, secret = map(unquote_plus, text.partition(":"))
    return name or None, Secret(secret) if secret else None
