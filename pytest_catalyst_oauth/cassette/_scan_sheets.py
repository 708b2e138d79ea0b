"""The texts of a file as one sheet of bytes, and what is behind their encodings.

Each rule runs once over a sheet instead of once over each text, so that a small
cassette costs next to nothing. Where a text came from is worked out for findings only.
"""

from __future__ import annotations

import html
import re
import sys
from binascii import a2b_qp
from bisect import bisect_left
from typing import TYPE_CHECKING, final
from urllib.parse import unquote_to_bytes

from ._scan_stand_ins import mask
from ._scan_unpacked import from_base64, from_file, from_hex, wide_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ._scan_pieces import Piece

    # A text, and whether it reads as text; else only sure signs count.
    Text = tuple[bytes, bool]

_LAYERS = 6
_BREAK = b"\x00"  # between texts; in no rule, like what stands for a stand-in

WORD_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/.~-"
_TO_WORDS = bytes(
    n if n in WORD_SIGNS or n == 1 else 32  # 1 is the mask
    for n in range(256)
)
_SHORTEST_WORD = 14
_LONG_WORD = re.compile(rb"[\w+/.~\x01-]{24,}")
_ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{14,}")
_HEX = re.compile(rb"[0-9a-fA-F]{16,}")
# Lines as base64 is wrapped for mail and keys: from their first sign to the last.
_WRAPPED = re.compile(
    rb"(?<![A-Za-z0-9+/])"
    rb"(?:[A-Za-z0-9+/]{38,76}(?:\r?\n[ \t]{0,30}| )"
    rb"|[A-Za-z0-9+/]{16,37}\r?\n[ \t]{0,30})+"
    rb"[A-Za-z0-9+/]{2,76}"
)
_PATH = re.compile(
    rb"(?:^|/)(?:[a-z_-]{3,}|v[0-9])(?=/)|^/[a-z_-]{4,}|^//[\w-]+(?:\.[\w-]+)+/"
)
_ESCAPE = re.compile(
    rb"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}"
    rb"|([0-3]?[0-7]{2})|(.))",
    re.DOTALL,
)
_ENCODES = (b"%", b"\\", b"&", b"=\n", b"=\r\n")
_PARAGRAPH = re.compile(rb"(?:[^\r\n]+(?:\r?\n|\Z))+")
_NO_MAIL = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")
_CUT = range(40, 80)  # signs of a line that goes on; nobody cuts shorter ones
_BLANKS = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-z]{2,8};)")


@final
class Sheet:
    """Many texts, joined.

    Args:
        texts: None contains the break.
        origins: What each was found in: a word of the sheet above, or the number of
            a text there; without one, the number is the piece's.
        above: The sheet that they were found in.

    Attributes:
        data: All texts, one odd sign in the place of each stand-in.
        low: The same in lower case.
        is_decoded: Whether they were found in others.
    """

    def __init__(
        self,
        texts: Iterable[Text],
        origins: list[bytes | int] = [],  # noqa: B006  never changed
        above: Sheet | None = None,
    ) -> None:
        listed = list(texts)
        self.data = mask(_BREAK.join(text for text, _ in listed))
        self.low = self.data.lower()
        self._is_text = [is_text for _, is_text in listed]
        self._origins = origins
        self._above = above
        self.is_decoded = above is not None
        self._breaks: list[int] | None = None
        self._starts: dict[bytes, list[int]] | None = None

    def words(self) -> set[bytes]:
        """Return the different words that are long enough to be a secret."""
        found = self.data.translate(_TO_WORDS).split()
        return {word for word in found if len(word) >= _SHORTEST_WORD}

    def is_text(self, at: int) -> bool:
        """Tell whether what is around a position reads as text."""
        return self._is_text[self._number(at)]

    def name(self, at: int) -> bytes:
        """Return the name of the value around a position, in lower case."""
        if self._above is not None:
            return next((self._above.name(one) for one in self._above_places(at)), b"")
        start = self.data.rfind(_BREAK, 0, at) + 1
        return self.low[start : start + 100].partition(b": ")[0]

    def start_of(self, number: int) -> int:
        """Return where a text begins."""
        return self._all_breaks()[number - 1] + 1 if number else 0

    def _number(self, at: int) -> int:
        return bisect_left(self._all_breaks(), at)

    def _all_breaks(self) -> list[int]:
        # Only findings ask for it.
        if self._breaks is None:
            self._breaks = [found.start() for found in re.finditer(_BREAK, self.data)]
        return self._breaks

    def places(self, match: bytes) -> Iterator[int]:
        """Yield each position of a word."""
        at = self.data.find(match)
        while at >= 0:
            yield at
            at = self.data.find(match, at + len(match))

    def starts(self, word: bytes) -> list[int]:
        """Return each position of a long word that no other one holds.

        All are looked up at once, since a file in lines of base64 has thousands.
        """
        if self._starts is None:
            self._starts = {}
            for found in _LONG_WORD.finditer(self.data):
                self._starts.setdefault(found[0], []).append(found.start())
        return self._starts.get(word, [])

    def sources(self, at: int) -> Iterator[tuple[int, int]]:
        """Yield number of a piece, and the count of lines before a position in it.

        Behind an encoding lines are not the piece's, so they are not counted.
        """
        if self._above is None:
            start = self.data.rfind(_BREAK, 0, at) + 1
            yield self._number(at), self.data.count(b"\n", start, at)
            return
        for place in self._above_places(at):
            yield from ((piece, 0) for piece, _ in self._above.sources(place))

    def _above_places(self, at: int) -> Iterator[int]:
        """Yield where in the sheet above there is what a position was found in."""
        origin = self._origins[self._number(at)]
        if self._above is None:
            return
        if isinstance(origin, bytes):
            yield from self._above.places(origin)
            return
        yield self._above.start_of(origin)

    def texts(self) -> Iterator[Text]:
        """Return the texts, one after the other."""
        if not self._is_text:
            return iter(())
        return zip(self.data.split(_BREAK), self._is_text, strict=True)


