"""Reading bytes as a text: compressed, UTF-16, UTF-8, or none."""

from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

from ._compressed import unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ASCII = re.compile(r"[\t\n\r -~]")


class Content(NamedTuple):
    """Bytes as a text.

    Attributes:
        text: What they say; Latin-1 for what is no text.
        encode: Makes bytes of such a text again.
        is_text: Whether they are a text beyond doubt.
    """

    text: str
    encode: Callable[[str], bytes]
    is_text: bool


def content_of(raw: bytes) -> Content:
    """Return what bytes say: compressed, UTF-16, UTF-8, or else Latin-1."""
    for start, unpack, pack in _PACKERS:
        if raw.startswith(start):
            inner = unpacked(raw, unpack)
            if inner is not None:
                below = content_of(inner)
                return Content(below.text, _then(below.encode, pack), is_text=True)
    for codec, mark in _codecs(raw):
        # Where a word was guessed, half a character of something else may follow.
        end = len(raw) - (len(raw) % 2 if codec.startswith("utf-16") else 0)
        tail = raw[end:]
        text = _decoded(raw[len(mark) : end], codec)
        if text is None:
            continue
        is_text = not tail and not _UNPRINTABLE.search(text)
        if codec.startswith("utf-16") and not mark:  # which chance makes easily
            is_text = is_text and 2 * len(text.encode("ascii", "ignore")) > len(text)
        return Content(text, _encoder(codec, mark, tail), is_text)
    return Content(raw.decode("latin-1"), _encoder("latin-1"), is_text=False)


def _decoded(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        if not codec.startswith("utf-16"):
            return None
    # A word of something else may follow, too, and be no text.
    text = raw.decode(codec, "surrogatepass")
    return text if 2 * len(_ASCII.findall(text)) > len(text) else None


def _encoder(
    codec: str, mark: bytes = b"", tail: bytes = b""
) -> Callable[[str], bytes]:
    errors = "surrogatepass" if codec.startswith("utf-16") else "replace"
    return lambda text: mark + text.encode(codec, errors) + tail


def _then(
    encode: Callable[[str], bytes], pack: Callable[[bytes], bytes]
) -> Callable[[str], bytes]:
    return lambda text: pack(encode(text))


_PACKERS: tuple[tuple[bytes, int, Callable[[bytes], bytes]], ...] = (
    (b"\x1f\x8b", zlib.MAX_WBITS | 16, lambda raw: gzip.compress(raw, mtime=0)),
    (b"\x78", zlib.MAX_WBITS, zlib.compress),
)


def _codecs(raw: bytes) -> Iterator[tuple[str, bytes]]:
    if raw.startswith(b"\xff\xfe"):
        yield "utf-16-le", b"\xff\xfe"
    elif raw.startswith(b"\xfe\xff"):
        yield "utf-16-be", b"\xfe\xff"
    elif raw.startswith(b"\xef\xbb\xbf"):
        yield "utf-8", b"\xef\xbb\xbf"
    elif b"\0" in raw[:64]:
        sample = raw[:256]
        if sample[1::2].count(0) * 2 > len(sample) // 2:
            yield "utf-16-le", b""
        if sample[::2].count(0) * 2 > len(sample) // 2:
            yield "utf-16-be", b""
    yield "utf-8", b""
