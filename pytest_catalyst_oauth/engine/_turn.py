"""Waiting for one's turn: the lock of a key, without blocking the driver."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from ._steps import Pause

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from ._steps import Steps
    from ._store import Store, StoreKey

# Seconds between two attempts at a lock that somebody holds.
_SHORTEST, _LONGEST = 0.005, 0.05


def locked(
    stack: ExitStack, store: Store, key: StoreKey, patience: float
) -> Steps[bool]:
    """Hold a key's lock until `stack` ends; tell whether it was obtained.

    Args:
        stack: Releases it.
        store: Whose lock.
        key: Likewise.
        patience: Seconds to wait for it; 0 tries once.
    """
    if _is_obtained(stack, store, key):
        return True
    for pause in _pauses(patience):
        yield Pause(pause)
        if _is_obtained(stack, store, key):
            return True
    return False


def _is_obtained(stack: ExitStack, store: Store, key: StoreKey) -> bool:
    context = store.lock(key, 0.0)
    if context.__enter__():
        stack.push(context)
        return True
    context.__exit__(None, None, None)
    return False


def _pauses(patience: float) -> Iterator[float]:
    """Yield the pauses between attempts."""
    pause, waited = _SHORTEST, 0.0
    while waited < patience:
        step = min(pause * random.uniform(0.5, 1.0), patience - waited)  # noqa: S311  spreads a herd
        yield step
        waited += step
        pause = min(pause * 1.5, _LONGEST)
