"""What a test does in the Catalyst console: tables, segments, folders and crons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .catalyst import Org

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from threading import RLock

    from ._clock import MovableClock
    from ._settings import FakeSettings
    from ._users import User
    from .catalyst import Project


class CatalystSide:
    """The methods of a fake that are about its project.

    Who is signed in does it, and is told as who created it.
    """

    if TYPE_CHECKING:

        @property
        def user(self) -> User:
            """Who is signed in."""

    def __init__(
        self, settings: FakeSettings, clock: MovableClock, lock: RLock
    ) -> None:
        self._lock = lock
        self._project = Org(clock, settings, self.user).projects[0]

    @property
    def project_id(self) -> str:
        """The project that is there from the start."""
        return str(self._project.project_id)

    def add_table(
        self,
        name: str,
        rows: Iterable[Mapping[str, Any]] = (),
        columns: Mapping[str, str | Mapping[str, Any]] | None = None,
    ) -> str:
        """Create a table with rows; return its id.

        Args:
            name: What requests may call it, too.
            rows: Text, numbers, booleans and None by column.
            columns: The type of each, or `data_type`, `max_length`, `is_mandatory`,
                `is_unique` and `default`; None to infer them from the rows.

        Raises:
            SettingsError: There is one of that name already, or something is no
                column, or a row does not fit them.
        """
        with self._lock:
            return str(self._console.add_table(name, rows, columns).table_id)

    def add_segment(self, name: str) -> str:
        """Create a segment of the cache, as the console does; return its id.

        Raises:
            SettingsError: There is one of that name already.
        """
        with self._lock:
            return str(self._console.add_segment(name).segment_id)

    def add_folder(self, name: str, files: Mapping[str, bytes] | None = None) -> str:
        """Create a folder of the File Store with files; return its id.

        Raises:
            SettingsError: There is one of that name already.
        """
        with self._lock:
            return str(self._console.add_folder(name, files or {}).folder_id)

    def add_cron(self, details: Mapping[str, Any]) -> str:
        """Create a cron from what `POST /job_scheduling/cron` takes; return its id.

        Raises:
            SettingsError: It is no cron, or there is one of that name already.
        """
        with self._lock:
            return str(self._console.seed_cron(details).cron_id)

    @property
    def _console(self) -> Project:
        self._project.org.actor = self.user
        return self._project
