"""What is inside base64, hexadecimal, gzip and binary content."""

from __future__ import annotations

import re
import zlib
from binascii import a2b_base64
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Text = tuple[bytes, bool]

_LARGEST_CONTENT = 1 << 24
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_RUN = re.compile(rb"(?:[\t\n\r -~]|[\xc3-\xf4][\x80-\xbf]{1,3}){8,}")
_BEYOND = bytes(range(128, 256))
# Chance makes letters beyond ASCII more often.
_PLAIN_RUN = re.compile(rb"[\t\n\r -~]{8,}")
# Letters with a zero before or behind each: UTF-16 of either kind.
_WIDE = re.compile(rb"(?:[\t\n\r -~]\x00){8,}|(?:\x00[\t\n\r -~]){8,}")
# What is in each of these.
_WIDE_SIGN = re.compile(rb"\x00(?:[\t\n\r -~]\x00){7}")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LARGE = 1 << 16  # whose letters beyond ASCII take too long to tell from chance
_GZIP = b"\x1f\x8b"
_GZIP_HEAD = b"\x1f\x8b\x08"  # nearly never by chance
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_FILES = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"RIFF", b"wOF"),
    *(b"OggS", b"ID3", b"\x00\x00\x01\x00", b"\x00asm", b"BM", b"<svg", b"<?xml"),
)

_BEGINNINGS = (_GZIP, *_ZLIB, *_FILES)


def unpacked(content: bytes) -> Iterator[Text]:
    """Yield the readable parts of binary content, and whether all of it is text."""
    if content.startswith((_GZIP, *_ZLIB)):
        inside = _inflated(content)
        if inside:
            yield from unpacked(inside)
            return
    if is_text(content):
        yield content, True
        return
    at = content.find(_GZIP_HEAD, 1)
    if at > 0 and (inside := _inflated(content[at:])):
        yield from unpacked(inside)
    if b"\x00" in content:
        yield from ((text, True) for text in wide_texts(content))
    elif not _NO_TEXT.search(content) and _is_mostly_ascii(content):
        yield content.decode("latin-1").encode(), True
        return
    runs = _runs(content)
    if runs:
        # In random bytes some four in ten are readable, and few of them in a row.
        yield b"\n".join(runs), sum(map(len, runs)) > 0.7 * len(content)


def _runs(content: bytes) -> list[bytes]:
    return (_RUN if len(content) < _LARGE else _PLAIN_RUN).findall(content)


def from_file(content: bytes) -> Iterator[Text]:
    """Yield the readable parts of a binary body, which may be compressed."""
    for unpack in (_deflated, _brotli):
        inside = b"" if is_text(content) else unpack(content)
        if len(inside) >= 8 and is_text(inside):
            yield inside, True
            return
    yield from unpacked(content)


def wide_texts(content: bytes) -> Iterator[bytes]:
    """Yield the texts in UTF-16."""
    wide = _as_wide(content)
    if wide is not None:
        yield wide
        return
    # Asked first, since it is quicker where there is none.
    for run in _WIDE.findall(content) if _WIDE_SIGN.search(content) else ():
        yield run.replace(b"\x00", b"")


def _as_wide(content: bytes) -> bytes | None:
    """Return what a whole content says in UTF-16; None if it is no such text."""
    if content.count(0) < len(content) / 4:
        return None
    is_big = content[::2].count(0) > content[1::2].count(0)
    text = content.decode("utf-16-be" if is_big else "utf-16-le", "replace")
    told = text.lstrip("\ufeff").encode("utf-8", "replace")
    return None if _NO_TEXT.search(told) or "\ufffd" in text[:-1] else told


def _is_mostly_ascii(content: bytes) -> bool:
    return len(content.translate(None, _BEYOND)) > 0.7 * len(content)


def from_base64(word: bytes) -> Iterator[Text]:
    """Yield what a word says in base64, whatever is glued to its front."""
    standard = word.translate(_TO_STANDARD)
    for start in range(4):
        content = _decoded(standard[start:])
        if start == 0 and (content.startswith(_BEGINNINGS) or is_text(content)):
            yield from unpacked(content)
            return
        runs = _runs(content)
        if runs:
            yield b"\n".join(runs), True
        if b"\x00" in content:
            yield from ((text, True) for text in wide_texts(content))
        if _GZIP_HEAD in content:
            yield from unpacked(content[content.index(_GZIP_HEAD) :])


def from_hex(digits: bytes) -> Iterator[Text]:
    """Yield what a word says in hexadecimal, if need be behind one digit more."""
    for start in (0, 1):
        even = digits[start : len(digits) - (len(digits) - start) % 2]
        content = bytes.fromhex(even.decode())
        if start == 0 and is_text(content):
            yield content, True
            return
        yield from unpacked(content)


def reads_as_content(word: bytes) -> bool:
    """Tell whether base64 holds a text or a file. Both are looked into elsewhere.

    What is glued to its front counts little; in random bytes there are no long texts.
    """
    standard = word.translate(_TO_STANDARD)
    for start in range(4):
        content = _decoded(standard[start:])
        if start == 0 and (content.startswith(_BEGINNINGS) or is_text(content)):
            return True
        if _GZIP_HEAD in content:
            return True
        runs = _PLAIN_RUN.findall(content.replace(b"\x00", b""))
        longest = max(map(len, runs), default=0)
        if longest >= max(10, len(content) * 0.4):
            return True
    return False


def is_text(content: bytes) -> bool:
    """Tell whether content is UTF-8 without control characters."""
    if _NO_TEXT.search(content):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(word: bytes) -> bytes:
    spare = len(word) % 4
    return a2b_base64(word[: len(word) - (spare == 1)] + b"==" * (spare > 1))


def _inflated(content: bytes) -> bytes:
    """Return what is compressed, in as many parts as there are in a row."""
    parts: list[bytes] = []
    room = _LARGEST_CONTENT
    while content and room > 0:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            parts.append(unpacker.decompress(content, room))
        except zlib.error:
            break
        content, room = unpacker.unused_data, room - len(parts[-1])
    return b"".join(parts)


def _deflated(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inside = unpacker.decompress(content, _LARGEST_CONTENT)
    except zlib.error:
        return b""
    return inside if unpacker.eof and not unpacker.unused_data else b""


def _brotli(content: bytes) -> bytes:
    try:
        brotli: Any = import_module("brotli")
    except ImportError:  # then the clients of this place did not ask for it either
        return b""
    unpacker = brotli.Decompressor()
    try:
        inside: bytes = unpacker.process(content, output_buffer_limit=_LARGEST_CONTENT)
    except (brotli.error, TypeError):  # old versions know no limit
        return b""
    return inside if unpacker.is_finished() else b""
