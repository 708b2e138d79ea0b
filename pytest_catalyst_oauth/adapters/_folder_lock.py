"""A lock for network file systems: a folder with its holder's name in it.

`flock` is no use there: on NFS it may hold on one host only, or not at all, or hang
when the server's lock daemon is gone, and a program cannot tell which. So this lock
needs nothing but what every file server does atomically:

* taking: a folder with one file in it, named for the holder, is renamed to the lock's
  name. That fails while another holder's file is in there.
* releasing: the holder's file is removed, by its own name, so nobody ever releases
  somebody else's lock. An empty folder is free.
* taking over from a holder who died: likewise, his file is removed by name. Of any
  number of processes that do so, and then take the lock, one succeeds.

A holder is dead when his file was not touched for the length of the lease, by the file
server's own clock, or at once if he was a process of this machine that is gone.
"""

from __future__ import annotations

import errno
import os
import platform
import random
import time
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from ._heartbeat import heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORTEST, _LONGEST = 0.005, 0.05
# Seconds between two looks at the holder, which cost more than trying.
_LOOK = 0.25
# Who held a lock when we last looked, and until when we believe that he lives.
_living: dict[Path, tuple[str, float]] = {}
_TAKEN = frozenset({errno.EEXIST, errno.ENOTEMPTY, errno.ENOENT, errno.EACCES})


@contextmanager
def folder_lock(path: Path, deadline: float, lease: float) -> Iterator[bool]:
    """Hold a lock, across machines, while the context lasts.

    Args:
        path: The lock's folder; its parent exists.
        deadline: Seconds to wait; 0 tries once.
        lease: Seconds without a sign of life after which a holder loses the lock.

    Returns:
        A context whose value tells whether the lock was obtained.

    Raises:
        OSError: The parent cannot be written.
    """
    claim = _Claim(path, lease)
    try:
        held = claim.obtain(deadline)
        if held:
            with heartbeat(lease / 3, claim.touch):
                yield True
        else:
            yield False
    finally:
        claim.drop()


class _Claim:
    def __init__(self, path: Path, lease: float) -> None:
        self._path = path
        self._lease = lease
        self._pid = os.getpid()
        self._owner = f"{_place()}.{self._pid}.{token_hex(8)}"
        self._draft = path.with_name(f".{path.name}.{self._owner}.tmp")

    def obtain(self, deadline: float) -> bool:
        end = time.monotonic() + deadline
        if not deadline and self._is_held():
            # Who tries again and again by himself need not write a draft each time.
            return False
        self._prepare()
        pause = _SHORTEST
        while not self._take():
            if not self._is_held() and self._evict():
                continue
            now = time.monotonic()
            if now >= end:
                return False
            time.sleep(min(random.uniform(pause / 2, pause), max(end - now, 0.0)))  # noqa: S311  spreads waiters, hides nothing
            pause = min(pause * 1.5, _LONGEST)
        return True

    def touch(self) -> bool:
        """Show that we live; False if the lock is another's by now."""
        try:
            os.utime(self._path / self._owner)
        except FileNotFoundError:
            return False
        except OSError:
            # The server may be back for the next beat.
            return True
        return True

    def drop(self) -> None:
        """Let go, and remove what was prepared. The lock may be another's by now."""
        if os.getpid() != self._pid:
            # A child of fork leaves its parent's lock alone.
            return
        for folder in (self._path, self._draft):
            with suppress(OSError):
                (folder / self._owner).unlink()
            with suppress(OSError):
                folder.rmdir()

    def _prepare(self) -> None:
        self._draft.mkdir(mode=0o700)
        file = self._draft / self._owner
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as text:
            text.write(f"process {self._pid} of {platform.node()}\n")

    def _take(self) -> bool:
        # Only an empty folder can be removed, and renaming onto one is not for every
        # file system.
        with suppress(OSError):
            self._path.rmdir()
        try:
            self._draft.rename(self._path)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        # Not what `rename` said: an NFS server may do it and its answer get lost.
        return (self._path / self._owner).exists()

    def _is_held(self) -> bool:
        """Tell whether the holder is one who lived a moment ago."""
        name, until = _living.get(self._path, ("", 0.0))
        return time.monotonic() < until and self._names() == [name]

    def _evict(self) -> bool:
        """Remove the name of a holder who is dead; tell whether there was one."""
        evicted = False
        for name in self._names():
            if self._is_gone(name) or self._is_silent(name):
                with suppress(FileNotFoundError):
                    (self._path / name).unlink()
                    evicted = True
            else:
                until = time.monotonic() + min(_LOOK, self._lease / 3)
                _living[self._path] = (name, until)
        return evicted

    def _names(self) -> list[str]:
        try:
            return [file.name for file in self._path.iterdir()]
        except FileNotFoundError:
            return []

    def _is_gone(self, name: str) -> bool:
        place, _, rest = name.partition(".")
        pid = rest.partition(".")[0]
        if place != _place() or not pid.isdigit() or os.name != "posix":
            return False
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        return False

    def _is_silent(self, name: str) -> bool:
        # Both times are the file server's: clocks of its clients may be apart.
        ours = self._draft / self._owner
        with suppress(FileNotFoundError):
            os.utime(ours)
            return _touched(ours) - _touched(self._path / name) > self._lease
        return False


def _touched(path: Path) -> float:
    # Opening asks the server; a plain stat may be answered from a cache of NFS.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        return os.fstat(handle).st_mtime
    finally:
        os.close(handle)


@cache
def _place() -> str:
    """Name this machine since its start, and within it the space of process ids.

    Two containers may have one host name, and each a process 7 of its own.
    """
    parts = [platform.node()]
    for source in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        with suppress(OSError):
            link = Path(source)
            parts.append(
                str(link.readlink()) if link.is_symlink() else link.read_text()
            )
    return sha256("\n".join(parts).encode()).hexdigest()[:12]
