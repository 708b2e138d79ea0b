"""The authorization code grant: a person consents in a browser."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from pytest_catalyst_oauth.engine._data_center import DataCenter
from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine.errors import RefusedError, SettingsError

from ._grant import client_fields

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._scope import ScopeSet


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCodeGrant:
    """Exchange the code of a redirect.

    Attributes:
        code: Lives about two minutes, works once.
        redirect_uri: Exactly the one that the authorization request named.

    Source: RFC 6749, section 4.1.3; zoho-protocol.md 2.3.
    """

    code: Secret
    redirect_uri: str

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
                ("redirect_uri", self.redirect_uri),
                *client_fields(client),
            ],
            replayable=False,
        )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """What a successful redirect said.

    Attributes:
        code: To be exchanged at once.
        data_center: Where the user lives and the code must be exchanged; None when
            the redirect did not say.
    """

    code: Secret
    data_center: DataCenter | None


def authorization_url(
    client: Client,
    scopes: ScopeSet,
    *,
    state: str,
    access_type: str = "offline",
    prompt: str | None = "consent",
) -> str:
    """Return the address to open in a person's browser.

    Without `offline` and `consent` together, a second consent brings no refresh
    token.

    Args:
        client: Needs a redirect URI.
        scopes: What to ask for.
        state: Unguessable, one per attempt; give the same to `read_redirect`.
        access_type: `offline` for a refresh token, or `online`.
        prompt: `consent` asks again; None leaves it to Zoho.

    Raises:
        SettingsError: The client has no redirect URI, or there is no scope.

    Source: RFC 6749, section 4.1.1; zoho-protocol.md 2.2.
    """
    if client.redirect_uri is None:
        raise SettingsError(
            f"client {client.client_id}",
            "has no redirect URI",
            "give the one that is registered in the API console",
        )
    if not scopes:
        raise SettingsError("scopes", "are empty", "name at least one scope")
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "scope": scopes.for_request(),
        "redirect_uri": client.redirect_uri,
        "state": state,
        "access_type": access_type,
        **({"prompt": prompt} if prompt else {}),
    }
    return f"{client.authorization_url}?{urlencode(fields, quote_via=quote)}"


def read_redirect(url: str, *, state: str) -> Redirect:
    """Return the code of a redirect.

    `accounts-server` is ignored: a forged redirect could name any host there. The
    data centre comes from `location`, and only if it is one of Zoho's.

    Raises:
        RefusedError: The redirect carries an `error`.
        SettingsError: The state is not ours, the code is missing, or the location
            is unknown.

    Source: RFC 6749, sections 4.1.2 and 10.12; zoho-protocol.md 3.1 and 3.3.
    """
    outcome = _redirect_or_error(url, state)
    if isinstance(outcome, RefusedError | SettingsError):
        raise outcome
    location, code = outcome
    data_center = DataCenter.parse(location) if location else None
    return Redirect(code=code, data_center=data_center)


def _redirect_or_error(
    url: str, state: str
) -> tuple[str | None, Secret] | RefusedError | SettingsError:
    fields = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if not hmac.compare_digest(fields.get("state", "").encode(), state.encode()):
        return SettingsError(
            "state of the redirect",
            "is not the one of this login",
            "start the login again; the link may be old, or forged",
        )
    if fields.get("error"):
        return RefusedError(fields["error"][:80], 302)
    if not fields.get("code"):
        return SettingsError("redirect", "carries no code", "start the login again")
    return fields.get("location"), Secret(fields["code"])
