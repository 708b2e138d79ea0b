"""The revocation endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.fake._answer import html_answer, json_answer

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import AccountsCall


def revoke(call: AccountsCall) -> HttpReply:
    """Answer `POST /oauth/v2/token/revoke`. Possession of the token suffices.

    Source: zoho-protocol.md 4.6.
    """
    if call.request.method != "POST":
        return html_answer("Method Not Allowed", 405)
    token = call.given.get("token")
    if token is None and call.server.settings.revocation_alias:
        token = call.given.get("refresh_token")
    if token is not None and call.server.vault.end(token):
        return json_answer({"status": "success"})
    # The status is documented, the body is not.
    return json_answer({"status": "failure"}, 400)
