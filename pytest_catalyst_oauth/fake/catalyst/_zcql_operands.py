"""Operands of ZCQL, bound to the tables of a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, final

from ._column import Value, as_number
from ._zcql_tree import Aggregate, Literal
from ._zcql_words import query_error

if TYPE_CHECKING:
    from ._column import Column
    from ._table import Row, Table
    from ._zcql_tree import Name, Operand

# One row of each table; None where an outer join found no partner.
Joined: TypeAlias = "tuple[Row | None, ...]"
# What one line of the result stands for: rows of a group, or one row.
Group: TypeAlias = Sequence[Joined]
Getter: TypeAlias = Callable[[Group], Value]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """An operand whose value can be got.

    Attributes:
        get: Returns the value for a group.
        kind: As `Column.kind`; None for a value that stands in the query.
        source: Which table's result it belongs to.
        key: What the result calls it.
    """

    get: Getter
    kind: str | None
    source: int
    key: str


@final
class Scope:
    """The tables of a query, by the names that they have there."""

    def __init__(self) -> None:
        self.sources: list[tuple[str, Table]] = []

    def add(self, alias: str, table: Table) -> None:
        """Add a table.

        Raises:
            ApiError: Another one has the name already.
        """
        if any(alias == taken for taken, _ in self.sources):
            raise query_error(f"Table name {alias} occurs twice; use an alias")
        self.sources.append((alias, table))

    def find(self, name: Name) -> tuple[int, Column]:
        """Find a column and the place of its table.

        Raises:
            ApiError: It is in no table, or in several.
        """
        found = [
            (number, table.columns[name.column])
            for number, (alias, table) in enumerate(self.sources)
            if name.table in (None, alias, table.name) and name.column in table.columns
        ]
        if len(found) > 1:
            raise query_error(f"Column {name.column} is in several tables; say which")
        if not found:
            table = name.table or self.sources[0][1].name
            text = f"Unknown Table {table} or Unknown Column {name.column}"
            raise query_error(text)
        return found[0]

    def bind(self, operand: Operand) -> Bound:
        """Bind an operand.

        Raises:
            ApiError: Its column is unknown, or none that the aggregate takes.
        """
        if isinstance(operand, Literal):
            value = operand.value
            return Bound(get=lambda _: value, kind=None, source=0, key=str(value))
        if isinstance(operand, Aggregate):
            return self._aggregate(operand)
        return self._column(operand)

    def _column(self, name: Name) -> Bound:
        number, column = self.find(name)
        key = column.name

        def get(group: Group) -> Value:
            row = group[0][number] if group else None
            return row.get(key) if row is not None else None

        return Bound(get=get, kind=column.kind, source=number, key=key)

    def _aggregate(self, aggregate: Aggregate) -> Bound:
        function = aggregate.function
        if aggregate.of is None:
            return Bound(get=len, kind="number", source=0, key="COUNT(*)")
        column = self._column(aggregate.of)
        if function in ("SUM", "AVG") and column.kind != "number":
            raise query_error(f"{function} takes numbers, and {column.key} has none")
        shown = "DISTINCT " * aggregate.distinct + column.key
        work = _AGGREGATES[function]

        def get(group: Group) -> Value:
            values = [column.get((joined,)) for joined in group]
            given = [value for value in values if value is not None]
            return work(list(dict.fromkeys(given)) if aggregate.distinct else given)

        kept = function in ("MIN", "MAX")
        kind = column.kind if kept else "number"
        key = f"{function}({shown})"
        return Bound(get=get, kind=kind, source=column.source, key=key)


def fitted(bound: Bound, kind: str) -> Bound:
    """Return an operand as one of another kind.

    Raises:
        ApiError: A value that stands in the query cannot be one.
    """
    if bound.kind == kind:
        return bound
    if bound.kind is not None:
        return Bound(
            get=lambda group: _converted(bound.get(group), kind),
            kind=kind,
            source=bound.source,
            key=bound.key,
        )
    value = bound.get(())
    found = _converted(value, kind)
    if found is None and value is not None:
        raise query_error(f"{kind} value expected, found {str(value)[:30]}")
    return Bound(get=lambda _: found, kind=kind, source=0, key=bound.key)


def _converted(value: Value, kind: str) -> Value:
    """Return a value of another kind; None where there is no such."""
    if value is None or isinstance(value, bool) or kind == "boolean":
        return value if isinstance(value, bool) and kind == "boolean" else None
    if kind == "text":
        return str(value)
    return as_number(value) if isinstance(value, str) else value


def _total(values: Sequence[Value]) -> int | float | None:
    numbers = [value for value in values if isinstance(value, int | float)]
    return sum(numbers) if numbers else None


def _mean(values: Sequence[Value]) -> float | None:
    total = _total(values)
    return None if total is None else total / len(values)


def _extreme(choose: Callable[..., Value]) -> Callable[[Sequence[Value]], Value]:
    return lambda values: choose(values, default=None)


_AGGREGATES: dict[str, Callable[[Sequence[Value]], Value]] = {
    "COUNT": len,
    "SUM": _total,
    "AVG": _mean,
    "MIN": _extreme(min),
    "MAX": _extreme(max),
}
