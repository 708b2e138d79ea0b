"""What stands in a cassette where a secret was."""

from __future__ import annotations

import re
from base64 import b32encode, b64encode, urlsafe_b64encode
from itertools import pairwise
from typing import TYPE_CHECKING, final

from . import _jwt, _looks
from ._edits import Edit, apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAND_IN = re.compile(rf"{_looks.WORD}|{_looks.SHOWN}")

# A key, in full bytes.
_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2}){8,}|(?:[0-9A-F]{2}){8,}")

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UUID_DIGITS = 32

# A shorter value is found by chance; it is replaced only where a name gives it away.
SHORTEST = 8
_START = SHORTEST
# So many characters of a text for each needle, and asking for each needle is cheaper.
_LONG = 4
# Of more needles, asking for each takes the square of what a text with many costs.
_MANY = 400


def stand_ins_in(value: str) -> list[str]:
    """Return the stand-ins in a value that stands at a secret's place."""
    return STAND_IN.findall(value) or ([value] if _looks.is_digits_shown(value) else [])


def is_stand_in(value: str) -> bool:
    """Tell whether a whole value is a stand-in, or what somebody else wrote for one."""
    return (
        value.startswith("REDACTED")
        or STAND_IN.fullmatch(value) is not None
        or _jwt.is_redacted(value)
        or _looks.is_digits_shown(value)
    )


@final
class StandIns:
    """Names for secrets: the same secret, the same name."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._short: dict[tuple[str, str], str] = {}
        self._long: dict[str, str] = {}
        self._signatures: dict[str, str] = {}
        self._everywhere: dict[str, None] = {}
        self._needles: dict[str, str] = {}
        self._lengths: dict[str, set[int]] = {}
        self.rewrite_claims: Callable[[str], str] = str

    def reserve(self, counter: str, number: int) -> None:
        """Never give a number again, since the cassette uses it already."""
        self._last[counter] = max(self._last.get(counter, 0), number)

    def name(self, kind: str, value: str, *, everywhere: bool = True) -> str:
        """Return the stand-in of a value, a new one if need be.

        Args:
            kind: What it is, for example `access-token`.
            value: The secret.
            everywhere: Whether to replace it wherever it appears, if it is not short.
        """
        if not value or is_stand_in(value):
            return value
        if len(value) < SHORTEST:
            if (kind, value) not in self._short:
                self._short[kind, value] = self._new(kind, value)
            return self._short[kind, value]
        if everywhere and value not in self._everywhere:
            self._everywhere[value] = None
            self._needles, self._lengths = {}, {}
        if value not in self._long:
            self._long[value] = self._new(kind, value)
        return self._shown(value)

    @property
    def everywhere(self) -> tuple[str, ...]:
        """The values that are replaced wherever they appear, the longest first."""
        return tuple(sorted(self._everywhere, key=lambda one: (-len(one), one)))

    def edits(self, text: str) -> list[Edit]:
        """Return where known values stand in a text."""
        by_length: dict[int, list[Edit]] = {}
        for start, needle in self._present(text):
            end = start + len(needle)
            edit = Edit(start, end, self._shown(self._needles[needle]))
            by_length.setdefault(len(needle), []).append(edit)
        if not by_length:
            return []
        # Stand-ins come first, so that nothing is replaced inside one.
        kept = [Edit(*one.span(), one[0]) for one in STAND_IN.finditer(text)]
        longest_first = (by_length[one] for one in sorted(by_length, reverse=True))
        is_kept = set(kept)
        return [one for one in apart(kept, *longest_first) if one not in is_kept]

    def _present(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield position and needle of each in a text, by the cheaper of two ways."""
        if not self._needles:
            for value in self._everywhere:
                for spelled in _spellings(value):
                    self._needles[spelled] = value
                    self._lengths.setdefault(spelled[:_START], set()).add(len(spelled))
        if len(self._needles) > min(_MANY, len(text) / _LONG):
            yield from self._starting(text)
            return
        for needle in self._needles:
            at = text.find(needle)
            while at >= 0:
                yield at, needle
                at = text.find(needle, at + len(needle))

    def _starting(self, text: str) -> Iterator[tuple[int, str]]:
        # Thousands may begin alike, as JSON Web Tokens do, but not in as many lengths.
        for at in range(len(text) - _START + 1):
            for length in self._lengths.get(text[at : at + _START], ()):
                needle = text[at : at + length]
                if needle in self._needles:
                    yield at, needle

    def _new(self, kind: str, value: str) -> str:
        if _jwt.claims_of(value) is not None:
            self._signatures[value] = _looks.signature(self._next("signature"))
            return ""  # until all secrets are known: some may be among its claims
        form = _looks.form_of(value)
        if form is None:
            return _looks.word(kind, value, self._next(kind))
        return form.write(value, self._next(_looks.counter(form, value)))

    def _shown(self, value: str) -> str:
        signature = self._signatures.get(value)
        if signature is None:
            return self._long[value]
        return _jwt.with_claims(value, self.rewrite_claims, signature)

    def _next(self, counter: str) -> int:
        self._last[counter] = self._last.get(counter, 0) + 1
        return self._last[counter]


def is_encodable(value: str) -> bool:
    """Tell whether a value can be written at all: half a character cannot."""
    try:
        return bool(value.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return False


def _spellings(value: str) -> Iterator[str]:
    """Yield a value, and what it looks like when its bytes are read otherwise."""
    yield value
    if " " in value:
        yield value.replace(" ", "+")
    if not value.isascii():
        raw = value.encode("utf-8", "surrogateescape")
        yield raw.decode("latin-1")
        if max(map(ord, value)) < 256:
            yield value.encode("latin-1").decode("utf-8", "surrogateescape")
        return
    yield b32encode(value.encode()).decode().rstrip("=")
    if _UUID.fullmatch(value):
        yield value.replace("-", "")
    elif _HEXADECIMAL.fullmatch(value):
        yield from _of_digits(value)


def _of_digits(value: str) -> Iterator[str]:
    """Yield a key in digits of the other case, and its bytes as others write them."""
    yield value.lower() if value.isupper() else value.upper()
    if len(value) == _UUID_DIGITS:
        at = (0, 8, 12, 16, 20, _UUID_DIGITS)
        yield "-".join(value[start:end] for start, end in pairwise(at))
    raw = bytes.fromhex(value)
    for spell in (b64encode, urlsafe_b64encode):
        yield spell(raw).decode().rstrip("=")
    yield raw.decode("latin-1")
