"""Searching the bytes of a cassette for secrets that survived.

It shares no code and no table with the scrubber, so that one's blind spot is not the
other's. All it knows of scrubbing is what a stand-in looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from ._scan_known import Needles
from ._scan_pieces import pieces
from ._scan_rules import judge, mask
from ._scan_views import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_catalyst_oauth.engine import Secret

    from ._scan_pieces import Piece


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


def scan(data: bytes, *, known: Iterable[Secret] = ()) -> tuple[Finding, ...]:
    """Return what in the bytes of a file looks like a secret, in the file's order.

    Looks at what is written and, some layers deep, at what is inside base64, percent
    encoding, escapes, hexadecimal and gzip.

    Args:
        data: The whole file.
        known: Values that must not occur, in any of those encodings.
    """
    needles = Needles(known)
    seen: set[tuple[str, str]] = set()
    found = [one for piece in pieces(data) for one in _search(piece, needles, seen)]
    return tuple(sorted(found, key=lambda one: (one.line, one.place, one.kind)))


def _search(
    piece: Piece, needles: Needles, seen: set[tuple[str, str]]
) -> Iterator[Finding]:
    # The whole file is searched after its parts: what they named is not new.
    known = set(seen) if not piece.place else set()
    for view in views(piece):
        text = mask(view.text)
        for kind, match in (*needles.hits(text), *judge(text, view, piece.place)):
            if (kind, match) in known:
                continue
            known.add((kind, match))
            seen.add((kind, match))
            line = piece.line
            if piece.keeps_lines and view.is_verbatim:
                line += text.count("\n", 0, text.find(match))
            yield Finding(line=line, place=piece.place, kind=kind)
