"""The tools that Ansible's own test runner needs from us."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ansible", reason="ansible-core is not installed")
HERE = Path(__file__).parent


def python(*command, interpreter=sys.executable, **env):
    """Run Python; return what it said on its standard output."""
    done = subprocess.run(
        [interpreter, *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **env},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_ansible_test_accepts_the_copy(tmp_path):
    """It lists its sanity tests there, and leaves nothing in the checkout."""
    said = python(
        *(HERE / "staged.py", "ansible-test", "sanity", "--list-tests"),
        COLLECTION_HOME=str(tmp_path),
    )

    assert "validate-modules" in said
    assert list((tmp_path / ".ansible/test/cache").glob("get_pip_*.py"))


def test_the_exit_code_is_the_commands(tmp_path):
    """A test that fails in the copy fails outside."""
    done = subprocess.run(
        [sys.executable, HERE / "staged.py", "sh", "-c", "exit 7"],
        check=False,
        env={**os.environ, "COLLECTION_HOME": str(tmp_path)},
    )

    assert done.returncode == 7


def test_pip_comes_without_a_download(tmp_path):
    """A virtual environment without pip has one afterwards."""
    python("-m", "venv", "--without-pip", tmp_path / "bare")
    bare = tmp_path / "bare" / "bin" / "python"

    python(HERE / "get_pip.py", "pip", "--no-wheel", interpreter=bare, PIP_NO_INDEX="1")

    assert python("-m", "pip", "--version", interpreter=bare).startswith("pip ")
