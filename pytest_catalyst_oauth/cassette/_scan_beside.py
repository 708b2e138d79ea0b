"""Secrets of links, commands and lines: what stands before them gives them away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._scan_stand_ins import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_sheets import Sheet

    Hit = tuple[str, bytes, int]

_LINK = re.compile(
    rb"/([a-z][\w-]{2,40})(?=/(?:[\w-]{1,12}/)?([\w.~%-]{16,512})(?![\w.~%-]))"
)
_LINKS = re.compile(
    rb"(?:^|[_-])(?:reset|forgot|recover(?:y)?|invit(?:es?|ations?)|verif(?:y|ication)"
    rb"|confirm(?:ation)?|activat(?:e|ion)|magic(?:link)?|unlock|sessions?|login|signin"
    rb"|revoke|unsubscribe)(?:$|[_-])"
)
# What people write: words, versions, numbers; and what a program fills in.
_WORDS = re.compile(
    rb"(?:(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|v)?(?:[0-9]+|(?<=[A-Za-z]))(?:[-_.~]|\Z|(?=[A-Z])))*+"
)
_NAME = (
    rb"[\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|(?:access|auth|api|refresh|id|session)?"
    rb"[_-]?token|(?:api|access|secret|private|signing)[_-]?key)"
)
_VALUE = rb"([^\s\"'<>|&;,$(){}\[\]\\\x00-][^\s\"'<>|&;,$(){}\[\]\\\x00]{7,200})"
# Each begins with letters or signs, which lets the search be quick.
_BESIDE = (
    # In a text; `Basic` and `Bearer` are told by others.
    (
        b"authorization:",
        re.compile(
            rb"authorization:(?<=[\s\"'-]authorization:)[ \t]+"
            rb"(?:(?!basic|bearer)[a-z][\w-]{0,40}[ \t]+)?%b" % _VALUE
        ),
    ),
    (
        b"curl ",
        re.compile(
            rb"(?<![\w-])(?:-u|--user)[ =]?[\"']?[^\s:\"'\\\x00]{1,80}:%b" % _VALUE
        ),
    ),
    (b" --", re.compile(rb"--(?<![\w-]--)%b[ \t]+[\"']?%b" % (_NAME, _VALUE))),
    (
        b'"--',
        re.compile(rb"\"--%b\"\s{0,9},\s{0,9}\"%b\"" % (_NAME, _VALUE)),
    ),
    (
        b"login",
        re.compile(
            rb"(?<!\S)(?:machine\s{1,9}\S{1,200}|default)\s{1,40}login\s{1,9}\S{1,200}"
            rb"\s{1,40}password\s{1,9}([^\s\x00]{4,200})"
        ),
    ),
    (
        b"value:",
        re.compile(
            rb"name:(?<![^\s-]name:)[ \t]{1,9}[\"']?%b[\"']?[ \t]{0,9}\r?\n[ \t]{0,60}"
            rb"value:[ \t]{1,9}[\"']?%b" % (_NAME, _VALUE)
        ),
    ),
)
KIND = "a value whose name says that it is secret"
_DIGIT = re.compile(rb"[0-9]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
_PATH = re.compile(rb"[./~].*|.*://.*|[A-Za-z]:.*")


def beside(sheet: Sheet) -> Iterator[Hit]:
    """Yield kind, text and position of each."""
    yield from _links(sheet)
    for mark, shape in _BESIDE:
        if mark in sheet.low:
            for found in shape.finditer(sheet.low):
                start, end = found.span(1)
                value = sheet.data[start:end]
                if looks_secret(value) and sheet.is_text(start):
                    yield KIND, value, start


def _links(sheet: Sheet) -> Iterator[Hit]:
    for found in _LINK.finditer(sheet.low):
        if _LINKS.search(found[1]):
            start, end = found.span(2)
            value = sheet.data[start:end].rstrip(b".")
            if (
                len(_DIGIT.findall(value)) > 2
                and looks_secret(value)
                and not _WORDS.fullmatch(value)
            ):
                yield "a secret in a link", value, start


def looks_secret(value: bytes) -> bool:
    """Tell whether a value has letters and digits, and is no address or placeholder."""
    return (
        _DIGIT.search(value) is not None
        and _LETTER.search(value) is not None
        and not _PATH.fullmatch(value)
        and not is_placeholder(value)
    )
