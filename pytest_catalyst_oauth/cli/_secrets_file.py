"""A file of variables that hold secrets."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.adapters._private_file import check_private
from pytest_catalyst_oauth.engine.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from pathlib import Path


def read_secrets_file(path: Path) -> dict[str, str]:
    """Return the variables in a file that only its owner may read.

    Lines read `NAME=value`, quoted as for a shell; blank lines and those that begin
    with `#` count for nothing, and `export` may come first.

    Raises:
        SettingsError: It cannot be read, others may read it, or a line is malformed.
    """
    try:
        lines = _read(path).splitlines()
    except StoreError as error:
        problem, hint = error.problem, error.hint
    except OSError as error:
        problem = f"cannot be read: {os.strerror(error.errno or 0)}"
        hint = "name a file that you may read"
    except UnicodeDecodeError:
        problem, hint = "is no text", "write NAME=value lines in UTF-8"
    else:
        return _parsed(path, lines)
    raise SettingsError(f"secrets file {path}", problem, hint)


def _read(path: Path) -> str:
    # Without waiting: a named pipe is refused, not read.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, encoding="utf-8") as file:
        check_private(path, os.fstat(handle))
        return file.read()


def _parsed(path: Path, lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        pair = _pair(line)
        if pair is None:
            # Not repeated: it may hold a secret.
            raise SettingsError(
                f"secrets file {path}, line {number}",
                "is not NAME=value",
                "quote a value with spaces, as for a shell",
            )
        found.update([pair] if pair[0] else [])
    return found


def _pair(line: str) -> tuple[str, str] | None:
    """Return name and value; an empty name for nothing, None for nonsense."""
    if not line.strip() or line.lstrip().startswith("#"):
        return "", ""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    if words[0] == "export":
        words = words[1:]
    name, equals, value = words[0].partition("=") if len(words) == 1 else ("", "", "")
    return (name, value) if equals and name.isidentifier() else None
