"""The file that tells other programs where a server is, while it is there."""

from __future__ import annotations

import os
import shlex
import stat
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.adapters import write_private_file
from pytest_catalyst_oauth.adapters._file_lock import file_lock
from pytest_catalyst_oauth.adapters._regular_file import read_regular_file
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# For a few seconds at most: whoever else may lock a folder must not stop a server.
_TRIES, _PAUSE = 200, 0.01
_MARK = "# Written by catalyst-oauth serve, and removed at its end"
_LARGEST = 1_000_000


@contextmanager
def env_file(path: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """Keep a 0600 file of variables, for a shell, while the context lasts.

    At the end it is removed, unless somebody has changed or replaced it. A lock on it
    tells the file of a server that runs from one that a killed server left behind. Its
    first line tells whether it is as a server wrote it; any other is the user's own.

    Raises:
        SettingsError: It cannot be written, belongs to a server that still runs, or is
            the user's own.
    """
    text = _marked(
        "".join(f"{name}={shlex.quote(v)}\n" for name, v in variables.items())
    )
    with ExitStack() as lock:
        with _alone_in(path.parent):
            if _is_file(path):
                with ExitStack() as lock_of_another:
                    _hold(path, lock_of_another)
                _check_whose(path)
            write_private_file(path, text)
            _hold(path, lock)
        try:
            yield
        finally:
            with suppress(OSError, UnicodeDecodeError):
                if _is_file(path) and path.read_text(encoding="utf-8") == text:
                    path.unlink()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep out other servers that start at the same moment."""
    if sys.platform == "win32":  # pragma: no cover
        yield
        return
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        # Nothing can be written there either, and that is told better.
        yield
        return
    try:
        for _ in range(_TRIES):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_PAUSE)
            except OSError:
                # There are no locks here.
                break
        yield
    finally:
        # Closing releases the lock.
        os.close(handle)


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _marked(text: str) -> str:
    """Put the first line before the others; a change of those shows in it."""
    return f"{_MARK} ({sha256(text.encode()).hexdigest()[:12]}).\n{text}"


def _check_whose(path: Path) -> None:
    """Refuse to replace what no server wrote. What is empty is nobody's loss."""
    try:
        text = read_regular_file(path, _LARGEST).decode()
    except (OSError, UnicodeDecodeError):
        text = "what nobody can read"
    if text and text != _marked(text.partition("\n")[2]):
        raise SettingsError(
            str(path),
            "is there already, and is not as catalyst-oauth serve wrote it",
            "name another file, or remove this one",
        )


def _hold(path: Path, lock: ExitStack) -> None:
    # On Windows nobody could read what is locked.
    if sys.platform == "win32":  # pragma: no cover
        return
    try:
        is_ours = lock.enter_context(file_lock(path, 0))
    except OSError:
        # There are no locks here, or it may be replaced but not opened.
        return
    if not is_ours:
        raise SettingsError(
            str(path),
            "belongs to a server that still runs",
            "stop that one, or name another file",
        )
