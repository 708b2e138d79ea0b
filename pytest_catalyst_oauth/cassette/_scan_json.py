"""The values of a JSON file, with their names, lines and places."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    # Value, name, line, place.
    Value = tuple[str, str, int, str]

_TOKEN = re.compile(
    r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|([{}\[\],])|([^\s{}\[\],":]+)', re.DOTALL
)
_COOKIE = re.compile(r"(?:^|\.)cookies\[[0-9]+\]$")
_SHOWN = re.compile(r"[A-Za-z][A-Za-z_-]{0,38}")


def json_values(text: str) -> list[Value] | None:
    """Return all values, or None if the text is no JSON."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        json.loads(text)
        return list(_values(text))
    except (ValueError, RecursionError):
        return None


def _values(text: str) -> Iterator[Value]:
    """Yield each value. The library's reader does not tell lines, so this is one."""
    around: list[_Around] = []
    here = _Around("", "", True)
    line, counted = 1, 0
    for found in _TOKEN.finditer(text):
        string, is_key, sign, plain = found.groups()
        if sign == "{" or sign == "[":
            around.append(here)
            is_list = sign == "["
            here = _Around(here.inside(), here.key if is_list else "", is_list)
        elif sign == "," and here.number >= 0:
            here.number += 1
        elif sign == "}" or sign == "]":
            here = around.pop()
        elif not sign:
            line += text.count("\n", counted, found.start())
            counted = found.start()
            value = json.loads(string) if string else plain
            yield here.take(value, is_key=bool(is_key), line=line)


class _Around:
    """An object or a list, while its members are read.

    Attributes:
        place: Its path.
        number: Of a list's member; -1 in an object.
        key: Of an object's member; of a list, its own.
        named: What its member `name` says: HAR files write headers as name and value.
    """

    __slots__ = ("key", "named", "number", "place")

    def __init__(self, place: str, key: str, is_list: bool) -> None:
        self.place, self.key, self.number = place, key, 0 if is_list else -1
        self.named = ""

    def inside(self) -> str:
        if self.number >= 0:
            return f"{self.place}[{self.number}]" if self.place else ""
        name = shown(self.key) if self.key else ""
        return f"{self.place}.{name}".strip(".")

    def take(self, value: str, *, is_key: bool, line: int) -> Value:
        if is_key:
            self.key = value
            return value, "", line, f"{self.place}.(key)".lstrip(".")
        if self.key == "name":
            self.named = value
        name = self.named if self.key == "value" and self.named else self.key
        if self.named and self.key == "value" and _COOKIE.search(self.place):
            name, value = "cookie", f"{self.named}={value}"
        return value, name, line, self.inside()


def shown(name: str) -> str:
    """Return a key that may be shown: header names and the format's own words."""
    return name if _SHOWN.fullmatch(name) else "?"
