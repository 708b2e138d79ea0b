"""Files that hold tokens: ours alone, or refused."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from pathlib import Path


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def ensure_private_file(path: str) -> None:
    """Create `path` as 0600 in a 0700 folder, or check that it is ours alone.

    Raises:
        StoreError: It cannot be created, is no regular file, belongs to somebody
            else, or others may read it or put another in its place.
    """
    # Without pathlib, which a new process does not need otherwise: see decision 8.
    folder = os.path.dirname(path) or os.curdir  # noqa: PTH120  decision 8
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103  likewise
        _check_folder(path, folder)
        with suppress(FileExistsError):
            os.close(os.open(path, _NEW, 0o600))
        check_private(path, os.lstat(path))
    except OSError as error:
        problem = f"cannot be used: {os.strerror(error.errno or 0)}"
        raise StoreError(
            path, problem, "name a file in a folder that you may write to"
        ) from None


def ensure_private_folder(path: Path) -> None:
    """Create a folder as 0700, or check that it is ours alone.

    Raises:
        StoreError: It cannot be created, is no folder, belongs to somebody else, or
            others may look into it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        problem = f"cannot be used: {os.strerror(error.errno or 0)}"
    else:
        if not stat.S_ISDIR(found.st_mode):
            raise StoreError(str(path), "is not a folder", "name another folder")
        _check_owner(path, found, "chmod 700")
        return
    raise StoreError(str(path), problem, "name a folder that you may write to")


def write_private_file(path: Path, text: str) -> None:
    """Write a 0600 file as a whole, or leave what was there.

    A device, a pipe, a link or a folder in its place stays what it is.

    Raises:
        SettingsError: It cannot be written.
    """
    # Not named after it: such a name could be too long although the file's is not.
    draft = path.parent / f".{os.urandom(8).hex()}.tmp"
    try:
        problem = _what_is_there(path)
        if not problem:
            _write(draft, text)
            draft.replace(path)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
    if not problem:
        return
    with suppress(OSError):
        draft.unlink()
    raise SettingsError(
        str(path), f"cannot be written: {problem}", "name a file that you may write to"
    )


def _what_is_there(path: Path) -> str:
    """Return what must not be replaced; empty for a regular file, or for none."""
    try:
        # Nothing is opened: a pipe would wait for its other end.
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return ""
    if stat.S_ISDIR(mode):
        return os.strerror(errno.EISDIR)
    return "" if stat.S_ISREG(mode) else "it is not a regular file"


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, _NEW, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _check_folder(path: str, folder: str) -> None:
    # A sticky bit does not help: SQLite's side files could be there before us.
    if os.name == "posix" and os.stat(folder).st_mode & stat.S_IWOTH:  # noqa: PTH116  decision 8
        raise StoreError(
            path,
            f"is in {folder}, where every user may put files",
            "name a file in a folder of your own",
        )


def check_private(path: str | Path, found: os.stat_result) -> None:
    """Check that a file is a regular one and ours alone.

    Args:
        path: Its name, for the error.
        found: What it is; from an open handle, so that nobody can swap it meanwhile.

    Raises:
        StoreError: It is no regular file, belongs to somebody else, or others may
            read or write it.
    """
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(str(path), "is not a regular file", "name another file")
    _check_owner(path, found, "chmod 600")


def _check_owner(path: str | Path, found: os.stat_result, cure: str) -> None:
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        raise StoreError(str(path), "belongs to another user", "name one of yours")
    if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
        raise StoreError(
            str(path),
            "can be read or written by other users",
            f"revoke what it holds if they may have, then: {cure} {path}",
        )
