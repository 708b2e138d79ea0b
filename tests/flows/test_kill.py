"""Processes that are killed while they renew: what the next one finds."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_catalyst_oauth.adapters import connect
from pytest_catalyst_oauth.engine import HttpRequest, Limits
from pytest_catalyst_oauth.engine.errors import LoginNeededError
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings
from tests.flows.nursery import MARKS, Nursery

# After each mark; the JSON store has a test of its own that dies at each system call.
KILLS = {"sqlite": 100, "json": 30}
# Seconds: about as long as a request, and about as long as a write.
_LONGEST = {"s": 0.012, "r": 0.001, "w": 0.008, "d": 0.004}


class Place(NamedTuple):
    """Where a store is, in a folder of its own."""

    kind: str
    folder: Path

    @property
    def address(self):
        return (
            f"sqlite:{self.folder}/tokens.db"
            if self.is_sqlite
            else f"json:{self.folder}"
        )

    @property
    def is_sqlite(self):
        return self.kind == "sqlite"

    def is_whole(self):
        """Look at the files, and not through the store, which would mend them."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.folder / "tokens.db")) as database:
                return database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        texts = [path.read_bytes() for path in self.folder.glob("*.json*")]
        return all(json.loads(text)["record"] for text in texts)

    def is_ours_alone(self):
        return all(
            path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)
            for path in self.folder.rglob("*")
        )


@pytest.fixture
def server():
    many = 1_000_000
    settings = FakeSettings(token_requests=many, live_access_tokens=many)
    with FakeServer(FakeCatalyst(settings=settings)) as server:
        yield server


@pytest.fixture(params=KILLS)
def place(request, tmp_path):
    return Place(request.param, tmp_path / "state")


@pytest.fixture
def nursery(server):
    with Nursery(server.env) as nursery:
        yield nursery


def works(server, token):
    """Tell whether the API accepts a token."""
    request = HttpRequest(
        method="GET",
        url=f"{server.project_url}/table",
        headers=(("Authorization", token.authorization),),
    )
    return server.fake.send(request).status == 200


def next_caller(server, place, **more):
    return connect(
        server.client,
        store=place.address,
        limits=Limits(token_requests=1_000_000),
        background=False,
        **more,
    )


@pytest.mark.parametrize("mark", MARKS)
def test_kills_lose_nothing(server, place, nursery, mark):
    """The refresh token is in this store only, and the next caller has a token."""
    first = next_caller(server, place, code=server.fake.issue_code()).token()
    draw, kills = random.Random(mark), KILLS[place.kind]
    died_after = Counter()
    for _ in range(kills):
        died_after[
            nursery.kill_one(
                mark,
                store=place.address,
                times=draw.randrange(2),
                delay=draw.uniform(0.0, _LONGEST[mark]),
            )
        ] += 1

        assert place.is_whole()
        token = next_caller(server, place).token()
        assert token.refresh_token == first.refresh_token
        assert works(server, token)

    assert died_after.total() == kills
    # They did die where they should, though not all of them.
    assert died_after[mark] >= kills / 10, died_after
    assert works(server, next_caller(server, place).refresh())
    assert place.is_ours_alone()


@pytest.mark.parametrize("mark", MARKS)
def test_a_kill_during_a_code_exchange_sends_it_once(server, place, nursery, mark):
    """Its tokens are stored, or a new login is needed; it never goes out again."""
    for kill in range(10):
        code, profile = server.fake.issue_code(), f"guest-{kill}"
        before = len(server.fake.journal.token_requests)

        nursery.kill_one(mark, store=place.address, code=code.reveal(), profile=profile)

        held = next_caller(server, place, code=code, profile=profile)
        with suppress(LoginNeededError):
            assert works(server, held.token())
        assert place.is_whole()
        assert len(server.fake.journal.token_requests) - before <= 1
