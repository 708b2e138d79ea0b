"""Projects and the organisation that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.fake._answer import json_body

from ._envelope import ApiError, success

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import Call
    from ._project import Project

_LONGEST_NAME = 255


def list_projects(call: Call) -> HttpReply:
    """`GET /baas/v1/project`."""
    projects = call.project.org.projects
    return success([_described(one) for one in projects], call.accept)


def create_project(call: Call) -> HttpReply:
    """`POST /baas/v1/project` with `{"project_name": "..."}`."""
    body = json_body(call.request)
    name = body.get("project_name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for project_name")
    org = call.project.org
    if any(one.name == name for one in org.projects):
        text = "The given Project name already exists. Please give a different name"
        raise ApiError(409, "DUPLICATE_ENTRY", text)
    return success(_described(org.add_project(name)), call.accept)


def get_project(call: Call) -> HttpReply:
    """`GET /baas/v1/project/{id}`."""
    return success(_described(call.project), call.accept)


def list_orgs(call: Call) -> HttpReply:
    """`GET /baas/v1/orgs`."""
    return success([call.project.org.described], call.accept)


def _described(project: Project) -> dict[str, Any]:
    moment = project.org.written_short(project.created_at)
    user = project.org.described_user(project.created_by)
    return {
        "platforms": [],
        **project.details,
        "created_by": user,
        "created_time": moment,
        "modified_by": user,
        "modified_time": moment,
        "project_type": "Live",
        "org_details": project.org.described,
    }
