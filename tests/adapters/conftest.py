"""Stores of every kind, and the Redis server that some of them need."""

from __future__ import annotations

import pytest

from tests.adapters.stores import (
    KEY_TEXT,
    NO_REDIS,
    REDIS,
    Place,
    RedisServer,
    write_key,
)


@pytest.fixture(scope="session")
def redis_server():
    """A Redis server on a Unix socket, shared by tests that leave it running."""
    if REDIS is None:
        pytest.skip(NO_REDIS)
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture
def place_of(request, tmp_path):
    """Make a `Place` of some kind, which no other test uses."""

    def place_of(kind, **more):
        redis = ""
        if kind.startswith("redis"):
            redis = request.getfixturevalue("redis_server").address
        if kind.endswith("sealed"):
            write_key(tmp_path / "key", KEY_TEXT)
        return Place(kind, str(tmp_path), redis, **more)

    return place_of
