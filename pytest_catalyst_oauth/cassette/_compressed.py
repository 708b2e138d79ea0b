"""Undoing compression, of parts in a row too."""

from __future__ import annotations

import zlib

_LARGEST = 1 << 24


def unpacked(raw: bytes, window: int) -> bytes | None:
    """Return what is compressed in bytes; None if anything else is there."""
    inner, rest = members(raw, window)
    return None if rest else inner


def members(raw: bytes, window: int) -> tuple[bytes | None, bytes]:
    """Return what one or more compressed parts hold, and what is behind them.

    Source: RFC 1952, section 2.2, by which the members of a file are one content.
    """
    parts: list[bytes] = []
    start, room = raw[:2], _LARGEST
    while raw.startswith(start) and room > 0:
        try:
            unpacker = zlib.decompressobj(window)
            parts.append(unpacker.decompress(raw, room))
        except zlib.error:
            break
        if not unpacker.eof:
            return None, raw
        raw, room = unpacker.unused_data, room - len(parts[-1])
    return (b"".join(parts), raw) if parts else (None, raw)
