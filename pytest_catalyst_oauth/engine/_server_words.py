"""What a server or a client said, made fit for a message."""

from __future__ import annotations

import re

_HIDDEN = "•••"
# Servers echo what they were sent. Zoho's tokens, codes and client secrets are long
# runs of these characters with digits among them; words of any language are not.
# The patterns only find whole runs, and never look at a character twice: whoever
# answers chooses the text, and how long it is.
_RUN = re.compile(r"[A-Za-z\d._~+/=-]{20,}+")

# What is found in a client id or an address by chance is no such run.
_HEXADECIMAL_RUN = re.compile(r"[0-9a-f.]{16,}+")
_SHORTEST_HEXADECIMAL = 16


def quotable(text: str, longest: int = 80) -> str:
    """Return `text` on one line, cut, and without anything that may be a secret."""
    return _RUN.sub(_without_digits, _printable(text))[:longest]


def quotable_value(text: str) -> str:
    """Return what is harmless by its name, without what was put there by mistake."""
    return _HEXADECIMAL_RUN.sub(_without_secret, _printable(text))


def quotable_path(path: str) -> str:
    """Return a URL's path without the segments that may be secrets; ids stay."""
    return "/".join(map(_quotable_segment, _printable(path).split("/")))


def _quotable_segment(segment: str) -> str:
    if segment.isdecimal():
        return segment
    from urllib.parse import unquote

    meant = unquote(segment)
    if _RUN.sub(_without_digits, meant) != meant:
        return _HIDDEN
    return _HIDDEN if _HEXADECIMAL_RUN.sub(_without_secret, meant) != meant else segment


def _without_digits(run: re.Match[str]) -> str:
    return _HIDDEN if any(map(str.isdecimal, run[0])) else run[0]


def _without_secret(run: re.Match[str]) -> str:
    secret = any(
        len(part) >= _SHORTEST_HEXADECIMAL and not part.isdecimal()
        for part in run[0].split(".")
    )
    return _HIDDEN if secret else run[0]


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)
