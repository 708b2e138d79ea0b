"""Saving a cassette: as a whole, or not at all."""

import errno
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest
import yaml

from pytest_catalyst_oauth.cassette import (
    Cassette,
    RecordedExchange,
    Scrubber,
)
from pytest_catalyst_oauth.cassette.errors import (
    SecretInCassetteError,
)
from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.cassette.recordings import (
    NEW_TOKEN,
    OLD_TOKEN,
    cassette,
    refresh,
    rows,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "guests" / "listed.yaml"


def save(path, *exchanges, **options):
    cassette(*exchanges, **options).save(path, scrubber=Scrubber())
    return path


def test_a_surviving_secret_stops_the_writing(path):
    """Place and kind are named, the value is not, and nothing lies on the disk."""
    leak = "q7Zp2mXw9KfT4vBn8sLd1Rc6"
    reply = HttpReply.of_json(200, {"note": leak})
    exchange = RecordedExchange(rows(OLD_TOKEN).request, reply)

    with pytest.raises(SecretInCassetteError) as caught:
        save(path, exchange)

    text = str(caught.value)
    assert "interactions[0].response.body.string: a random-looking value" in text
    assert leak not in text
    assert caught.value.exit_code == 9
    assert not path.parent.exists()


def test_no_frame_of_the_error_holds_the_secret(path):
    """`pytest --showlocals` prints the locals of each frame of ours."""
    leak = "q7Zp2mXw9KfT4vBn8sLd1Rc6"
    exchange = RecordedExchange(
        rows(OLD_TOKEN).request, HttpReply.of_json(200, {"note": leak})
    )

    with pytest.raises(SecretInCassetteError) as caught:
        save(path, exchange)

    ours = [
        repr(entry.frame.f_locals)
        for entry in caught.traceback
        if "pytest_catalyst_oauth" in str(entry.path)
    ]
    assert ours
    assert not [text for text in ours if leak in text or OLD_TOKEN in text]


def test_a_refused_recording_leaves_the_old_one(path):
    """The old cassette still replays."""
    before = save(path, refresh(OLD_TOKEN)).read_bytes()
    reply = HttpReply.of_json(200, {"note": "q7Zp2mXw9KfT4vBn8sLd1Rc6"})

    with pytest.raises(SecretInCassetteError):
        save(path, RecordedExchange(rows(NEW_TOKEN).request, reply))

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_crash_between_write_and_rename_leaves_the_old_file(path):
    """A process that is killed at the worst moment costs the new recording only."""
    before = save(path, refresh(OLD_TOKEN)).read_bytes()
    program = """
        import os, pathlib, sys
        from pytest_catalyst_oauth.cassette import Scrubber
        from tests.cassette.recordings import cassette, rows

        def die(event, arguments):
            if event == "os.rename":
                os._exit(9)

        sys.addaudithook(die)
        cassette(rows("x")).save(pathlib.Path(sys.argv[1]), scrubber=Scrubber())
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        check=False,
    )

    assert done.returncode == 9
    assert path.read_bytes() == before
    assert Cassette.load(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """Below a regular file there is no folder, not even for root."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "listed.yaml"

    with pytest.raises(SettingsError, match="cannot be written") as caught:
        save(path, refresh(OLD_TOKEN))

    assert str(path) in str(caught.value)


def test_a_full_disk_is_told_as_such(path, monkeypatch):
    """Another folder would not help."""

    def full(_):
        raise OSError(errno.ENOSPC, "as in the real one")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(SettingsError, match="No space left on device; make room"):
        save(path, refresh(OLD_TOKEN))


def test_nothing_is_left_behind_when_the_rename_fails(tmp_path):
    """A folder of that name stands in the way."""
    path = tmp_path / "listed.yaml"
    path.mkdir()

    with pytest.raises(SettingsError, match="cannot be written"):
        save(path, refresh(OLD_TOKEN))

    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_a_cassette_as_they_may_read_other_sources(path):
    """It goes into a repository, so the umask decides, as for every file there."""
    mask = os.umask(0o022)
    try:
        save(path, refresh(OLD_TOKEN))
    finally:
        os.umask(mask)

    assert path.stat().st_mode & 0o777 == 0o644


def test_a_text_of_several_lines_is_readable(path):
    """A page of HTML is written line by line, and nothing is folded."""
    page = "<html>\n  <body>No such page</body>\n</html>\n" + "word " * 60 + "."
    exchange = RecordedExchange(
        rows(OLD_TOKEN).request, HttpReply(status=404, body=page.encode())
    )

    text = save(path, exchange).read_text()

    assert re.search(r"^ +<body>No such page</body>$", text, re.MULTILINE)
    assert yaml.safe_load(text)["interactions"][0]["response"]["body"]["string"] == page


def test_a_long_text_stays_in_one_line(path):
    """A value that is folded could hide from a search for it."""
    body = HttpReply.of_json(200, {"words": "many words " * 40})

    text = save(path, RecordedExchange(rows(OLD_TOKEN).request, body)).read_text()

    assert "many words " * 40 in text


def test_locks_do_not_pile_up(tmp_path, monkeypatch):
    """They lie where nobody looks, and cassettes come and go for years."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scrubber = Scrubber()

    for number in range(200):
        path, part = tmp_path / f"{number}.yaml", f"test_it.py::test_{number}"
        cassette(rows("x")).save(path, scrubber=scrubber, part=part)

    (folder,) = tmp_path.glob("pytest-catalyst-oauth-locks-*")
    assert len(list(folder.iterdir())) <= 128
    assert max(one.stat().st_size for one in folder.iterdir()) < 2000
