"""Personal data and short codes, which only their names give away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._scan_stand_ins import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_sheets import Sheet

_PERSON = "personal data, as its name says"
_CODE = "a code that a person types in"

_NAME = (
    rb"(?:(?P<code>user[_-]?code|device[_-]?code|verification[_-]?code|otp|totp|passcode)"
    rb"|(?P<id>zuid)|(?:f(?:irst|ull|amily)|last|given|middle)[_-]?name)"
)
_QUOTE = rb"\\{0,7}[\"']"
_SAID = rb"[^\"'\\<>{}\x00\r\n&]{2,80}"
_BARE = rb"[^\"'\\<>{}\x00\s&,;]{2,80}"
# As a member of an object, a field of a form, a line of YAML, an element or attribute
# of markup, a part of a multipart body; and as HAR writes names and values.
_COLON = rb"%b\s{0,4}:\s{0,4}(?:\[\s{0,20})?" % _QUOTE
_PART = rb"%b[^\r\n\x00]{0,80}\r?\n(?:[\w-]{3,30}:[^\n\x00]{0,200}\n)?\r?\n" % _QUOTE
_VALUE = rb"%b,?\s{0,20}(?:%b)?value(?:%b)?\s{0,2}[:=]\s{0,2}" % (
    (_QUOTE, _QUOTE, _QUOTE)
)
_PLACED = re.compile(
    _NAME
    + rb"(?:"
    + rb"|".join(
        (
            _COLON + rb"%b(?P<a>%b)%b" % (_QUOTE, _SAID, _QUOTE),
            _COLON + rb"(?P<b>[0-9]{4,20})(?![\w.])",
            rb"=(?P<c>%b)" % _BARE,
            rb"=%b(?P<d>%b)%b" % (_QUOTE, _SAID, _QUOTE),
            rb":[ ](?:\"(?P<e>%b)\"|(?P<f>%b))[ ]*(?:$|(?=[\r\n\x00]))"
            % (_SAID, _SAID),
            rb">(?P<g>%b)</" % _SAID,
            _PART + rb"(?P<h>%b)" % _SAID,
            _VALUE + rb"%b(?P<i>%b)%b" % (_QUOTE, _SAID, _QUOTE),
        )
    )
    + rb")"
)
_BACKWARDS = re.compile(
    rb"value=[\"'](?P<a>"
    + _SAID
    + rb")[\"'][^<>\x00]{0,80}?\bname=[\"']"
    + _NAME
    + rb"[\"']"
)
# The name is the whole of a key, a parameter, an element or an attribute.
_BEFORE = frozenset(b"\x00&?#\n<{,;\"'\\ \t")
_MARKS = tuple(
    f"{first}{joint}{last}".encode()
    for last, joints, firsts in (
        ("name", ("", "_", "-"), "first full family last given middle"),
        ("code", ("", "_", "-"), "user device verification"),
        ("", ("",), "zuid otp passcode"),
    )
    for joint in joints
    for first in firsts.split()
)
_LETTER = rb"(?:[A-Za-z]|[\xc3-\xf4][\x80-\xbf]{1,3})"
_SPOKEN = re.compile(
    rb"(?:[A-Z]|[\xc3-\xf4][\x80-\xbf]{1,3})%b+(?:[ +'.-]{1,2}%b+\.?){0,5}"
    % (_LETTER, _LETTER)
)
# The label of a field says what the field is for, in whatever language.
_LABEL = re.compile(
    rb"name|naam|navn|namn|nome\b|apellido|nazwisko|soyad|\bnom(?:e|bre)?\b|\b(?:first|last|given|family|middle|full"
    rb"|enter|your|string|text|user|undefined|null|none|optional|required|invalid)\b"
    # Of Chinese and Japanese, of Russian, of Korean.
    rb"|\xe5\x90\x8d|\xe5\xa7\x93|\xd0[\xb8\x98]\xd0\xbc\xd1\x8f"
    rb"|(?:\xd1\x84|\xd0\xa4)\xd0\xb0\xd0\xbc|\xec\x9d\xb4\xeb\xa6\x84",
    re.IGNORECASE,
)
_MIXED = re.compile(rb"(?=.*[0-9])(?=.*[A-Z])[A-Za-z0-9+/=_~%-]{8,}")
# Without quotes: a member of an object in a program, and no line of YAML.
_PROGRAM = re.compile(rb",$|[(.]")
_NO_WORD = re.compile(rb"[0-9]|[a-z][A-Z].*[A-Z]{2}|[A-Z]{2}.*[a-z][A-Z]")


def personal_values(sheet: Sheet) -> Iterator[tuple[str, bytes, int]]:
    """Yield kind, text and position of each."""
    if any(mark in sheet.low for mark in _MARKS):
        for found in _PLACED.finditer(sheet.low):
            if _begins(sheet.low, found.start()):
                yield from _judged(sheet, found)
        for found in _BACKWARDS.finditer(sheet.low):
            yield from _judged(sheet, found)


def _judged(sheet: Sheet, found: re.Match[bytes]) -> Iterator[tuple[str, bytes, int]]:
    group = next(one for one in "abcdefghi" if found[one] is not None)
    start, end = found.span(group)
    value = sheet.data[start:end].strip()
    is_code, is_id = found["code"] is not None, found["id"] is not None
    if group == "g" and sheet.data[found.start() : start - 1] == b"fullname":
        return  # markup of documentation, not of data
    if group == "f" and _PROGRAM.search(value):
        return
    if is_placeholder(value) or not sheet.is_text(start):
        return
    if _tells(value, is_code=is_code, is_id=is_id):
        yield _CODE if is_code else _PERSON, value, start


def _begins(low: bytes, at: int) -> bool:
    start = at - 5 if low[max(0, at - 5) : at] == b"data-" else at
    return start <= 0 or low[start - 1] in _BEFORE


def _tells(value: bytes, *, is_code: bool, is_id: bool) -> bool:
    if is_code or is_id:
        return len(value) >= 6 and bool(_NO_WORD.search(value)) and b" " not in value
    if _LABEL.search(value):
        return False
    return bool(_SPOKEN.fullmatch(value) or _MIXED.fullmatch(value))
