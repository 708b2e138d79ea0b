"""Time that a test can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Thread

import pytest

from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeCatalyst, MovableClock
from tests.fake.asking import START, call, new_access, refresh


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


TOO_FAR = [
    lambda clock: clock.sleep(1e18),
    lambda clock: clock.sleep(-1e18),
    lambda clock: clock.sleep(float("inf")),
    lambda clock: clock.sleep(float("nan")),
    lambda clock: clock.sleep(10**400),
    lambda clock: clock.advance(days=365 * 8000),
    lambda clock: clock.advance(days=-365 * 2100),
    lambda clock: clock.advance(days=1e18),
    lambda clock: clock.advance(hours=float("nan")),
    lambda clock: clock.move_to(253_402_300_800),
    lambda clock: clock.move_to(-62_135_596_801),
    lambda clock: clock.move_to(float("nan")),
    lambda clock: clock.move_to(10**400),
]


@pytest.mark.parametrize("move", TOO_FAR)
@pytest.mark.parametrize("start", [START, None])
def test_a_clock_stays_where_dates_exist(move, start):
    """Beyond the last year nothing could tell the time, so it does not move."""
    clock = MovableClock(start=start)
    year = clock.now.year

    with pytest.raises(
        SettingsError, match=r"^clock: cannot leave the years 1000 to 99"
    ):
        move(clock)

    assert clock.now.year == year
    assert start is None or clock() == start


@pytest.mark.parametrize("start", [1e18, -1e18, float("nan"), 10**400])
def test_a_clock_starts_where_dates_exist(start):
    """For the same reason."""
    with pytest.raises(SettingsError, match="years 1000 to 9900"):
        MovableClock(start=start)


def test_a_clock_is_moved_to_a_moment():
    """Whether it stands still or follows real time."""
    for clock in (MovableClock(start=0), MovableClock()):
        clock.advance(days=3)

        clock.move_to(START)

        assert START <= clock() < START + 60


@pytest.mark.parametrize("year", [1000, 1969, 9899])
def test_the_fake_works_wherever_its_clock_may_stand(fake, year):
    """Dates in headers, rows and crons, whatever their zone is, are written."""
    detail = {"repetition_type": "yearly", "days": [29], "months": [2]}
    edge = (1, 1) if year < 9899 else (12, 31)

    fake.clock.move_to(datetime(year, *edge, 0, 0, 1, tzinfo=UTC).timestamp())
    for number, zone in enumerate(("Etc/GMT+12", "Pacific/Kiritimati")):
        fake.add_cron(
            {
                "cron_name": f"leap{number}",
                "cron_type": "Calendar",
                "cron_detail": {**detail, "timezone": zone},
            }
        )

    assert call(fake, "/cron", new_access(fake)).status == 200
    assert call(fake, "/folder", new_access(fake)).status == 200
    assert f" {year:04} 00:00:01 GMT" in refresh(fake).header("Date")
    assert fake.state()["now"].startswith(f"{year:04}-")
    assert repr(fake.clock).startswith(f"<clock at {year:04}-")
