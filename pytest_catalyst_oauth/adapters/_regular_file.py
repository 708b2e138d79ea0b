"""Files that somebody names, read as a whole: no pipe that waits, nothing endless."""

from __future__ import annotations

import os
import stat
from errno import EISDIR
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MEBIBYTE = 1 << 20
_CHUNK = 1 << 16


class UnfitFileError(OSError):
    """A file that is not read, although it could be opened; the text says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(0, problem)
        self.strerror = problem

    def __str__(self) -> str:
        return str(self.strerror)


class TooLargeError(UnfitFileError):
    """A file that is too large.

    Attributes:
        size: Octets that it has, or more.
    """

    def __init__(self, size: int, largest: int) -> None:
        super().__init__(f"it has {_told(size)}, and at most {_told(largest)}")
        self.size = size


def read_regular_file(path: Path, largest: int) -> bytes:
    """Return the content of a regular file, or of one that a link leads to.

    Args:
        path: The file.
        largest: Octets that it may have.

    Raises:
        UnfitFileError: It is a pipe, a device or a socket, or too large.
        OSError: It is not there, is a folder, or cannot be read.
    """
    # Without waiting: a pipe that nobody writes to is opened at once, and refused.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        if not stat.S_ISREG(found.st_mode):
            raise UnfitFileError("it is not a regular file")
        size = found.st_size
        # It may be larger than it says.
        data = b"" if size > largest else _all(handle, size, largest + 1)
        size = max(size, len(data))
        if size > largest:
            raise TooLargeError(size, largest)
        return data
    finally:
        os.close(handle)


def _all(handle: int, size: int, largest: int) -> bytes:
    """Return a file's content; without a buffer, which costs more than this.

    Args:
        handle: The file's.
        size: Octets that it says it has; those of the kernel's say 0.
        largest: Octets that may be read at most.
    """
    parts = []
    found = 0
    while found < largest:
        # One octet more than it should have tells whether it grows.
        wanted = min(size - found + 1 if size > found else _CHUNK, largest - found)
        if not (part := os.read(handle, wanted)):
            break
        parts.append(part)
        found += len(part)
        if found == size:
            break
    return b"".join(parts)


def _told(octets: int) -> str:
    return f"{octets >> 20} MiB" if octets >= _MEBIBYTE else f"{octets} octets"
