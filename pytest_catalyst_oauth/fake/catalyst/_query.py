"""ZCQL: the query language of the Data Store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.fake._answer import json_body

from ._envelope import ApiError, success
from ._table import SYSTEM_COLUMNS
from ._zcql_parser import parse
from ._zcql_select import Selection, where_test
from ._zcql_tree import Delete, Insert, Select, Update
from ._zcql_words import query_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import Call
    from ._project import Project
    from ._table import Row, Table
    from ._zcql_tree import Condition


def run_query(call: Call) -> HttpReply:
    """`POST /query` with `{"query": "..."}`."""
    body = json_body(call.request)
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, str) or not query.strip():
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for query")
    return success(executed(call.project, query), call.accept)


def executed(project: Project, query: str) -> list[dict[str, Any]]:
    """Execute a statement; return its lines, each with the table's name above.

    Raises:
        ApiError: It is no statement, or it does not fit the tables.
    """
    statement = parse(query)
    match statement:
        case Select():
            found = Selection(statement, lambda name: _table(project, name))
            return [dict(line) for line in found.lines()]
        case Insert():
            return _inserted(project, statement)
        case Update():
            return _updated(project, statement)
        case Delete():
            return _deleted(project, statement)


def _inserted(project: Project, insert: Insert) -> list[dict[str, Any]]:
    table = _table(project, insert.table)
    _check_columns(table, insert.columns)
    values = [dict(zip(insert.columns, row, strict=True)) for row in insert.rows]
    return [{table.name: row} for row in project.insert_rows(table, values)]


def _updated(project: Project, update: Update) -> list[dict[str, Any]]:
    table = _table(project, update.table)
    values = dict(update.values)
    _check_columns(table, values)
    rows = _rows(table, update.where)
    project.update_rows(table, [(row, values) for row in rows])
    return [{table.name: {"UPDATED_ROWS_COUNT": len(rows)}}]


def _deleted(project: Project, delete: Delete) -> list[dict[str, Any]]:
    table = _table(project, delete.table)
    rows = _rows(table, delete.where)
    table.remove(rows)
    return [{table.name: {"DELETED_ROWS_COUNT": len(rows)}}]


def _rows(table: Table, where: Condition | None) -> list[Row]:
    test = where_test(where, table)
    return [row for row in table.rows.values() if test([(row,)])]


def _table(project: Project, name: str) -> Table:
    table = next((one for one in project.tables if one.name == name), None)
    if table is None:
        raise query_error(f"Unknown Table {name}")
    return table


def _check_columns(table: Table, names: Iterable[str]) -> None:
    for name in names:
        if name not in table.columns:
            raise query_error(f"Unknown Table {table.name} or Unknown Column {name}")
        if name in SYSTEM_COLUMNS:
            raise query_error(f"Column {name} is the system's")
