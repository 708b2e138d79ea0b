"""What the scanner sees when it looks through encodings."""

from __future__ import annotations

import re
import zlib
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_pieces import Piece

_LAYERS = 4
_LARGEST_CONTENT = 1 << 24
_LARGEST_WORD = 1 << 16

_BASE64_WORD = re.compile(r"[A-Za-z0-9+/_\-]{16,}={0,2}")
_HEX_WORD = re.compile(r"(?:[0-9a-fA-F]{2}){16,}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrt])|(.))")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PACKED = ("\x1f\x8b", "\x78\x01", "\x78\x5e", "\x78\x9c", "\x78\xda")  # gzip, zlib


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A text behind some encodings.

    Attributes:
        text: As it is there.
        is_text: Whether it reads as text; else only sure signs count.
        is_verbatim: Whether it is the piece itself, so that its lines are the file's.
    """

    text: str
    is_text: bool
    is_verbatim: bool = False


def views(piece: Piece) -> Iterator[View]:
    """Yield the piece, and what is behind up to four layers of encoding."""
    layer = [View(text=piece.text, is_text=not piece.is_binary, is_verbatim=True)]
    seen = {piece.text}
    for _ in range(_LAYERS):
        yield from layer
        inner = [one for view in layer for one in _behind(view)]
        # Two encodings undone in either order give the same text: look once.
        layer = list({one.text: one for one in inner if one.text not in seen}.values())
        seen.update(one.text for one in layer)
    yield from layer


def _behind(view: View) -> Iterator[View]:
    text = view.text
    if text.startswith(_PACKED) and not view.is_text:
        yield _view(_inflated(text.encode("latin-1")))
        return
    for decoded in (_without_percent(text), _without_escapes(text)):
        if decoded != text:
            yield View(text=decoded, is_text=view.is_text)
    if view.is_text:
        yield from _behind_words(text)


def _behind_words(text: str) -> Iterator[View]:
    found: list[bytes] = []
    for word in _BASE64_WORD.findall(text):
        # A word may be glued to what stands before it, so each start counts.
        starts = range(4) if len(word) < _LARGEST_WORD else range(1)
        found += [_from_base64(word[start:]) for start in starts]
    found += [bytes.fromhex(word) for word in _HEX_WORD.findall(text)]
    texts = [content for content in found if _is_text(content)]
    rest = [content for content in found if not _is_text(content)]
    packed = [one for one in rest if one[:2].decode("latin-1") in _PACKED]
    yield from (_view(_inflated(one)) for one in packed)
    if texts:
        yield View(text=b"\n".join(texts).decode(), is_text=True)
    if rest:
        yield View(text=b"\n".join(rest).decode("latin-1"), is_text=False)


def _view(content: bytes) -> View:
    if _is_text(content):
        return View(text=content.decode(), is_text=True)
    return View(text=content.decode("latin-1"), is_text=False)


def _is_text(content: bytes) -> bool:
    try:
        return not _NO_TEXT.search(content.decode())
    except UnicodeDecodeError:
        return False


def _from_base64(word: str) -> bytes:
    bare = word.rstrip("=").replace("-", "+").replace("_", "/")
    usable = bare[: len(bare) - (len(bare) % 4 == 1)]
    return b64decode(usable + "=" * (-len(usable) % 4))


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(
            content, _LARGEST_CONTENT
        )
    except zlib.error:
        return b""


def _without_percent(text: str) -> str:
    return unquote(text) if "%" in text else text


def _without_escapes(text: str) -> str:
    """Undo the escapes of JSON, YAML and most programming languages."""
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(found: re.Match[str]) -> str:
    long, short, blank, other = found.groups()
    if long or short:
        return chr(int(long or short, 16))
    return " " if blank else other
