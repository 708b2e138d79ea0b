"""Authorization servers and clients that others wrote, on the loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_catalyst_oauth.engine import Client, DataCenter, Secret
from tests.foreign.oauthlib_server import OauthlibServer
from tests.npm import installed, node

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


@pytest.fixture(scope="session")
def oidc_provider():
    """A certified provider that rotates refresh tokens, as a client of ours."""
    program, place = node(least=(20, 19)), installed(HERE)
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
