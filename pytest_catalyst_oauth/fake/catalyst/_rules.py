"""The rules of the Catalyst API: who may call what."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, final
from urllib.parse import unquote, urlsplit

from pytest_catalyst_oauth.engine import ScopeCatalogue, Secret

from ._call import Call
from ._envelope import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
    from pytest_catalyst_oauth.fake.accounts import Vault
    from pytest_catalyst_oauth.fake.accounts._holdings import Access

    from ._project import Project
    from ._routes import Rule

_AUTHORIZATION = re.compile(r"(Zoho-oauthtoken|Bearer) (\S+)\Z", re.IGNORECASE)
_OF_PROJECTS = "/baas/v1/project/"


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return a rule for each call of Catalyst; made when the first call comes."""
    from ._routes import HANDLERS, rules

    return rules(ScopeCatalogue.load(), HANDLERS)


@final
class CatalystApi:
    """The Catalyst API of one data centre.

    Args:
        vault: Whose tokens are good.
        project: The first one of the organisation.
        clock: The only source of time.

    Source: zoho-protocol.md 10.
    """

    def __init__(
        self, vault: Vault, project: Project, clock: Callable[[], float]
    ) -> None:
        self._vault = vault
        self._project = project
        self._clock = clock

    def answer(self, request: HttpRequest) -> HttpReply:
        """Check token, path, scope, organisation and project in this order; do it."""
        try:
            return self._done(request)
        except ApiError as error:
            return error.answer()

    def _done(self, request: HttpRequest) -> HttpReply:
        access = self._access(request)
        rule, parts = _find(request)
        if not access.scope.grants(rule.scope):
            raise ApiError(401, "OAUTH_SCOPE_MISMATCH", "Invalid OAuth scope")
        self._check_org(request)
        project = self._project
        if rule.path.pattern.startswith(_OF_PROJECTS):
            project, parts = self._find_project(parts[0]), parts[1:]
        org = project.org
        org.actor = access.consent.user or org.owner
        return rule.handler(Call(request, project, parts, self._clock(), org.actor))

    def _access(self, request: HttpRequest) -> Access:
        found = _AUTHORIZATION.match(request.header("Authorization") or "")
        access = self._vault.access(Secret(found[2])) if found else None
        if access is None:
            # Expired, revoked and invented tokens all get this answer.
            raise ApiError(401, "INVALID_TOKEN", "invalid oauth token")
        return access

    def _check_org(self, request: HttpRequest) -> None:
        given = request.header("CATALYST-ORG")
        if given and given != str(self._project.org.org_id):
            raise ApiError(400, "INVALID_ORG", "No such organisation")

    def _find_project(self, identifier: str) -> Project:
        project = self._project.org.find_project(identifier)
        if project is None:
            raise ApiError(
                401, "PERMISSION_NEEDED", "No privileges to perform this action"
            )
        return project


def _find(request: HttpRequest) -> tuple[Rule, tuple[str, ...]]:
    path = urlsplit(request.url).path.rstrip("/")
    known = [(one, found) for one in all_rules() if (found := one.path.fullmatch(path))]
    for rule, found in known:
        if rule.method == request.method:
            return rule, tuple(map(unquote, found.groups()))
    if known:
        text = f"{request.method} is not possible here"
        raise ApiError(405, "INVALID_REQUEST_METHOD", text)
    raise ApiError(404, "INVALID_URL", "The URL is not part of this fake")
