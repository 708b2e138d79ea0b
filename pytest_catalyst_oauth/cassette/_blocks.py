"""Reading what is encoded as a whole: base64, hexadecimal, compressed."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from functools import partial
from typing import TYPE_CHECKING

from ._bytes import content_of
from ._compressed import members
from ._edits import Edit, made
from ._layers import Layer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SHORTEST = 11  # characters, which hold eight bytes
_LARGEST = 1 << 20
_LARGEST_GUESS = 1 << 14

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{11,}+={0,2}")
_WRAPPED = re.compile(
    r"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{16,}+\r?\n[ \t]*+)++[A-Za-z0-9+/]*+={0,2}"
)
_LEAST_WIDTH = 40  # of lines that need not be equally long
_MOST_FILES = 16  # each may be all of the rest
_GZIP = "\x1f\x8b\x08"
_PAIRS = re.compile(
    r"(?<![0-9A-Fa-f:\-])[0-9A-Fa-f]{2}([: \-])[0-9A-Fa-f]{2}"
    r"(?:\1[0-9A-Fa-f]{2}){6,}+(?![0-9A-Fa-f])"
)
_HEX = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{16,}+")
# In what holds none of these there is no secret. Asking first saves reading each word
# of random letters five times.
_READABLE = re.compile(
    rb"\A(?:[\x1f\x78]|\xff\xfe|\xfe\xff)"
    rb"|(?:[\t\n\r -~]|[\xc2-\xf4][\x80-\xbf]{1,3}+){6}"
    rb"|[ -~\xa0-\xff](?:\x00[ -~\xa0-\xff]){5}"
)
_JOINTS = "/+"  # a slash more often parts words than a plus does
_FEED = re.compile(r"\r?\n[ \t]*")
_LINE = re.compile(r"([A-Za-z0-9+/]++={0,2})(\r?\n[ \t]*+)?")


def insides(text: str) -> Iterator[Layer]:
    """Yield what base64 and hexadecimal words of a text hold, if it can be read."""
    if "\n" in text:
        for found in _WRAPPED.finditer(text):
            yield from _wrapped(found)
    if _GZIP in text:
        yield from _gzipped(text)
    yield from _of_words(text)
    yield from map(_paired, _PAIRS.finditer(text))
    for found in _HEX.finditer(text):
        yield from _of_digits(found[0], found.start())


def _of_words(text: str) -> Iterator[Layer]:
    dull: set[str] = set()  # words that hold nothing; most are there many times
    for found in _BASE64.finditer(text):
        if found[0] not in dull:
            layers = [*_of_base64(found[0], found.start())]
            yield from layers
            if not layers:
                dull.add(found[0])


def _of_digits(word: str, start: int) -> Iterator[Layer]:
    for skipped in (0, 1):
        even = word[skipped : len(word) - (len(word) - skipped) % 2]
        place = (start + skipped, start + skipped + len(even))
        yield from _block(bytes.fromhex(even), *place, _hex_like(word))


def _gzipped(text: str) -> Iterator[Layer]:
    """Yield what is compressed behind something else, as a file in a file is."""
    start = text.find(_GZIP, 1)
    for _ in range(_MOST_FILES):
        if start < 0 or max(text[start:]) > "\xff":
            return
        raw = text[start:].encode("latin-1")
        inner, rest = members(raw, zlib.MAX_WBITS | 16)
        end = len(text) - len(rest) if inner is not None else start + len(_GZIP)
        if inner is not None:
            packed = raw[: end - start]
            yield from _block(packed, start, end, lambda new: new.decode("latin-1"))
        start = text.find(_GZIP, end)


def _paired(found: re.Match[str]) -> Layer:
    """Return the digits of a key that is written as `aa:bb:cc`."""
    joint, digits = found[1], found[0].replace(found[1], "")

    def back(edits: list[Edit]) -> list[Edit]:
        new = made(digits, edits)
        if _HEX.fullmatch(new):
            new = joint.join(new[at : at + 2] for at in range(0, len(new), 2))
        return [Edit(*found.span(), new)] if edits else []

    return Layer(digits, back)


def _hex_like(word: str) -> Callable[[bytes], str]:
    is_upper = word.upper() == word
    return lambda raw: raw.hex().upper() if is_upper else raw.hex()


def _wrapped(found: re.Match[str]) -> Iterator[Layer]:
    block, start = found[0], found.start()
    line = found.string[found.string.rfind("\n", 0, start) + 1 : start]
    is_apart = _is_apart(line, block)
    parts = [*_alike(block, is_apart=is_apart)]
    for at, part in parts:
        yield from _unwrapped(part, start + at, is_guess=False)
    if parts != [(0, block.rstrip())] and _is_wrapped(block):
        yield from _unwrapped(block, start, is_guess=bool(parts) or is_apart)


def _is_apart(before: str, block: str) -> bool:
    """Tell whether the first line stands further in than the only one behind it."""
    feeds = _FEED.findall(block)
    indent = feeds[0].lstrip("\r\n")
    is_alone = len(feeds) == 1 or feeds[1] != feeds[0]
    is_within = len(indent) < len(before) and before.startswith(indent)
    return is_alone and is_within and not before.strip(" \t")


def _alike(block: str, *, is_apart: bool) -> Iterator[tuple[int, str]]:
    """Yield lines that are as long and as far in as each other, but for the last one.

    What begins anew behind a shorter line, or elsewhere, is a word of its own.
    """
    lines = [*_LINE.finditer(block)]
    first = 0
    for number in range(1, len(lines) + 1):
        if number < len(lines):
            head, before, line = lines[first], lines[number - 1], lines[number]
            # What stands before the first one may look like a part of it.
            width = len(lines[first or min(1, number - 1)][1])
            is_as_long = number == 1 or width == len(before[1]) >= len(line[1])
            is_as_far = head[2] == before[2] and not (number == 1 and is_apart)
            if is_as_long and is_as_far:
                continue
        if number - first > 1:
            start, end = lines[first].start(), lines[number - 1].end(1)
            yield start, block[start:end]
        first = number


def _unwrapped(block: str, start: int, *, is_guess: bool) -> Iterator[Layer]:
    feed = _FEED.search(block)
    width, line_feed = block.index("\n"), feed[0] if feed else "\n"
    width -= line_feed.startswith("\r")

    def wrap(word: str) -> str:
        parts = (word[at : at + width] for at in range(0, len(word), width))
        last = line_feed if block.endswith("\n") else ""
        return line_feed.join(parts) + last

    word, end = _FEED.sub("", block), start + len(block)
    for skipped in range(4 if len(word) < _LARGEST_GUESS else 1):
        raw = _from_base64(word[skipped:]) if len(word) <= _LARGEST else None
        if raw is not None:
            write = partial(_rewrap, wrap, word[:skipped], word[skipped:])
            yield from _block(raw, start, end, write, is_guess=is_guess)


def _is_wrapped(block: str) -> bool:
    """Tell whether lines are those of one long word, not words, one in each line."""
    *lines, _ = block.rstrip().splitlines()
    widths = {len(line.strip()) for line in lines}
    return min(widths, default=0) >= _LEAST_WIDTH or len(widths) == 1


def _rewrap(wrap: Callable[[str], str], before: str, word: str, raw: bytes) -> str:
    return wrap(before + _base64_like(word)(raw))


def _of_base64(word: str, start: int) -> Iterator[Layer]:
    """Yield what a word holds: as it is, between slashes, or behind some letters."""
    if len(word) > _LARGEST:
        return
    raw = _from_base64(word)
    if raw is not None and _is_all_text(raw):
        yield from _block(raw, start, start + len(word), _base64_like(word))
        return
    for part, at in _between(word, start, _JOINTS):
        inner = _from_base64(part) or b""
        yield from _block(inner, at, at + len(part), _base64_like(part))
    guesses = min(4, len(word) - _SHORTEST + 1) if len(word) < _LARGEST_GUESS else 1
    for skipped in range(guesses):
        part = word[skipped:]
        raw = _from_base64(part)
        if raw is not None:
            place = (start + skipped, start + len(word))
            yield from _block(raw, *place, _base64_like(part), is_guess=True)


def _between(word: str, start: int, joints: str) -> Iterator[tuple[str, int]]:
    """Yield the longest parts of a word that are texts, and where they start."""
    joint, others = joints[0], joints[1:]
    for part in word.split(joint):
        raw = _from_base64(part) if len(part) >= 8 else None
        if raw is not None and _is_all_text(raw):
            yield part, start
        elif others:
            yield from _between(part, start, others)
        start += len(part) + 1


def _is_all_text(raw: bytes) -> bool:
    return _READABLE.search(raw) is not None and content_of(raw).is_text


def _base64_like(word: str) -> Callable[[bytes], str]:
    """Write bytes as base64 like `word`, and exactly so as far as they are the same."""
    is_padded = len(word) % 4 == 0

    def write(raw: bytes) -> str:
        old = _from_base64(word) or b""
        pairs = enumerate(zip(old, raw, strict=False))
        same = next((at for at, (one, new) in pairs if one != new), len(old)) // 3
        kept, changed = word[: same * 4], word[same * 4 :]
        is_url_safe = bool(set("-_") & set(changed))
        spell = base64.urlsafe_b64encode if is_url_safe else base64.b64encode
        spelled = spell(raw[same * 3 :]).decode()
        return kept + (spelled if is_padded else spelled.rstrip("="))

    return write


def _from_base64(word: str) -> bytes | None:
    bare = word.rstrip("=").replace("-", "+").replace("_", "/")
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return None


def _block(
    raw: bytes,
    start: int,
    end: int,
    write: Callable[[bytes], str],
    *,
    is_guess: bool = False,
) -> Iterator[Layer]:
    if not _READABLE.search(raw):
        return
    content = content_of(raw)

    def back(edits: list[Edit]) -> list[Edit]:
        if not edits:
            return []
        return [Edit(start, end, write(content.encode(made(content.text, edits))))]

    yield Layer(content.text, back, is_guess)
