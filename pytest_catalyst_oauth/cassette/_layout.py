"""Reading the layout that our own cassettes are written in, line by line.

It is a small part of YAML: mappings and lists in blocks, plain or single-quoted texts
of one line in ASCII. By a YAML library, a test would wait for its import, and then for
several objects to each line, longer than for all the rest of its replay.
"""

from __future__ import annotations

import re
from typing import Any, final

# Indentation, dash, key, value. Whatever looks otherwise may be anything in YAML.
_LINE = re.compile(
    r"^( *)(- )?"
    r"(?:([A-Za-z][A-Za-z0-9_./-]{0,99}):(?: |$))?"
    r"('[ -&(-~]*(?:''[ -&(-~]*)*'|[A-Za-z0-9_./(+=;$^][ -~]*)?$",
    re.MULTILINE,
)
_COMMENTS = re.compile(r"(?:#[ -~]*\n)*")
_NULLS = frozenset(["null", "Null", "NULL"])


def read(text: str) -> dict[str, Any] | None:
    """Return mappings, lists, texts and None; numbers are left as texts.

    Args:
        text: A whole file's.

    Returns:
        None if anything in it is beyond that layout, and so is for a YAML library.
    """
    start = _COMMENTS.match(text).end()  # type: ignore[union-attr]  # it always matches
    lines: list[tuple[str, str, str, str]] = _LINE.findall(text, start, len(text) - 1)
    is_whole = text.endswith("\n") and len(lines) == text.count("\n", start)
    if not lines or not is_whole:
        return None
    try:
        return _Blocks().read(lines)
    except _BeyondError:
        return None


class _BeyondError(Exception):
    """A line is not of the layout."""


@final
class _Blocks:
    """Mappings and lists, one in another; a line goes on with one of them."""

    def __init__(self) -> None:
        root: dict[str, Any] = {}
        self._inner: Any = root
        self._indent = 0
        # Those around it, each with its indentation.
        self._outer: list[tuple[int, Any]] = []
        # What it holds is not beside it, but in the lines that follow.
        self._open_key = ""

    def read(self, lines: list[tuple[str, str, str, str]]) -> dict[str, Any]:
        root: dict[str, Any] = self._inner
        for spaces, dash, key, value in lines:
            indent = len(spaces)
            self._go_to(indent, dash)
            if not key:
                self._append(_text(value), dash)
                continue
            if dash:
                self._enter(indent + 2, self._append({}, dash))
            if value:
                self._inner[_known(key)] = _text(value)
            else:
                self._open_key = _known(key)
        if self._open_key:
            self._inner[self._open_key] = None
        return root

    def _go_to(self, indent: int, dash: str) -> None:
        """Find the block that a line is part of, or begin it."""
        if self._open_key:
            key, self._open_key = self._open_key, ""
            if indent > self._indent or (dash and indent == self._indent):
                nested: Any = [] if dash else {}
                self._inner[key] = nested
                self._enter(indent, nested)
            else:
                self._inner[key] = None
        while indent < self._indent:
            self._leave()
        # A list may be indented as the key that it belongs to.
        if not dash and type(self._inner) is list:
            self._leave()
        if indent != self._indent or (type(self._inner) is list) != bool(dash):
            raise _BeyondError

    def _enter(self, indent: int, block: Any) -> None:
        self._outer.append((self._indent, self._inner))
        self._indent, self._inner = indent, block

    def _leave(self) -> None:
        self._indent, self._inner = self._outer.pop()

    def _append(self, item: Any, dash: str) -> Any:
        if not dash:
            raise _BeyondError
        self._inner.append(item)
        return item


def _known(key: str) -> str:
    if key in _NULLS:
        raise _BeyondError
    return key


def _text(value: str) -> str | None:
    if value[:1] == "'":
        return value[1:-1].replace("''", "'")
    if not value or ": " in value or " #" in value or value[-1] in ": ":
        raise _BeyondError
    return None if value in _NULLS else value
