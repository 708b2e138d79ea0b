"""Stores of every kind, the Redis server that some of them need, and certificates."""

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
from tests.adapters.tls import Authority


@pytest.fixture(scope="session")
def redis_server():
    """A Redis server on a Unix socket, shared by tests that leave it running."""
    if REDIS is None:
        pytest.skip(NO_REDIS)
    server = RedisServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority that is in no bundle but its own."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def bare_environment(monkeypatch):
    """An environment that names no proxy and no bundle of certificates."""
    proxies = [f"{kind}_proxy" for kind in ("http", "https", "all", "no")]
    bundles = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
    for name in (*proxies, *map(str.upper, proxies), *bundles):
        monkeypatch.delenv(name, raising=False)


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
