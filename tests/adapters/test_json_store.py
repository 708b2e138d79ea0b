"""`json:`: files that a kill does not tear, in a folder of ours alone."""

from __future__ import annotations

import json
import os
import signal
import stat
import traceback
from pathlib import Path

import pytest

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine import Record
from pytest_catalyst_oauth.engine.errors import StoreError, StoreWarning
from tests.adapters.stores import FULL, KEY, OTHER, Child, generation

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.fixture
def place(place_of):
    return place_of("json")


@pytest.fixture
def store(place):
    return place.open()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "tokens"


def the_file(folder):
    (file,) = folder.glob("*.json")
    return file


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def refused(store):
    with pytest.raises(StoreError) as caught:
        store.load(KEY)
    return caught.value


def test_files_and_folder_are_ours_alone(store, folder):
    """Whatever the umask says: 0600 in 0700, and what locks likewise."""
    before = os.umask(0)
    try:
        store.compare_and_swap(KEY, 0, FULL)
        with store.lock(KEY, 0):
            found = [folder, *folder.rglob("*")]
    finally:
        os.umask(before)

    with store.lock(KEY, 0):
        assert {mode(one) for one in folder.rglob("*") if one.is_dir()} == {0o700}
        assert {mode(one) for one in folder.rglob("*") if one.is_file()} == {0o600}
    assert len(found) == 4
    assert mode(folder) == 0o700


def test_nothing_is_created_before_it_is_needed(store, folder):
    """Naming a store is not using it."""
    assert not folder.exists()


def test_one_file_is_left_of_many_writes(store, folder):
    """What was replaced is gone, and so are drafts and locks."""
    for number in range(5):
        store.compare_and_swap(KEY, number, FULL)

    assert [path.name for path in folder.iterdir()] == [f"{KEY.digest}.5.json"]


def test_the_file_can_be_read_by_people(store, folder):
    """Whose it is comes first; fields with nothing to say are left out."""
    store.compare_and_swap(KEY, 0, Record(seed="0123"))

    assert json.loads(the_file(folder).read_text()) == {
        "format": 1,
        "profile": "default",
        "accounts_url": "https://accounts.zoho.eu",
        "client_id": "1000.X",
        "generation": 1,
        "record": {"seed": "0123"},
    }


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_use_is_refused(store, folder, bits):
    """The message says how to mend it, and what may have happened."""
    store.compare_and_swap(KEY, 0, FULL)
    the_file(folder).chmod(bits)

    error = refused(store)

    assert str(the_file(folder)) in str(error)
    assert "chmod 600" in error.hint


@pytest.mark.parametrize("bits", [0o750, 0o701, 0o720])
def test_a_folder_that_others_can_use_is_refused(store, folder, bits):
    """They could put a file of theirs there."""
    folder.mkdir()
    folder.chmod(bits)

    assert refused(store).hint.endswith(f"chmod 700 {folder}")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid(), reason="needs root")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_belongs_to_another_user_is_refused(store, folder, what):
    """Even though root could read it."""
    store.compare_and_swap(KEY, 0, FULL)
    os.chown(folder if what == "folder" else the_file(folder), 4711, 4711)

    assert refused(store).problem == "belongs to another user"


def test_a_symbolic_link_is_not_followed(store, folder, tmp_path):
    """Neither for the folder nor for a file."""
    store.compare_and_swap(KEY, 0, FULL)
    file = the_file(folder)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")

    assert refused(store).problem == "is not a regular file"

    folder.rename(tmp_path / "other")
    folder.symlink_to(tmp_path / "other")
    assert refused(store).problem == "is not a folder"


def test_a_pipe_does_not_hang(store, folder):
    """Reading one would wait for ever."""
    store.compare_and_swap(KEY, 0, FULL)
    file = the_file(folder)
    file.unlink()
    os.mkfifo(file, 0o600)

    assert refused(store).problem == "is not a regular file"


def test_a_file_in_the_folders_place_is_an_error(store, folder):
    """The message names it."""
    folder.touch()

    error = refused(store)

    assert (error.store, error.hint) == (
        str(folder),
        "name a folder that you may write to",
    )


