"""Waiting for one's turn: the lock of a key, without blocking the driver."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, final

from ._steps import Pause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from ._steps import Steps
    from ._store import Store, StoreKey

# Seconds between two attempts at a lock that somebody holds.
_SHORTEST, _LONGEST = 0.005, 0.05


@final
class Turn:
    """A lock that is held already; the end of the context releases it."""

    def __init__(self, lock: AbstractContextManager[bool]) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.__exit__(kind, error, traceback)


def locked(store: Store, key: StoreKey, patience: float) -> Steps[Turn | None]:
    """Obtain a key's lock; None if somebody else holds it all the time.

    Args:
        store: Whose lock.
        key: Likewise.
        patience: Seconds to wait for it; 0 tries once.
    """
    turn = _obtained(store, key)
    if turn is None:
        for pause in _pauses(patience):
            yield Pause(pause)
            if (turn := _obtained(store, key)) is not None:
                break
    return turn


def _obtained(store: Store, key: StoreKey) -> Turn | None:
    lock = store.lock(key, 0.0)
    if lock.__enter__():
        return Turn(lock)
    lock.__exit__(None, None, None)
    return None


def _pauses(patience: float) -> Iterator[float]:
    """Yield the pauses between attempts."""
    pause, waited = _SHORTEST, 0.0
    while waited < patience:
        step = min(pause * random.uniform(0.5, 1.0), patience - waited)  # noqa: S311  spreads a herd
        yield step
        waited += step
        pause = min(pause * 1.5, _LONGEST)
