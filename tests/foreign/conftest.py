"""Authorization servers and clients that others wrote, on the loopback."""

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

from pytest_catalyst_oauth.engine import Client, DataCenter, Secret
from tests.foreign.oauthlib_server import OauthlibServer

HERE = Path(__file__).parent
REDIRECT_URI = "https://guest.example/callback"
SCOPE = "ZohoCatalyst.tables.rows.READ"


def client_of(url):
    return Client(
        client_id="1000.INVENTEDCLIENT",
        client_secret=Secret("invented-client-secret"),
        kind="server",
        redirect_uri=REDIRECT_URI,
        data_center=DataCenter(location="us", accounts_url=url),
    )


def node():
    """Return Node's path, or skip."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if not found or not npm:
        pytest.skip("node and npm are not installed")
    said = subprocess.run([found, "--version"], capture_output=True, check=True)
    version = tuple(map(int, re.findall(rb"\d+", said.stdout)[:2]))
    if version < (20, 19):
        pytest.skip("Node is older than 20.19")
    return found


def installed():
    """Return a folder with what our programs need; install it once."""
    files = [HERE / name for name in ("package.json", "package-lock.json")]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "pytest-catalyst-oauth" / f"foreign-{digest[:12]}"
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


@pytest.fixture(scope="session")
def oidc_provider():
    """A certified provider that rotates refresh tokens, as a client of ours."""
    program, place = node(), installed()
    # Modules are looked for beside the program, so it goes where they are.
    script = place / f"server-{os.getpid()}.mjs"
    shutil.copy(HERE / "oidc_provider.js", script)
    env = {
        "PATH": os.environ["PATH"],
        "CLIENT_ID": "1000.INVENTEDCLIENT",
        "CLIENT_SECRET": "invented-client-secret",
        "REDIRECT_URI": REDIRECT_URI,
        "SCOPES": SCOPE,
    }
    with subprocess.Popen(
        [program, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=env,
    ) as process:
        try:
            url = process.stdout.readline().strip()
            assert url, "oidc-provider did not start"
            yield client_of(url)
        finally:
            process.kill()
            script.unlink()


@pytest.fixture
def oauthlib_server():
    """A server made of oauthlib's endpoints."""
    with OauthlibServer() as server:
        yield server
