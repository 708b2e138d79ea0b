"""The parts of a cassette that the scanner looks at, with their places."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BINARY = "tag:yaml.org,2002:binary"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One text of a file.

    Attributes:
        text: Unescaped; binary content as Latin-1.
        line: Where it starts, counted from 1.
        place: Path in the file's structure; empty for the whole file.
        is_binary: Whether it is the content of a file rather than text.
        keeps_lines: Whether its lines are the file's; YAML folds quoted texts.
    """

    text: str
    line: int
    place: str
    is_binary: bool = False
    keeps_lines: bool = False


def pieces(data: bytes) -> Iterator[Piece]:
    """Yield each text of a YAML file, and at last the whole file as it is.

    The whole file comes along for what is no value: comments, tags, broken YAML. The
    base64 of binary content is blanked there, since chance writes anything into it.
    """
    text = data.decode("utf-8", "replace")
    blanked = text
    try:
        nodes = list(_below(yaml.compose(text, Loader=_Loader), "", set()))
    except (yaml.YAMLError, ValueError, RecursionError):
        nodes = []
    for node, place in nodes:
        content = _binary(node)
        yield _piece(node, place, content)
        if content is not None:
            start, end = node.start_mark.index, node.end_mark.index
            blank = re.sub(r"[^\n]", " ", text[start:end])
            blanked = f"{blanked[:start]}{blank}{blanked[end:]}"
    yield Piece(text=blanked, line=1, place="", keeps_lines=True)


def _below(
    node: Any, place: str, seen: set[int]
) -> Iterator[tuple[yaml.ScalarNode, str]]:
    if isinstance(node, yaml.ScalarNode):
        yield node, place
    elif node is None or id(node) in seen:
        return  # an alias may point back at what contains it
    elif isinstance(node, yaml.SequenceNode):
        seen.add(id(node))
        for number, child in enumerate(node.value):
            yield from _below(child, f"{place}[{number}]", seen)
    else:
        seen.add(id(node))
        for key, child in node.value:
            yield from _below(key, f"{place}.(key)".lstrip("."), seen)
            yield from _below(child, f"{place}.{_name(key)}".lstrip("."), seen)


def _piece(node: yaml.ScalarNode, place: str, content: bytes | None) -> Piece:
    is_block = node.style == "|"
    line = node.start_mark.line + (2 if is_block else 1)
    if content is not None:
        text = content.decode("latin-1")
        return Piece(text=text, line=line, place=place, is_binary=True)
    return Piece(text=node.value, line=line, place=place, keeps_lines=is_block)


def _binary(node: yaml.ScalarNode) -> bytes | None:
    """Return binary content; None for a text, also for one that claims to be none."""
    if node.tag != _BINARY:
        return None
    try:
        return b64decode("".join(node.value.split()), validate=True)
    except ValueError:
        return None


def _name(key: Any) -> str:
    """Return a key that may be shown: header names and the format's own words."""
    name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isalpha() and plain.isascii() and len(name) < 40 else "?"
