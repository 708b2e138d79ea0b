"""Reading the redirect that ends a consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine._directory import follow
from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import RefusedError, SettingsError

from ._front_channel import (
    elsewhere,
    fields_or_error,
    is_ours,
    pairs_of,
    unknown_location,
)

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._data_center import DataCenter


@final
class Redirect(Value):
    """What a successful redirect said.

    Attributes:
        code: To be exchanged at once.
        data_center: Where the user lives and the code must be exchanged; None when
            the redirect did not say.
    """

    code: Secret
    data_center: DataCenter | None


def read_redirect(
    url: str,
    *,
    state: str | Secret,
    redirect_uri: str | None = None,
    home: DataCenter | None = None,
) -> Redirect:
    """Return the code of a redirect.

    `accounts-server` is ignored: a forged redirect could name any host there. The
    data centre comes from `location`, and only if it is one of Zoho's.

    Args:
        url: The whole address that the browser was sent to.
        state: Of the authorization request.
        redirect_uri: Where it must have come to; None if the caller has made sure.
        home: Whom the client asks; a stand-in keeps all traffic. None for Zoho's.

    Raises:
        RefusedError: The redirect carries an `error`.
        SettingsError: The redirect is not an answer to this login, its code is
            missing, or the location is unknown.

    Source: RFC 6749, sections 4.1.2 and 10.12; zoho-protocol.md 3.1 and 3.3.
    """
    outcome = redirect_or_error(url, state, redirect_uri, home)
    # Whoever raises below must not hold the code in clear, nor the state.
    del url, state
    if isinstance(outcome, RefusedError | SettingsError):
        raise outcome
    return outcome


def redirect_or_error(
    url: str,
    state: str | Secret,
    redirect_uri: str | None,
    home: DataCenter | None,
) -> Redirect | RefusedError | SettingsError:
    """Do as `read_redirect` does, but return the error."""
    if not is_ours(url, redirect_uri):
        return elsewhere()
    fields = fields_or_error(pairs_of(urlsplit(url).query), state)
    if not isinstance(fields, dict):
        return fields
    if "code" not in fields:
        return SettingsError("redirect", "carries no code", "start the login again")
    location = fields.get("location")
    data_center = follow(home, location) if location else None
    if location and data_center is None:
        return unknown_location(location)
    return Redirect(code=Secret(fields["code"]), data_center=data_center)
