"""A fake of Zoho on a real socket, whose clock stands until it is moved."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.fake import (
    FakeCatalyst,
    FakeServer,
    FakeSettings,
    MovableClock,
)

START = 1_800_000_000.0


@pytest.fixture
def clock():
    return MovableClock(start=START)


@pytest.fixture
def server(clock):
    settings = FakeSettings(token_requests=1000)
    with FakeServer(FakeCatalyst(settings=settings, clock=clock)) as server:
        yield server
