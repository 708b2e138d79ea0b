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


_READ, _POST = ("GET", "HEAD"), ("POST",)


class Route(NamedTuple):
    """A path of the accounts server.

    Attributes:
        endpoint: Its name where faults are asked for.
        rule: Answers a call, or raises `AccountsError`.
        methods: How it may be asked.
        is_strict: Whether Zoho has no such path.
    """

    endpoint: str
    rule: Callable[[AccountsCall], HttpReply]
    methods: tuple[str, ...] = _READ
    is_strict: bool = False


ROUTES = {
    "/oauth/v2/token": Route("token", _token.token, _POST),
    "/oauth/v2/token/revoke": Route("revoke", _revocation.revoke, _POST),
    "/oauth/v2/token/scopeenhance": Route("enhance", _enhancement.enhance, _POST),
    "/oauth/v2/token/addextrascope": Route("auth", _enhancement.add_scopes),
    "/oauth/v2/auth": Route("auth", _auth.auth),
    "/oauth/v2/auth/refresh": Route("auth", _implicit.renew),
    "/oauth/v2/org/auth": Route("auth", _org.org_auth),
    _consent.PATH: Route("auth", _consent.decide, _POST),
    "/oauth/v3/device": Route("auth", _device_page.device, _READ + _POST),
    "/oauth/v3/device/setCode": Route("auth", _device_page.set_code),
    "/oauth/v3/device/code": Route("device_code", _device.start, _POST),
    "/oauth/v3/device/token": Route("device_token", _device.device_token, _POST),
    "/oauth/serverinfo": Route("server_info", _server_info.server_info),
    "/oauth/user/info": Route("user_info", _user_info.user_info),
    # OpenID Connect Core 1.0, section 5.3.1, wants both methods.
    "/oauth/v2/userinfo": Route(
        "user_info", _user_info.openid_user_info, _READ + _POST
    ),
    "/oauth/v2/keys": Route("openid", _openid.keys),
    "/.well-known/openid-configuration": Route("openid", _openid.configuration),
    "/.well-known/oauth-authorization-server": Route(
        "openid", _openid.metadata, is_strict=True
    ),
}


def answer(server: AccountsServer, path: str, request: HttpRequest) -> HttpReply:
    """Answer one request."""
    route, is_strict = ROUTES.get(path), server.settings.is_strict
    if route is None or (route.is_strict and not is_strict):
        return html_answer("The page was not found.", 404)
    if request.method not in route.methods:
        refused = html_answer("Method Not Allowed", 405)
        return _strict.unallowed(refused, route.methods) if is_strict else refused
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
