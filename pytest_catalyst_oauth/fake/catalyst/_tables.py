"""The Data Store: tables, columns and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.fake._answer import json_body, whole_number

from ._envelope import ApiError, success
from ._project import SYSTEM_COLUMNS, is_row

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import Call
    from ._project import Project, Table

_MOST_ROWS = 200


def list_tables(call: Call) -> HttpReply:
    """`GET /table`."""
    tables = [_described(call.project, table) for table in call.project.tables]
    return success(tables, call.accept)


def get_table(call: Call) -> HttpReply:
    """`GET /table/{id or name}`."""
    return success(_described(call.project, _table(call)), call.accept)


def list_columns(call: Call) -> HttpReply:
    """`GET /table/{id or name}/column`."""
    table = _table(call)
    columns = [
        {
            "table_id": table.table_id,
            "column_name": name,
            "column_sequence": number,
            "category": 1 if name in SYSTEM_COLUMNS else 2,
        }
        for number, name in enumerate(table.columns, 1)
    ]
    return success(columns, call.accept)


def list_rows(call: Call) -> HttpReply:
    """`GET /table/{id or name}/row?max_rows&next_token`."""
    rows = list(_table(call).rows.values())
    most = _number(call, "max_rows", _MOST_ROWS, least=1)
    start = _number(call, "next_token", 0, least=0)
    end = start + min(most, _MOST_ROWS)
    more = end < len(rows)
    token = {"next_token": str(end)} if more else {}
    return success(rows[start:end], call.accept, more_records=more, **token)


def get_row(call: Call) -> HttpReply:
    """`GET /table/{id or name}/row/{ROWID}`."""
    return success(_row(_table(call), call.parts[1]), call.accept)


def insert_rows(call: Call) -> HttpReply:
    """`POST /table/{id or name}/row` with an array of rows."""
    table = _table(call)
    inserted = [call.project.add_row(table, row) for row in _rows(call)]
    return success(inserted, call.accept)


def update_rows(call: Call) -> HttpReply:
    """`PUT` or `PATCH /table/{id or name}/row` with an array of rows."""
    table = _table(call)
    changes = [(_row(table, row.get("ROWID")), row) for row in _rows(call)]
    for row, values in changes:
        call.project.update_row(row, values)
    return success([row for row, _ in changes], call.accept)


def delete_row(call: Call) -> HttpReply:
    """`DELETE /table/{id or name}/row/{ROWID}`."""
    table = _table(call)
    row = _row(table, call.parts[1])
    del table.rows[row["ROWID"]]
    return success(row, call.accept)


def delete_rows(call: Call) -> HttpReply:
    """`DELETE /table/{id or name}/row?ids=a,b`."""
    table = _table(call)
    names = (call.query("ids") or "").split(",")
    rows = [_row(table, name) for name in names]
    for row in rows:
        table.rows.pop(row["ROWID"], None)
    return success(rows, call.accept)


def _described(project: Project, table: Table) -> dict[str, Any]:
    return {
        "project_id": project.details,
        "table_name": table.name,
        "table_id": table.table_id,
        "modified_by": {"user_id": project.user_id},
    }


def _table(call: Call) -> Table:
    table = call.project.find_table(call.parts[0])
    if table is None:
        raise ApiError(404, "INVALID_ID", "No such Table with the given id exists")
    return table


def _row(table: Table, row_id: object) -> dict[str, Any]:
    number = whole_number(row_id)
    row = table.rows.get(number) if number is not None else None
    if row is None:
        raise ApiError(404, "INVALID_ID", "No such row with the given id exists")
    return row


def _rows(call: Call) -> list[dict[str, Any]]:
    rows = json_body(call.request)
    if not isinstance(rows, list) or not all(map(is_row, rows)):
        raise ApiError(400, "INVALID_INPUT", "Expected a JSON array of rows")
    return rows


def _number(call: Call, name: str, default: int, *, least: int) -> int:
    number = whole_number(call.query(name) or default)
    if number is None or number < least:
        raise ApiError(400, "INVALID_INPUT", f"Invalid input value for {name}")
    return number
