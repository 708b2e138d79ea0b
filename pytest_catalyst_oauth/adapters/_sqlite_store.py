"""The default store: one SQLite file that threads and processes share."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine import Record, ScopeSet, Secret, StoreKey
from pytest_catalyst_oauth.engine.errors import StoreError

from ._file_lock import file_lock
from ._private_file import ensure_private_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_catalyst_oauth.engine import Failure

# Marks the file as ours: "COau" in ASCII.
_APPLICATION_ID = 0x434F6175
_VERSION = 3
# Seconds to wait for another process that writes.
_PATIENCE = 5.0
_KEY = ("profile", "accounts_url", "client_id")
_COLUMNS = (
    "generation seed spent access_token expires_at obtained_at refresh_token scope "
    "api_domain failure asked logins revoked revoke_pending"
).split()
_SCHEMA = f"""
CREATE TABLE tokens (
    {", ".join(f"{name} TEXT NOT NULL" for name in _KEY)}, {", ".join(_COLUMNS)},
    PRIMARY KEY ({", ".join(_KEY)})
) WITHOUT ROWID
"""
# The names in these are our own.
_OF_KEY = f"WHERE {' AND '.join(f'{name} = ?' for name in _KEY)}"
_READ = f"SELECT {', '.join(_COLUMNS)} FROM tokens {_OF_KEY}"  # noqa: S608
_READ_GENERATION = f"SELECT generation FROM tokens {_OF_KEY}"  # noqa: S608
_DELETE = f"DELETE FROM tokens {_OF_KEY}"  # noqa: S608
_LIST = f"SELECT {', '.join(_KEY)} FROM tokens ORDER BY 1, 2, 3"  # noqa: S608
_WRITE = (
    "INSERT OR REPLACE INTO tokens "  # noqa: S608
    f"VALUES ({', '.join('?' * (len(_KEY) + len(_COLUMNS)))})"
)


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

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)

    def __repr__(self) -> str:
        return f"<SQLite store {self._path}>"

    @property
    def place(self) -> str:
        """The file."""
        return self._path

    def load(self, key: StoreKey) -> Record | None:
        """Return the record, or None when there is none."""
        with self._open() as database:
            # The row is nobody's local variable: it holds tokens in clear.
            found = _record_or_error(database.execute(_READ, _parts(key)).fetchone())
            if isinstance(found, sqlite3.Error):
                raise found
            return found

    def compare_and_swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        """Write `record` if `generation` is still the latest."""
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")
            row = database.execute(_READ_GENERATION, _parts(key)).fetchone()
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
        side_file = f"{self._path}.{key.digest}.lock"
        try:
            context = file_lock(side_file, deadline)
            locked = context.__enter__()
        except OSError:
            raise StoreError(
                side_file, "cannot be locked", "check who may write there"
            ) from None
        try:
            yield locked
        finally:
            context.__exit__(None, None, None)

    def delete(self, key: StoreKey) -> bool:
        """Forget the record; tell whether there was one."""
        with self._open() as database:
            return database.execute(_DELETE, _parts(key)).rowcount > 0

    def keys(self) -> Iterator[StoreKey]:
        """List whose records there are."""
        with self._open() as database:
            rows = database.execute(_LIST).fetchall()
        return (StoreKey(profile=p, accounts_url=a, client_id=c) for p, a, c in rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        ensure_private_file(self._path)
        try:
            with closing(
                sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            ) as database:
                self._prepare(database)
                yield database
        except sqlite3.Error as error:
            problem, hint = _words(error)
        else:
            return
        raise StoreError(self._path, problem, hint) from None

    def _prepare(self, database: sqlite3.Connection) -> None:
        # FULL makes a written token survive a power cut; it is the default of most
        # builds, not of all.
        database.execute("PRAGMA synchronous = FULL")
        if self._is_ours(database):
            return
        # Before the first change, since the mode is a property of the file; and with
        # one view of it, since another process may be creating it right now.
        database.execute("BEGIN")
        self._is_empty(database)
        database.execute("COMMIT")
        _switch_to_wal(database)
        database.execute("BEGIN IMMEDIATE")
        if self._is_empty(database):
            database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {_VERSION}")
            database.execute(_SCHEMA)
        database.execute("COMMIT")

    def _is_ours(self, database: sqlite3.Connection) -> bool:
        found: int = database.execute("PRAGMA application_id").fetchone()[0]
        if found != _APPLICATION_ID:
            return False
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version != _VERSION:
            problem = f"was written by another version ({version})"
            raise StoreError(self._path, problem, "name another file")
        return True

    def _is_empty(self, database: sqlite3.Connection) -> bool:
        if self._is_ours(database):
            return False
        if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            problem = "belongs to another program"
            raise StoreError(self._path, problem, "name another file")
        return True


def _switch_to_wal(database: sqlite3.Connection) -> None:
    # Unlike all else, this does not wait while another process looks at the file.
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= end:
                raise
            time.sleep(0.005)
        else:
            return


def _words(error: sqlite3.Error) -> tuple[str, str]:
    """Return what is wrong, and what to do next."""
    text = str(error)
    if "not a database" in text or "malformed" in text:
        hint = "move the file away to start with an empty store"
        return "is damaged, or not a token store", hint
    if "locked" in text:
        return "is in use by another program", "try again when that has ended"
    return text, "check the disk, and who may write there"


def _parts(key: StoreKey) -> tuple[str, str, str]:
    return key.profile, key.accounts_url, key.client_id


def _row(key: StoreKey, generation: int, record: Record) -> tuple[Any, ...]:
    return (
        *_parts(key),
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
        " ".join(map(repr, record.asked)),
        record.logins,
        int(record.revoked),
        int(record.revoke_pending),
    )


def _record_or_error(row: tuple[Any, ...] | None) -> Record | sqlite3.Error | None:
    """Read a row. Returned, not raised: a traceback would show what it holds."""
    if row is None:
        return None
    try:
        return _record(dict(zip(_COLUMNS, row, strict=True)))
    except (TypeError, ValueError):
        return sqlite3.DatabaseError("malformed record")


def _record(found: dict[str, Any]) -> Record:
    access_token, refresh_token = found["access_token"], found["refresh_token"]
    return Record(
        generation=int(found["generation"]),
        seed=str(found["seed"]),
        spent=bool(found["spent"]),
        access_token=Secret(access_token) if access_token else None,
        expires_at=float(found["expires_at"]),
        obtained_at=float(found["obtained_at"]),
        refresh_token=Secret(refresh_token) if refresh_token else None,
        scope=ScopeSet.read(found["scope"]),
        api_domain=found["api_domain"],
        failure=_failure(found["failure"]),
        asked=tuple(map(float, str(found["asked"]).split())),
        logins=int(found["logins"]),
        revoked=bool(found["revoked"]),
        revoke_pending=bool(found["revoke_pending"]),
    )


def _failure_text(failure: Failure | None) -> str | None:
    if failure is None:
        return None
    import json

    return json.dumps(
        [failure.kind, failure.args, failure.at, failure.retry_at, failure.count]
    )


def _failure(text: str | None) -> Failure | None:
    if text is None:
        return None
    import json

    from pytest_catalyst_oauth.engine import Failure

    kind, args, at, retry_at, count = json.loads(text)
    return Failure(kind=kind, args=tuple(args), at=at, retry_at=retry_at, count=count)
