"""One worker, many waiters, one outcome."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, TypeVar, final

from .errors import OAuthError

# `threading` comes with the first flight; a token that is stored needs none.
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Lock

    from ._steps import Steps

T = TypeVar("T")


@final
class Flight(Generic[T]):
    """A piece of work that somebody does while others wait for it."""

    def __init__(self, lock: Lock) -> None:
        self.value: T | None = None
        self.error: OAuthError | None = None
        self._has_landed = False
        self._lock = lock
        self._calls: list[Callable[[], None]] = []

    def wait(self) -> None:
        """Block until it has landed."""
        from threading import Event

        landed = Event()
        self.when_landed(landed.set)
        landed.wait()

    def when_landed(self, call: Callable[[], None]) -> None:
        """Call, from any thread, once it has landed; at once if it has."""
        with self._lock:
            if not self._has_landed:
                self._calls.append(call)
                return
        call()

    def land(self) -> None:
        """Let all who wait go on."""
        with self._lock:
            self._has_landed = True
            calls, self._calls = self._calls, []
        for call in calls:
            call()


class _Runway(Generic[T]):
    def __init__(self) -> None:
        from threading import Lock

        self.lock = Lock()
        self.flight: Flight[T] | None = None


@final
class SingleFlight(Generic[T]):
    """Do a piece of work once for all who ask while it is done.

    A waiter gets what the worker got: the same value, or an error of the same type
    with the same arguments. If the work dies of something that is not an
    `OAuthError` (an interrupt, a cancelled task), one waiter takes over.
    """

    def __init__(self) -> None:
        self._runways: dict[int, _Runway[T]] = {}

    @property
    def _runway(self) -> _Runway[T]:
        # A child of fork inherits a lock that nobody there will ever release.
        pid = os.getpid()
        return self._runways.get(pid) or self._runways.setdefault(pid, _Runway())

    @property
    def is_busy(self) -> bool:
        """Whether somebody is at work in this process."""
        return self._runway.flight is not None

    def run(self, work: Callable[[], Steps[T]]) -> Steps[T]:
        """Do `work`, or wait for whoever does it.

        Raises:
            OAuthError: What `work` raised, a new instance for each waiter.
        """
        runway = self._runway
        while True:
            with runway.lock:
                flight = runway.flight
                if flight is None:
                    mine = runway.flight = Flight(runway.lock)
                    break
            from ._steps import Join

            yield Join(flight)  # type: ignore[arg-type]  # nobody looks inside
            if flight.error is not None:
                from copy import copy

                raise copy(flight.error)
            if flight.value is not None:
                return flight.value
        try:
            value = mine.value = yield from work()
        except OAuthError as error:
            mine.error = error
            raise
        finally:
            with runway.lock:
                runway.flight = None
            mine.land()
        return value
