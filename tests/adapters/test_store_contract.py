"""What every store promises, checked on all of them, in threads and in processes."""

from __future__ import annotations

import gc
import os
import signal
from dataclasses import replace
from threading import Event, Thread

import pytest

from pytest_catalyst_oauth.engine import Record
from tests.adapters.stores import (
    EVERY,
    FULL,
    KEY,
    LEASED,
    OTHER,
    SHARED,
    Child,
    generation,
)
from tests.engine.doubles import together

EMPTY = Record()


@pytest.fixture(params=EVERY)
def store(request, place_of):
    return place_of(request.param).open()


@pytest.fixture(params=SHARED)
def place(request, place_of):
    return place_of(request.param)


@pytest.fixture(params=LEASED)
def leased(request, place_of):
    return place_of(request.param, lease=1.5)


@pytest.mark.parametrize("record", [FULL, EMPTY], ids=["full", "empty"])
def test_a_record_comes_back_as_it_was(store, record):
    """Every field survives, secrets and failures included."""
    assert store.compare_and_swap(KEY, 0, record)

    assert store.load(KEY) == replace(record, generation=1)


def test_there_is_nothing_at_first(store):
    """An empty store has no record, no key, and nothing to forget."""
    assert store.load(KEY) is None
    assert list(store.keys()) == []
    assert not store.delete(KEY)


def test_the_older_writer_loses(store):
    """Whoever read before another wrote does not overwrite it."""
    store.compare_and_swap(KEY, 0, FULL)

    assert not store.compare_and_swap(KEY, 0, EMPTY)
    assert not store.compare_and_swap(KEY, 7, EMPTY)

    assert store.load(KEY).access_token == FULL.access_token
    assert store.compare_and_swap(KEY, 1, EMPTY)
    assert generation(store) == 2


def test_one_of_many_writers_wins(store):
    """Sixteen threads write over the same generation; one is told that it did."""
    for number in range(3):
        written = together(16, lambda n=number: store.compare_and_swap(KEY, n, FULL))

        assert sorted(written) == [False] * 15 + [True]
        assert generation(store) == number + 1


def test_keys_do_not_mix(store):
    """Profiles have records of their own, whatever their names, and are listed."""
    store.compare_and_swap(KEY, 0, FULL)
    store.compare_and_swap(OTHER, 0, EMPTY)

    assert set(store.keys()) == {KEY, OTHER}
    assert store.load(OTHER).access_token is None
    assert store.delete(KEY)
    assert list(store.keys()) == [OTHER]


def test_what_was_forgotten_stays_forgotten(store):
    """A writer who read it before does not bring it back; a new one starts over."""
    store.compare_and_swap(KEY, 0, FULL)
    store.compare_and_swap(KEY, 1, FULL)

    assert store.delete(KEY)

    assert store.load(KEY) is None
    assert not store.compare_and_swap(KEY, 2, FULL)
    assert store.compare_and_swap(KEY, 0, EMPTY)


def test_a_lock_has_one_holder(store):
    """Whoever does not wait is told at once; the next gets it after the release."""
    with store.lock(KEY, 0) as first:
        with store.lock(KEY, 0) as second:
            assert (first, second) == (True, False)
        with store.lock(OTHER, 0) as third:
            assert third

    with store.lock(KEY, 0) as again:
        assert again


def test_a_lock_is_released_by_an_error(store):
    """A crash inside does not lock everybody out, and is not swallowed."""

    def crash():
        with store.lock(KEY, 0):
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        crash()

    with store.lock(KEY, 0) as locked:
        assert locked


def test_a_lock_that_somebody_drops_is_free(store):
    """As by an interrupt on the way to it."""
    store.lock(KEY, 0.0).__enter__()
    gc.collect()

    with store.lock(KEY, 0.0) as locked:
        assert locked


def test_a_waiter_gets_the_lock_when_it_is_free(store):
    """Waiting is worth it: the lock is handed on."""
    waiting, got = Event(), []

    def wait():
        waiting.set()
        with store.lock(KEY, 30) as locked:
            got.append(locked)

    with store.lock(KEY, 0):
        waiter = Thread(target=wait)
        waiter.start()
        waiting.wait()
    waiter.join()

    assert got == [True]


def test_waiting_ends_at_the_deadline(store):
    """A lock that is never released does not stop everybody for ever."""
    with store.lock(KEY, 0), store.lock(KEY, 0.01) as second:
        assert not second


def test_another_object_finds_what_was_saved(place):
    """The place is the store; nothing is kept in the object."""
    place.open().compare_and_swap(KEY, 0, FULL)

    assert place.open().load(KEY).refresh_token == FULL.refresh_token


