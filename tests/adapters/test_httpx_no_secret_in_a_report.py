"""A real `pytest -l` of tests that fail with an authorized `httpx` client."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRETS = (
    "1000.invented-refresh-token",
    "invented-client-secret",
    "1000.invented-access",
)
FAILING = """
import asyncio

import httpx
import pytest
from pytest_catalyst_oauth.adapters import CatalystHttpxAuth, RetryPolicy, Timeouts
from tests.adapters.callers import Site, held_for, issuing, token_body
from tests.adapters.loopback import Listener, reply, resetting, saying, silent
from tests.adapters.loopback import unused_url

TALKS = [
    Site(),
    Site(issues=issuing(silent)),
    Site(issues=issuing(resetting)),
    saying(reply(b"<html>")),
    saying(reply(b'{"error":"invalid_code"}')),
]


def auth_for(url):
    held = held_for(url)
    return CatalystHttpxAuth(
        held, retry=RetryPolicy(attempts=1), timeouts=Timeouts(read=0.2)
    )


@pytest.mark.parametrize("talk", TALKS)
def test_sync(talk):
    with Listener(talk) as server:
        auth = auth_for(server.url)
        with httpx.Client(auth=auth, trust_env=False, follow_redirects=True) as client:
            response = client.post(f"{server.url}/x", content=b"body")
            request = response.request
            assert (response, request, request.headers, client.auth) == (1, 2, 3, 4)


@pytest.mark.parametrize("talk", TALKS)
def test_async(talk):
    async def main():
        async with httpx.AsyncClient(
            auth=auth, trust_env=False, follow_redirects=True
        ) as client:
            response = await client.post(f"{server.url}/x", content=b"body")
            request = response.request
            assert (response, request, request.headers, client.auth) == (1, 2, 3, 4)

    with Listener(talk) as server:
        auth = auth_for(server.url)
        asyncio.run(main())


def test_nobody_home():
    with httpx.Client(auth=auth_for(unused_url()), trust_env=False) as client:
        client.get(f"{client.auth._credentials.client.data_center.api_url}/x")


def test_an_api_that_breaks_off():
    def talk(connection, listener):
        while b"/oauth/" in listener.hear(connection):
            connection.sendall(reply(token_body(1)))

    with Listener(talk) as server:
        with httpx.Client(auth=auth_for(server.url), trust_env=False) as client:
            client.get(f"{server.url}/x")


def test_cancelled():
    async def main():
        async with httpx.AsyncClient(auth=auth, trust_env=False) as client:
            async with asyncio.timeout(0.05):
                await client.get(f"{server.url}/x")

    with Listener(silent) as server:
        auth = auth_for(server.url)
        asyncio.run(main())
"""


def test_a_report_with_locals_shows_no_secret(tmp_path):
    """Whatever fails, and however much is printed: no secret in any frame."""
    (tmp_path / "test_failing.py").write_text(FAILING)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-l", "-vv", "--tb=long"),
            *("--full-trace", "--capture=no", "-p", "no:cacheprovider", tmp_path),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
    )

    shown = done.stdout + done.stderr
    assert shown.count("\nFAILED ") == 13, shown
    assert "[secure]" in shown
    # The file itself is shown too; what it spells out is not a leak of ours.
    lines = [line for line in shown.splitlines() if not line.startswith("    ")]
    leaks = [one for one in lines for secret in SECRETS if secret in one]
    assert leaks == []
