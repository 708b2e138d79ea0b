"""The authorization code grant: a person consents in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, final
from urllib.parse import quote, urlencode

from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._grant import client_fields

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._scope import ScopeSet

    from ._proof_key import ProofKey


@final
class AuthorizationCodeGrant(Value):
    """Exchange the code of a redirect.

    Attributes:
        code: Lives about two minutes, works once.
        redirect_uri: Exactly the one that the authorization request named.
        code_verifier: Of the proof key whose challenge that request showed; None
            when it showed none. The client secret is sent all the same.

    Source: RFC 6749, section 4.1.3; RFC 7636, section 4.5; zoho-protocol.md 2.3, 8.
    """

    code: Secret
    redirect_uri: str
    code_verifier: Secret | None = None

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
        fields: list[tuple[str, str | Secret]] = [
            ("grant_type", "authorization_code"),
            ("code", self.code),
            ("redirect_uri", self.redirect_uri),
        ]
        if self.code_verifier is not None:
            fields.append(("code_verifier", self.code_verifier))
        return HttpRequest.post_form(
            client.token_url, [*fields, *client_fields(client)], replayable=False
        )


def authorization_url(
    client: Client,
    scopes: ScopeSet,
    *,
    state: str | Secret,
    access_type: str = "offline",
    prompt: str | None = "consent",
    proof_key: ProofKey | None = None,
) -> str:
    """Return the address to open in a person's browser.

    Without `offline` and `consent` together, a second consent brings no refresh
    token. `LoginAttempt.start` makes the state and the proof key as well.

    Args:
        client: Needs a redirect URI.
        scopes: What to ask for.
        state: Unguessable, one per attempt; give the same to `read_redirect`.
        access_type: `offline` for a refresh token, or `online`.
        prompt: `consent` asks again; None leaves it to Zoho.
        proof_key: Shown as a challenge; its verifier goes into the exchange.

    Raises:
        SettingsError: The client has no redirect URI, or there is no scope or state.

    Source: RFC 6749, section 4.1.1; RFC 7636, section 4.3; zoho-protocol.md 2.2.
    """
    if not client.redirect_uri:
        raise SettingsError(
            f"client {client.client_id}",
            "has no redirect URI",
            "give the one that is registered in the API console",
        )
    if not scopes:
        raise SettingsError("scopes", "are empty", "name at least one scope")
    if not state:
        raise SettingsError("state", "is empty", "use secrets.token_urlsafe()")
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "scope": scopes.for_request(),
        "redirect_uri": client.redirect_uri,
        "state": state.reveal() if isinstance(state, Secret) else state,
        "access_type": access_type,
        **({"prompt": prompt} if prompt else {}),
        **(_shown(proof_key) if proof_key else {}),
    }
    query = urlencode(fields, errors="surrogatepass", quote_via=quote)
    return f"{client.authorization_url}?{query}"


def _shown(proof_key: ProofKey) -> dict[str, str]:
    return {
        "code_challenge": proof_key.challenge,
        "code_challenge_method": proof_key.method,
    }
