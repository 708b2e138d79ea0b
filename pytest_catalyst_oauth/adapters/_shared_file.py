"""Files in a folder that other machines write to as well."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import StoreError

from ._private_file import check_private

if TYPE_CHECKING:
    from pathlib import Path

NAME_ANOTHER = "name a folder that you may write to, on a file system with hard links"
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_ATTEMPTS = 3


def read_private(path: Path) -> bytes | None:
    """Read a file that must be ours alone; None if there is none.

    Raises:
        StoreError: It cannot be read, or others can read it.
    """
    for _ in range(_ATTEMPTS):
        try:
            with os.fdopen(os.open(path, _READ), "rb") as file:
                check_private(path, os.fstat(file.fileno()))
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            code = error.errno or 0
        # Removed by another machine while it was open here.
        if code != errno.ESTALE:
            break
    if code == errno.ELOOP:
        raise StoreError(str(path), "is not a regular file", "remove it")
    raise StoreError(str(path), f"cannot be read: {os.strerror(code)}", NAME_ANOTHER)


def write_new(path: Path, text: str) -> str:
    """Write a new file, durably; return what went wrong, or ""."""
    try:
        with os.fdopen(os.open(path, _NEW, 0o600), "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        # Returned, not raised: a traceback would show the text.
        return reason_of(error)
    return ""


def link_new(source: Path, target: Path) -> bool:
    """Give a file another name, unless somebody else's has it."""
    with suppress(FileExistsError):
        target.hardlink_to(source)
    # Not what the call said: an NFS server may do it, and its answer get lost.
    try:
        return target.samefile(source)
    except FileNotFoundError:
        return False


def remove(path: Path) -> bool:
    """Remove a file; tell whether there was one."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def discard(path: Path) -> None:
    """Remove a file, or a folder of files."""
    if path.is_dir():
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    else:
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Make a new name durable, where folders can be synchronized."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def reason_of(error: OSError) -> str:
    """Return what the system says, without the path and whatever led there."""
    return os.strerror(error.errno or 0)
