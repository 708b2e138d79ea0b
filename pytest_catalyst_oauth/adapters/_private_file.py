"""Files that hold tokens: ours alone, or refused."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path


def ensure_private_file(path: Path) -> None:
    """Create `path` as 0600 in a 0700 folder, or check that it is ours alone.

    Raises:
        StoreError: It cannot be created, is no regular file, belongs to somebody
            else, or others may read or write it.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        _check(path)
    except OSError as error:
        problem = f"cannot be created: {os.strerror(error.errno or 0)}"
        raise StoreError(
            str(path), problem, "name a file in a folder that you may write to"
        ) from None


def _check(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise StoreError(str(path), "is not a regular file", "name another file")
    if hasattr(os, "getuid") and found.st_uid != os.getuid():
        raise StoreError(str(path), "belongs to another user", "name a file of yours")
    if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
        raise StoreError(
            str(path),
            "can be read or written by other users",
            f"revoke what it holds if they may have, then: chmod 600 {path}",
        )
