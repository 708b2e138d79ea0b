"""A ZCQL statement as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ._column import Value


@dataclass(frozen=True, slots=True)
class Name:
    """A column; `table` is a table's name, its alias, or None."""

    table: str | None
    column: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the query."""

    value: Value


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`COUNT`, `SUM`, `MIN`, `MAX` or `AVG`; `of` is None for `COUNT(*)`."""

    function: str
    of: Name | None
    distinct: bool


@dataclass(frozen=True, slots=True)
class Star:
    """All columns, of one table or of all."""

    table: str | None


Operand: TypeAlias = Name | Literal | Aggregate


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands and one of `= != < <= > >=`."""

    left: Operand
    sign: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Like:
    """An operand and a pattern."""

    left: Operand
    pattern: str


@dataclass(frozen=True, slots=True)
class IsNull:
    """An operand that has no value."""

    left: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class Both:
    """`AND`."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """`OR`."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Compare | Like | IsNull | Not | Both | Either


@dataclass(frozen=True, slots=True)
class Source:
    """A table, and the name that it has in the query."""

    table: str
    alias: str


@dataclass(frozen=True, slots=True)
class Join:
    """A further table; `outer` keeps rows that have no partner there."""

    source: Source
    on: Condition
    outer: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One result of a `SELECT`."""

    value: Operand
    alias: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """One key of `ORDER BY`."""

    value: Operand
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """`SELECT`."""

    items: tuple[Item | Star, ...]
    distinct: bool
    source: Source
    joins: tuple[Join, ...]
    where: Condition | None
    group_by: tuple[Name, ...]
    having: Condition | None
    order_by: tuple[Order, ...]
    offset: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Insert:
    """`INSERT INTO`."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Update:
    """`UPDATE`."""

    table: str
    values: tuple[tuple[str, Value], ...]
    where: Condition | None


@dataclass(frozen=True, slots=True)
class Delete:
    """`DELETE FROM`."""

    table: str
    where: Condition | None


Statement: TypeAlias = Select | Insert | Update | Delete
