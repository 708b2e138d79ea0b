"""Every sub-command of `catalyst-oauth cassette` says the same of a bad file."""

from __future__ import annotations

import os
import subprocess

import pytest

from pytest_catalyst_oauth.cli import main
from tests.cassette.bad_files import TEXTS, THINGS, UNSOUND, make
from tests.cli.stage import COMMAND

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="pipes and links are POSIX's"
)
COMMANDS = (["show"], ["scrub", "--in-place"], ["serve"], ["diff"])
NOBODY = 65534


def run(*command, **given):
    """Run a command that must not hang; return what came of it."""
    return subprocess.run(
        [*COMMAND, "cassette", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **given,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    "name", [*(one for one in TEXTS if one != "repeated"), *THINGS]
)
def test_a_bad_file_is_one_line(tmp_path, command, name):
    """And the file stays what it is."""
    path = tmp_path / "bad.yaml"
    told = make(path, name)
    before = path.lstat()[:7]

    done = run(*command, path)

    # Some take a folder; one without cassettes is a mistake of its own kind.
    is_folder = name == "folder" and command[0] in ("diff", "scrub")
    expected = "has no cassette" if is_folder else told
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"catalyst-oauth: cassette {path}: ")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1
    assert path.lstat()[:7] == before


@pytest.mark.parametrize("name", [*TEXTS, *THINGS])
def test_lint_says_what_is_damaged(tmp_path, name):
    """In words of its own, since it also reads files of other tools; at no cost."""
    path = tmp_path / "bad.yaml"
    make(path, name)

    done = run("lint", path, preexec_fn=_small)

    # A folder is searched.
    assert done.returncode == (0 if name == "folder" else 1)
    assert done.stderr == ""
    if done.returncode:
        assert done.stdout.startswith(f"{path}: damage: ")


@pytest.mark.parametrize("name", UNSOUND)
def test_what_nobody_can_show_is_damaged(tmp_path, capsys, name):
    """A file that one command refuses, the others do not call sound."""
    path = tmp_path / "bad.yaml"
    text, told = UNSOUND[name]
    path.write_text(text)

    for command in COMMANDS:
        code = main(["cassette", *command, str(path)])

        said, error = capsys.readouterr()
        assert (code, said) == (2, ""), command
        assert told in error
    code = main(["cassette", "lint", str(path)])

    assert code == 1
    out = capsys.readouterr().out
    assert "bad.yaml: damage: " in out
    assert told in out
    assert path.read_text() == text


def _small():
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_file_that_one_may_not_read(tmp_path, capsys, command):
    """Asked as somebody else where root may read all."""
    path, gone = tmp_path / "bad.yaml", tmp_path / "gone.yaml"
    told = make(path, "unreadable")
    # Somebody else may not be able to import, either.
    main(["cassette", *command, str(gone)])
    capsys.readouterr()
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        code = main(["cassette", *command, str(path)])
    finally:
        if is_root:
            os.seteuid(0)

    said, error = capsys.readouterr()
    assert (code, said) == (2, "")
    assert error.count("\n") == 1
    assert told in error
