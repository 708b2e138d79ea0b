"""Which call of the API is answered by what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from . import _cache, _crons, _files, _projects, _tables
from ._envelope import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_catalyst_oauth.engine import ApiCall, HttpReply, Scope, ScopeCatalogue

    from ._call import Call

Handler: TypeAlias = "Callable[[Call], HttpReply]"

_PROJECT = "/baas/v1/project/{project}"
_CACHE: dict[str, Handler] = {
    "GET": _cache.get_item,
    "POST": _cache.put_item,
    "PUT": _cache.put_item,
    "DELETE": _cache.delete_item,
}
_CRON: dict[str, Handler] = {
    "GET": _crons.get_cron,
    "PUT": _crons.update_cron,
    "DELETE": _crons.delete_cron,
}


def _run_query(call: Call) -> HttpReply:
    # Its parser is large, and a fake is started more often than it is queried.
    from ._query import run_query

    return run_query(call)


# Paths as in the catalogue, which knows the scopes. Source: zoho-protocol.md 10.
HANDLERS: dict[str, Handler] = {
    "GET /baas/v1/orgs": _projects.list_orgs,
    "GET /baas/v1/project": _projects.list_projects,
    "POST /baas/v1/project": _projects.create_project,
    "GET /baas/v1/project/{project}": _projects.get_project,
    "GET /table": _tables.list_tables,
    "GET /table/{table}": _tables.get_table,
    "GET /table/{table}/column": _tables.list_columns,
    "GET /table/{table}/column/{column}": _tables.get_column,
    "GET /table/{table}/row": _tables.list_rows,
    "GET /table/{table}/row/{row}": _tables.get_row,
    "POST /table/{table}/row": _tables.insert_rows,
    "PUT /table/{table}/row": _tables.update_rows,
    "PATCH /table/{table}/row": _tables.update_rows,
    "DELETE /table/{table}/row": _tables.delete_rows,
    "DELETE /table/{table}/row/{row}": _tables.delete_row,
    "POST /query": _run_query,
    "GET /segment": _cache.list_segments,
    "GET /segment/{segment}": _cache.get_segment,
    **{f"{method} /cache": handler for method, handler in _CACHE.items()},
    **{f"{m} /segment/{{segment}}/cache": handler for m, handler in _CACHE.items()},
    "GET /folder": _files.list_folders,
    "POST /folder": _files.create_folder,
    "GET /folder/{folder}": _files.get_folder,
    "PUT /folder/{folder}": _files.rename_folder,
    "DELETE /folder/{folder}": _files.delete_folder,
    "POST /folder/{folder}/file": _files.upload_file,
    "GET /folder/{folder}/file/{file}": _files.get_file,
    "DELETE /folder/{folder}/file/{file}": _files.delete_file,
    "GET /folder/{folder}/file/{file}/download": _files.download_file,
    "GET /cron": _crons.list_crons,
    "POST /cron": _crons.create_cron,
    **{f"{method} /cron/{{cron}}": handler for method, handler in _CRON.items()},
    "GET /job_scheduling/cron": _crons.list_crons,
    "POST /job_scheduling/cron": _crons.create_cron,
    **{f"{m} /job_scheduling/cron/{{cron}}": handler for m, handler in _CRON.items()},
    "PATCH /job_scheduling/cron/{cron}": _crons.switch_cron,
    "POST /job_scheduling/cron/{cron}/submit_job": _crons.submit_job,
}


class Rule(NamedTuple):
    """One call of the API.

    Attributes:
        method: Upper-case verb.
        path: From `/baas/` on; its groups are what varies.
        scope: The narrowest that is enough.
        handler: What answers it.
        is_served: Whether that is more than an excuse.
    """

    method: str
    path: re.Pattern[str]
    scope: Scope
    handler: Handler
    is_served: bool


def rules(
    catalogue: ScopeCatalogue, handlers: Mapping[str, Handler]
) -> tuple[Rule, ...]:
    """Return a rule for each call of the catalogue.

    Raises:
        LookupError: A handler's call is not in the catalogue.
    """
    by_call = {_call(line): handler for line, handler in handlers.items()}
    known = {(call.method, call.path): call for call in catalogue.calls}
    if strange := by_call.keys() - known.keys():
        raise LookupError(f"not in the catalogue: {sorted(strange)}")
    return tuple(_rule(known[key], by_call.get(key)) for key in known)


def _call(line: str) -> tuple[str, str]:
    method, path = line.split()
    return method, path if path.startswith("/baas/") else f"{_PROJECT}{path}"


def _rule(call: ApiCall, handler: Handler | None) -> Rule:
    pattern = re.compile(re.sub(r"\{\w+\}", "([^/]+)", call.path))
    if handler is None:
        return Rule(call.method, pattern, call.narrowest, _excuse(call), False)
    return Rule(call.method, pattern, call.narrowest, handler, True)


def _excuse(call: ApiCall) -> Handler:
    text = f"{call.method} {call.path} is a call of Catalyst that this fake lacks"

    def refuse(_: Call) -> HttpReply:
        raise ApiError(501, "NOT_SERVED_BY_THE_FAKE", text)

    return refuse
