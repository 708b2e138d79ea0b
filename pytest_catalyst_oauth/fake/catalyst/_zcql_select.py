"""`SELECT` of ZCQL."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias, final

from ._column import Value
from ._zcql_operands import Scope
from ._zcql_tests import bound_test
from ._zcql_tree import (
    Aggregate,
    Both,
    Compare,
    Either,
    IsNull,
    Item,
    Like,
    Name,
    Not,
    Star,
)
from ._zcql_words import query_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._table import Table
    from ._zcql_operands import Bound, Group, Joined
    from ._zcql_tests import Test
    from ._zcql_tree import (
        Condition,
        Operand,
        Select,
        Source,
    )

Line: TypeAlias = dict[str, dict[str, Value]]
# Catalyst answers no more at once.
MOST_ROWS = 300


@final
class Selection:
    """One `SELECT` on some tables.

    Args:
        select: The statement.
        find: Returns a table, or raises an `ApiError`.

    Raises:
        ApiError: The statement does not fit the tables.
    """

    def __init__(self, select: Select, find: Callable[[str], Table]) -> None:
        self._select = select
        self._find = find
        self._scope = Scope()
        self._rows = self._joined()
        aggregates = [one for one in _operands(select) if isinstance(one, Aggregate)]
        self._is_grouped = bool(select.group_by or aggregates)
        self._grouped_by = [self._scope.find(name) for name in select.group_by]

    def lines(self) -> list[Line]:
        """Return the result."""
        select = self._select
        results = self._results()
        groups = list(self._groups())
        if select.having is not None:
            if not self._is_grouped:
                raise query_error("HAVING needs GROUP BY")
            self._check_grouped(_operands_of(select.having))
            test = bound_test(select.having, self._scope)
            groups = [group for group in groups if test(group)]
        self._sort(groups)
        lines = [self._line(results, group) for group in groups]
        lines = _distinct(lines) if select.distinct else lines
        most = MOST_ROWS if select.limit is None else min(select.limit, MOST_ROWS)
        return lines[select.offset : select.offset + most]

    def _joined(self) -> list[Joined]:
        select = self._select
        rows: list[Joined] = [(row,) for row in self._add(select.source).rows.values()]
        for join in select.joins:
            right = self._add(join.source).rows.values()
            _refuse_aggregates(join.on, "ON")
            test = bound_test(join.on, self._scope)
            found: list[Joined] = []
            for left in rows:
                pairs = [(*left, row) for row in right if test([(*left, row)])]
                found += pairs or ([(*left, None)] if join.outer else [])
            rows = found
        if select.where is None:
            return rows
        _refuse_aggregates(select.where, "WHERE")
        where = bound_test(select.where, self._scope)
        return [row for row in rows if where([row])]

    def _add(self, source: Source) -> Table:
        table = self._find(source.table)
        self._scope.add(source.alias, table)
        return table

    def _groups(self) -> Iterable[Group]:
        if not self._is_grouped:
            return ([row] for row in self._rows)
        if not self._grouped_by:
            return [self._rows]
        keys = [self._scope.bind(name) for name in self._select.group_by]
        groups: dict[tuple[Value, ...], list[Joined]] = {}
        for row in self._rows:
            groups.setdefault(tuple(key.get([row]) for key in keys), []).append(row)
        return groups.values()

    def _results(self) -> list[tuple[str, str, Bound]]:
        results = []
        for item in self._select.items:
            if isinstance(item, Star):
                results += self._all_columns(item)
                continue
            self._check_grouped([item.value])
            bound = self._scope.bind(item.value)
            label = self._label(bound.source)
            results.append((label, item.alias or bound.key, bound))
        return results

    def _all_columns(self, star: Star) -> list[tuple[str, str, Bound]]:
        if self._is_grouped:
            raise query_error("* cannot stand beside GROUP BY or an aggregate")
        found = [
            (self._label(number), name, self._scope.bind(Name(alias, name)))
            for number, (alias, table) in enumerate(self._scope.sources)
            if star.table in (None, alias, table.name)
            for name in table.columns
        ]
        if not found:
            raise query_error(f"Unknown Table {star.table}")
        return found

    def _label(self, number: int) -> str:
        """Return a table's name, or its alias if it is there twice."""
        alias, table = self._scope.sources[number]
        same = [one for _, one in self._scope.sources if one is table]
        return table.name if len(same) == 1 else alias

    def _check_grouped(self, operands: Iterable[Operand]) -> None:
        if not self._is_grouped:
            return
        for operand in operands:
            if not isinstance(operand, Name):
                continue
            if self._scope.find(operand) not in self._grouped_by:
                raise query_error(f"Column {operand.column} must be in GROUP BY")

    def _sort(self, groups: list[Group]) -> None:
        aliases = {
            item.alias: item.value
            for item in self._select.items
            if isinstance(item, Item) and item.alias
        }
        # The last key first: sorting is stable.
        for order in reversed(self._select.order_by):
            value = order.value
            if isinstance(value, Name) and value.table is None:
                value = aliases.get(value.column, value)
            self._check_grouped([value])
            groups.sort(
                key=_sort_key(self._scope.bind(value)), reverse=order.descending
            )

    def _line(self, results: Sequence[tuple[str, str, Bound]], group: Group) -> Line:
        line: Line = {}
        for label, key, bound in results:
            value = bound.get(group)
            if isinstance(value, float) and not math.isfinite(value):
                raise query_error(f"{key} is out of range")
            line.setdefault(label, {})[key] = value
        return line


def where_test(where: Condition | None, table: Table) -> Test:
    """Return the condition of an `UPDATE` or `DELETE`.

    Raises:
        ApiError: It does not fit the table.
    """
    if where is None:
        return lambda _: True
    _refuse_aggregates(where, "WHERE")
    scope = Scope()
    scope.add(table.name, table)
    return bound_test(where, scope)


def _sort_key(bound: Bound) -> Callable[[Group], tuple[bool, Any]]:
    def key(group: Group) -> tuple[bool, Any]:
        value = bound.get(group)
        # What has no value comes first, as in MySQL.
        return (value is not None, 0 if value is None else value)

    return key


def _distinct(lines: list[Line]) -> list[Line]:
    kept: dict[tuple[object, ...], Line] = {}
    for line in lines:
        key = tuple((label, *cells.items()) for label, cells in line.items())
        kept.setdefault(key, line)
    return list(kept.values())


def _refuse_aggregates(condition: Condition, clause: str) -> None:
    for operand in _operands_of(condition):
        if isinstance(operand, Aggregate):
            raise query_error(f"{operand.function} cannot stand in {clause}")


def _operands(select: Select) -> list[Operand]:
    found = [item.value for item in select.items if isinstance(item, Item)]
    found += [order.value for order in select.order_by]
    return found + (_operands_of(select.having) if select.having else [])


def _operands_of(condition: Condition) -> list[Operand]:
    match condition:
        case Not():
            return _operands_of(condition.inner)
        case Both() | Either():
            return [one for part in condition.parts for one in _operands_of(part)]
        case Like() | IsNull():
            return [condition.left]
        case Compare():
            return [condition.left, condition.right]
