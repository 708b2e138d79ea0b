"""Where secrets stand in headers."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from ._names import header_kind
from ._walk import walk

if TYPE_CHECKING:
    from ._walk import Visitor

_SCHEME = re.compile(r"\s*([A-Za-z][\w-]*)\s+(\S.*)", re.DOTALL)
_COOKIE = re.compile(r"(^|;)([^=;]+=\s*)(\"?)([^;\"]*)")


def walk_header(name: str, value: str, visitor: Visitor) -> str:
    """Show the places of one header to `visitor`, and return its new value."""
    lower = name.lower()
    if lower in ("authorization", "proxy-authorization"):
        value = _authorization(value, visitor)
    elif lower in ("cookie", "set-cookie"):
        first_only = 1 if lower == "set-cookie" else 0
        value = _COOKIE.sub(lambda m: _cookie(m, visitor), value, count=first_only)
    elif kind := header_kind(name):
        value = visitor.at_place(kind, value.strip())
    return walk(value, visitor)


def _authorization(value: str, visitor: Visitor) -> str:
    """Keep the scheme, since a client that uses another one must not match."""
    found = _SCHEME.fullmatch(value)
    if found is None:
        return visitor.at_place("authorization", value.strip())
    scheme, rest = found[1], found[2].strip()
    if scheme.lower() == "basic":
        return f"{scheme} {_basic(rest, visitor)}"
    tokens = ("bearer", "zoho-oauthtoken", "token", "oauth")
    kind = "access-token" if scheme.lower() in tokens else "authorization"
    return f"{scheme} {visitor.at_place(kind, rest)}"


def _basic(word: str, visitor: Visitor) -> str:
    """Look into `client_id:client_secret`. Source: RFC 6749, section 2.3.1."""
    try:
        text = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return visitor.at_place("authorization", word)
    name, colon, password = text.partition(":")
    new = (
        f"{visitor.at_place('client-id', name)}{colon}"
        f"{visitor.at_place('client-secret', password)}"
    )
    return word if new == text else base64.b64encode(new.encode()).decode()


def _cookie(found: re.Match[str], visitor: Visitor) -> str:
    value = found[4].rstrip()
    blank = found[4][len(value) :]
    return f"{found[1]}{found[2]}{found[3]}{visitor.at_place('cookie', value)}{blank}"
