"""The grammar of ZCQL, as far as the fake has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._zcql_conditions import Conditions
from ._zcql_reader import AGGREGATES, Reader
from ._zcql_tree import (
    Delete,
    Insert,
    Item,
    Join,
    Name,
    Order,
    Select,
    Source,
    Star,
    Update,
)
from ._zcql_words import query_error, unsupported, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._column import Value
    from ._zcql_tree import (
        Condition,
        Statement,
    )


def parse(query: str) -> Statement:
    """Parse one statement.

    Raises:
        ApiError: It is none, or has something that the fake does not know; the error
            names it.
    """
    reader = Reader(words_of(query))
    word = reader.word
    read = _STATEMENTS.get(word.upper)
    if read is None:
        known = ", ".join(_STATEMENTS)
        raise query_error(f"Expected one of {known}, found {word.shown}")
    reader.take()
    statement = read(reader)
    reader.skip(";")
    if reader.word.kind != "end":
        raise reader.surprise("the end")
    return statement


def _select(reader: Reader) -> Select:
    distinct = reader.skip("DISTINCT")
    items = reader.listed(lambda: _item(reader))
    reader.expect("FROM")
    source = _source(reader)
    joins = tuple(iter(lambda: _join(reader), None))
    where = _condition(reader, "WHERE")
    group_by: tuple[Name, ...] = ()
    if reader.skip("GROUP", "BY"):
        group_by = reader.listed(reader.column)
    having = _condition(reader, "HAVING")
    order_by: tuple[Order, ...] = ()
    if reader.skip("ORDER", "BY"):
        order_by = reader.listed(lambda: _order(reader))
    offset, limit = _limit(reader)
    return Select(
        items=items,
        distinct=distinct,
        source=source,
        joins=joins,
        where=where,
        group_by=group_by,
        having=having,
        order_by=order_by,
        offset=offset,
        limit=limit,
    )


def _item(reader: Reader) -> Item | Star:
    if reader.skip("*"):
        return Star(None)
    if reader.word.kind != "name":
        raise reader.surprise("a column")
    if reader.word.upper not in AGGREGATES:
        first = reader.name("a column")
        if reader.skip(".", "*"):
            return Star(first)
        if reader.word.upper == "(":
            raise unsupported(f"function {first.upper()}")
        column = Name(None, first)
        if reader.skip("."):
            column = Name(first, reader.name("a column"))
        return Item(column, reader.alias())
    return Item(reader.operand(), reader.alias())


def _source(reader: Reader) -> Source:
    if reader.word.upper == "(":
        raise unsupported("a query inside a query")
    table = reader.name("a table")
    if reader.word.upper == ",":
        raise unsupported("a list of tables (use JOIN)")
    return Source(table, reader.alias() or table)


def _join(reader: Reader) -> Join | None:
    outer = reader.skip("LEFT")
    if outer:
        reader.skip("OUTER")
    if not (outer or reader.skip("INNER") or reader.word.upper == "JOIN"):
        return None
    reader.expect("JOIN")
    source = _source(reader)
    reader.expect("ON")
    return Join(source, Conditions(reader).read(), outer)


def _condition(reader: Reader, word: str) -> Condition | None:
    return Conditions(reader).read() if reader.skip(word) else None


def _order(reader: Reader) -> Order:
    if reader.word.kind == "number":
        raise unsupported("ORDER BY with a number")
    value = reader.operand()
    descending = reader.skip("DESC")
    if not descending:
        reader.skip("ASC")
    return Order(value, descending)


def _limit(reader: Reader) -> tuple[int, int | None]:
    if not reader.skip("LIMIT"):
        return 0, None
    first = reader.whole_number()
    if reader.skip(","):
        return first, reader.whole_number()
    return (reader.whole_number() if reader.skip("OFFSET") else 0), first


def _insert(reader: Reader) -> Insert:
    reader.expect("INTO")
    table = reader.name("a table")
    columns = reader.in_brackets(lambda: reader.listed(lambda: reader.name("a column")))
    reader.expect("VALUES")
    rows = reader.listed(
        lambda: reader.in_brackets(lambda: reader.listed(reader.value))
    )
    if any(len(row) != len(columns) for row in rows):
        raise query_error("There are not as many values as columns")
    if len(set(columns)) != len(columns):
        raise query_error("A column is named twice")
    return Insert(table, columns, rows)


def _update(reader: Reader) -> Update:
    table = reader.name("a table")
    reader.expect("SET")
    values = reader.listed(lambda: _assignment(reader))
    return Update(table, values, _condition(reader, "WHERE"))


def _assignment(reader: Reader) -> tuple[str, Value]:
    column = reader.name("a column")
    reader.expect("=")
    return column, reader.value()


def _delete(reader: Reader) -> Delete:
    reader.expect("FROM")
    table = reader.name("a table")
    return Delete(table, _condition(reader, "WHERE"))


_STATEMENTS: dict[str, Callable[[Reader], Statement]] = {
    "SELECT": _select,
    "INSERT": _insert,
    "UPDATE": _update,
    "DELETE": _delete,
}
