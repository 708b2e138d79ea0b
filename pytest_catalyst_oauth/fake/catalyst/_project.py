"""A Catalyst project: tables, cache, files and crons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, final

from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._mark import marked

from ._cron import Cron, checked, in_one_spelling
from ._envelope import ApiError
from ._folder import File, Folder
from ._segment import Segment
from ._table import Table, columns_of, is_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_catalyst_oauth.fake._mark import Back

    from ._org import Org
    from ._table import Row

_Named = TypeVar("_Named", Table, Segment, Folder)


@final
class Project:
    """All that one Catalyst project holds.

    Attributes:
        org: Whose it is.
        project_id: 17 digits.
        name: As the console shows it.
        created_by: Whose token it was; of the first one, the owner.
        tables: In order of creation.
        segments: The default segment first.
        folders: In order of creation.
        crons: In order of creation.
    """

    def __init__(self, org: Org, name: str) -> None:
        self.org = org
        self.project_id = next(org.ids)
        self.name = name
        self.created_at = org.clock()
        self.created_by = org.actor
        org.user_id(org.actor)
        self.tables: list[Table] = []
        self.segments = [Segment(segment_id=next(org.ids), name="Default")]
        self.folders: list[Folder] = []
        self.crons: list[Cron] = []

    @property
    def details(self) -> dict[str, Any]:
        """What other resources say about their project."""
        return {"project_name": self.name, "id": self.project_id}

    def mark(self) -> Back:
        """Return what takes new tables, segments, items, folders and crons back."""
        items = self.segments[0].items
        return marked(self.tables, self.segments, items, self.folders, self.crons)

    def add_table(
        self,
        name: str,
        rows: Iterable[Mapping[str, Any]],
        columns: Mapping[str, str | Mapping[str, Any]] | None = None,
    ) -> Table:
        """Create a table and fill it.

        Raises:
            SettingsError: There is one of that name already, or something is no
                column or row.
        """
        rows = tuple(rows)
        _refuse_taken("table", name, self.tables)
        if not all(map(is_row, rows)):
            raise SettingsError(
                f"rows of table {name!r}",
                "must be mappings",
                "with text, numbers, booleans or None as values",
            )
        table_id = next(self.org.ids)
        own = columns_of(name, columns, rows, self.org.ids)
        table = Table(
            table_id=table_id, name=name, columns=own, created_by=self.org.actor
        )
        try:
            self.insert_rows(table, rows)
        except ApiError as error:
            raise SettingsError(f"rows of table {name!r}", error.message) from None
        self.tables.append(table)
        return table

    def add_segment(self, name: str) -> Segment:
        """Create a segment of the cache, as the console does; no API can.

        Raises:
            SettingsError: There is one of that name already.
        """
        _refuse_taken("segment", name, self.segments)
        segment = Segment(segment_id=next(self.org.ids), name=name)
        self.segments.append(segment)
        return segment

    def add_folder(self, name: str, files: Mapping[str, bytes]) -> Folder:
        """Create a folder with files.

        Raises:
            SettingsError: There is one of that name already.
        """
        _refuse_taken("folder", name, self.folders)
        now = self.org.clock()
        folder = Folder(
            folder_id=next(self.org.ids),
            name=name,
            created_at=now,
            modified_at=now,
            created_by=self.org.actor,
            modified_by=self.org.actor,
        )
        self.folders.append(folder)
        for file_name, content in files.items():
            self.add_file(folder, file_name, content, "application/octet-stream")
        return folder

    def add_file(
        self, folder: Folder, name: str, content: bytes, content_type: str
    ) -> File:
        """Put a file into a folder."""
        file = File(
            file_id=next(self.org.ids),
            name=name,
            content=content,
            content_type=content_type,
            created_at=self.org.clock(),
            created_by=self.org.actor,
        )
        folder.files[file.file_id] = file
        return file

    def add_cron(self, details: Mapping[str, Any]) -> Cron:
        """Create a cron.

        Raises:
            ApiError: It is none, or there is one of that name already.
        """
        details = in_one_spelling(details)
        schedule, now = checked(details), self.org.clock()
        self.refuse_taken_cron(details["cron_name"])
        cron = Cron(
            cron_id=next(self.org.ids),
            details=details,
            schedule=schedule,
            created_at=now,
            modified_at=now,
            created_by=self.org.actor,
            modified_by=self.org.actor,
            seen_at=now,
        )
        self.crons.append(cron)
        return cron

    def seed_cron(self, details: Mapping[str, Any]) -> Cron:
        """Create a cron for a test.

        Raises:
            SettingsError: As `add_cron` refuses.
        """
        try:
            return self.add_cron(details)
        except ApiError as error:
            raise SettingsError("cron", error.message) from None

    def refuse_taken_cron(self, name: str) -> None:
        """Refuse a name that a cron has already.

        Raises:
            ApiError: There is one.
        """
        if any(one.name == name for one in self.crons):
            text = "The given Cron name already exists. Please give a different name"
            raise ApiError(409, "DUPLICATE_ENTRY", text)

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

    def find_folder(self, identifier: str) -> Folder | None:
        """Find a folder by its id."""
        for folder in self.folders:
            if identifier == str(folder.folder_id):
                return folder
        return None

    def find_cron(self, identifier: str) -> Cron | None:
        """Find a cron by its id or its name."""
        for cron in self.crons:
            if identifier in (str(cron.cron_id), cron.name):
                return cron
        return None

    def insert_rows(
        self, table: Table, given: Sequence[Mapping[str, Any]]
    ) -> list[Row]:
        """Insert all rows or none; return them with their system columns.

        Raises:
            ApiError: A row does not fit the table.
        """
        now, creator = self.org.written(), self.org.user_id(self.org.actor)
        rows: list[Row] = []
        for values in table.new_rows(given):
            row_id = next(self.org.ids)
            row: Row = {
                "CREATORID": creator,
                "MODIFIEDTIME": now,
                "CREATEDTIME": now,
                **values,
                "ROWID": row_id,
            }
            table.rows[row_id] = row
            rows.append(row)
        return rows

    def update_rows(
        self, table: Table, given: Sequence[tuple[Row, Mapping[str, Any]]]
    ) -> list[Row]:
        """Change the own columns of all rows or none; return the rows.

        Raises:
            ApiError: A row does not fit the table any more.
        """
        now = self.org.written()
        changes = table.changes(given)
        for row, values in changes:
            row.update(values)
            row["MODIFIEDTIME"] = now
        return [row for row, _ in changes]


def _refuse_taken(what: str, name: str, taken: Iterable[_Named]) -> None:
    if any(one.name == name for one in taken):
        raise SettingsError(
            f"{what} {name!r}", "is there already", "choose another name"
        )
