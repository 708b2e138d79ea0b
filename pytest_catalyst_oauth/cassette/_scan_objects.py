"""Secrets of objects under telling names, of JSON Web Keys, and seeds and codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._scan_beside import KIND, looks_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_sheets import Sheet

    Hit = tuple[str, bytes, int]

_SEEDS = tuple(
    (
        name.encode(),
        re.compile(
            rb"%b(?<![a-z]%b)[_-]?%b\"?\s{0,4}[:=]\s{0,4}(?:\[\s{0,20})?"
            rb"\"?([\w.~+/%%-]{8,200})(?![\w.~+/%%(-])"
            % (name.encode(), name.encode(), what.encode())
        ),
    )
    for name, what in (
        ("totp", "seed"),
        ("recovery", "codes"),
        ("backup", "codes"),
        ("session", "state"),
    )
)
_HOLDER = re.compile(
    rb"\"((?:[\w.-]{0,30}[_.-])?(?:access|auth|refresh|id|session|client|bearer|csrf)?"
    rb"[_-]?(?:passw(?:or)?d|passphrase|secret|(?<!next_)(?<!page_)token"
    rb"|(?:api|access|secret|private|signing)[_-]?key)s?)\"\s{0,9}:\s{0,9}(?:\[\s{0,20})?\{"
)
_FLAT = re.compile(rb"(?:[^\"{}\x00]+|\"[^\"\r\n\x00]*\")*")
_LARGEST = 4000
_MEMBER = re.compile(rb"\"([\w.$-]{1,60})\"\s{0,9}:\s{0,9}\"([^\s\"\\\x00]{8,400})\"")
_VALUE = re.compile(
    rb"value|val|key|secret|token|text|plain|plaintext|raw|data|\$secure|\$value"
)
_INNER = re.compile(
    rb"\"(?:value|val|data|secret|text|plain|current|latest|key|token)\"\s{0,9}:\s{0,9}\Z"
)
_DEEPEST = 3
_NEXT = re.compile(rb"\}\s{0,20},\s{0,20}\{")
_DIGIT = re.compile(rb"[0-9]")
_WORDS = re.compile(rb"[a-z]+[0-9]{0,2}(?:[-_.][a-z]+[0-9]?)*")
# A date, a colour, a number.
_NO_SECRET = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}.*|#[0-9a-fA-F]+|[0-9.]+[a-z%]*")
_KEY_SIGN = b'"kty"'
_PRIVATE = re.compile(rb"\"(?:d|p|q|dp|dq|qi|k)\"\s{0,9}:\s{0,9}\"([\w+/=-]{8,1000})\"")


def in_objects(sheet: Sheet) -> Iterator[Hit]:
    """Yield kind, text and position of each."""
    yield from _seeds(sheet)
    for found in _HOLDER.finditer(sheet.low):
        if sheet.is_text(found.start()):
            yield from _held(sheet, found)
    if _KEY_SIGN in sheet.low:
        yield from _keys(sheet)


def _seeds(sheet: Sheet) -> Iterator[Hit]:
    for name, shape in _SEEDS:
        for found in shape.finditer(sheet.low) if name in sheet.low else ():
            at, value = found.start(1), sheet.data[found.start(1) : found.end(1)]
            has_digits = len(_DIGIT.findall(value)) > 1
            if has_digits and not _WORDS.fullmatch(value) and sheet.is_text(at):
                yield KIND, value, at


def _held(sheet: Sheet, holder: re.Match[bytes]) -> Iterator[Hit]:
    for start, end in _stretches(sheet.low, holder.end()):
        for one in _MEMBER.finditer(sheet.data, start, end):
            is_value = _VALUE.fullmatch(one[1].lower()) or holder[1].endswith(b"s")
            is_word = _WORDS.fullmatch(one[2]) or _NO_SECRET.fullmatch(one[2])
            if is_value and looks_secret(one[2]) and not is_word:
                yield KIND, one[2], one.start(2)


def _stretches(low: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield where the members of an object are, of a list's, or of a value in it."""
    depth = 0
    while True:
        end = _FLAT.match(low, start, start + _LARGEST).end()  # type: ignore[union-attr]
        yield start, end
        is_below = low[end : end + 1] == b"{" and depth < _DEEPEST
        if is_below and _INNER.search(low, max(start, end - 40), end):
            start, depth = end + 1, depth + 1
        elif not depth and (more := _NEXT.match(low, end)):
            start = more.end()
        else:
            return


def _keys(sheet: Sheet) -> Iterator[Hit]:
    """Yield the private members of JSON Web Keys. Source: RFC 7518, section 6."""
    for at in sheet.places(_KEY_SIGN):
        start = sheet.data.rfind(b"{", max(0, at - _LARGEST), at)
        end = sheet.data.find(b"}", at, at + _LARGEST)
        if start >= 0:
            for one in _PRIVATE.finditer(sheet.data, start, max(end, at)):
                if looks_secret(one[1]):
                    yield "a private key", one[1], one.start(1)
