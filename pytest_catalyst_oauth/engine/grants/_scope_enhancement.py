"""Asking a person for more scopes later, and keeping the refresh token."""

from __future__ import annotations

from typing import TYPE_CHECKING, final
from urllib.parse import quote, urlencode

from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._reply import read_token
from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._grant import client_fields

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._http import HttpReply
    from pytest_catalyst_oauth.engine._scope import ScopeSet
    from pytest_catalyst_oauth.engine._secret import Secret


@final
class EnhancementToken(Value):
    """What opens the consent page for more scopes. No API accepts it.

    Attributes:
        secret: Zoho calls it an access token.
        expires_at: Moment it stops working, UTC.
    """

    secret: Secret
    expires_at: datetime


def enhancement_request(client: Client, refresh_token: Secret) -> HttpRequest:
    """Build the request for an enhancement token.

    Args:
        client: To which the refresh token was issued.
        refresh_token: Which the person's consent will extend; it stays the same.

    Source: zoho-protocol.md 8.
    """
    return HttpRequest.post_form(
        f"{client.data_center.accounts_url}/oauth/v2/token/scopeenhance",
        [
            ("grant_type", "update_scopes_token"),
            ("refresh_token", refresh_token),
            *client_fields(client),
        ],
    )


def read_enhancement(reply: HttpReply, *, asked_at: float) -> EnhancementToken:
    """Return the enhancement token in a reply.

    Args:
        reply: What the endpoint answered.
        asked_at: When the request was sent, in seconds since the epoch.

    Raises:
        RefusedError: The server said no.
        ReplyError: The answer is not a token reply.
    """
    token = read_token(reply, asked_at=asked_at)
    return EnhancementToken(secret=token.access_token, expires_at=token.expires_at)


def enhancement_url(
    client: Client, scopes: ScopeSet, token: EnhancementToken, *, logout: bool = False
) -> str:
    """Return the address of the consent page, to be opened in a person's browser.

    Zoho wants the token in the query, so the address is a secret for as long as the
    token lives. Afterwards a refresh brings an access token with the new scopes.

    Args:
        client: Needs a redirect URI.
        scopes: What to add.
        token: From `read_enhancement`.
        logout: Whether to end the person's session afterwards.

    Raises:
        SettingsError: The client has no redirect URI, or there is no scope.

    Source: https://www.zoho.com/accounts/protocol/oauth/incremental-auth/
    scope-enhance-request.html.
    """
    if not client.redirect_uri:
        raise SettingsError(
            f"client {client.client_id}",
            "has no redirect URI",
            "give the one that is registered in the API console",
        )
    if not scopes:
        raise SettingsError("scopes", "are empty", "name at least one scope")
    fields = {
        "response_type": "update_scopes",
        "client_id": client.client_id,
        "scope": scopes.for_request(),
        "redirect_uri": client.redirect_uri,
        "enhance_token": token.secret.reveal(),
        "logout": "true" if logout else "false",
    }
    page = f"{client.data_center.accounts_url}/oauth/v2/token/addextrascope"
    return f"{page}?{urlencode(fields, errors='surrogatepass', quote_via=quote)}"
