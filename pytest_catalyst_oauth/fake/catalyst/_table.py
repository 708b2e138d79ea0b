"""A table of the Data Store: its columns and rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, final

from pytest_catalyst_oauth.engine.errors import SettingsError

from ._column import LONGEST, TYPES, Column, Value, inferred_type
from ._envelope import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_catalyst_oauth.fake._users import User

Row: TypeAlias = dict[str, Value]
SYSTEM_COLUMNS = {
    "ROWID": "bigint",
    "CREATORID": "bigint",
    "CREATEDTIME": "datetime",
    "MODIFIEDTIME": "datetime",
}
_FACTS = ("data_type", "max_length", "is_mandatory", "is_unique", "default")


@final
class Table:
    """One table of the Data Store.

    Attributes:
        table_id: 17 digits.
        name: As people see it; a URL may name the table by either.
        columns: By name, the system's first.
        created_by: Who was at the console.
        rows: By ROWID, in order of insertion.
    """

    __slots__ = ("columns", "created_by", "name", "rows", "table_id")

    def __init__(
        self,
        *,
        table_id: int,
        name: str,
        columns: dict[str, Column],
        created_by: User,
    ) -> None:
        self.table_id = table_id
        self.name = name
        self.columns = columns
        self.created_by = created_by
        self.rows: dict[int, Row] = {}

    def find_column(self, identifier: str) -> Column | None:
        """Find a column by its name or its id."""
        for column in self.columns.values():
            if identifier in (column.name, str(column.column_id)):
                return column
        return None

    def new_rows(self, given: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Check rows that are to be inserted; return them with all own columns.

        Raises:
            ApiError: A column is unknown, or a value does not fit.
        """
        own = [one for one in self.columns.values() if not one.is_system]
        rows = []
        for values in given:
            self._check_names(values)
            row = {one.name: values.get(one.name, one.default) for one in own}
            rows.append({name: self.columns[name].read(v) for name, v in row.items()})
        self._check_unique(rows, {})
        return rows

    def changes(
        self, given: Sequence[tuple[Row, Mapping[str, Any]]]
    ) -> list[tuple[Row, Row]]:
        """Check changes of rows; return each row with what to put into it.

        Raises:
            ApiError: As for `new_rows`.
        """
        changed = []
        for row, values in given:
            self._check_names(values)
            own = {n: v for n, v in values.items() if n not in SYSTEM_COLUMNS}
            read = {name: self.columns[name].read(v) for name, v in own.items()}
            changed.append((row, read))
        after = {id(row): row for row, _ in changed}
        merged = {key: dict(row) for key, row in after.items()}
        for row, values in changed:
            merged[id(row)].update(values)
        self._check_unique(list(merged.values()), after)
        return changed

    def remove(self, rows: Sequence[Row]) -> None:
        """Remove rows; one that is named twice counts once."""
        gone = {id(row) for row in rows}
        kept = {key: row for key, row in self.rows.items() if id(row) not in gone}
        self.rows = kept

    def _check_names(self, values: Mapping[str, Any]) -> None:
        if not self.columns.keys() >= values.keys():
            text = "Invalid input value for column name"
            raise ApiError(400, "INVALID_INPUT", text)

    def _check_unique(self, new: list[Row], replaced: Mapping[int, Row]) -> None:
        for column in self.columns.values():
            if not column.is_unique:
                continue
            kept = (row for row in self.rows.values() if id(row) not in replaced)
            values = [row.get(column.name) for row in (*kept, *new)]
            given = [value for value in values if value is not None]
            if len(given) != len(set(given)):
                text = f"Duplicate value for {column.name}. A unique value expected"
                raise ApiError(409, "DUPLICATE_VALUE", text)


def is_row(value: object) -> bool:
    """Tell whether a table can take it: no column holds objects or arrays."""
    return isinstance(value, Mapping) and all(
        isinstance(member, str | int | float | None) for member in value.values()
    )


def columns_of(
    table: str,
    given: Mapping[str, str | Mapping[str, Any]] | None,
    rows: Sequence[Mapping[str, Any]],
    ids: Iterator[int],
) -> dict[str, Column]:
    """Return a table's columns: the system's, and its own as given or inferred.

    Raises:
        SettingsError: Something is no column, is one of the system's, or has values
            of several types.
    """
    own = _inferred(table, rows) if given is None else given
    for name in SYSTEM_COLUMNS.keys() & own.keys():
        raise SettingsError(
            f"column {name!r} of table {table!r}",
            "is there already, the system's own",
            "leave it out, or choose another name",
        )
    columns = [
        Column(
            column_id=next(ids),
            name=name,
            data_type=data_type,
            is_mandatory=True,
            is_unique=name == "ROWID",
            is_system=True,
        )
        for name, data_type in SYSTEM_COLUMNS.items()
    ]
    columns += [_column(name, one, next(ids)) for name, one in own.items()]
    return {column.name: column for column in columns}


def _inferred(table: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    values: dict[str, list[Value]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    types = {name: inferred_type(given) for name, given in values.items()}
    for name, found in types.items():
        if found is None:
            raise SettingsError(
                f"column {name!r} of table {table!r}",
                "has values of several types",
                "make them one, or give the table its columns",
            )
    return {name: found for name, found in types.items() if found}


def _column(name: str, given: str | Mapping[str, Any], column_id: int) -> Column:
    facts: Any = {"data_type": given} if isinstance(given, str) else given
    if not isinstance(facts, Mapping) or not _is_described(facts):
        raise SettingsError(
            f"column {name!r}",
            "is described by a type, or by a mapping with some of " + ", ".join(_FACTS),
            "types are " + ", ".join(TYPES),
        )
    facts = {"data_type": "varchar", **facts}
    facts.setdefault("max_length", LONGEST.get(facts["data_type"]))
    return Column(column_id=column_id, name=name, **facts)


def _is_described(facts: Mapping[str, Any]) -> bool:
    data_type, most = facts.get("data_type", "varchar"), facts.get("max_length")
    switches = facts.get("is_mandatory", False), facts.get("is_unique", False)
    return (
        facts.keys() <= set(_FACTS)
        and isinstance(data_type, str)
        and data_type in TYPES
        and (most is None or (isinstance(most, int) and most > 0))
        and all(isinstance(one, bool) for one in switches)
        and isinstance(facts.get("default"), str | int | float | None)
    )
