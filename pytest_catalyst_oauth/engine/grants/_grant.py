"""What all grants have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._http import HttpRequest
    from pytest_catalyst_oauth.engine._secret import Secret


class Grant(Protocol):
    """One way to obtain a token."""

    @property
    def secret(self) -> Secret:
        """What the grant turns into a token; tells two grants apart."""
        ...

    @property
    def single_use(self) -> bool:
        """Whether the server accepts it once only."""
        ...

    def request(self, client: Client) -> HttpRequest:
        """Build the token request."""
        ...


def client_fields(client: Client) -> list[tuple[str, str | Secret]]:
    """Return the fields that authenticate a client in a request body.

    Source: RFC 6749, section 2.3.1; Zoho reads no Basic header.
    """
    fields: list[tuple[str, str | Secret]] = [("client_id", client.client_id)]
    if client.client_secret is not None:
        fields.append(("client_secret", client.client_secret))
    return fields
