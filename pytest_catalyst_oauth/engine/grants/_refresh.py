"""The refresh grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._value import Value

from ._grant import client_fields

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._secret import Secret


@final
class RefreshGrant(Value):
    """Turn a refresh token into an access token, as often as needed.

    Zoho never rotates the refresh token, so asking twice is harmless but for the
    quota; `redirect_uri` is not sent, since no client of Zoho sends it.

    Attributes:
        refresh_token: Without expiry, until somebody revokes it.

    Source: RFC 6749, section 6; zoho-protocol.md 2.3 and 4.1.
    """

    refresh_token: Secret

    @property
    def secret(self) -> Secret:
        """The refresh token."""
        return self.refresh_token

    @property
    def single_use(self) -> bool:
        """False: a refresh token works until it is revoked."""
        return False

    def request(self, client: Client) -> HttpRequest:
        """Build the token request."""
        return HttpRequest.post_form(
            client.token_url,
            [
                ("grant_type", "refresh_token"),
                ("refresh_token", self.refresh_token),
                *client_fields(client),
            ],
        )
