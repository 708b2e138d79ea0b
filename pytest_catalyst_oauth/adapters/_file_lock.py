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

# A child of fork inherits the handles, and with them the locks: it would hold them
# for its whole life if its parent was killed before letting go.
_handles: set[int] = set()


def _close_inherited() -> None:
    while _handles:
        os.close(_handles.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_inherited)


@contextmanager
def file_lock(path: str | Path, deadline: float) -> Iterator[bool]:
    """Hold a lock on a side file while the context lasts.

    The file is 0600 and never removed: removing it would let two holders in.

    Args:
        path: The side file; created if absent.
        deadline: Seconds to wait; 0 tries once.

    Returns:
        A context whose value tells whether the lock was obtained.

    Raises:
        OSError: The file cannot be opened, or its file system has no locks.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0), 0o600)
    _handles.add(handle)
    try:
        yield _obtain(handle, deadline)
    finally:
        # Closing releases the lock, and so does the end of the process.
        if handle in _handles:
            _handles.remove(handle)
            _release(handle)
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
    except (BlockingIOError, PermissionError):
        # Somebody holds it. Anything else is no reason to wait.
        return False
    return True


def _release(handle: int) -> None:
    # A child that fork made a moment ago may not have closed its handle yet.
    if sys.platform != "win32":
        fcntl.flock(handle, fcntl.LOCK_UN)
