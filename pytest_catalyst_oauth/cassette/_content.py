"""Bodies without content encoding, and headers that say so."""

from __future__ import annotations

import codecs
import gzip
import zlib
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Headers = tuple[tuple[str, str], ...]


# Octets of a body that is compressed in secret; more is not compared.
_LARGEST = 1 << 24
# gzip, and zlib in its four levels.
_PACKED = (b"\x1f\x8b", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")


def decoded(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Undo the content encoding, and drop the header that would now lie.

    A body that cannot be decoded stays as it is, with its header. One that is text
    already, whatever its header says, was decoded by whoever recorded it.
    """
    named = [value for name, value in headers if name.lower() == "content-encoding"]
    encodings = [one.strip().lower() for one in ",".join(named).split(",")]
    plain: bytes | None = body
    for encoding in reversed(encodings):
        if plain and encoding not in ("", "identity"):
            plain = _decode(encoding, plain)
    if not named or plain is None:
        return headers, body
    kept = tuple(one for one in headers if one[0].lower() != "content-encoding")
    return kept, plain


def undisguised(body: bytes) -> bytes:
    """Undo the packing or UTF-16 of a body that begins so, whatever headers say."""
    if body.startswith(_PACKED):
        try:
            # Of both: it finds out which of them it is.
            return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, _LARGEST)
        except zlib.error:
            return body
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        order = "utf-16"
    elif 0 in body[:2] and not len(body) % 2:
        order = "utf-16-le" if body[0] else "utf-16-be"
    else:
        return body
    return body.decode(order, "replace").encode("utf-8", "surrogatepass")


def with_true_length(headers: Headers, body: bytes) -> Headers:
    """Make `Content-Length` fit, where there is one."""
    length = str(len(body))
    return tuple(
        (name, length if name.lower() == "content-length" else value)
        for name, value in headers
    )


def _decode(encoding: str, body: bytes) -> bytes | None:
    decode = _decoder(encoding)
    try:
        return decode(body) if decode else None
    except Exception:  # noqa: BLE001  each library has errors of its own
        return body if _is_text(body) else None


def _is_text(body: bytes) -> bool:
    try:
        return bool(body.decode())
    except UnicodeDecodeError:
        return False


def _decoder(encoding: str) -> Callable[[bytes], bytes] | None:
    if encoding in ("gzip", "x-gzip"):
        return gzip.decompress
    if encoding == "deflate":
        return _inflate
    return _library({"br": "brotli", "zstd": "zstandard"}.get(encoding))


def _inflate(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:  # some servers send it without the header
        return zlib.decompress(body, -zlib.MAX_WBITS)


def _library(name: str | None) -> Callable[[bytes], bytes] | None:
    try:
        found = import_module(name) if name else None
    except ImportError:
        return None
    decompress: Callable[[bytes], bytes] | None = getattr(found, "decompress", None)
    return decompress
