"""Values whose names say that they are secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._scan_stand_ins import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_sheets import Sheet

KIND = "a value whose name says that it is secret"

# Each begins with a letter, which lets the search be quick.
_NAME = (
    rb"(?:p(?:ass(?:word(?:_?confirm(?:ation)?)?|wd|phrase|code|(?<![a-z_-]pass))|wd|rivate[_-]?key|hpsessid)|token|otp|jsessionid"
    rb"|s(?:ecret(?:[_-]?key)?|ession[_-]?id)|ac(?:cess|count)[_-]?key|a(?:pi|uth)[_-]?key"
    rb"|auth[_-]?code|assertion|c(?:ode[_-]?verifier|redential|onnection[_-]?string)"
    rb"|device[_-]?code|user[_-]?code)"
)
# From a name to its value in JSON, YAML, forms, XML and HTML, multipart and HAR.
_TO_VALUE = (
    rb"[\\\"']{0,6}(?:[ \t]{0,4}(?:[:=]|=>)[ \t]{0,4}"
    rb"(?:\[\s{0,20}|[|>][+-]?\r?\n[ \t]{1,40})?"
    rb"|(?:</(?:name|key))?>\s{0,20}(?:<(?:value|string)>\s{0,20}){0,2}"
    rb"|\r?\n(?:[\w-]{3,30}:[^\n\x00]{0,200}\n)?\r?\n"
    rb"|,?\s{0,40}[\\\"']{0,3}value[\\\"']{0,3}\s{0,2}[:=]\s{0,2})"
)
_NAMED = re.compile(
    _NAME + rb"(?:_?[0-9])?" + _TO_VALUE + rb"([\\\"']{0,6})([^\s\"'\\<>;{}\x00]{6,})"
)
_BEFORE_NAME = re.compile(
    rb"value=\\?[\"']?([^\s\"'<>\\\x00]{6,200})(?:\\?[\"']|\s)[^<>\x00]{0,80}?\bname=\\?[\"']?"
    rb"[\w-]{0,20}?(" + _NAME + rb")(?![\w-])"
)
_PASSWORD = re.compile(rb"pass(?:word|wd|phrase|code)?|pwd")
# Where one is in a list of results is no secret; nor is a word in a language model.
_PLACE = re.compile(
    rb"(?:next|prev|previous|page|paging|continuation|sync|cursor|pagination|skip|start"
    rb"|resume|list|max|min|num|bos|eos|pad|unk|sep|mask|cls|syntax|public"
    rb"|x-goog-|total|per|stop|change|new[_-]?line|input|output|clientrequest)[_-]?(?:page)?[_-]?$"
)
# Of a page that does so, and not of the token in the link to it.
_PAGE = re.compile(rb"(?:reset|forgot)[_-]?$")
# In programs: what calls something, or leads through names to something.
_CODE = re.compile(
    rb"=.*|[)\]}][,;)].*|[a-z_$]{1,2}\.[a-z_$][\w$]*=[a-z_$]{1,2}\..*"
    rb"|[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+[()\[\],;!?=|&]*"
    rb"|[\w$.?]*[(\[].*|[!&|*@+].*|(?:function|return|new|null|true|false|void|typeof"
    rb"|undefined|this|self|none|async|await|lambda)\b.*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rb"https?:|/|\.{1,2}/|\w+://|urn:")
# Of any script: what is beyond ASCII is a letter here. Words are joined by signs or
# as a program's names are.
_WORDS = re.compile(
    rb"[A-Za-z\x80-\xff]+(?:[-_.:/|]+[A-Za-z\x80-\xff]+)+|[\x80-\xff]+|[a-z]+-[0-9]"
    rb"|[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,}|V[0-9](?![0-9]))+"
)
_DIGIT = re.compile(rb"[0-9]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
_ODD = re.compile(rb"[!?$%^*+~#@&]")
_FIELD_END = re.compile(rb"[&,)\]]")
_BEFORE_FIELDS = frozenset((b"", *(bytes((n,)) for n in b"\x00&?#\n></\"'\\")))
_NAME_SIGNS = b"abcdefghijklmnopqrstuvwxyz0123456789_-"
_EMPTY = (b'""', b"''")
_AFTER = (b",", b";", b")", b"}", b"&", b"|")
_QUOTES = (b"", b'"', b"'", b"\\", b"\x00")


def named_values(sheet: Sheet) -> Iterator[tuple[str, bytes, int]]:
    """Yield kind, text and position of each."""
    for found in _NAMED.finditer(sheet.low):
        start, end = found.span(2)
        value = sheet.data[start:end]
        is_quoted = bool(found[1])
        if not is_quoted:
            value = _FIELD_END.split(value, maxsplit=1)[0]
        if len(value) < 6 or is_placeholder(value):
            continue
        if _leads(sheet.low, found):
            continue
        if _CODE.fullmatch(value) or _ADDRESS.match(value):
            continue
        if found[1] in _EMPTY and value[:1] in _AFTER:
            continue
        name = sheet.low[found.start() : found.start(1)]
        is_field = _begins_field(sheet.low, found.start(), name)
        is_whole = sheet.data[end : end + 1] in _QUOTES
        is_sure = is_whole if is_quoted else is_field
        if _is_telling(name, value, is_sure=is_sure) and sheet.is_text(start):
            yield KIND, value, start
    yield from _backwards(sheet)


def _leads(low: bytes, found: re.Match[bytes]) -> bool:
    """Tell whether a name leads to something, or is where one is in a list."""
    before = max(0, found.start() - 24), found.start()
    is_token = found[0].startswith(b"token")
    return bool(
        _PLACE.search(low, *before) or (not is_token and _PAGE.search(low, *before))
    )


def _backwards(sheet: Sheet) -> Iterator[tuple[str, bytes, int]]:
    """Yield those of HTML that come before their names."""
    if b"value=" in sheet.low:
        for found in _BEFORE_NAME.finditer(sheet.low):
            value = sheet.data[found.start(1) : found.end(1)]
            name = found[2] + b"="
            if not is_placeholder(value) and _is_telling(name, value, is_sure=True):
                yield KIND, value, found.start(1)


def _begins_field(low: bytes, at: int, name: bytes) -> bool:
    """Tell whether there is nothing before a name but what separates fields."""
    start = at
    while start and low[start - 1] in _NAME_SIGNS:
        start -= 1
    before = low[max(0, start - 1) : start]
    if before == b"=":
        return low[max(0, start - 5) : start] == b"name="  # of a part or a field
    line = low[max(0, start - 20, low.rfind(b"\n", 0, start)) : start]
    if line[:1] == b"\n" and not line.strip(b" \n-"):
        return True  # a line of YAML
    return before in _BEFORE_FIELDS or (before == b" " and not name.endswith(b" "))


def _is_telling(name: bytes, value: bytes, *, is_sure: bool) -> bool:
    digits = len(_DIGIT.findall(value))
    if _PASSWORD.match(name):
        # A word alone may be a label, in any language; a form has no labels.
        if name.endswith(b"=") and is_sure and not _PASSWORD.fullmatch(value.lower()):
            return True
        mixed = digits >= 8 or (digits and _LETTER.search(value))
        return bool(is_sure and (mixed or _ODD.search(value[:-1])))
    if _WORDS.fullmatch(value) or b"\xc2\xa0" in value:
        return False
    if is_sure:
        return len(value) >= 8 and (
            digits > 0 or (value.isascii() and len(value) >= 20)
        )
    return len(value) >= 16 and digits > 2
