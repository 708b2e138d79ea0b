"""Standard streams that nobody reads, or that were closed before the start."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO


def fill() -> None:
    """Let streams that are closed lead to nowhere.

    Otherwise the next file or socket would get their numbers.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It stays open until the process ends, as the streams do.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def is_closed(stream: TextIO) -> bool:
    """Whether a stream was closed before the start."""
    # One that a shell leads there has a name of its own, `<stdout>`.
    return getattr(stream, "name", "") == os.devnull


def silence() -> None:
    """Let the standard output lead to nowhere, so that no later flush complains."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