def sheets(pieces: list[Piece]) -> Iterator[tuple[Sheet, set[bytes]]]:
    """Yield all texts, then those behind up to six layers of encoding.

    Each comes with its words, without those that a sheet above had.
    """
    sheet = Sheet(_plain(pieces))
    words = sheet.words()
    known, seen = set(words), {text for text, _ in sheet.texts()}
    yield sheet, words
    inner: list[tuple[bytes | int, Text]] = list(_in_files(pieces))
    for _ in range(_LAYERS):
        inner += _behind(sheet, words)
        new = [one for one in inner if one[1][0] not in seen and one[1][0]]
        if not new:
            return
        seen.update(text for _, (text, _) in new)
        sheet = Sheet([one for _, one in new], [origin for origin, _ in new], sheet)
        words = sheet.words() - known
        known |= words
        yield sheet, words
        inner = []


def _plain(pieces: list[Piece]) -> Iterator[Text]:
    for piece in pieces:
        name = piece.name.encode("utf-8", "replace")
        text = b"" if piece.is_binary else piece.content
        named = b"%b: %b" % (name, text) if name else text
        yield named.replace(_BREAK, b"\x02"), True


def _in_files(pieces: list[Piece]) -> Iterator[tuple[int, Text]]:
    for number, piece in enumerate(pieces):
        if piece.is_binary:
            yield from ((number, one) for one in from_file(piece.content))
        elif _BREAK in piece.content:
            yield from ((number, (one, True)) for one in wide_texts(piece.content))


def _behind(sheet: Sheet, words: set[bytes]) -> Iterator[tuple[bytes | int, Text]]:
    lines: set[bytes] = set()
    for number, (text, is_text) in enumerate(sheet.texts()):
        if any(sign in text for sign in _ENCODES):
            yield from ((number, (one, is_text)) for one in _in_text(text))
        if len(text) > 16:
            for block in _WRAPPED.findall(text):
                parts = block.split()
                yield from ((number, one) for one in from_base64(b"".join(parts)))
                if len(parts[0]) in (64, 76) and b" " not in block.strip():
                    lines.update(parts)
    # What begins in one line and ends in the next was seen as a whole.
    for word in words - lines:
        yield from ((word, one) for one in _in_word(word))


def _in_word(word: bytes) -> Iterator[Text]:
    # Base64 has capitals, but for one in a million.
    if not word.islower():
        for part in (word, *paths(word)):
            for encoded in _ENCODED.findall(part):
                if not encoded.islower():
                    yield from from_base64(encoded)
    if len(word) >= 16:
        for digits in _HEX.findall(word):
            yield from from_hex(digits)


def paths(word: bytes) -> list[bytes]:
    """Return the names in a path; of base64 none, as it has no words with slashes."""
    may_be = b"/" in word and b"+" not in word and len(word) <= 2048
    return word.split(b"/") if may_be and _PATH.search(word) else []


def _in_text(text: bytes) -> Iterator[bytes]:
    if b"%" in text:
        yield unquote_to_bytes(text).replace(_BREAK, b"\x02")
    if b"\\" in text:
        yield _ESCAPE.sub(_unescaped, text).replace(_BREAK, b"\x02")
    if b"=\n" in text or b"=\r\n" in text:
        for lines in _of_mails(text):
            yield a2b_qp(lines).replace(_BREAK, b"\x02")
    if b"&" in text and _ENTITY.search(text):
        plain = html.unescape(text.decode("utf-8", "replace"))
        yield plain.encode("utf-8", "replace").replace(_BREAK, b"\x02")


def _of_mails(text: bytes) -> Iterator[bytes]:
    """Yield the paragraphs in quoted-printable. Source: RFC 2045, section 6.7."""
    for found in _PARAGRAPH.finditer(text):
        lines = found[0].splitlines()
        is_cut = any(one.endswith(b"=") and len(one) in _CUT for one in lines)
        if is_cut and not _NO_MAIL.search(found[0]):
            yield found[0]


def _unescaped(found: re.Match[bytes]) -> bytes:
    long, short, braced, octal, other = found.groups()
    if octal:
        return chr(int(octal, 8)).encode()
    if long or short or braced:
        code = min(int(long or short or braced, 16), sys.maxunicode)
        return chr(code).encode("utf-8", "replace")
    return _BLANKS.get(other, other)
