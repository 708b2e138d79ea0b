"""Finding the places of XML and HTML whose names say that a secret stands there."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from ._names import certain_kind, parameter_kind
from ._place import like_markup, secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._place import Place

# What only says that there is a value.
_INNER = r"\s{0,40}<(?:value|string|text|data)(?:\s[^<>]{0,100})?>\s{0,40}"
# As remote procedure calls and property lists write it.
_PAIR = re.compile(
    r"<(?:name|key)>\s{0,40}([A-Za-z_][\w.\-]{0,60}+)\s{0,40}</(?:name|key)>"
    rf"(?:{_INNER}){{1,2}}([^<>\x00]++)</"
)
_ELEMENT = re.compile(
    r"<(?:[\w.\-]{1,40}:)?([A-Za-z_][\w.\-]{0,60}+)(?:\s[^<>]{0,400})?>"
    rf"(?:{_INNER})?"
    r"(?:<!\[CDATA\[([^\]]*+)\]\]>|([^<>\x00]++))</"
)
_FIELD = re.compile(
    r"<(?:input|meta|param|property|data|button)\b([^<>]{0,4000}+)>", re.IGNORECASE
)
_ATTRIBUTE = re.compile(
    r"""([\w.\-]++)\s*+=\s*+(?:"([^"\x00]*+)"|'([^'\x00]*+)'|([^\s"'>]++))"""
)
_NAMED = re.compile(
    r"<(?:textarea|entry|string|item|add|setting|option)\b[^<>]{0,400}?\b(?:name|key)="
    r"[\"']?([A-Za-z_][\w.\-]{0,60}+)[^<>]{0,400}>([^<>\x00]++)</",
    re.IGNORECASE,
)


def named_places(text: str) -> Iterator[Place]:
    """Find `<textarea name="client_secret">...` and `<entry key="password">...`."""
    for found in _NAMED.finditer(text):
        kind, raw = certain_kind(found[1]), found[2]
        yield from secret(found.start(2), raw, kind, html.unescape, like_markup)


def element_places(text: str) -> Iterator[Place]:
    """Find `<access_token>...</access_token>`."""
    for found in _ELEMENT.finditer(text):
        kind = certain_kind(found[1])
        if kind and found[2] is not None:
            yield from secret(found.start(2), found[2], kind)
        elif kind:
            raw = found[3]
            yield from secret(found.start(3), raw, kind, html.unescape, like_markup)


def pair_places(text: str) -> Iterator[Place]:
    """Find `<name>password</name><value><string>...` and the like."""
    for found in _PAIR.finditer(text):
        raw, kind = found[2].rstrip(), certain_kind(found[1])
        yield from secret(found.start(2), raw, kind, html.unescape, like_markup)


def field_places(text: str) -> Iterator[Place]:
    """Find `<input name="code" value="...">` and `<meta name=... content=...>`."""
    for found in _FIELD.finditer(text):
        named = {
            one[1].lower(): one for one in _ATTRIBUTE.finditer(text, *found.span(1))
        }
        name = named.get("name") or named.get("property")
        value = named.get("value") or named.get("content")
        if name and value:
            number = value.lastindex or 2
            kind = parameter_kind(name[name.lastindex or 2])
            start, raw = value.start(number), value[number]
            yield from secret(start, raw, kind, html.unescape, like_markup)
