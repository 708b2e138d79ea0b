"""A project of a user's, and a server that it may record from."""

from __future__ import annotations

import base64
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from pytest_catalyst_oauth.fake import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# pytester forgets every module that a run in this process imported. Half-forgotten
# libraries meet their own classes as strangers, so they are imported before.
for name in (
    *("requests", "responses", "tenacity", "httptools", "vcr", "yaml", "httpx"),
    *("httpcore", "httpcore._backends.auto", "anyio", "anyio._backends._asyncio"),
    *(f"pytest_catalyst_oauth.{part}" for part in ("adapters", "cassette", "fixtures")),
    *(f"pytest_catalyst_oauth.fixtures.{p}" for p in ("_modes", "_taping", "_fakes")),
    *(f"pytest_catalyst_oauth.adapters.{p}" for p in ("_sqlite_store", "_tenacity")),
    "pytest_catalyst_oauth.fake.doors._in_process",
    "pytest_catalyst_oauth.fixtures._sessions",
    "pytest_catalyst_oauth.fixtures._requests_session",
):
    import_module(name)

# Plugins that a user's project need not have.
QUIET = (
    *("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:anyio"),
    *("-p", "no:asyncio"),
    # It imports all of hypothesis for its summary, each time anew.
    *("-p", "no:hypothesispytest"),
    # Not the warnings-are-errors of our own tests.
    *("-W", "default"),
)

BODY = """
def test_guests(catalyst_session, catalyst_oauth):
    reply = catalyst_session.get(f"{catalyst_oauth.project_url}/table/Guests/row")

    assert [row["Name"] for row in reply.json()["data"]] == ["Ada", "Grace"]
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeServer]:
    """A loopback fake that the environment points at, as a real project would."""
    with FakeServer() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CATALYST_OAUTH_STORE", str(tmp_path / "tokens.db"))
        yield server


@pytest.fixture
def run(pytester: pytest.Pytester):
    """Run pytest in the user's project, in this process."""

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess(*QUIET, *arguments)

    return run


@pytest.fixture
def apart(pytester: pytest.Pytester):
    """Run pytest in the user's project, in another process and without any network."""

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*QUIET, "--disable-socket", *arguments)

    return run


def spellings(secret: str) -> tuple[str, ...]:
    """Return a secret as it may hide in a file."""
    raw = secret.encode()
    encoded = base64.b64encode(raw).decode().rstrip("=")
    return (
        secret,
        quote(secret, safe=""),
        raw.hex(),
        encoded,
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        secret[::-1],
    )
