"""The implicit grant of a browser application: only its reply is read here.

Whoever tests such an application finds a token in its address bar. We never ask for
one this way ourselves (RFC 9700, section 2.1.2).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine._data_center import DataCenter
from pytest_catalyst_oauth.engine._directory import follow
from pytest_catalyst_oauth.engine._http import HttpReply
from pytest_catalyst_oauth.engine._reply import read_token, visible
from pytest_catalyst_oauth.engine._value import Value, replace
from pytest_catalyst_oauth.engine.errors import OAuthError, SettingsError

from ._front_channel import (
    elsewhere,
    fields_or_error,
    is_ours,
    pairs_of,
    unknown_location,
)

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._secret import Secret
    from pytest_catalyst_oauth.engine._token import Token

_MEMBERS = ("access_token", "expires_in", "token_type", "scope", "api_domain")


@final
class ImplicitReply(Value):
    """What the fragment of a redirect said.

    Attributes:
        token: Without a refresh token; `api_domain` only if it is one of Zoho's.
        data_center: Where the token works; None when the fragment did not say.
    """

    token: Token
    data_center: DataCenter | None


def read_implicit_redirect(
    url: str,
    *,
    state: str | Secret | None,
    received_at: float,
    redirect_uri: str | None = None,
    home: DataCenter | None = None,
) -> ImplicitReply:
    """Return the token in the fragment of a redirect.

    Args:
        url: The whole address, `https://app/cb#state=…&access_token=…`; Zoho writes
            `#&access_token=…` when no state was sent.
        state: That the application sent; None if it sent none.
        received_at: When the redirect came, in seconds since the epoch.
        redirect_uri: Where it must have come to; None if the caller has made sure.
        home: Whom the client asks; a stand-in keeps all traffic. None for Zoho's.

    Raises:
        RefusedError: The fragment carries an `error`, such as `access_denied`,
            `client_not_granted` or `prompt_required`.
        SettingsError: The redirect is not an answer to this login, its token is
            missing, or the location is unknown.
        ReplyError: The token is of an unknown type.

    Source: RFC 6749, section 4.2.2; zoho-protocol.md 3.2.
    """
    outcome = _reply_or_error(url, state, redirect_uri, home)
    # Whoever raises below must not hold the token in clear, nor the state.
    del url, state
    if isinstance(outcome, OAuthError):
        raise outcome
    reply, data_center = outcome
    token = read_token(reply, asked_at=received_at)
    if token.api_domain not in {one.api_domain for one in DataCenter.all()}:
        token = replace(token, api_domain=None)
    return ImplicitReply(token=token, data_center=data_center)


def _reply_or_error(
    url: str,
    state: str | Secret | None,
    redirect_uri: str | None,
    home: DataCenter | None,
) -> tuple[HttpReply, DataCenter | None] | OAuthError:
    if not is_ours(url, redirect_uri):
        return elsewhere()
    fields = fields_or_error(pairs_of(urlsplit(url).fragment), state)
    if not isinstance(fields, dict):
        return fields
    if visible(fields.get("access_token")) is None:
        return SettingsError(
            "fragment of the redirect", "carries no access token", "log in again"
        )
    location = fields.get("location")
    data_center = follow(home, location) if location else None
    if location and data_center is None:
        return unknown_location(location)
    members = {name: fields[name] for name in _MEMBERS if name in fields}
    return HttpReply(status=200, body=json.dumps(members).encode()), data_center
