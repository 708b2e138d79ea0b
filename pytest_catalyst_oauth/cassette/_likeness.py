"""Whether a request is one that was recorded with stand-ins inside of it.

A secret that is a whole parameter is left out when requests are compared. Others stand
in the middle of a path, a text or something encoded; there a stand-in is like any text.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from functools import lru_cache
from typing import TYPE_CHECKING

from . import _jwt, _looks
from ._content import undisguised

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._meaning import Meaning

_DIGITS = next(one.shown for one in _looks.FORMS if one.name == "digits")
_HIDDEN = re.compile(
    "|".join((_jwt.SHOWN, _looks.WORD, _looks.SHOWN, _DIGITS)), re.ASCII
)
# What may be base64, in one line or several, its end escaped as in a URL.
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/_-]{16,}+(?:\r?\n)?)++(?:[A-Za-z0-9+/_-]*+)(?:=|%3D)*+", re.ASCII
)
# Digits of octets, also with a sign between each two.
_HEXADECIMAL = re.compile(
    r"[0-9a-f]{32,}|[0-9A-F]{32,}"
    r"|\b[0-9A-Fa-f]{2}([: -])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){10,}+\b",
    re.ASCII,
)
_BETWEEN = re.compile(r"[: -]")
_PADDING = re.compile(r"=|%3D|\s")
_DEEPEST = 3


def is_like(sent: Meaning, recorded: Meaning) -> bool:
    """Tell whether two requests are alike but for stand-ins that were recorded."""
    return (
        (sent.method, sent.origin) == (recorded.method, recorded.origin)
        and fits(recorded.path, sent.path)
        and pairs_fit(sent, recorded, "query")
        and pairs_fit(sent, recorded, "body")
    )


def hides(recorded: Meaning) -> bool:
    """Tell whether a stand-in was recorded outside of the places for secrets."""
    texts = (
        recorded.path,
        *(t for pair in (*recorded.query, *recorded.body) for t in pair),
    )
    return any(map(_hidden, texts))


def fits(recorded: str, sent: str) -> bool:
    """Tell whether two texts are equal but for the stand-ins in the first."""
    if recorded == sent:
        return True
    first, *others = _literals(recorded)
    if not others or not sent.startswith(first):
        return False
    *middle, last = others
    at, end = len(first), len(sent) - len(last)
    for one in middle:
        found = sent.find(one, at, max(at, end))
        if found < 0:
            return False
        at = found + len(one)
    return at <= end and sent.endswith(last)


def pairs_fit(sent: Meaning, recorded: Meaning, where: str) -> bool:
    """Tell whether the parameters are alike in `query`, or in `body`."""
    left: list[tuple[str, str]] = list(getattr(sent, where))
    # Where only the value tells, a stand-in may be no secret, or the only one.
    closed_to_old, closed_to_new = (
        {place.partition(" ")[2] for place, _ in one.secrets}
        for one in (recorded, sent)
    )
    for name, value in getattr(recorded, where):
        found = next((one for one in left if _is_pair(one, name, value)), None)
        if found is not None:
            left.remove(found)
        elif name not in closed_to_new or any(_literals(value.strip('"'))):
            return False
    return all(name in closed_to_old for name, _ in left)


def _is_pair(sent: tuple[str, str], name: str, value: str) -> bool:
    return sent[0] == name and fits(value, sent[1])


def _literals(recorded: str) -> Iterator[str]:
    """Yield the texts before, between and after stand-ins."""
    at = 0
    for start, end in _hidden(recorded):
        if start >= at:
            yield recorded[at:start]
            at = end
    yield recorded[at:]


@lru_cache(maxsize=256)
def _hidden(text: str, depth: int = 0) -> tuple[tuple[int, int], ...]:
    """Return where stand-ins are, and runs that become one when they are decoded."""
    found = [one.span() for one in _HIDDEN.finditer(text)]
    if depth < _DEEPEST:
        for pattern, decode in ((_BASE64, _from_base64), (_HEXADECIMAL, _from_hex)):
            found += [
                one.span()
                for one in pattern.finditer(text)
                if _hidden(decode(one[0]), depth + 1)
            ]
    return tuple(sorted(found))


def _from_base64(run: str) -> str:
    plain = _PADDING.sub("", run).replace("+", "-").replace("/", "_")
    # One letter alone is no octet.
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    octets = urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    return undisguised(octets).decode("latin-1")


def _from_hex(run: str) -> str:
    digits = _BETWEEN.sub("", run)
    octets = bytes.fromhex(digits[: len(digits) & ~1])
    return undisguised(octets).decode("latin-1")
