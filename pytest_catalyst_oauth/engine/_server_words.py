"""What a server or a client said, made fit for a message."""

from __future__ import annotations

import re

_HIDDEN = "•••"
# Servers echo what they were sent. Zoho's tokens, codes and client secrets are long
# runs of these characters with digits among them; words of any language are not.
_LIKE_A_SECRET = re.compile(r"(?=[A-Za-z._~+/=-]*\d)[A-Za-z0-9._~+/=-]{20,}")

# What is found in a client id or an address by chance is no such run.
_HEXADECIMAL = re.compile(r"[0-9a-f.]*(?=[0-9]*[a-f])[0-9a-f]{16,}[0-9a-f.]*")


def quotable(text: str, longest: int = 80) -> str:
    """Return `text` on one line, cut, and without anything that may be a secret."""
    return _LIKE_A_SECRET.sub(_HIDDEN, _printable(text))[:longest]


def quotable_value(text: str) -> str:
    """Return what is harmless by its name, without what was put there by mistake."""
    return _HEXADECIMAL.sub(_HIDDEN, _printable(text))


def quotable_path(path: str) -> str:
    """Return a URL's path without the segments that may be secrets; ids stay."""
    return "/".join(map(_quotable_segment, _printable(path).split("/")))


def _quotable_segment(segment: str) -> str:
    if segment.isdecimal():
        return segment
    from urllib.parse import unquote

    meant = unquote(segment)
    is_secret = _LIKE_A_SECRET.search(meant) or _HEXADECIMAL.search(meant)
    return _HIDDEN if is_secret else segment


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
