"""The texts of a cassette, with their names and places; of YAML and of JSON."""

from __future__ import annotations

import codecs
from base64 import b64decode
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from ._scan_json import json_values, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BINARY = "tag:yaml.org,2002:binary"
_TEXT_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Piece(NamedTuple):
    """One text of a file.

    Attributes:
        content: Unescaped, as UTF-8; binary content as it is.
        name: The key, header or parameter that it is the value of; may be empty.
        line: Where it starts, counted from 1.
        place: Path in the file's structure; empty for what is between the values.
        is_binary: Whether it is the content of a file rather than text.
        keeps_lines: Whether its lines are the file's; YAML folds quoted texts.
    """

    content: bytes
    name: str
    line: int
    place: str
    is_binary: bool = False
    keeps_lines: bool = False


def pieces(data: bytes) -> list[Piece]:
    """Return each text of a file, and at last all that is no value.

    That is comments, tags and anchors; of a file that cannot be read, everything.
    """
    text = _decoded(data)
    found = json_values(text)
    if found is not None:
        return [
            Piece(value.encode("utf-8", "replace"), name, line, place)
            for value, name, line, place in found
        ]
    listed: list[Piece] = []
    rest: list[str] = []
    end = 0
    try:
        for name, node, place in _scalars(text):
            listed.append(_piece(name, node, place))
            start, finish = node.start_mark, node.end_mark
            rest.append(text[end : start.index])
            # The line breaks stay, so that what is left keeps its lines.
            rest.append("\n" * (finish.line - start.line) or " ")
            end = finish.index
    except (yaml.YAMLError, ValueError):
        return [*listed, _whole(text)]
    return [*listed, _whole("".join((*rest, text[end:])))]


def _decoded(data: bytes) -> str:
    for mark, encoding in _TEXT_MARKS:
        # Of UTF-16 at least a quarter is zeros, where there are names in English.
        if data.startswith(mark) and (
            mark == codecs.BOM_UTF8 or data.count(0) > len(data) / 4
        ):
            with suppress(UnicodeDecodeError):
                return data.decode(encoding)
    return data.decode("utf-8", "replace")


def _whole(text: str) -> Piece:
    return Piece(text.encode("utf-8", "replace"), "", 1, "", keeps_lines=True)


def _scalars(text: str) -> Iterator[tuple[str, Any, str]]:
    """Yield each scalar with the key that it belongs to, and its place."""
    around: list[_Around] = []
    here = _Around("", None, True)
    for event in yaml.parse(text, Loader=_Loader):
        kind = type(event)
        if kind is yaml.ScalarEvent:
            yield here.take(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            around.append(here)
            is_list = kind is yaml.SequenceStartEvent
            here = _Around(here.inside(), here.key if is_list else None, is_list)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            here = around.pop()
            here.step()
        elif kind is yaml.AliasEvent:
            here.step()


class _Around:
    """A mapping or a list, while its members are read.

    Attributes:
        place: Its path.
        number: Of a list's member; -1 in a mapping.
        key: Of a mapping's member, None before the key; of a list, its own.
    """

    __slots__ = ("key", "number", "place")

    def __init__(self, place: str, key: str | None, is_list: bool) -> None:
        self.place, self.key, self.number = place, key, 0 if is_list else -1

    def inside(self) -> str:
        if self.number >= 0:
            return f"{self.place}[{self.number}]" if self.place else ""
        name = shown(self.key or "?")
        return f"{self.place}.{name}" if self.place else name

    def take(self, event: Any) -> tuple[str, Any, str]:
        if self.number < 0 and self.key is None:
            self.key = event.value
            return "", event, f"{self.place}.(key)".lstrip(".")
        taken = self.key or "", event, self.inside()
        self.step()
        return taken

    def step(self) -> None:
        if self.number >= 0:
            self.number += 1
        else:
            self.key = "?" if self.key is None else None


def _piece(name: str, node: Any, place: str) -> Piece:
    is_block = node.style == "|"
    line = node.start_mark.line + (2 if is_block else 1)
    content = _binary(node)
    if content is not None:
        return Piece(content, name, line, place, is_binary=True)
    text = node.value.encode("utf-8", "replace")
    return Piece(text, name, line, place, keeps_lines=is_block)


def _binary(node: Any) -> bytes | None:
    """Return binary content; None for a text, also for one that claims to be none."""
    if node.tag != _BINARY:
        return None
    try:
        return b64decode("".join(node.value.split()), validate=True)
    except ValueError:
        return None
