"""Time that a test can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Thread

from pytest_catalyst_oauth.fake import FakeCatalyst, MovableClock
from tests.fake.asking import START


def test_a_clock_with_a_start_stands_still():
    """Until it is moved, by any unit, to and fro."""
    clock = MovableClock(start=START)
    assert clock() == clock() == START

    clock.advance(days=1, hours=1, minutes=1, seconds=1)
    assert clock() == START + 86_400 + 3600 + 60 + 1

    clock.advance(days=-1)
    assert clock() == START + 3600 + 60 + 1


def test_a_clock_without_a_start_follows_real_time():
    """And keeps the distance that it was moved."""
    clock = MovableClock()
    before = time.time()
    assert before <= clock() <= time.time()

    clock.advance(hours=1)

    assert before + 3600 <= clock() <= time.time() + 3600


def test_waiting_moves_the_clock():
    """It stands in for `time.sleep`, so that a retry costs a test no time."""
    clock = MovableClock(start=START)

    clock.sleep(2.5)

    assert clock() == START + 2.5


def test_a_clock_tells_the_time_to_people():
    """In UTC."""
    clock = MovableClock(start=START)

    assert clock.now == datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert repr(clock) == "<clock at 2027-01-15 08:00:00 UTC>"


class Second(float):
    """A second whose addition lets another thread go first."""

    def __radd__(self, other):
        time.sleep(0)
        return other + 1.0


def test_threads_may_move_one_clock():
    """Every step counts."""
    clock = MovableClock(start=0)

    def move():
        for _ in range(100):
            clock.sleep(Second(1))

    threads = [Thread(target=move) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock() == 800


def test_a_fake_brings_a_clock():
    """Which can be moved without asking for one."""
    fake = FakeCatalyst()

    fake.clock.advance(hours=1)

    assert fake.clock() > time.time() + 3500
