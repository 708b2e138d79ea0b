"""The rules of the Catalyst API: who may call what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, final
from urllib.parse import unquote, urlsplit

from pytest_catalyst_oauth.engine import Scope, ScopeSet, Secret

from . import _cache, _tables
from ._call import Call
from ._envelope import ApiError, success

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
    from pytest_catalyst_oauth.fake.accounts import Vault

    from ._project import Project

_AUTHORIZATION = re.compile(r"(Zoho-oauthtoken|Bearer) (\S+)\Z", re.IGNORECASE)


class _Rule(NamedTuple):
    method: str
    path: re.Pattern[str]
    scope: Scope
    handler: Callable[[Call], HttpReply]


def _get_project(call: Call) -> HttpReply:
    return success(call.project.details, call.accept)


def _rule(line: str, handler: Callable[[Call], HttpReply]) -> _Rule:
    method, path, scope = line.split()
    pattern = re.compile(re.sub(r"\{\w+\}", "([^/]+)", path))
    return _Rule(method, pattern, Scope(f"ZohoCatalyst.{scope}"), handler)


# Source: zoho-protocol.md 9, 10.4 and 10.5.
_RULES = (
    _rule("GET / projects.READ", _get_project),
    _rule("GET /table tables.READ", _tables.list_tables),
    _rule("GET /table/{table} tables.READ", _tables.get_table),
    _rule("GET /table/{table}/column tables.columns.READ", _tables.list_columns),
    _rule("GET /table/{table}/row tables.rows.READ", _tables.list_rows),
    _rule("GET /table/{table}/row/{row} tables.rows.READ", _tables.get_row),
    _rule("POST /table/{table}/row tables.rows.CREATE", _tables.insert_rows),
    _rule("PUT /table/{table}/row tables.rows.UPDATE", _tables.update_rows),
    _rule("PATCH /table/{table}/row tables.rows.UPDATE", _tables.update_rows),
    _rule("DELETE /table/{table}/row tables.rows.DELETE", _tables.delete_rows),
    _rule("DELETE /table/{table}/row/{row} tables.rows.DELETE", _tables.delete_row),
    _rule("GET /segment segments.READ", _cache.list_segments),
    _rule("GET /segment/{segment} segments.READ", _cache.get_segment),
    *(
        _rule(f"{line[0]} {path} {line[1]}", handler)
        for path in ("/cache", "/segment/{segment}/cache")
        for line, handler in (
            (("GET", "cache.READ"), _cache.get_item),
            (("POST", "cache.CREATE"), _cache.put_item),
            # There is no cache.UPDATE.
            (("PUT", "cache.CREATE"), _cache.put_item),
            (("DELETE", "cache.DELETE"), _cache.delete_item),
        )
    ),
)

ALL_SCOPES = ScopeSet(frozenset(rule.scope for rule in _RULES))
_PROJECT = re.compile(r"/baas/v1/project/([^/]+)(/.*)?\Z")


@final
class CatalystApi:
    """The Catalyst API of one data centre.

    Source: zoho-protocol.md 10.
    """

    def __init__(
        self, vault: Vault, project: Project, clock: Callable[[], float]
    ) -> None:
        self._vault = vault
        self._project = project
        self._clock = clock

    def answer(self, request: HttpRequest) -> HttpReply:
        """Check the token, the path and the scope, in this order; then do it."""
        try:
            return self._done(request)
        except ApiError as error:
            return error.answer()

    def _done(self, request: HttpRequest) -> HttpReply:
        granted = self._granted(request)
        project_id, rest = _split(request)
        rule, parts = _find(request.method, rest)
        if not granted.grants(rule.scope):
            raise ApiError(401, "OAUTH_SCOPE_MISMATCH", "Invalid OAuth scope")
        if project_id != str(self._project.project_id):
            raise ApiError(
                401, "PERMISSION_NEEDED", "No privileges to perform this action"
            )
        return rule.handler(Call(request, self._project, parts, self._clock()))

    def _granted(self, request: HttpRequest) -> ScopeSet:
        found = _AUTHORIZATION.match(request.header("Authorization") or "")
        access = self._vault.access(Secret(found[2])) if found else None
        if access is None:
            # Expired, revoked and invented tokens all get this answer.
            raise ApiError(401, "INVALID_TOKEN", "invalid oauth token")
        return access.scope


def _split(request: HttpRequest) -> tuple[str, str]:
    found = _PROJECT.match(urlsplit(request.url).path)
    if found is None:
        raise ApiError(404, "INVALID_URL", "The URL is not part of this fake")
    return found[1], (found[2] or "").rstrip("/") or "/"


def _find(method: str, path: str) -> tuple[_Rule, tuple[str, ...]]:
    known = [(rule, match) for rule in _RULES if (match := rule.path.fullmatch(path))]
    for rule, match in known:
        if rule.method == method:
            return rule, tuple(map(unquote, match.groups()))
    if known:
        raise ApiError(405, "INVALID_REQUEST_METHOD", f"{method} is not possible here")
    raise ApiError(404, "INVALID_URL", "The URL is not part of this fake")
