"""Reading the layout that our own cassettes are written in, line by line.

It is a small part of YAML: mappings and lists in blocks, plain or single-quoted texts
of one line in ASCII. By a YAML library, a test would wait for its import, and then for
several objects to each line, longer than for all the rest of its replay.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    # Its indentation, whether it has a dash, key, and what stands beside that.
    _Line = tuple[int, bool, str, str | None]

# Indentation, dash, key, value. Whatever looks otherwise may be anything in YAML.
_LINE = re.compile(
    r"( *+)(- )?+"
    r"(?:([A-Za-z][A-Za-z0-9_./-]{0,99}+):(?: |$))?+"
    r"('[^']*+(?:''[^']*+)*+'|[A-Za-z0-9_./(+=;$^].*+)?+"
)
_COMMENTS = re.compile(r"(?:#[ -~]*+\n)*+")
_NULLS = frozenset(["null", "Null", "NULL"])
# Beside a key whose value is in the lines that follow; no text is this object.
_NOTHING = str(object())
# Characters of a line up to which it is kept.
_KEPT = 1 << 12


def read(text: str) -> dict[str, Any] | None:
    """Return mappings, lists, texts and None; numbers are left as texts.

    Args:
        text: A whole file's.

    Returns:
        None if anything in it is beyond that layout, and so is for a YAML library.
    """
    start = _COMMENTS.match(text).end()  # type: ignore[union-attr]  # it always matches
    if not text.endswith("\n", start):
        return None
    lines = text[start:-1].split("\n")
    try:
        return _blocks(
            [_kept(one) if len(one) <= _KEPT else _line(one) for one in lines]
        )
    except _BeyondError:
        return None


class _BeyondError(Exception):
    """A line is not of the layout."""


def _line(line: str) -> _Line:
    found = _LINE.fullmatch(line)
    if found is None or not (line.isascii() and line.isprintable()):
        raise _BeyondError
    spaces, dash, key, value = found.groups("")
    if key in _NULLS or not (key or dash):
        raise _BeyondError
    beside = _NOTHING if key and not value else _text(value)
    return len(spaces), bool(dash), key, beside


# Of a cassette most lines are those of the one before: names of headers, versions.
_kept = lru_cache(maxsize=256)(_line)


def _blocks(  # noqa: C901  calls for each line would cost a third more
    lines: Iterable[_Line],
) -> dict[str, Any]:
    """Return mappings and lists, one in another; each line goes on with one of them."""
    root: dict[str, Any] = {}
    # The block that a line is part of, its indentation, and those around it.
    inner: Any = root
    at = 0
    outer: list[tuple[int, Any]] = []
    # What it holds is not beside it, but in the lines that follow.
    open_key = ""
    for indent, dash, key, value in lines:
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
        if indent != at or (type(inner) is list) != dash:
            raise _BeyondError
        if not key:
            inner.append(value)
            continue
        if dash:
            outer.append((at, inner))
            item: dict[str, Any] = {}
            inner.append(item)
            at, inner = indent + 2, item
        if value is _NOTHING:
            open_key = key
        else:
            inner[key] = value
    if open_key:
        inner[open_key] = None
    return root


def _text(value: str) -> str | None:
    if value[:1] == "'":
        return value[1:-1].replace("''", "'")
    if not value or ": " in value or " #" in value or value[-1] in ": ":
        raise _BeyondError
    return None if value in _NULLS else value
