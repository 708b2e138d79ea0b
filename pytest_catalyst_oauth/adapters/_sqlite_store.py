"""The default store: one SQLite file that threads and processes share."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine import Failure, Record, ScopeSet, Secret, StoreKey
from pytest_catalyst_oauth.engine.errors import StoreError

from ._file_lock import file_lock
from ._private_file import ensure_private_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Marks the file as ours: "COau" in ASCII.
_APPLICATION_ID = 0x434F6175
_VERSION = 1
_COLUMNS = (
    "generation seed spent access_token expires_at obtained_at refresh_token scope "
    "api_domain failure"
).split()
_SCHEMA = f"""
CREATE TABLE tokens (
    key TEXT PRIMARY KEY, profile TEXT NOT NULL, accounts_url TEXT NOT NULL,
    client_id TEXT NOT NULL, {", ".join(_COLUMNS)}
) WITHOUT ROWID
"""
_READ = f"SELECT {', '.join(_COLUMNS)} FROM tokens WHERE key = ?"  # noqa: S608  our own names
_WRITE = f"INSERT OR REPLACE INTO tokens VALUES (?{', ?' * (3 + len(_COLUMNS))})"  # noqa: S608  likewise


@final
class SqliteStore:
    """Keep records in one 0600 file, in WAL mode.

    A connection lives for one call, so that nothing open crosses a fork. The lock is
    a side file; the transaction that writes is short, and no reader waits for a
    request to Zoho. Not for network file systems, where SQLite's locks fail.

    Args:
        path: The file; created with its folder when first needed.

    Raises:
        StoreError: From any method, when the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __repr__(self) -> str:
        return f"<SQLite store {self._path}>"

    def load(self, key: StoreKey) -> Record | None:
        """Return the record, or None when there is none."""
        with self._open() as database:
            row = database.execute(_READ, (key.digest,)).fetchone()
            return _record(row) if row else None

    def compare_and_swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        """Write `record` if `generation` is still the latest."""
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            row = database.execute(_READ, (key.digest,)).fetchone()
            if (row[0] if row else 0) != generation:
                database.execute("ROLLBACK")
                return False
            database.execute(_WRITE, _row(key, generation + 1, record))
            database.execute("COMMIT")
            return True

    @contextmanager
    def lock(self, key: StoreKey, deadline: float) -> Iterator[bool]:
        """Hold the key's lock, across processes, while the context lasts."""
        ensure_private_file(self._path)
        side_file = self._path.with_name(f"{self._path.name}.{key.digest}.lock")
        try:
            context = file_lock(side_file, deadline)
            locked = context.__enter__()
        except OSError:
            raise StoreError(
                str(side_file), "cannot be locked", "check who may write there"
            ) from None
        try:
            yield locked
        finally:
            context.__exit__(None, None, None)

    def delete(self, key: StoreKey) -> bool:
        """Forget the record; tell whether there was one."""
        with self._open() as database:
            gone = database.execute("DELETE FROM tokens WHERE key = ?", (key.digest,))
            return gone.rowcount > 0

    def keys(self) -> Iterator[StoreKey]:
        """List whose records there are."""
        with self._open() as database:
            rows = database.execute(
                "SELECT profile, accounts_url, client_id FROM tokens ORDER BY 1, 2, 3"
            ).fetchall()
        return (StoreKey(profile=p, accounts_url=a, client_id=c) for p, a, c in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        ensure_private_file(self._path)
        try:
            with closing(
                sqlite3.connect(self._path, timeout=5.0, isolation_level=None)
            ) as database:
                self._prepare(database)
                yield database
        except sqlite3.Error as error:
            problem = _words(error)
        else:
            return
        raise StoreError(
            str(self._path), problem, "move the file away to start with an empty store"
        )

    def _prepare(self, database: sqlite3.Connection) -> None:
        # FULL makes a written token survive a power cut; it is the default of most
        # builds, not of all.
        database.execute("PRAGMA synchronous = FULL")
        if _ours(database):
            return
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("BEGIN IMMEDIATE")
        if not _ours(database):
            if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise sqlite3.DatabaseError("belongs to another program")
            database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {_VERSION}")
            database.execute(_SCHEMA)
        database.execute("COMMIT")


def _ours(database: sqlite3.Connection) -> bool:
    found: int = database.execute("PRAGMA application_id").fetchone()[0]
    if found != _APPLICATION_ID:
        return False
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version != _VERSION:
        raise sqlite3.DatabaseError(f"was written by another version ({version})")
    return True


def _words(error: sqlite3.Error) -> str:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return "is damaged, or not a token store"
    return text


def _row(key: StoreKey, generation: int, record: Record) -> tuple[Any, ...]:
    return (
        key.digest,
        key.profile,
        key.accounts_url,
        key.client_id,
        generation,
        record.seed,
        int(record.spent),
        record.access_token and record.access_token.reveal(),
        record.expires_at,
        record.obtained_at,
        record.refresh_token and record.refresh_token.reveal(),
        str(record.scope),
        record.api_domain,
        _failure_text(record.failure),
    )


def _record(row: tuple[Any, ...]) -> Record:
    found = dict(zip(_COLUMNS, row, strict=True))
    for name in ("access_token", "refresh_token"):
        found[name] = Secret(found[name]) if found[name] else None
    return Record(
        **{
            **found,
            "spent": bool(found["spent"]),
            "scope": ScopeSet.read(found["scope"]),
            "failure": _failure(found["failure"]),
        }
    )


def _failure_text(failure: Failure | None) -> str | None:
    if failure is None:
        return None
    return json.dumps(
        [failure.kind, failure.args, failure.at, failure.retry_at, failure.count]
    )


def _failure(text: str | None) -> Failure | None:
    if text is None:
        return None
    kind, args, at, retry_at, count = json.loads(text)
    return Failure(kind=kind, args=tuple(args), at=at, retry_at=retry_at, count=count)
