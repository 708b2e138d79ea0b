"""One worker, many waiters, one outcome."""

from __future__ import annotations

import os
from threading import Event, Lock
from typing import TYPE_CHECKING, Generic, TypeVar, final

from .errors import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self) -> None:
        self.landed = Event()
        self.value: T | None = None
        self.error: OAuthError | None = None


class _Runway(Generic[T]):
    def __init__(self) -> None:
        self.lock = Lock()
        self.flight: _Flight[T] | None = None


@final
class SingleFlight(Generic[T]):
    """Run a piece of work once for all threads that ask while it runs.

    A waiter gets what the worker got: the same value, or an error of the same type
    with the same arguments. If the work dies of something that is not an
    `OAuthError` (an interrupt, say), one waiter takes over.
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

    def run(self, work: Callable[[], T]) -> T:
        """Do `work`, or wait for whoever does it.

        Raises:
            OAuthError: What `work` raised, a new instance for each waiter.
        """
        runway = self._runway
        while True:
            with runway.lock:
                flight = runway.flight
                if flight is None:
                    mine = runway.flight = _Flight()
                    break
            flight.landed.wait()
            if flight.error is not None:
                raise type(flight.error)(*flight.error.args)
            if flight.value is not None:
                return flight.value
        return self._lead(runway, mine, work)

    @staticmethod
    def _lead(runway: _Runway[T], flight: _Flight[T], work: Callable[[], T]) -> T:
        try:
            flight.value = work()
        except OAuthError as error:
            flight.error = error
            raise
        finally:
            with runway.lock:
                runway.flight = None
            flight.landed.set()
        return flight.value
