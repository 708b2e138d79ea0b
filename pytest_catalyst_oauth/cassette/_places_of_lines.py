"""Finding the lines of a text that hold a secret: cookies, and blocks of YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._names import certain_kind, looks_random
from ._place import secret, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._place import Place

_SHORTEST_COOKIE = 6
_COOKIES = re.compile(
    r"(?<![\w\-])(set-)?cookie(?::[ \t]*+"
    # As members of an object, as HAR writes headers, and in a program.
    r"|\"\s*+:\s*+(?:\[\s*+)?\"|\"\s*+,\s*+\"value\"\s*+:\s*+\"|\s?=\s?[\"'])"
    r"([^\r\n\x00\"'<>\\]++)",
    re.IGNORECASE,
)
_COOKIE = re.compile(r"(?:\A|;)\s*+[^=;\s]++=([^;\s]++)")
_BLOCK = re.compile(
    r"(?m)^([ \t]*+)(?:-[ \t]++)?([A-Za-z_][\w.\-]{0,60}+):[ \t]++[|>][+\-0-9]{0,2}"
    r"[ \t]*+\r?\n((?:\1[ \t]++[^\r\n\x00]*+(?:\r?\n|\Z)|[ \t]*+\r?\n)++)"
)
_VARIABLE = re.compile(
    r"(?m)^([ \t]*+)(?:-[ \t]++)?name:[ \t]*+[\"']?([A-Za-z_][\w.\-]{0,60}+)[\"']?"
    r"[ \t]*+\r?\n\1[ \t]*+value:[ \t]*+[\"']?([^\s\"'#|>&*{\[][^\r\n\"'\x00]*+)"
)
_SETTING = re.compile(
    r"(?m)^[ \t]*+([A-Za-z_][\w.\-]{0,60}+)[ \t]++=[ \t]*+"
    r"((?=[^\r\n]*[0-9])(?![A-Za-z_]\w*+[.\[(])[^\s\"'(){}\[\]<>;$\x00]{8,}+)[ \t]*+$"
)


def setting_places(text: str) -> Iterator[Place]:
    """Find `password = ...` as settings have it; a program has more on the line."""
    for found in _SETTING.finditer(text.replace("\r", "\n")):
        yield from secret(found.start(2), found[2], certain_kind(found[1]))


def cookie_places(text: str) -> Iterator[Place]:
    """Find `Cookie: name=value; name=value` in a text; of `Set-Cookie` the first."""
    for line in _COOKIES.finditer(text):
        for found in _COOKIE.finditer(line[2]):
            raw = found[1]
            if len(raw) >= _SHORTEST_COOKIE and looks_random(raw):
                start = line.start(2) + found.start(1)
                yield from secret(start, raw, "cookie", unquoted)
            if line[1]:
                break


def block_places(text: str) -> Iterator[Place]:
    """Find `password: |` with the lines below. Source: YAML 1.2, section 8.1."""
    for found in _BLOCK.finditer(text):
        raw = found[3].strip()
        start = found.start(3) + found[3].index(raw)
        yield from secret(start, raw, certain_kind(found[2]), _joined)


def variable_places(text: str) -> Iterator[Place]:
    """Find `name: PASSWORD` with `value: ...` below, as Kubernetes has it."""
    for found in _VARIABLE.finditer(text):
        yield from secret(found.start(3), found[3].rstrip(), certain_kind(found[2]))


def _joined(raw: str) -> str:
    return "\n".join(line.strip() for line in raw.splitlines())
