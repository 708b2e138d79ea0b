"""Random words that are no secrets: of documentation, drawings and tables."""

from __future__ import annotations

import re

# So documentation of Amazon marks its samples.
_SAMPLE = b"EXAMPLE"
_SAMPLE_ID = re.compile(rb"exampleIDs?[0-9A-Za-z]", re.IGNORECASE)
_END = re.compile(rb"[\s\"'<>&,;()\[\]{}\x00]")
_FARTHEST = 200
# "For example, `operations/...`"
_SAID = re.compile(rb"\b(?:for example|e\.g\.)[,:]?[ \t]?\\?[\"'`(]{1,2}[\w/-]{0,40}$")
# Paths of SVG: numbers with commands between.
_DRAWN = re.compile(rb"[0-9MLHVCSQTAZmlhvcsqtaz.,-]+")
_SIGNS = re.compile(rb"[!|$^{}\[\]~@#*?`]")
_ODD = b"!|$^{}[]~@#*?`)>&;(,"  # no quotes, nor what follows a name
_ODD_SIGNS = frozenset(bytes((one,)) for one in _ODD + b":")
_NEAR = 20
_MANY = 4


def is_published(data: bytes, low: bytes, start: int, end: int) -> bool:
    """Tell whether a word is a sample of documentation, or of no secret at all."""
    word = data[start:end]
    if _SAMPLE in word or _SAMPLE_ID.match(word) or _DRAWN.fullmatch(word):
        return True
    value = _value_around(data, start, end)
    if _SAMPLE in value:
        return True
    return bool(_SAID.search(low, max(0, start - 80), start)) or _is_of_table(
        data, start, end
    )


def _value_around(data: bytes, start: int, end: int) -> bytes:
    """Return what is around a word up to a blank, a quote or a bracket."""
    before = _END.split(data[max(0, start - _FARTHEST) : start])[-1]
    after = _END.split(data[end : end + _FARTHEST], maxsplit=1)[0]
    return before + b" " + after


def _is_of_table(data: bytes, start: int, end: int) -> bool:
    """Tell whether odd signs are all around a word, as in the tables of a parser."""
    if not (start and data[start - 1] in _ODD and data[end : end + 1] in _ODD_SIGNS):
        return False
    before = data[max(0, start - _NEAR) : start].split()[-1]
    after = data[end : end + _NEAR].split(maxsplit=1)[0]
    return len(_SIGNS.findall(before + after)) >= _MANY
