"""What is no cassette is one clear error, whatever it is, and costs little."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pytest_catalyst_oauth.cassette import Cassette
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.cassette.bad_files import TEXTS, THINGS, make

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="pipes and links are POSIX's"
)
_SMALL = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
from pathlib import Path
from pytest_catalyst_oauth.cassette import Cassette
from pytest_catalyst_oauth.engine.errors import SettingsError
try:
    Cassette.load(Path({path!r}))
except SettingsError as error:
    print(error)
"""


@pytest.mark.parametrize("name", [*TEXTS, *THINGS])
def test_a_bad_file_is_one_error(tmp_path, name):
    """It names the file, what is wrong, and what to do next."""
    path = tmp_path / "bad.yaml"
    told = make(path, name)

    with pytest.raises(SettingsError) as caught:
        Cassette.load(path)

    assert caught.value.what == f"cassette {path}"
    assert told in caught.value.problem
    assert caught.value.hint


@pytest.mark.parametrize("name", [one for one in TEXTS if "laughs" in one] + ["merges"])
def test_a_bomb_eats_no_memory(tmp_path, name):
    """A billion laughs in a kilobyte, in a process that may not grow."""
    path = tmp_path / "bad.yaml"
    told = make(path, name)

    program = _SMALL.format(path=str(path))
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert told in done.stdout, done.stderr


def test_a_file_that_nobody_may_read(tmp_path):
    """Not even root's tests may skip it: another user asks."""
    path = tmp_path / "bad.yaml"
    told = make(path, "unreadable")
    try:
        with pytest.raises(SettingsError, match=told):
            _as_somebody(lambda: Cassette.load(path))
    finally:
        path.chmod(0o600)


def _as_somebody(call):
    if os.geteuid() != 0:
        return call()
    os.seteuid(65534)
    try:
        return call()
    finally:
        os.seteuid(0)
