"""A Catalyst project: its tables, rows and cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# 17 digits, as Catalyst's are: beyond what a JavaScript number can hold.
_FIRST_ID = 10_000_000_000_000_001
SYSTEM_COLUMNS = ("ROWID", "CREATORID", "CREATEDTIME", "MODIFIEDTIME")


@final
@dataclass(slots=True, kw_only=True)
class Table:
    """One table of the Data Store.

    Attributes:
        table_id: 17 digits.
        name: As people see it; a URL may name the table by either.
        rows: By ROWID, in order of insertion.
    """

    table_id: int
    name: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that some row has, the system's first."""
        own = dict.fromkeys(name for row in self.rows.values() for name in row)
        return (*SYSTEM_COLUMNS, *(n for n in own if n not in SYSTEM_COLUMNS))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CacheItem:
    """One value of a cache segment.

    Attributes:
        value: Text.
        hours: How long it was to be kept.
        ends_at: Seconds since the epoch.
    """

    value: str | None
    hours: int
    ends_at: float


@final
@dataclass(slots=True, kw_only=True)
class Segment:
    """One segment of the cache."""

    segment_id: int
    name: str
    items: dict[str, CacheItem] = field(default_factory=dict)


@final
class Project:
    """All that one Catalyst project holds.

    Attributes:
        project_id: 17 digits.
        name: As the console shows it.
        user_id: Who created everything.
        tables: In order of creation.
        segments: The default segment first.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ids: Iterator[int] = count(_FIRST_ID)
        self.project_id = next(self._ids)
        self.name = "FakeProject"
        self.user_id = next(self._ids)
        self.tables: list[Table] = []
        self.segments = [Segment(segment_id=next(self._ids), name="Default")]

    @property
    def details(self) -> dict[str, Any]:
        """What other resources say about their project."""
        return {"project_name": self.name, "id": self.project_id}

    def add_table(self, name: str, rows: Iterable[Mapping[str, Any]]) -> Table:
        """Create a table and fill it.

        Raises:
            SettingsError: There is one of that name already, or something is no row.
        """
        rows = tuple(rows)
        if self.find_table(name) is not None:
            raise SettingsError(
                f"table {name!r}", "is there already", "choose another name"
            )
        if not all(map(is_row, rows)):
            raise SettingsError(
                f"rows of table {name!r}",
                "must be mappings",
                "with text, numbers, booleans or None as values",
            )
        table = Table(table_id=next(self._ids), name=name)
        self.tables.append(table)
        for row in rows:
            self.add_row(table, row)
        return table

    def find_table(self, identifier: str) -> Table | None:
        """Find a table by its id or its name."""
        for table in self.tables:
            if identifier in (str(table.table_id), table.name):
                return table
        return None

    def find_segment(self, identifier: str | None) -> Segment | None:
        """Find a segment by its id; None is the default segment."""
        if identifier is None:
            return self.segments[0]
        for segment in self.segments:
            if identifier == str(segment.segment_id):
                return segment
        return None

    def add_row(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        """Insert a row and return it with its system columns."""
        row_id, now = next(self._ids), self._now()
        row = {
            "CREATORID": self.user_id,
            "MODIFIEDTIME": now,
            "CREATEDTIME": now,
            **{n: v for n, v in values.items() if n not in SYSTEM_COLUMNS},
            "ROWID": row_id,
        }
        table.rows[row_id] = row
        return row

    def update_row(self, row: dict[str, Any], values: Mapping[str, Any]) -> None:
        """Change a row's own columns."""
        row.update({n: v for n, v in values.items() if n not in SYSTEM_COLUMNS})
        row["MODIFIEDTIME"] = self._now()

    def _now(self) -> str:
        # Catalyst writes a colon before the milliseconds (zoho-protocol.md 10.5).
        moment = datetime.fromtimestamp(self._clock(), UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S}:{moment.microsecond // 1000:03d}"


def is_row(value: object) -> bool:
    """Tell whether a table can take it: no column holds objects or arrays."""
    return isinstance(value, Mapping) and all(
        isinstance(member, str | int | float | None) for member in value.values()
    )
