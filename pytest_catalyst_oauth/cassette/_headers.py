"""Where secrets stand in headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._edits import Edit, apart, made
from ._layers import unfolded
from ._names import header_kind
from ._place import secret, unquoted
from ._places import basic
from ._walk import edits, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._place import Place, Visitor

_SCHEME = re.compile(r"\s*([A-Za-z][\w-]*)\s+(\S.*)", re.DOTALL)
# What begins another cookie; the comma in a date does not.
_JOINT = re.compile(r",[ \t]+(?=[\w!#$%&'*+.^`|~\-]+=)")
# Without a blank, behind an attribute: in a value there may be such a comma.
_ANY_JOINT = re.compile(r",[ \t]*+(?=[\w!#$%&'*+.^`|~\-]+=)")
_COOKIE = re.compile(rf"(?:^|;|{_JOINT.pattern})([^=;]+=\s*)(\"?)([^;\"]*)")
_SET_COOKIE = re.compile(rf"(?:^|{_ANY_JOINT.pattern})([^=;]+=\s*)(\"?)([^;\"]*)")
_FOLD = re.compile(r"\r?\n[ \t]+")
_TOKENS = ("bearer", "zoho-oauthtoken", "zoho-ticket", "token", "oauth")


def walk_header(name: str, value: str, visitor: Visitor) -> str:
    """Show the places of one header to `visitor`, and return its new value."""
    wanted = [
        Edit(one.start, one.end, one.visit(visitor)) for one in _places(name, value)
    ]
    value = made(value, wanted)
    if " " in value or "\n" in value:
        value = _unfolded(value, visitor)
    return walk(value, visitor)


def _unfolded(value: str, visitor: Visitor) -> str:
    """Look for secrets that a fold broke, before their halves are looked at."""
    for layer in unfolded(value):
        look = visitor.known if layer.is_guess else visitor.anywhere
        inner = layer.back(edits(layer.text, _ByValue(look), 1))
        if inner:
            return made(value, apart(inner))
    return value


class _ByValue:
    """Keeps a visitor from places: words run into each other without their blanks."""

    def __init__(self, look: Callable[[str], list[Edit]]) -> None:
        self.anywhere = self.known = look

    def at_place(self, kind: str, value: str) -> str:  # noqa: ARG002  of a protocol
        return value


def _places(name: str, value: str) -> Iterator[Place]:
    lower = name.lower()
    if lower in ("authorization", "proxy-authorization"):
        yield from _authorization(value)
    elif lower in ("cookie", "set-cookie"):
        cookies = _set_cookies if lower == "set-cookie" else _COOKIE.finditer
        for found in cookies(value):
            raw = found[3].rstrip()
            yield from secret(found.start(3), raw, "cookie", unquoted)
    elif kind := header_kind(name):
        yield from _whole(value, kind)
    elif lower.endswith("otp") and value.strip().isdigit():
        yield from _whole(value, "otp")  # which a server asks for in words


def _set_cookies(value: str) -> Iterator[re.Match[str]]:
    """Yield each cookie without its attributes; some clients join several headers."""
    start = 0
    for end in (*_joints(value), len(value)):
        if found := _SET_COOKIE.match(value, start, end):
            yield found
        start = end


def _joints(value: str) -> Iterator[int]:
    """Yield where a cookie ends and another begins."""
    attribute = value.find(";")
    for one in _ANY_JOINT.finditer(value):
        is_behind = 0 <= attribute < one.start()
        if one[0] != "," or is_behind:
            yield one.start()
        if is_behind:
            attribute = value.find(";", one.end())


def _whole(value: str, kind: str, start: int = 0) -> Iterator[Place]:
    raw = value.strip()
    start += len(value) - len(value.lstrip())
    yield from secret(start, raw, kind, lambda text: _FOLD.sub("", text))


def _authorization(value: str) -> Iterator[Place]:
    """Keep the scheme, since a client that uses another one must not match."""
    found = _SCHEME.fullmatch(value)
    if found is None:
        yield from _whole(value, "authorization")
        return
    scheme, rest = found[1].lower(), found[2].rstrip()
    pair = list(basic(found.start(2), rest)) if scheme == "basic" else []
    yield from pair
    if not pair:
        kind = "access-token" if scheme in _TOKENS else "authorization"
        yield from _whole(found[2], kind, found.start(2))
