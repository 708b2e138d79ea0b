"""A lock that processes share, and that dies with its holder."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if sys.platform == "win32":  # pragma: no cover
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SHORTEST, _LONGEST = 0.002, 0.05


@contextmanager
def file_lock(path: Path, deadline: float) -> Iterator[bool]:
    """Hold a lock on a side file while the context lasts.

    The file is 0600 and never removed: removing it would let two holders in.

    Args:
        path: The side file; created if absent.
        deadline: Seconds to wait; 0 tries once.

    Returns:
        A context whose value tells whether the lock was obtained.

    Raises:
        OSError: The file cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        yield _obtain(handle, deadline)
    finally:
        # Closing releases the lock, and so does the end of the process.
        os.close(handle)


def _obtain(handle: int, deadline: float) -> bool:
    end = time.monotonic() + deadline
    pause = _SHORTEST
    while not _try(handle):
        if time.monotonic() >= end:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
    return True


def _try(handle: int) -> bool:
    try:
        if sys.platform == "win32":  # pragma: no cover
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