DAMAGES = {
    "empty": lambda data: b"",
    "cut": lambda data: data[:-7],
    "zeros": lambda data: bytes(len(data)),
    "letter": lambda data: b"Dear aunt,",
    "list": lambda data: b"[]",
    "deep": lambda data: b"[" * 100_000,
    "other key": lambda data: data.replace(b"1000.X", b"1000.Y"),
    "other generation": lambda data: data.replace(b'"generation":1', b'"generation":9'),
    "wrong type": lambda data: data.replace(b'"spent":true', b'"spent":"yes"'),
    "no record": lambda data: data.replace(b'"record"', b'"cord"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_moved_aside(store, folder, damage):
    """With a warning that says where to; then the store goes on without it."""
    store.compare_and_swap(KEY, 0, FULL)
    damaged = DAMAGES[damage](the_file(folder).read_bytes())
    the_file(folder).write_bytes(damaged)

    with pytest.warns(StoreWarning, match="and was moved to .*corrupt-2") as caught:
        assert store.load(KEY) is None

    (kept,) = folder.glob("*.corrupt-*")
    assert kept.read_bytes() == damaged
    assert str(kept) in str(caught[0].message)
    assert "invented" not in str(caught[0].message)
    assert store.compare_and_swap(KEY, 0, FULL)
    assert generation(store) == 1


def test_another_versions_file_is_left_alone(store, folder):
    """A later version may have written what this one cannot read."""
    store.compare_and_swap(KEY, 0, FULL)
    text = the_file(folder).read_text().replace('"format":1', '"format":2')
    the_file(folder).write_text(text)

    assert refused(store).problem == "was written by another version"
    assert the_file(folder).read_text() == text


def test_what_a_killed_writer_left_is_ignored_and_swept(store, folder):
    """Drafts are neither read nor listed, and do not pile up."""
    store.compare_and_swap(KEY, 0, FULL)
    draft = folder / f".{KEY.digest}.0123.tmp"
    claim = folder / f".{KEY.digest}.lock.4711.tmp"
    young = folder / f".{KEY.digest}.4567.tmp"
    others = folder / f".{OTHER.digest}.0123.tmp"
    claim.mkdir()
    (claim / "4711").touch()
    for one in (draft, claim, young, others):
        one.touch()
        if one is not young:
            os.utime(one, (0, 0))

    assert generation(store) == 1
    assert list(store.keys()) == [KEY]
    assert store.compare_and_swap(KEY, 1, FULL)

    assert {path for path in folder.iterdir() if path.suffix == ".tmp"} == {
        young,
        others,
    }


def test_a_lower_generation_never_counts_again(store, folder):
    """As if a writer had been stopped for a week between two system calls."""
    store.compare_and_swap(KEY, 0, Record())
    late = the_file(folder).read_bytes()
    for number in range(1, 4):
        store.compare_and_swap(KEY, number, FULL)

    (folder / f"{KEY.digest}.1.json").touch(0o600)
    (folder / f"{KEY.digest}.1.json").write_bytes(late)

    assert store.load(KEY).access_token == FULL.access_token
    assert not store.compare_and_swap(KEY, 1, FULL)
    assert store.compare_and_swap(KEY, 4, FULL)
    assert the_file(folder).name == f"{KEY.digest}.5.json"


STOP_AT_THE_LAST_MOMENT = """
import os, signal

def watch(event, arguments):
    if event == "os.link":
        os.kill(os.getpid(), signal.SIGSTOP)

before = generation(store)
sys.addaudithook(watch)
say("about to write")
say(store.compare_and_swap(KEY, before, FULL))
"""

MEANWHILE = {
    "one writes": lambda store: store.compare_and_swap(KEY, 1, Record(seed="1")),
    "three write": lambda store: [
        store.compare_and_swap(KEY, number, Record(seed=str(number)))
        for number in (1, 2, 3)
    ],
    "one forgets": lambda store: store.delete(KEY),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_writer_stopped_at_the_last_moment_comes_too_late(place, meanwhile):
    """Between his last look and the call that publishes, others went on without him."""
    place = place._replace(lease=0.5)
    store = place.open()
    store.compare_and_swap(KEY, 0, Record())
    with Child(place, STOP_AT_THE_LAST_MOMENT) as late:
        assert late.hear() == "about to write"
        os.waitid(os.P_PID, late.process.pid, os.WSTOPPED)

        assert MEANWHILE[meanwhile](store)
        expected = store.load(KEY)
        late.send(signal.SIGCONT)

        assert late.hear() == "False"
    assert store.load(KEY) == expected


def test_a_holder_on_another_machine_loses_its_lease(place, folder):
    """His process cannot be looked at; his silence is enough."""
    patient, store = place.open(), place._replace(lease=0.3).open()
    store.load(KEY)
    lock = folder / f"{KEY.digest}.lock"
    lock.mkdir(0o700)
    (lock / "another-machine.1.0123").touch(0o600)
    with patient.lock(KEY, 0) as early:
        assert not early

    with store.lock(KEY, 60) as locked:
        assert locked


def test_a_clock_that_is_wrong_steals_no_lock(place, folder):
    """Ages are measured by the file server's clock alone, not by ours."""
    store = place._replace(lease=5.0).open()
    with Child(place._replace(lease=5.0), "import time\n" + HOLD) as holder:
        assert holder.hear() == "held"
        # A second machine, whose clock is a day ahead.
        thief = Child(
            place._replace(lease=5.0),
            "import time\n"
            "now = time.time\n"
            "time.time = lambda: now() + 86400\n"
            "with store.lock(KEY, 0.5) as locked:\n"
            "    say(locked)\n",
        )
        with thief:
            assert thief.hear() == "False"
    assert generation(store) == 0


HOLD = """
with store.lock(KEY, 0) as locked:
    say("held" if locked else "not held")
    sys.stdin.readline()
"""


def test_something_else_in_the_locks_place_is_an_error(store, folder):
    """It is left alone, and the message names it."""
    store.load(KEY)
    (folder / f"{KEY.digest}.lock").write_text("a letter")

    with pytest.raises(StoreError, match="lock: cannot be locked"), store.lock(KEY, 0):
        raise AssertionError("it was locked")

    assert (folder / f"{KEY.digest}.lock").read_text() == "a letter"


@pytest.mark.parametrize("call", ["store.load(KEY)", "list(store.keys())"])
def test_a_folder_that_cannot_be_listed_is_an_error(store, folder, call):
    """It is not taken for an empty one, and there is no traceback of the system's."""
    store.compare_and_swap(KEY, 0, FULL)
    with Child(
        ("json", str(folder.parent)),
        f"""
import resource
from pytest_catalyst_oauth.engine.errors import StoreError
store.load(KEY)
limit = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, limit[1]))
try:
    {call}
except StoreError as error:
    said = str(error)
resource.setrlimit(resource.RLIMIT_NOFILE, limit)
say(said)
""",
    ) as child:
        assert "cannot be read: Too many open files" in child.hear()


def test_a_full_disk_shows_no_token(store, folder):
    """Neither the old record nor the new one, not even in a traceback with locals."""
    store.compare_and_swap(KEY, 0, FULL)
    with Child(
        ("json", str(folder.parent)),
        """
import resource, signal, traceback
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
from pytest_catalyst_oauth.engine.errors import StoreError
try:
    store.compare_and_swap(KEY, 1, FULL)
except StoreError as error:
    lines = traceback.TracebackException.from_exception(error, capture_locals=True)
    say(repr("".join(lines.format())))
""",
    ) as child:
        text = child.hear()

    assert "cannot be written" in text
    assert "1000.invented" not in text
    assert generation(store) == 1
    assert not list(folder.glob(".*"))


STORM = """
import os, random, signal, time

def save_for_ever():
    number = generation(store)
    while store.compare_and_swap(KEY, number, FULL):
        number += 1
        os.write(writer, b"x")
    os.abort()

for round_ in range(100):
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        save_for_ever()
    os.close(writer)
    os.read(reader, 1)
    time.sleep(random.uniform(0, 0.01))
    os.kill(pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    reported = before + 1 + len(os.read(reader, 1 << 20)) if round_ else 0
    os.close(reader)
    record = store.load(KEY)
    assert record.generation >= reported, (record.generation, reported)
    assert record.refresh_token == FULL.refresh_token
    before = record.generation
say("done", before)
"""


def test_a_storm_of_kills_tears_no_file(place, folder):
    """A hundred kills while saving: what was reported as saved is there, whole."""
    with Child(place, STORM) as child:
        said = child.hear().split()

    assert said[:1] == ["done"]
    assert int(said[1]) >= 100
    assert list(folder.glob("*.corrupt-*")) == []


EACH_CALL = """
import os, signal

CHANGING = "open os.mkdir os.rename os.link os.remove os.rmdir os.utime".split()

before = generation(store)
calls = 0

def die_at(number):
    # Just before a system call that changes a folder or a file.
    count = 0
    def watch(event, arguments):
        nonlocal count
        if event in CHANGING:
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    assert store.compare_and_swap(KEY, before, FULL)

for number in range(1, 1000):
    code = fork(lambda: die_at(number))
    with store.lock(KEY, 60) as locked:
        assert locked
        record = store.load(KEY)
        assert record.generation in (before, before + 1)
        assert record.refresh_token == FULL.refresh_token
        before = record.generation
        if code == 0:
            break
        assert code == -signal.SIGKILL, code
        # And what it left behind is in nobody's way.
        assert store.compare_and_swap(KEY, before, FULL)
        before += 1
say("died", number - 1)
"""


def test_a_kill_at_any_system_call_loses_nothing(place, store, folder):
    """The old record or the new one is there, and the next writer is not held up."""
    store.compare_and_swap(KEY, 0, FULL)

    with Child(place, EACH_CALL) as child:
        said = child.hear().split()

    assert said[:1] == ["died"]
    assert int(said[1]) > 10
    assert list(folder.glob("*.corrupt-*")) == []


def test_a_killed_process_shows_in_no_list(place, folder):
    """Its draft holds a token, so it is nobody's business."""
    with Child(place, "store.compare_and_swap(KEY, 0, FULL)\nsay('saved')") as child:
        assert child.hear() == "saved"
        child.send(signal.SIGKILL)

    assert list(open_store(place.address).keys()) == [KEY]
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_damaged_files_traceback_shows_no_token(store, folder):
    """When the warning is an error, as in a strict test run."""
    store.compare_and_swap(KEY, 0, FULL)
    the_file(folder).write_bytes(DAMAGES["wrong type"](the_file(folder).read_bytes()))

    with pytest.raises(StoreWarning) as caught:
        store.load(KEY)

    lines = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    assert "1000.invented" not in "".join(lines.format())


def test_a_path_is_the_users(tmp_path, monkeypatch):
    """A tilde is the home, as in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))

    assert repr(open_store("json:~/tokens")) == f"<JSON store {Path(tmp_path)}/tokens>"
