"""Finding the secrets of commands: headers and users of curl, options, netrc."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._names import certain_kind, json_kind, looks_random
from ._place import escaped, secret, unescaped, unquoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._place import Place

_STRING = r'"([^"\\\r\n\x00]*+(?:\\.[^"\\\r\n\x00]*+)*+)"'
_WORD = r"[^\s\"'<>,;\\{}\x00]"
_AUTHORIZATION = re.compile(
    rf"(?<![\w\-])authorization:[ \t]*+(?:[A-Za-z][\w\-]*+[ \t]++)?+({_WORD}{{8,}}+)",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"(?<![\w\-])--([a-z][a-z0-9\-]{2,40}+)(?:[ \t]++|=)[\"']?([^\s\"'<>|&;$\\\x00\-]"
    r"[^\s\"'<>|&;\\\x00]*+)"
)
_USER = re.compile(
    r"(?<![\w\-])(?:-u|--user)[ =]?[\"']?[^\s:\"'\\\x00]{1,80}+:([^\s\"'\\\x00]{4,}+)"
)
_COOKIES = re.compile(
    r"(?<![\w\-])(?:-b|--cookie)[ =]?[\"']?"
    r"([\w\-]++=[^\s\"'\\\x00]*+(?:[ ][\w\-]++=[^\s\"'\\\x00]*+)*+)"
)
_COOKIE = re.compile(r"=([^;]{6,})")
_NETRC = re.compile(
    r"(?<!\S)(?:machine\s++\S++|default)\s++login\s++\S++\s++password\s++([^\s\x00]++)"
)
# In a list of two, or behind an option.
_PAIR = re.compile(
    rf'(?:\[\s*+"|"--)([A-Za-z][\w.\-]{{1,40}}+)"(?=\s*+,\s*+{_STRING}(\s*+\])?)'
)
_NAME = re.compile(r"[A-Za-z]++(?:[_.\-][A-Za-z]++)*+[0-9]{0,2}")


def command_places(text: str) -> Iterator[Place]:
    """Find `--password ...` and `--password=...`; a word tells what to put there."""
    for found in _OPTION.finditer(text):
        kind = certain_kind(found[1]) if _is_telling(found[2]) else None
        yield from secret(found.start(2), found[2], kind)


def curl_places(text: str) -> Iterator[Place]:
    """Find `curl -u name:password` and `curl -b name=value`."""
    for found in _USER.finditer(text):
        kind = "password" if _is_telling(found[1]) else None
        yield from secret(found.start(1), found[1], kind)
    for line in _COOKIES.finditer(text):
        for found in _COOKIE.finditer(line[1]):
            if looks_random(found[1]):
                start = line.start(1) + found.start(1)
                yield from secret(start, found[1], "cookie", unquoted)


def authorization_places(text: str) -> Iterator[Place]:
    """Find `Authorization: ...`, whatever its scheme is."""
    for found in _AUTHORIZATION.finditer(text):
        kind = "authorization" if _is_telling(found[1]) else None
        yield from secret(found.start(1), found[1], kind)


def netrc_places(text: str) -> Iterator[Place]:
    """Find `machine ... login ... password ...`."""
    for found in _NETRC.finditer(text):
        yield from secret(found.start(1), found[1], "password")


def listed_places(text: str) -> Iterator[Place]:
    """Find `["password", "..."]` and `"--password", "..."`."""
    for found in _PAIR.finditer(text):
        is_option = found[0].startswith('"')
        value = unescaped(found[2]) or ""
        is_pair = (is_option or found[3]) and not _NAME.fullmatch(value)
        is_telling = is_pair and _is_telling(value)
        kind = json_kind(found[1], value) if is_telling else None
        yield from secret(found.start(2), found[2], kind, unescaped, escaped)


def _is_telling(value: str) -> bool:
    has_letter = any(one.isalpha() for one in value)
    return has_letter and any(one.isdigit() for one in value) and value[:1] != "$"
