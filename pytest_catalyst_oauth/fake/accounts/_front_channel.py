"""What all requests that come through a browser have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from pytest_catalyst_oauth.engine import ScopeCatalogue, ScopeSet
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._error import AccountsError
from ._pages import PageError
from ._strict import refuse_repeated

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall
    from ._redirect import WayBack


def known_client(call: AccountsCall) -> Client:
    """Return the client that sent the person here.

    Raises:
        PageError: There is none; where to send the person back to is unknown, too.
    """
    client = call.server.vault.clients.get(call.plain("client_id") or "")
    if client is None or is_repeated(call, "client_id", "redirect_uri"):
        raise invalid_client()
    return client


def is_repeated(call: AccountsCall, *names: str) -> bool:
    """Tell whether nobody knows which client, or which way back, is meant.

    Source: RFC 6749, sections 3.1 and 4.1.2.1; Zoho's way is not recorded.
    """
    if not call.server.settings.is_strict:
        return False
    given = [name for name, _ in parse_qsl(urlsplit(call.request.url).query)]
    return any(given.count(name) > 1 for name in names)


def invalid_client() -> PageError:
    """Return the error about a client that this data centre does not know."""
    return PageError(
        "Invalid Client",
        "The client id passed does not exist.",
        "Compare it with the API console; look whether this data centre is enabled.",
    )


def check_response_type(call: AccountsCall, expected: str) -> None:
    """Refuse what this page does not give.

    Raises:
        AccountsError: Another response type is wanted, or none.
    """
    given = call.plain("response_type")
    if given != expected:
        raise AccountsError(
            "Invalid Response Type",
            "unsupported_response_type" if given else "invalid_request",
            description="The response type is none that this page knows.",
        )


def asked_scope(call: AccountsCall) -> ScopeSet:
    """Return the scopes of a request.

    Raises:
        AccountsError: There is none, or one that does not exist; strict: some
            parameter is repeated.

    Source: zoho-protocol.md 2.2, 3.3 and 9; RFC 6749, section 3.1.
    """
    if call.server.settings.is_strict:
        refuse_repeated(parse_qsl(urlsplit(call.request.url).query))
    try:
        scope = ScopeSet.parse(call.plain("scope") or "")
    except SettingsError:
        scope = ScopeSet()
    checks = call.server.settings.checks_scopes
    # Those of other products are left alone: Zoho Accounts serves them all.
    unknown = list(ScopeCatalogue.load().unknown(scope)) if checks else []
    if unknown or not scope:
        named = f"Scope {unknown[0]} does" if unknown else "Scopes are missing, or do"
        raise AccountsError(
            "Invalid OAuth Scope", "invalid_scope", description=f"{named} not exist."
        )
    return scope


def is_known(call: AccountsCall, client: Client, user: User, scope: ScopeSet) -> bool:
    """Tell whether a person consented to all of this before."""
    granted = call.server.people.granted(client, user)
    return all(granted.grants(one) for one in scope)


def refused(call: AccountsCall, back: WayBack, error: AccountsError) -> HttpReply:
    """Tell the person, as Zoho does, or the client, as the standard wants it.

    Source: zoho-protocol.md 3.3; RFC 6749, section 4.1.2.1.
    """
    if call.server.settings.is_strict:
        return back.error(call, error.standard, error.description)
    raise PageError(error.error, error.description, "Correct the application.")


def home_of(call: AccountsCall, client: Client, user: User) -> AccountsCall:
    """Return the call as if it had been made where the person's account is.

    Raises:
        PageError: The client is not enabled there.

    Source: zoho-protocol.md 6.3.
    """
    home = call.at(user.location)
    if client.client_id not in home.server.vault.clients:
        raise invalid_client()
    return home
