"""Finding the members of objects whose own name says what they hold.

`{"password": {"value": "..."}}`, `{"tokens": {"prod": "..."}}`, a list of such objects,
and the cookies of a HAR file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._names import certain_kind
from ._place import escaped, secret, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._place import Place

_STRING = r'"([^"\\\r\n\x00]*+(?:\\.[^"\\\r\n\x00]*+)*+)"'
_HOLDER = re.compile(r'"([A-Za-z][\w.\-]{2,60}+)"\s*+:\s*+(?:\[\s*+)?\{')
# Up to its end, or to the next object in it.
_FLAT = re.compile(r'(?:[^"{}\\\x00]++|"(?:[^"\\\r\n\x00]++|\\.)*+")*+')
_MEMBER = re.compile(rf"{_STRING}\s*+:\s*+{_STRING}")
_NEXT = re.compile(r"\}\s*+,\s*+\{")
# What leads further down to a value.
_INNER = re.compile(
    r'"(?:value|val|data|secret|text|plain|current|latest|key|token)"\s{0,9}:\s{0,9}\Z',
    re.IGNORECASE,
)
_DEEPEST = 3
_OBJECT = re.compile(r'\{((?:[^"{}\\\x00]++|"(?:[^"\\\r\n\x00]++|\\.)*+")*+)\}')
_PRIVATE = frozenset("d p q dp dq qi k".split())
_VALUE = frozenset(
    "value val key secret token text plain plaintext raw data $secure $value".split()
)
_LISTS = {"cookies": "cookie", "credentials": "credential"}
_DIGIT = re.compile(r"[0-9]")
_NO_SECRET = re.compile(r".*\s.*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|\w+://.*|/.*")


def object_places(text: str) -> Iterator[Place]:
    """Find what is in an object under a telling name, or in a value of its value."""
    for found in _HOLDER.finditer(text):
        kind = _LISTS.get(found[1].lower()) or certain_kind(found[1])
        if kind:
            for start, end in _stretches(text, found.end()):
                for one in _MEMBER.finditer(text, start, end):
                    if _is_member(found, kind, one):
                        at, raw = one.start(2), one[2]
                        yield from secret(at, raw, kind, unescaped, escaped)


def _stretches(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield where members without members are: of each object in a list, or below."""
    depth = 0
    while True:
        end = _FLAT.match(text, start).end()  # type: ignore[union-attr]
        yield start, end
        is_below = text[end : end + 1] == "{" and depth < _DEEPEST
        if is_below and _INNER.search(text, max(start, end - 40), end):
            start, depth = end + 1, depth + 1
        elif not depth and (more := _NEXT.match(text, end)):
            start = more.end()
        else:
            return


def _is_member(holder: re.Match[str], kind: str, one: re.Match[str]) -> bool:
    if kind == "cookie" and "[" in holder[0]:
        return one[1] == "value"  # as HAR files have it
    return _is_secret(holder[1], kind, one[1], one[2])


def jwk_places(text: str) -> Iterator[Place]:
    """Find the private members of a JSON Web Key. Source: RFC 7518, section 6."""
    for found in _OBJECT.finditer(text):
        if '"kty"' in found[1]:
            for one in _MEMBER.finditer(text, *found.span(1)):
                kind = "private-key" if one[1] in _PRIVATE else None
                yield from secret(one.start(2), one[2], kind, unescaped, escaped)


def _is_secret(holder: str, kind: str, name: str, value: str) -> bool:
    if len(value) < 6 or not _DIGIT.search(value) or _NO_SECRET.fullmatch(value):
        return False
    if name.lower() in _VALUE:
        return True
    # Of many, each has a name of its own.
    return holder[-1] in "sS" and kind != "credential" and len(value) >= 8
