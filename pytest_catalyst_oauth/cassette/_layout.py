"""Reading the layout that our own cassettes are written in, line by line.

It is a small part of YAML: mappings and lists in blocks, plain or single-quoted texts
of one line in ASCII. By a YAML library, a test would wait for its import, and then for
several objects to each line, longer than for all the rest of its replay.
"""

from __future__ import annotations

import re
from typing import Any

# Indentation, dash, key, value. Whatever looks otherwise may be anything in YAML. A
# quoted text over several lines is found as one, and told by their number.
_LINE = re.compile(
    r"^( *+)(- )?+"
    r"(?:([A-Za-z][A-Za-z0-9_./-]{0,99}+):(?: |$))?+"
    r"('[^']*+(?:''[^']*+)*+'|[A-Za-z0-9_./(+=;$^].*+)?+$",
    re.MULTILINE,
)
_COMMENTS = re.compile(r"(?:#.*\n)*+")
_PLAIN = bytes(range(0x20, 0x7F)) + b"\n"
_NULLS = frozenset(["null", "Null", "NULL"])


def read(text: str) -> dict[str, Any] | None:
    """Return mappings, lists, texts and None; numbers are left as texts.

    Args:
        text: A whole file's.

    Returns:
        None if anything in it is beyond that layout, and so is for a YAML library.
    """
    if not text.isascii() or text.encode().translate(None, _PLAIN):
        return None
    start = _COMMENTS.match(text).end()  # type: ignore[union-attr]  # it always matches
    lines: list[tuple[str, str, str, str]] = _LINE.findall(text, start, len(text) - 1)
    is_whole = text.endswith("\n") and len(lines) == text.count("\n", start)
    if not lines or not is_whole:
        return None
    try:
        return _blocks(lines)
    except _BeyondError:
        return None


class _BeyondError(Exception):
    """A line is not of the layout."""


def _blocks(  # noqa: C901  calls for each line would cost a third more
    lines: list[tuple[str, str, str, str]],
) -> dict[str, Any]:
    """Return mappings and lists, one in another; each line goes on with one of them."""
    root: dict[str, Any] = {}
    # The block that a line is part of, its indentation, and those around it.
    inner: Any = root
    at = 0
    outer: list[tuple[int, Any]] = []
    # What it holds is not beside it, but in the lines that follow.
    open_key = ""
    for spaces, dash, key, value in lines:
        indent = len(spaces)
        if open_key:
            # A list may be indented as the key that it belongs to.
            if indent > at or (dash and indent == at):
                outer.append((at, inner))
                inner[open_key] = inner = [] if dash else {}
                at = indent
            else:
                inner[open_key] = None
            open_key = ""
        while indent < at:
            at, inner = outer.pop()
        if type(inner) is list and not dash:
            at, inner = outer.pop()
        if indent != at or (type(inner) is list) != bool(dash) or key in _NULLS:
            raise _BeyondError
        if not key:
            if not dash:
                raise _BeyondError
            inner.append(_text(value))
            continue
        if dash:
            outer.append((at, inner))
            item: dict[str, Any] = {}
            inner.append(item)
            at, inner = indent + 2, item
        if value:
            inner[key] = _text(value)
        else:
            open_key = key
    if open_key:
        inner[open_key] = None
    return root


def _text(value: str) -> str | None:
    if value[:1] == "'":
        return value[1:-1].replace("''", "'")
    if not value or ": " in value or " #" in value or value[-1] in ": ":
        raise _BeyondError
    return None if value in _NULLS else value
