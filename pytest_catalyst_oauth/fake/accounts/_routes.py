"""Which rule answers which path."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_catalyst_oauth.fake._answer import html_answer, json_answer, parameters

from . import (
    _auth,
    _consent,
    _device,
    _device_page,
    _enhancement,
    _implicit,
    _openid,
    _org,
    _revocation,
    _server_info,
    _strict,
    _token,
    _user_info,
)
from ._call import AccountsCall
from ._error import AccountsError, NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._call import AccountsServer


class Route(NamedTuple):
    """A path of the accounts server.

    Attributes:
        endpoint: Its name where faults are asked for.
        rule: Answers a call, or raises `AccountsError`.
        is_read: Whether it is asked by GET, and changes nothing.
        is_strict: Whether Zoho has no such path.
    """

    endpoint: str
    rule: Callable[[AccountsCall], HttpReply]
    is_read: bool = False
    is_strict: bool = False


def _read(endpoint: str, rule: Callable[[AccountsCall], HttpReply]) -> Route:
    return Route(endpoint, rule, is_read=True)


ROUTES = {
    "/oauth/v2/token": Route("token", _token.token),
    "/oauth/v2/token/revoke": Route("revoke", _revocation.revoke),
    "/oauth/v2/token/scopeenhance": Route("enhance", _enhancement.enhance),
    "/oauth/v2/token/addextrascope": Route("auth", _enhancement.add_scopes),
    "/oauth/v2/auth": Route("auth", _auth.auth),
    "/oauth/v2/auth/refresh": Route("auth", _implicit.renew),
    "/oauth/v2/org/auth": Route("auth", _org.org_auth),
    _consent.PATH: Route("auth", _consent.decide),
    "/oauth/v3/device": Route("auth", _device_page.device),
    "/oauth/v3/device/setCode": Route("auth", _device_page.set_code),
    "/oauth/v3/device/code": Route("device_code", _device.start),
    "/oauth/v3/device/token": Route("device_token", _device.device_token),
    "/oauth/serverinfo": _read("server_info", _server_info.server_info),
    "/oauth/user/info": _read("user_info", _user_info.user_info),
    "/oauth/v2/userinfo": _read("user_info", _user_info.openid_user_info),
    "/oauth/v2/keys": _read("openid", _openid.keys),
    "/.well-known/openid-configuration": _read("openid", _openid.configuration),
    "/.well-known/oauth-authorization-server": Route(
        "openid", _openid.metadata, is_read=True, is_strict=True
    ),
}


def answer(server: AccountsServer, path: str, request: HttpRequest) -> HttpReply:
    """Answer one request."""
    route, is_strict = ROUTES.get(path), server.settings.is_strict
    if route is None or (route.is_strict and not is_strict):
        return html_answer("The page was not found.", 404)
    if route.is_read and request.method not in ("GET", "HEAD"):
        return html_answer("Method Not Allowed", 405)
    try:
        if is_strict:
            return _strict.finished(route.endpoint, _strictly(server, route, request))
        return route.rule(AccountsCall(server, request, parameters(request)))
    except AccountsError as error:
        # HTTP 200, as Zoho sends it.
        return json_answer({"error": error.error})
    except NotInstalledError as error:
        return html_answer(str(error), 501)


def _strictly(server: AccountsServer, route: Route, request: HttpRequest) -> HttpReply:
    try:
        given = _strict.given(route.endpoint, request)
        if given is None:
            given = parameters(request)
        call = AccountsCall(server, request, given)
        if route.endpoint == "user_info":
            return _strict.protected(request, lambda _: route.rule(call))
        return route.rule(call)
    except AccountsError as error:
        return _strict.refusal(error)
