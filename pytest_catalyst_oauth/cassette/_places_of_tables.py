"""Finding the columns of a table whose names say that they hold secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._names import certain_kind
from ._place import secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._place import Place

_NAME = r"(?:\"[\w .\-]{1,40}+\"|[\w .\-]{1,40}+)"
# It begins a text, or follows an empty line as in a part of a form.
_HEAD = re.compile(
    rf"(?:\A\ufeff?|\n\r?\n)({_NAME}(?:([,;\t]){_NAME}(?:\2{_NAME}){{0,200}}+))\r?\n(?=\S)"
)
_LINE = re.compile(r"[^\r\n\x00]++")
_FEED = re.compile(r"\r?\n")
_SHORTEST = 6


def table_places(text: str) -> Iterator[Place]:
    """Find the cells below `password`, where each line has as many cells as the first.

    Source: RFC 4180.
    """
    for head in _HEAD.finditer(text):
        sign = head[2]
        kinds = [_kind(name) for name in head[1].split(sign)]
        if any(kinds):
            cell = re.compile(rf'"((?:[^"\x00]|"")*+)"|([^{sign}"\r\n\x00]*+)')
            yield from _below(text, head.end(), kinds, sign, cell)


def _kind(name: str) -> str | None:
    return certain_kind(re.sub(r"[ .\-]+", "_", name.strip('" ')))


def _below(
    text: str, start: int, kinds: list[str | None], sign: str, cell: re.Pattern[str]
) -> Iterator[Place]:
    while _LINE.match(text, start):
        at, found = start, []
        while one := cell.match(text, at):
            found.append(one)
            at = one.end() + 1
            if text[one.end() : at] != sign:
                break
        if len(found) != len(kinds):
            return
        for kind, one in zip(kinds, found, strict=True):
            number = one.lastindex or 2
            is_short = len(one[number]) < _SHORTEST or one[number][0].isspace()
            yield from secret(
                one.start(number), one[number], None if is_short else kind
            )
        feed = _FEED.match(text, found[-1].end())
        if feed is None:
            return
        start = feed.end()
