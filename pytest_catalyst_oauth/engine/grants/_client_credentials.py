"""The client credentials grant: a self client acts for an organization."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._grant import client_fields

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._scope import ScopeSet

_SOID = re.compile(r"[A-Za-z][A-Za-z0-9]*\.[A-Za-z0-9]+\Z")


@final
class ClientCredentialsGrant(Value):
    """Ask for an access token without a person, and again when it ends.

    No refresh token comes with it, and none is needed.

    Attributes:
        scopes: What to ask for.
        soid: Whose data: `Service.organization`, for example `ZohoCRM.12345`.

    Raises:
        SettingsError: There is no scope, or `soid` is missing or malformed.

    Source: RFC 6749, section 4.4; zoho-protocol.md 8.
    """

    scopes: ScopeSet
    soid: str = ""

    def __post_init__(self) -> None:
        if not self.scopes:
            raise SettingsError("scopes", "are empty", "name at least one scope")
        if not self.soid:
            raise SettingsError(
                "soid",
                "is missing, but client credentials are for one organization",
                "give the service and the organization, for example ZohoCRM.12345",
            )
        if not _SOID.match(self.soid):
            raise SettingsError(
                f"soid {self.soid!r}",
                "is malformed: expected Service.organization",
                "for example ZohoCRM.12345",
            )

    @property
    def secret(self) -> Secret:
        """What tells two such grants apart; the secret proper is the client's."""
        return Secret(f"{self.soid} {self.scopes}".lower())

    @property
    def single_use(self) -> bool:
        """False: it is how a token that ended is replaced."""
        return False

    def request(self, client: Client) -> HttpRequest:
        """Build the token request."""
        return HttpRequest.post_form(
            client.token_url,
            [
                ("grant_type", "client_credentials"),
                ("scope", self.scopes.for_request()),
                ("soid", self.soid),
                *client_fields(client),
            ],
        )
