"""`SqliteStore`: shared by processes, and hard to break.

What all stores promise is in tests/adapters/test_store_contract.py.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import traceback
from contextlib import closing

import pytest

from pytest_catalyst_oauth.adapters import SqliteStore
from pytest_catalyst_oauth.engine.errors import StoreError
from tests.adapters.stores import FULL, KEY
from tests.engine.doubles import together


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokens.db"


def change(path, *statements):
    path.touch(0o600)
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def refused(path):
    with pytest.raises(StoreError) as caught:
        SqliteStore(path).load(KEY)
    return caught.value


def shown(error):
    lines = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(lines.format())


def test_another_object_finds_what_was_saved(path):
    """The file is the store; nothing is kept in the object."""
    SqliteStore(path).compare_and_swap(KEY, 0, FULL)

    assert SqliteStore(path).load(KEY).access_token == FULL.access_token
    assert repr(SqliteStore(path)) == f"<SQLite store {path}>"


def test_the_file_is_in_wal_mode(path):
    """Readers do not wait for the writer."""
    SqliteStore(path).compare_and_swap(KEY, 0, FULL)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_store_can_be_read_while_another_writes(path):
    """A renewal in one process does not stop the others."""
    store = SqliteStore(path)
    store.compare_and_swap(KEY, 0, FULL)
    with store._open() as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM tokens")

        assert store.load(KEY).access_token == FULL.access_token


def test_a_writer_that_never_ends_is_an_error(path, monkeypatch):
    """It is not said that the file is damaged, and nobody is told to move it."""
    store = SqliteStore(path)
    store.compare_and_swap(KEY, 0, FULL)
    impatient = sqlite3.connect
    monkeypatch.setattr(
        "sqlite3.connect", lambda *a, **k: impatient(*a, **{**k, "timeout": 0})
    )
    with store._open() as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            store.compare_and_swap(KEY, 1, FULL)

    assert caught.value.problem == "is in use by another program"
    assert "move" not in caught.value.hint


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"this is not a database, but a letter to my aunt" * 99,
        lambda data: data[:4096],
        lambda data: data[:100] + b"\xff" * (len(data) - 100),
    ],
    ids=["letter", "cut", "overwritten"],
)
def test_a_damaged_file_is_an_error_with_a_way_out(path, damage):
    """It is not silently replaced: it may be somebody's letter."""
    SqliteStore(path).compare_and_swap(KEY, 0, FULL)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)

    error = refused(path)

    assert error.problem == "is damaged, or not a token store"
    assert error.hint == "move the file away to start with an empty store"
    assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    "assignment",
    [
        "failure = 'no JSON'",
        "failure = '[1, 2]'",
        "failure = 'null'",
        "expires_at = 'tomorrow'",
        "generation = NULL",
    ],
)
def test_a_damaged_record_is_an_error(path, assignment):
    """And the traceback shows none of its tokens, not even with locals."""
    SqliteStore(path).compare_and_swap(KEY, 0, FULL)
    change(path, f"UPDATE tokens SET {assignment}")

    error = refused(path)

    text = shown(error)
    assert "is damaged" in error.problem
    assert "1000.invented-access" not in text


def test_a_failing_write_shows_no_token(path):
    """Neither the old record nor the new one, not even with locals."""
    store = SqliteStore(path)
    store.compare_and_swap(KEY, 0, FULL)
    change(
        path,
        "CREATE TRIGGER full BEFORE INSERT ON tokens BEGIN "
        "SELECT RAISE(ABORT, 'database or disk is full'); END",
    )

    with pytest.raises(StoreError, match="disk is full; check the disk") as caught:
        store.compare_and_swap(KEY, 1, FULL)

    text = shown(caught.value)
    assert "1000.invented" not in text
    assert store.load(KEY).generation == 1


def test_another_programs_database_is_left_alone(path):
    """Not one byte of it is changed."""
    change(path, "CREATE TABLE letters (text)", "INSERT INTO letters VALUES ('Dear')")
    before = path.read_bytes()

    error = refused(path)

    assert error.problem == "belongs to another program"
    assert error.hint == "name another file"
    assert path.read_bytes() == before


def test_another_versions_store_is_left_alone(path):
    """A later version may have written what this one cannot read."""
    SqliteStore(path).compare_and_swap(KEY, 0, FULL)
    change(path, "PRAGMA user_version = 7")

    assert refused(path).problem == "was written by another version (7)"


def test_an_empty_file_becomes_a_store(path):
    """It may have been left by a process that was killed while creating it."""
    path.touch(0o600)

    assert SqliteStore(path).compare_and_swap(KEY, 0, FULL)


def test_a_new_file_may_be_opened_by_many_at_once(tmp_path):
    """One creates it; the others neither fail nor take it for somebody else's."""
    for number in range(10):
        store = SqliteStore(tmp_path / f"{number}.db")

        assert together(32, lambda store=store: store.load(KEY)) == [None] * 32


def run(script, *arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **more,
    )


COUNT = """
import sys
from dataclasses import replace
from pathlib import Path
from pytest_catalyst_oauth.adapters import SqliteStore
from tests.adapters.stores import FULL, KEY

store = SqliteStore(Path(sys.argv[1]))
sys.stdin.read(1)
for _ in range(25):
    while True:
        record = store.load(KEY)
        generation = record.generation if record else 0
        if store.compare_and_swap(KEY, generation, FULL):
            break
print("done")
"""


def test_no_write_is_lost_between_processes(path):
    """Four processes write a hundred times; the file is new when they start."""
    children = [run(COUNT, path) for _ in range(4)]
    for child in children:
        child.stdin.write("x")
        child.stdin.flush()

    said = [child.communicate()[0] for child in children]

    assert said == ["done\n"] * 4
    assert SqliteStore(path).load(KEY).generation == 100


SAVE_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from pytest_catalyst_oauth.adapters import SqliteStore
from tests.adapters.stores import FULL, KEY

store = SqliteStore(Path(sys.argv[1]))
record = store.load(KEY)
for generation in count(record.generation if record else 0):
    assert store.compare_and_swap(KEY, generation, FULL)
    if generation % 10 == 9:
        print(generation + 1, flush=True)
"""


def test_a_kill_while_saving_loses_nothing(path):
    """What was reported as saved is there, whole, and can be written to."""
    for _ in range(5):
        with run(SAVE_FOR_EVER, path) as child:
            saved = int(child.stdout.readline())
            child.send_signal(signal.SIGKILL)

        record = SqliteStore(path).load(KEY)

        assert record.generation >= saved
        assert record.refresh_token == FULL.refresh_token
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


CREATE = """
import sys
from pathlib import Path
from pytest_catalyst_oauth.adapters import SqliteStore
from pytest_catalyst_oauth.engine import StoreKey

key = StoreKey(profile="default", accounts_url="https://a.example", client_id="1000.X")
print("ready", flush=True)
for path in sys.stdin:
    try:
        SqliteStore(Path(path.strip())).load(key)
    except Exception as error:
        print(error, flush=True)
    else:
        print("fine", flush=True)
"""


def test_processes_may_create_the_file_together(tmp_path):
    """SQLite does not wait for the switch to WAL by itself."""
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    try:
        assert [maker.stdout.readline() for maker in makers] == ["ready\n"] * 4
        said = []
        for number in range(25):
            for maker in makers:
                maker.stdin.write(f"{tmp_path}/{number}/tokens.db\n")
            for maker in makers:
                maker.stdin.flush()
            said += [maker.stdout.readline() for maker in makers]
    finally:
        for maker in makers:
            maker.communicate()

    assert set(said) == {"fine\n"}
