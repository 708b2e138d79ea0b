"""One login in a browser, from the address to open to the code to exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine._value import Value, replace
from pytest_catalyst_oauth.engine.errors import OAuthError

from ._authorization_code import AuthorizationCodeGrant, authorization_url
from ._front_channel import names, pairs_of
from ._proof_key import ProofKey
from ._redirect import redirect_or_error

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._scope import ScopeSet


@final
class LoginAttempt(Value, hidden="url"):
    """What has to be remembered while a person consents. Use it for one login only.

    Attributes:
        client: Who asks.
        state: Comes back in the redirect, so that nobody else's is accepted.
        proof_key: None when the authorization request showed none.
        url: To be opened in the person's browser; not in the repr, since it carries
            the state.

    Source: RFC 6749, section 4.1; RFC 7636; RFC 9700, section 2.1.1.
    """

    client: Client
    state: Secret
    proof_key: ProofKey | None
    url: str

    @classmethod
    def start(
        cls,
        client: Client,
        scopes: ScopeSet,
        *,
        access_type: str = "offline",
        prompt: str | None = "consent",
        proof: str | None = "S256",
    ) -> LoginAttempt:
        """Begin a login: make its secrets and the address to open.

        Args:
            client: Needs a redirect URI.
            scopes: What to ask for.
            access_type: `offline` for a refresh token, or `online`.
            prompt: `consent` asks again; None leaves it to Zoho.
            proof: Method of the proof key, `S256` or `plain`; None for no proof key.

        Raises:
            SettingsError: The client has no redirect URI, there is no scope, or the
                method is unknown.
        """
        import secrets  # paid for by a login, not by each start of a program

        # 256 bits; RFC 6749, section 10.10 asks for 128.
        state = Secret(secrets.token_urlsafe(32))
        proof_key = ProofKey.new(proof) if proof else None
        url = authorization_url(
            client,
            scopes,
            state=state,
            access_type=access_type,
            prompt=prompt,
            proof_key=proof_key,
        )
        return cls(client=client, state=state, proof_key=proof_key, url=url)

    def owns(self, url: str) -> bool:
        """Tell whether a redirect carries this login's state, so that it may end it.

        An old page that a browser opened again does not, nor does what other pages
        make a browser ask for.
        """
        return names(pairs_of(urlsplit(url).query), self.state)

    def finish(self, url: str) -> tuple[Client, AuthorizationCodeGrant]:
        """Return the client at the user's data centre, and what it exchanges there.

        Args:
            url: The whole address that the browser was sent to.

        Raises:
            RefusedError: The person, or Zoho, said no.
            SettingsError: The redirect is not an answer to this login.
        """
        redirect_uri = self.client.redirect_uri or ""
        home = self.client.data_center
        outcome = redirect_or_error(url, self.state, redirect_uri, home)
        # Whoever raises below must not hold the code in clear.
        del url
        if isinstance(outcome, OAuthError):
            raise outcome
        client = replace(self.client, data_center=outcome.data_center or home)
        return client, AuthorizationCodeGrant(
            code=outcome.code,
            redirect_uri=redirect_uri,
            code_verifier=self.proof_key.verifier if self.proof_key else None,
        )
