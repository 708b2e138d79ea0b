"""A fake server, and an environment in which nothing else can be reached."""

from __future__ import annotations

import os

import pytest

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings

# Port 9 discards: whoever does not mean the loopback gets nowhere.
_NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def serve():
    """Serve a fake with some settings."""
    running = []

    def start(**settings):
        server = FakeServer(FakeCatalyst(settings=FakeSettings(**settings)))
        running.append(server.__enter__())
        return server

    yield start
    for server in running:
        server.__exit__()


@pytest.fixture
def environment():
    """The whole environment of a program that knows a server by it alone."""

    def of(server):
        return {
            **server.env,
            "PATH": os.environ["PATH"],
            "HTTP_PROXY": _NOWHERE,
            "HTTPS_PROXY": _NOWHERE,
            "NO_PROXY": "127.0.0.1",
        }

    return of


@pytest.fixture
def fake_by_proxy():
    """A server that is a proxy: its clients keep Zoho's own addresses."""
    with FakeServer(proxy=True) as server:
        yield server
