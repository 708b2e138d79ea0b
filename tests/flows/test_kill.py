"""Processes that are killed while they renew: what the next one finds."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing, suppress

import pytest

from pytest_catalyst_oauth.adapters import connect
from pytest_catalyst_oauth.engine import HttpRequest, Limits
from pytest_catalyst_oauth.engine.errors import LoginNeededError
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings
from tests.flows.nursery import MARKS, Nursery

KILLS = 400
# Seconds: about as long as a request, and about as long as a write.
_LONGEST = {"s": 0.012, "r": 0.001, "w": 0.008, "d": 0.004}


@pytest.fixture
def server():
    many = 1_000_000
    settings = FakeSettings(token_requests=many, live_access_tokens=many)
    with FakeServer(FakeCatalyst(settings=settings)) as server:
        yield server


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "tokens.db"


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


def is_whole(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def next_caller(server, path, **more):
    return connect(
        server.client,
        store=path,
        limits=Limits(token_requests=1_000_000),
        background=False,
        **more,
    )


@pytest.mark.parametrize("mark", MARKS)
def test_a_hundred_kills_lose_nothing(server, path, nursery, mark):
    """The refresh token is in this file only, and the next caller has a token."""
    first = next_caller(server, path, code=server.fake.issue_code()).token()
    draw = random.Random(mark)
    died_after = Counter()
    for _ in range(KILLS // len(MARKS)):
        died_after[
            nursery.kill_one(
                mark,
                store=path,
                times=draw.randrange(2),
                delay=draw.uniform(0.0, _LONGEST[mark]),
            )
        ] += 1

        assert is_whole(path)
        token = next_caller(server, path).token()
        assert token.refresh_token == first.refresh_token
        assert works(server, token)

    assert died_after.total() == KILLS // len(MARKS)
    # They did die where they should, though not all of them.
    assert died_after[mark] >= 10, died_after
    assert works(server, next_caller(server, path).refresh())
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("mark", MARKS)
def test_a_kill_during_a_code_exchange_sends_it_once(server, path, nursery, mark):
    """Its tokens are stored, or a new login is needed; it never goes out again."""
    for kill in range(10):
        code, profile = server.fake.issue_code(), f"guest-{kill}"
        before = len(server.fake.journal.token_requests)

        nursery.kill_one(mark, store=path, code=code.reveal(), profile=profile)

        held = next_caller(server, path, code=code, profile=profile)
        with suppress(LoginNeededError):
            assert works(server, held.token())
        assert is_whole(path)
        assert len(server.fake.journal.token_requests) - before <= 1
