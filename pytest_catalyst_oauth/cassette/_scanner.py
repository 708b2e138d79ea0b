"""Searching the bytes of a cassette for secrets that survived.

It shares no code and no table with the scrubber, so that one's blind spot is not the
other's. All it knows of scrubbing is what a stand-in looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, final

from ._scan_beside import beside
from ._scan_known import Needles
from ._scan_named import named_values
from ._scan_objects import in_objects
from ._scan_people import personal_values
from ._scan_pieces import pieces
from ._scan_random import random_words
from ._scan_rules import judge
from ._scan_sheets import sheets
from ._scan_signs import signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pytest_catalyst_oauth.engine import Secret

    from ._scan_sheets import Sheet


# Of one layer of encoding; nobody reads more, and each has to be located.
_MOST = 1000


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a cassette that looks like a secret; never the value.

    Attributes:
        line: In the file, counted from 1.
        place: Path of the value, for example `interactions[0].request.body`; empty
            when the file has no structure there.
        kind: What it looks like.
    """

    line: int
    place: str
    kind: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.place}" if self.place else "")
        return f"{where}: {self.kind}"


def scan(
    data: bytes,
    *,
    known: Iterable[Secret] = (),
    environment: Mapping[str, str] | None = None,
    is_allowed: Callable[[bytes], bool] = lambda _: False,
) -> tuple[Finding, ...]:
    """Return what in the bytes of a file looks like a secret, in the file's order.

    Looks at what is written and, some layers deep, at what is inside base64, percent
    encoding, escapes, entities, hexadecimal, UTF-16 and gzip.

    Args:
        data: The whole file.
        known: Values that must not occur, in any of those encodings.
        environment: Variables; nor may the values of those whose names speak of a
            secret, a token, a password or a key.
        is_allowed: Tells whether a value that looks like a secret is none. It is not
            asked about known values.
    """
    found = {
        Finding(line=line, place=place, kind=kind): None
        for line, place, kind, value, is_known in matches(data, known, environment)
        if is_known or not is_allowed(value)
    }
    return tuple(sorted(found, key=lambda one: (one.line, one.place, one.kind)))


def matches(
    data: bytes,
    known: Iterable[Secret] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[tuple[int, str, str, bytes, bool]]:
    """Yield line, place, kind and value of each, and whether the value was known."""
    listed = pieces(data)
    needles = Needles(known, environment or {})
    seen: set[tuple[int, bytes]] = set()
    for sheet, words in sheets(listed):
        hits = [(*one, True) for one in needles.hits(sheet.data)]
        hits += [(*one, False) for one in islice(_judged(sheet, words), _MOST)]
        for kind, value, at, is_known in hits:
            for number, lines in sheet.sources(at):
                piece = listed[number]
                # What was found as it is, is not found anew inside its encoding.
                if (number, value) in seen and not is_known:
                    continue
                seen.add((number, value))
                line = piece.line + (lines if piece.keeps_lines else 0)
                yield line, piece.place, kind, value, is_known


def _judged(sheet: Sheet, words: set[bytes]) -> Iterator[tuple[str, bytes, int]]:
    for kind, value in dict.fromkeys(signs(words)):
        for at in sheet.places(value):
            yield kind, value, at
    yield from judge(sheet)
    yield from beside(sheet)
    yield from named_values(sheet)
    yield from in_objects(sheet)
    yield from personal_values(sheet)
    yield from random_words(sheet, words)
