"""Node's packages for tests, installed once per list of packages."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest


def node(least=()):
    """Return Node's path, or skip if it, npm, or a version is missing."""
    found = shutil.which("node")
    if not found or not shutil.which("npm"):
        pytest.skip("node and npm are not installed")
    said = subprocess.run([found, "--version"], capture_output=True, check=True)
    if tuple(map(int, re.findall(rb"\d+", said.stdout)[:2])) < least:
        pytest.skip(f"Node is older than {'.'.join(map(str, least))}")
    return found


def installed(folder):
    """Return a folder with what a folder's list of packages asks for, or skip."""
    files = [folder / name for name in ("package.json", "package-lock.json")]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "pytest-catalyst-oauth" / f"node-{digest[:12]}"
    if not (place / "node_modules").exists():
        place.mkdir(parents=True, exist_ok=True)
        _install(files, place)
    return place


def _install(files, place):
    with tempfile.TemporaryDirectory(dir=place.parent) as new:
        for one in files:
            shutil.copy(one, new)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            subprocess.run(
                command, cwd=new, check=True, capture_output=True, timeout=90
            )
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"npm cannot install: {type(error).__name__}")
        # Somebody else may have been faster; then theirs will do.
        with suppress(OSError):
            (Path(new) / "node_modules").rename(place / "node_modules")