def test_a_store_shows_its_place_and_no_more(place):
    """It may be logged."""
    store = place.open()
    store.compare_and_swap(KEY, 0, FULL)

    assert repr(store).startswith("<")
    assert "invented" not in repr(store)
    assert "invented" not in repr(vars(store))


COUNT = """
say("ready")
sys.stdin.readline()
for _ in range(10):
    while not store.compare_and_swap(KEY, generation(store), FULL):
        pass
say("done")
"""


def test_no_write_is_lost_between_processes(place):
    """Each of three processes writes ten times; the store is new when they start."""
    with (
        Child(place, COUNT) as one,
        Child(place, COUNT) as two,
        Child(place, COUNT) as three,
    ):
        children = [one, two, three]
        assert [child.hear() for child in children] == ["ready"] * 3
        for child in children:
            child.tell()
        assert [child.hear() for child in children] == ["done"] * 3

    assert generation(place.open()) == 30


COUNT_WITH_LOCK = """
from threading import Thread

counter = Path(sys.argv[1])

def work():
    for _ in range(5):
        with store.lock(KEY, 60) as locked:
            assert locked
            counter.write_text(str(int(counter.read_text()) + 1))

say("ready")
sys.stdin.readline()
threads = [Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
say("done")
"""


def test_one_thread_of_all_processes_holds_the_lock(place, tmp_path):
    """A counter that only the lock protects loses nothing."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    with (
        Child(place, COUNT_WITH_LOCK, counter) as one,
        Child(place, COUNT_WITH_LOCK, counter) as two,
    ):
        assert [one.hear(), two.hear()] == ["ready"] * 2
        one.tell()
        two.tell()
        assert [one.hear(), two.hear()] == ["done"] * 2

    assert counter.read_text() == "30"


HOLD = """
with store.lock(KEY, 0) as locked:
    say("held" if locked else "not held")
    sys.stdin.readline()
    # As whoever holds it does at the end of a flight.
    say("written" if store.compare_and_swap(KEY, 0, FULL) else "lost")
say("released")
sys.stdin.readline()
"""


def test_a_killed_holder_loses_the_lock(place):
    """Nobody has to clean up after a machine's out-of-memory killer."""
    place = place._replace(lease=1.5)
    with Child(place, HOLD) as holder:
        assert holder.hear() == "held"
        with place.open().lock(KEY, 0) as early:
            assert not early

        holder.send(signal.SIGKILL)

        with place.open().lock(KEY, 60) as locked:
            assert locked


def test_a_stopped_holder_loses_its_lease_and_writes_nothing(leased):
    """It wakes up after another has taken over and written: the newer record stays."""
    store = leased.open()
    with Child(leased, HOLD) as holder:
        assert holder.hear() == "held"
        holder.send(signal.SIGSTOP)
        with store.lock(KEY, 60) as locked:
            assert locked
            assert store.compare_and_swap(KEY, 0, EMPTY)

            holder.send(signal.SIGCONT)
            holder.tell()
            assert holder.hear() == "lost"
            assert holder.hear() == "released"

            # It let go of what it had, not of what is ours.
            with store.lock(KEY, 0) as third:
                assert not third

    assert store.load(KEY) == replace(EMPTY, generation=1)


def test_a_holder_who_lives_keeps_its_lease(leased):
    """However long a flight takes: here, longer than a lease."""
    store = leased.open()
    with (
        Child(leased, HOLD) as holder,
        store.lock(OTHER, 0),
    ):
        assert holder.hear() == "held"

        with store.lock(KEY, 2.2) as locked:
            assert not locked

        holder.tell()
        assert holder.hear() == "written"


HOLD_AND_FORK = """
def leave():
    context.__exit__(None, None, None)

context = store.lock(KEY, 0)
say("held" if context.__enter__() else "not held")
assert fork(leave) == 0
say("forked")
sys.stdin.readline()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_of_fork_leaves_its_parents_lock_alone(place):
    """Ansible forks its workers, and they end while their parent goes on."""
    with Child(place, HOLD_AND_FORK) as holder:
        assert holder.hear() == "held"
        assert holder.hear() == "forked"

        with place.open().lock(KEY, 0) as locked:
            assert not locked


USE_AND_FORK = """
def use():
    assert generation(store) == 1
    assert store.compare_and_swap(KEY, 1, FULL)

store.compare_and_swap(KEY, 0, FULL)
assert fork(use) == 0
say(generation(store))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_of_fork_may_use_the_store(place):
    """It shares no connection with its parent."""
    with Child(place, USE_AND_FORK) as parent:
        assert parent.hear() == "2"
