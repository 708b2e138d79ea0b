"""Which rule answers which path."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_catalyst_oauth.fake._answer import html_answer, json_answer, parameters

from . import _revocation, _token
from ._call import AccountsCall
from ._error import AccountsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._call import AccountsServer


class Route(NamedTuple):
    """A path of the accounts server.

    Attributes:
        endpoint: Its name where faults are asked for.
        rule: Answers a call, or raises `AccountsError`.
    """

    endpoint: str
    rule: Callable[[AccountsCall], HttpReply]


ROUTES = {
    "/oauth/v2/token": Route("token", _token.token),
    "/oauth/v2/token/revoke": Route("revoke", _revocation.revoke),
}


def answer(server: AccountsServer, path: str, request: HttpRequest) -> HttpReply:
    """Answer one request. Errors are HTTP 200, as Zoho sends them."""
    route = ROUTES.get(path)
    if route is None:
        return html_answer("The page was not found.", 404)
    try:
        return route.rule(AccountsCall(server, request, parameters(request)))
    except AccountsError as error:
        return json_answer({"error": error.error})
