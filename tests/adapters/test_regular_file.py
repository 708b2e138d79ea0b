"""A file is read to its end, whatever it said of its size before."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from pytest_catalyst_oauth.adapters import _regular_file
from pytest_catalyst_oauth.adapters._regular_file import (
    TooLargeError,
    read_regular_file,
)


@pytest.fixture
def says(monkeypatch):
    """Let files say another size than they have."""
    real = os.fstat

    def say(size):
        def fstat(handle):
            return SimpleNamespace(st_mode=real(handle).st_mode, st_size=size)

        monkeypatch.setattr(_regular_file.os, "fstat", fstat)

    return say


@pytest.mark.parametrize("said", [0, 10, 1 << 16, (1 << 16) + 1])
@pytest.mark.parametrize("more", [1, 1 << 17])
def test_a_file_that_grows_is_read_to_its_end(tmp_path, says, said, more):
    """Somebody wrote between the two looks."""
    path = tmp_path / "file"
    path.write_bytes(os.urandom(said + more))
    says(said)

    assert read_regular_file(path, 1 << 20) == path.read_bytes()


@pytest.mark.parametrize("said", [0, 99, 100])
def test_a_file_that_grows_beyond_what_is_allowed_is_refused(tmp_path, says, said):
    """No part of it is taken for the whole."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 101)
    says(said)

    with pytest.raises(TooLargeError):
        read_regular_file(path, 100)
