"""The revocation endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.fake._answer import json_answer

from ._authentication import authenticated
from ._error import AccountsError

if TYPE_CHECKING:
    from ._call import AccountsCall


def revoke(call: AccountsCall) -> HttpReply:
    """Answer `POST /oauth/v2/token/revoke`. Possession of the token suffices.

    Source: zoho-protocol.md 4.6.
    """
    if call.server.settings.is_strict:
        return _revoke_strictly(call)
    token = call.given.get("token")
    if token is None and call.server.settings.revocation_alias:
        token = call.given.get("refresh_token")
    if token is not None and call.server.vault.end(token):
        return json_answer({"status": "success"})
    # The status is documented, the body is not.
    return json_answer({"status": "failure"}, 400)


def _revoke_strictly(call: AccountsCall) -> HttpReply:
    """Let a client give up a token of its own; one that is unknown is gone already.

    Raises:
        AccountsError: The token is another client's, or of a kind that cannot be
            revoked.

    Source: RFC 7009, sections 2.1 and 2.2.
    """
    client, token = authenticated(call), call.given.get("token")
    if token is None:
        raise AccountsError("invalid_code", description="The token is missing.")
    if token.reveal().startswith("eyJ"):
        raise AccountsError(
            "invalid_code",
            "unsupported_token_type",
            description="An ID token ends by itself.",
        )
    owner = call.server.vault.owner(token)
    if owner not in (None, client.client_id):
        raise AccountsError(
            "invalid_code", "invalid_grant", description="It is another client's."
        )
    call.server.vault.end(token)
    return HttpReply(status=200)
