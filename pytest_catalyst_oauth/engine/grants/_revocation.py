"""Giving a token up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine._http import HttpRequest

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._secret import Secret


def revocation_request(client: Client, token: Secret) -> HttpRequest:
    """Build the request that revokes a refresh or access token.

    The token is in the body, where no access log keeps it. The client does not
    authenticate: whoever holds the token may give it up.

    Source: RFC 7009, section 2.1; zoho-protocol.md 4.6.
    """
    return HttpRequest.post_form(client.revocation_url, [("token", token)])
