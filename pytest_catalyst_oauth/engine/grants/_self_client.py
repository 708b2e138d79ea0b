"""The grant of a self client: a code pasted from the API console."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._value import Value

from ._grant import client_fields

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._secret import Secret


@final
class SelfClientGrant(Value):
    """Exchange a code that the API console generated. No redirect is involved.

    Attributes:
        code: Lives three to ten minutes, works once.

    Source: RFC 6749, section 4.1.3; zoho-protocol.md 2.2.
    """

    code: Secret

    @property
    def secret(self) -> Secret:
        """The code."""
        return self.code

    @property
    def single_use(self) -> bool:
        """True: a second exchange is refused with `invalid_code`."""
        return True

    def request(self, client: Client) -> HttpRequest:
        """Build the token request; it must not be sent twice."""
        return HttpRequest.post_form(
            client.token_url,
            [
                ("grant_type", "authorization_code"),
                ("code", self.code),
                *client_fields(client),
            ],
            replayable=False,
        )
