"""Files that hold tokens: ours alone, or refused."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_catalyst_oauth.adapters import SqliteStore, write_private_file
from pytest_catalyst_oauth.engine.errors import SettingsError, StoreError
from tests.adapters.stores import FULL, KEY

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def refused(path):
    with pytest.raises(StoreError) as caught:
        SqliteStore(path).load(KEY)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.fixture(autouse=True)
def _generous_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_the_file_and_its_folder_are_ours_alone(tmp_path):
    """Whatever the umask says: 0600 in 0700, and the side files likewise."""
    path = tmp_path / "new" / "folder" / "tokens.db"
    store = SqliteStore(path)
    modes = {}
    with store.lock(KEY, 0), store._open() as database:
        # While a connection is open, all side files are there.
        database.execute("BEGIN IMMEDIATE")
        database.execute("CREATE TABLE more (x)")
        database.execute("COMMIT")
        modes = {one.suffix: mode(one) for one in path.parent.iterdir()}

    assert mode(path.parent) == 0o700
    assert modes == {".db": 0o600, ".db-wal": 0o600, ".db-shm": 0o600, ".lock": 0o600}


def test_nothing_is_created_before_it_is_needed(tmp_path):
    """Naming a store is not using it."""
    SqliteStore(tmp_path / "new" / "tokens.db")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("others", [0o604, 0o640, 0o660, 0o602, 0o666])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path, others):
    """The message says how to mend it, and that it may be too late."""
    path = tmp_path / "tokens.db"
    SqliteStore(path).compare_and_swap(KEY, 0, FULL)
    path.chmod(others)

    assert f"chmod 600 {path}" in refused(path).hint


def test_a_link_is_refused(tmp_path):
    """Somebody could have laid it, to any file."""
    target = tmp_path / "target.db"
    target.touch(0o600)
    (tmp_path / "tokens.db").symlink_to(target)

    assert refused(tmp_path / "tokens.db").problem == "is not a regular file"
    assert target.read_bytes() == b""


def test_a_link_to_nowhere_is_refused(tmp_path):
    """Otherwise it would decide where the tokens go."""
    (tmp_path / "tokens.db").symlink_to(tmp_path / "elsewhere.db")

    assert refused(tmp_path / "tokens.db").problem == "is not a regular file"
    assert not (tmp_path / "elsewhere.db").exists()


def test_a_link_in_place_of_the_lock_is_refused(tmp_path):
    """It would lock, or create, some other file."""
    store = SqliteStore(tmp_path / "tokens.db")
    side_file = tmp_path / f"tokens.db.{KEY.digest}.lock"
    side_file.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreError, match="cannot be locked"), store.lock(KEY, 0):
        pass

    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_is_refused(tmp_path, make):
    """A folder, or a pipe that somebody listens to."""
    make(tmp_path / "tokens.db")

    assert refused(tmp_path / "tokens.db").problem == "is not a regular file"


def test_a_file_of_somebody_else_is_refused(tmp_path):
    """Its owner can read it at any time."""
    if os.getuid() == 0:
        path = tmp_path / "tokens.db"
        path.touch(0o600)
        os.chown(path, 12_345, -1)
    else:
        path = Path("/etc/hostname")

    assert refused(path).problem == "belongs to another user"


def test_a_folder_that_everybody_may_write_to_is_refused(tmp_path):
    """Another user could put SQLite's side files there first, readable to all."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)

    assert "every user may put files" in refused(folder / "tokens.db").problem


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path):
    """The message is about the path, not a traceback."""
    (tmp_path / "file").touch()

    assert "cannot be used" in refused(tmp_path / "file" / "tokens.db").problem


def test_a_folder_that_cannot_be_made_is_an_error():
    """Not even the superuser can make one there."""
    assert "cannot be used" in refused(Path("/proc/none/tokens.db")).problem


def test_a_private_file_is_written_as_a_whole(tmp_path):
    """0600 from its first byte, and the old one stays until the new one is there."""
    path = tmp_path / "fake.env"
    write_private_file(path, "A=1\n")
    write_private_file(path, "B=2\n")

    assert path.read_text() == "B=2\n"
    assert mode(path) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_that_cannot_be_written_is_an_error(tmp_path):
    """The message names it, and nothing is left lying about."""
    path = tmp_path / "fake.env"
    path.mkdir()
    (path / "full").touch()

    with pytest.raises(SettingsError, match=r"fake\.env: cannot be written"):
        write_private_file(path, "A=1\n")

    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "make", [os.mkfifo, Path.mkdir, None], ids="pipe folder link".split()
)
def test_a_private_file_takes_the_place_of_no_other_thing(tmp_path, make):
    """A pipe, a folder and a link stay what they are, and nobody waits for them."""
    path = tmp_path / "fake.env"
    (tmp_path / "other").write_text("mine")
    make(path) if make else path.symlink_to("other")
    before = path.lstat()

    with pytest.raises(SettingsError, match=r"fake\.env: cannot be written"):
        write_private_file(path, "A=1\n")

    assert path.lstat() == before
    assert (tmp_path / "other").read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fake.env", "other"]


def test_a_private_file_may_have_the_longest_name(tmp_path):
    """What is written meanwhile has a name of its own."""
    write_private_file(tmp_path / ("n" * 255), "A=1\n")

    assert [len(one.name) for one in tmp_path.iterdir()] == [255]


LEAVE_OPEN = """
import sys
from pathlib import Path
from pytest_catalyst_oauth.adapters import SqliteStore
from tests.adapters.stores import FULL, KEY

store = SqliteStore(Path(sys.argv[1]))
with store.lock(KEY, 0) as locked:
    print(locked, flush=True)
    sys.stdin.read()
"""


def test_a_killed_holder_leaves_no_lock(tmp_path):
    """The lock ends with the process, however it ends."""
    path = tmp_path / "tokens.db"
    with subprocess.Popen(
        [sys.executable, "-c", LEAVE_OPEN, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "True\n"
        with SqliteStore(path).lock(KEY, 0) as locked:
            assert not locked
        holder.kill()

    with SqliteStore(path).lock(KEY, 0) as locked:
        assert locked


FORK = """
import os, signal, sys
from pathlib import Path
from pytest_catalyst_oauth.adapters import SqliteStore
from tests.adapters.stores import KEY

with SqliteStore(Path(sys.argv[1])).lock(KEY, 0):
    child = os.fork()
    if child == 0:
        print("forked", flush=True)
        sys.stdin.read()
        os._exit(0)
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)
"""


@pytest.mark.parametrize("end", ["kill", "release"])
def test_a_child_of_fork_does_not_keep_the_lock(tmp_path, end):
    """A worker forked during a renewal would lock everybody out for its whole life."""
    path = tmp_path / "tokens.db"
    with subprocess.Popen(
        [sys.executable, "-c", FORK, path, end],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout.readline() == "forked\n"
        with SqliteStore(path).lock(KEY, 20) as locked:
            assert locked
        parent.stdin.close()
