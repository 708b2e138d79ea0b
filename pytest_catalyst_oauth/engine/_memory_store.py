"""A store that ends with the process."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, final

from ._value import replace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ._store import Record, StoreKey


class _Holding:
    # `contextmanager` would take longer than all the rest of a lock that is free.
    def __init__(self, lock: Lock, deadline: float) -> None:
        self._lock = lock
        self._deadline = deadline
        self._is_held = False

    def __enter__(self) -> bool:
        if self._deadline:
            self._is_held = self._lock.acquire(timeout=self._deadline)
        else:
            self._is_held = self._lock.acquire(False)
        return self._is_held

    def __exit__(self, *_: object) -> None:
        if self._is_held:
            self._is_held = False
            self._lock.release()

    # Whoever is interrupted on the way to the lock lets go of it.
    __del__ = __exit__


@final
class MemoryStore:
    """Keep records in this process only. Safe to share between threads.

    A child of fork starts with a copy.
    """

    def __init__(self) -> None:
        self._records: dict[StoreKey, Record] = {}
        self._locks: dict[tuple[int, StoreKey | None], Lock] = {}

    def _lock_of(self, key: StoreKey | None) -> Lock:
        # A child of fork inherits locks that nobody there will ever release.
        return self._locks.setdefault((os.getpid(), key), Lock())

    def load(self, key: StoreKey) -> Record | None:
        """Return the record, or None when there is none."""
        return self._records.get(key)

    def compare_and_swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        """Write `record` if `generation` is still the latest."""
        with self._lock_of(None):
            held = self._records.get(key)
            if (held.generation if held else 0) != generation:
                return False
            if record.generation != generation + 1:
                record = replace(record, generation=generation + 1)
            self._records[key] = record
            return True

    def lock(self, key: StoreKey, deadline: float) -> AbstractContextManager[bool]:
        """Hold the key's lock while the context lasts."""
        return _Holding(self._lock_of(key), deadline)

    def delete(self, key: StoreKey) -> bool:
        """Forget the record; tell whether there was one."""
        with self._lock_of(None):
            return self._records.pop(key, None) is not None

    def keys(self) -> Iterator[StoreKey]:
        """List whose records there are."""
        return iter(tuple(self._records))
