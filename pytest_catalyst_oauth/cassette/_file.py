"""Cassette files: read as a whole, written as a whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.adapters._regular_file import (
    UnfitFileError,
    read_regular_file,
)
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

# In octets. Reading one takes some ten times as much of memory.
LARGEST = 64 << 20
# In seconds; a cassette is written in a small part of one.
_OLD = 3600
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def read(path: Path) -> str | None:
    """Return the text of a file, or None when there is none.

    Raises:
        SettingsError: It cannot be read, is too large, or is not UTF-8.
    """
    try:
        return read_regular_file(path, LARGEST).decode()
    except (FileNotFoundError, NotADirectoryError):
        if not path.is_symlink():
            return None
        problem = "is a link to nothing"
    except UnicodeDecodeError:
        problem = "is not UTF-8 text, so it is no cassette"
    except UnfitFileError as error:
        problem = f"cannot be read: {error}"
    except OSError as error:
        problem = f"cannot be read: {_words(error)}"
    raise SettingsError(f"cassette {path}", problem, "name another file")


def unreadable(path: Path, problem: str) -> SettingsError:
    """Return what to raise for a file that is no cassette."""
    return SettingsError(
        f"cassette {path}", problem, "mend the file, or delete it and record again"
    )


def write(path: Path, data: bytes) -> None:
    """Replace a file at once; after any crash the old or the new one is there.

    The caller holds the cassette's lock.

    Raises:
        SettingsError: The folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        number, words = error.errno, _words(error)
    else:
        return
    raise _unwritable(path, words, number)


def check_place(path: Path) -> None:
    """Look whether a file may be written, before anything is done for it.

    Raises:
        SettingsError: It is a folder, or its own cannot be made or written to.
    """
    folder = path.parent
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    number = 0
    # Not Path.is_dir, which raises for what may not be looked at.
    if os.path.isdir(path):  # noqa: PTH112
        number = errno.EISDIR
    elif not os.path.isdir(folder):  # noqa: PTH112
        number = errno.ENOTDIR
    elif not os.access(folder, os.W_OK | os.X_OK):
        number = errno.EACCES
    if number:
        raise _unwritable(path, os.strerror(number), number)


def _unwritable(path: Path, words: str, number: int | None) -> SettingsError:
    full = number in _FULL
    hint = "make room on that disk" if full else "choose a folder that you may write to"
    return SettingsError(f"cassette {path}", f"cannot be written: {words}", hint)


def _replace(path: Path, data: bytes) -> None:
    from secrets import token_hex

    # In the same folder, since a rename is atomic only within one file system.
    name = f".{path.name[:80]}."
    _sweep(path.parent, name)
    draft = path.with_name(f"{name}{token_hex(4)}.tmp")
    # Not mkstemp: the file goes into a repository, so the umask decides who reads it.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    _sync_folder(path.parent)


def _sweep(folder: Path, name: str) -> None:
    """Remove what a writer left who was killed; the caller holds the lock.

    Another cassette's draft may be somebody's who is writing now, unless it is old.
    """
    for file in os.listdir(folder):  # noqa: PTH208  any name, also one with brackets
        if not re.fullmatch(r"\..*\.[0-9a-f]{8}\.tmp", file, re.DOTALL):
            continue
        with suppress(OSError):
            is_own = file.rpartition(".")[0].rpartition(".")[0] == name[:-1]
            if is_own or time.time() - (folder / file).stat().st_mtime > _OLD:
                (folder / file).unlink()


def _sync_folder(folder: Path) -> None:
    # Some file systems, and Windows, cannot sync a folder; the data is safe anyway.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _words(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "the system refused"
