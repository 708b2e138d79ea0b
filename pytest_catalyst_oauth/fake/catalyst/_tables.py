"""The Data Store: tables, columns and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.fake._answer import json_body, whole_number

from ._envelope import ApiError, success
from ._table import is_row

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import Call
    from ._project import Project
    from ._table import Row, Table

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
    return success(_columns(_table(call)), call.accept)


def get_column(call: Call) -> HttpReply:
    """`GET /table/{id or name}/column/{id or name}`."""
    table = _table(call)
    column = table.find_column(call.parts[1])
    if column is None:
        raise ApiError(404, "INVALID_ID", "No such Column with the given id exists")
    (found,) = (c for c in _columns(table) if c["column_id"] == column.column_id)
    return success(found, call.accept)


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
    return success(call.project.insert_rows(table, _rows(call)), call.accept)


def update_rows(call: Call) -> HttpReply:
    """`PUT` or `PATCH /table/{id or name}/row` with an array of rows."""
    table = _table(call)
    changes = [(_row(table, row.get("ROWID")), row) for row in _rows(call)]
    return success(call.project.update_rows(table, changes), call.accept)


def delete_row(call: Call) -> HttpReply:
    """`DELETE /table/{id or name}/row/{ROWID}`."""
    table = _table(call)
    row = _row(table, call.parts[1])
    table.remove([row])
    return success(row, call.accept)


def delete_rows(call: Call) -> HttpReply:
    """`DELETE /table/{id or name}/row?ids=a,b`."""
    table = _table(call)
    names = (call.query("ids") or "").split(",")
    rows = [_row(table, name) for name in names]
    table.remove(rows)
    return success(rows, call.accept)


def _described(project: Project, table: Table) -> dict[str, Any]:
    return {
        "project_id": project.details,
        "table_name": table.name,
        "table_scope": "GLOBAL",
        "table_id": table.table_id,
        "modified_time": project.org.written_short(project.created_at),
        "modified_by": project.org.described_user(table.created_by),
    }


def _columns(table: Table) -> list[dict[str, Any]]:
    columns = table.columns.values()
    return [one.described(table.table_id, n) for n, one in enumerate(columns, 1)]


def _table(call: Call) -> Table:
    table = call.project.find_table(call.parts[0])
    if table is None:
        raise ApiError(404, "INVALID_ID", "No such Table with the given id exists")
    return table


def _row(table: Table, row_id: object) -> Row:
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
