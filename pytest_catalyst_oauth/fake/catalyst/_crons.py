"""Crons, at their older path and at the one of Job Scheduling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.fake._answer import json_body

from ._envelope import ApiError, success

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import Call
    from ._cron import Cron


def list_crons(call: Call) -> HttpReply:
    """`GET /cron`."""
    return success([_described(call, one) for one in call.project.crons], call.accept)


def create_cron(call: Call) -> HttpReply:
    """`POST /cron`."""
    cron = call.project.add_cron(_read(call))
    return success(_described(call, cron), call.accept)


def get_cron(call: Call) -> HttpReply:
    """`GET /cron/{id or name}`."""
    return success(_described(call, _cron(call)), call.accept)


def update_cron(call: Call) -> HttpReply:
    """`PUT /cron/{id or name}`."""
    cron, details = _cron(call), _read(call)
    if details.get("cron_name", cron.name) != cron.name:
        call.project.refuse_taken_cron(str(details["cron_name"]))
    cron.change(details, call.now, call.user)
    return success(_described(call, cron), call.accept)


def switch_cron(call: Call) -> HttpReply:
    """`PATCH /cron/{id or name}` with `{"cron_status": true or false}`."""
    cron, status = _cron(call), _read(call).get("cron_status")
    if not isinstance(status, bool):
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for cron_status")
    cron.change({"cron_status": status}, call.now, call.user)
    return success(_described(call, cron), call.accept)


def delete_cron(call: Call) -> HttpReply:
    """`DELETE /cron/{id or name}`."""
    cron = _cron(call)
    call.project.crons.remove(cron)
    return success(_described(call, cron), call.accept)


def submit_job(call: Call) -> HttpReply:
    """`POST /job_scheduling/cron/{id or name}/submit_job`: run it now."""
    cron = _cron(call)
    cron.runs += 1
    job = {
        "job_id": next(call.project.org.ids),
        "job_status": "Submitted",
        "job_meta_details": {**_meta(cron), "source_type": "Cron"},
        "response_code": None,
        "start_time": None,
        "end_time": None,
        "execution_time": None,
        "parent_job_id": None,
        "retried_count": 0,
        "created_time": call.project.org.written_short(),
        "created_by": call.project.org.described_user(call.user),
        "project_details": call.project.details,
    }
    return success(job, call.accept)


def _cron(call: Call) -> Cron:
    cron = call.project.find_cron(call.parts[0])
    if cron is None:
        raise ApiError(404, "INVALID_ID", "No such Cron with the given id exists")
    cron.run_until(call.now)
    return cron


def _read(call: Call) -> dict[str, Any]:
    body = json_body(call.request)
    if not isinstance(body, dict):
        raise ApiError(400, "INVALID_INPUT", "Expected a JSON object")
    return body


def _meta(cron: Cron) -> dict[str, Any]:
    meta = cron.details.get("job_meta")
    return meta if isinstance(meta, dict) else {}


def _described(call: Call, cron: Cron) -> dict[str, Any]:
    cron.run_until(call.now)
    org, due = call.project.org, cron.next_run()
    detail = cron.details["cron_detail"]
    return {
        "description": None,
        "cron_expression": None,
        "cron_execution_type": "pre-defined",
        "end_time": None,
        **cron.details,
        "id": cron.cron_id,
        # The older interface has other names for two members.
        "cron_status": cron.is_on,
        "status": cron.is_on,
        "cron_detail": detail,
        "job_detail": detail,
        "next_run_time": None if due is None else org.written_short(due),
        "success_count": cron.runs,
        "failure_count": 0,
        "created_time": org.written_short(cron.created_at),
        "created_by": org.described_user(cron.created_by),
        "modified_time": org.written_short(cron.modified_at),
        "modified_by": org.described_user(cron.modified_by),
        "project_details": call.project.details,
    }
