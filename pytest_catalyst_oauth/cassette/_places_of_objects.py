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
_VALUE = frozenset(
    "value val key secret token text plain plaintext raw data $secure $value".split()
)
_LISTS = {"cookies": "cookie", "credentials": "credential"}
_DIGIT = re.compile(r"[0-9]")
_NO_SECRET = re.compile(r".*\s.*|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|\w+://.*|/.*")


def object_places(text: str) -> Iterator[Place]:
    """Find what is in an object under a telling name, not in objects within it."""
    for found in _HOLDER.finditer(text):
        kind = _LISTS.get(found[1].lower()) or certain_kind(found[1])
        start = found.end()
        while kind:
            end = _FLAT.match(text, start).end()  # type: ignore[union-attr]
            for one in _MEMBER.finditer(text, start, end):
                if kind == "cookie" and "[" in found[0]:
                    is_secret = one[1] == "value"  # as HAR files have it
                else:
                    is_secret = _is_secret(found[1], kind, one[1], one[2])
                if is_secret:
                    yield from secret(one.start(2), one[2], kind, unescaped, escaped)
            more = _NEXT.match(text, end)
            if more is None:
                break
            start = more.end()


def _is_secret(holder: str, kind: str, name: str, value: str) -> bool:
    if len(value) < 6 or not _DIGIT.search(value) or _NO_SECRET.fullmatch(value):
        return False
    if name.lower() in _VALUE:
        return True
    # Of many, each has a name of its own.
    return holder[-1] in "sS" and kind != "credential" and len(value) >= 8
