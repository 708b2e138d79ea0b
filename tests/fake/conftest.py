"""A fake whose time stands still until a test moves it."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings, MovableClock
from tests.fake.asking import START


@pytest.fixture
def clock():
    return MovableClock(start=START)


@pytest.fixture
def new_fake(clock):
    def new(**settings):
        return FakeCatalyst(settings=FakeSettings(**settings), clock=clock)

    return new


@pytest.fixture
def fake(new_fake):
    return new_fake()
