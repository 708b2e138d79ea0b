"""More scopes for a refresh token that is there already."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.fake._answer import json_answer

from ._authentication import authenticated
from ._consent import ask
from ._error import AccountsError
from ._front_channel import (
    asked_scope,
    check_response_type,
    known_client,
    refused,
)
from ._pages import PageError, paged
from ._redirect import way_back

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply, ScopeSet, Secret
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall
    from ._redirect import WayBack

# So many are remembered, the latest.
_MOST = 1000


@final
class EnhancementWish(Value):
    """A client that wants its refresh token to grant more.

    Attributes:
        client: Who asks.
        scope: What for.
        back: Where the person goes afterwards.
        token: The enhancement token; it works once.
    """

    client: Client
    scope: ScopeSet
    back: WayBack
    token: Secret
    question: str = "may act in your name already. It would like to do this, too:"
    note: str = ""

    def accept(self, call: AccountsCall, user: User) -> HttpReply:
        """Widen what stands behind the refresh token, which stays the same."""
        refresh_token = _enhanced(call, self.client, self.token)
        consent = call.server.vault.consent(refresh_token, self.client.client_id)
        if consent and consent.user and consent.user != user:
            raise PageError(
                "Not Your Account",
                "The application acts in the name of somebody else.",
                "That person has to answer.",
            )
        del call.server.people.enhancements[self.token]
        call.server.vault.widen(refresh_token, self.scope)
        call.server.people.remember(self.client, user, self.scope)
        return self.back.reply(
            call, ("location", user.location), ("accounts-server", call.base)
        )

    def reject(self, call: AccountsCall) -> HttpReply:
        """Say so."""
        return self.back.error(call, "access_denied")


def enhance(call: AccountsCall) -> HttpReply:
    """Answer `POST /oauth/v2/token/scopeenhance`.

    Source: zoho-protocol.md 8.
    """
    client, refresh_token = authenticated(call), call.given.get("refresh_token")
    if call.plain("grant_type") != "update_scopes_token":
        raise AccountsError("general_error", "unsupported_grant_type")
    vault, people = call.server.vault, call.server.people
    if not refresh_token or not vault.consent(refresh_token, client.client_id):
        raise AccountsError("invalid_code", "invalid_grant")
    seconds = int(call.server.settings.enhancement_lifetime)
    token = vault.new_token()
    ends_at = call.server.clock() + seconds
    people.enhancements[token] = client.client_id, refresh_token, ends_at
    if len(people.enhancements) > _MOST:
        del people.enhancements[next(iter(people.enhancements))]
    return json_answer(
        {
            "access_token": token.reveal(),
            "token_type": "Bearer",
            "expires_in": seconds,
        }
    )


@paged
def add_scopes(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/v2/token/addextrascope`: ask the person for more.

    Source: zoho-protocol.md 8.
    """
    client, token = known_client(call), call.given.get("enhance_token")
    back = way_back(call, client)
    if token is None:
        raise _invalid()
    _enhanced(call, client, token)
    try:
        check_response_type(call, "update_scopes")
        scope = asked_scope(call)
    except AccountsError as error:
        return refused(call, back, error)
    return ask(
        call, EnhancementWish(client=client, scope=scope, back=back, token=token)
    )


def _enhanced(call: AccountsCall, client: Client, token: Secret) -> Secret:
    """Return the refresh token that shall grant more.

    Raises:
        PageError: The enhancement token is unknown, used, too old or another's; or
            the refresh token was revoked meanwhile.
    """
    client_id, refresh_token, ends_at = call.server.people.enhancements.get(
        token, ("", token, 0)
    )
    is_live = client_id == client.client_id and call.server.clock() < ends_at
    if not is_live or not call.server.vault.consent(refresh_token, client_id):
        raise _invalid()
    return refresh_token


def _invalid() -> PageError:
    return PageError(
        "Invalid Enhancement Token",
        "The token that asks for more scopes is unknown, used or too old.",
        "Ask for a new one at /oauth/v2/token/scopeenhance.",
    )
