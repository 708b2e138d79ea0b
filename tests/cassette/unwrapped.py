"""All that can be read out of the bytes of a file, however it was encoded there.

It shares nothing with the scrubber nor with the scanner: it tries everything, slowly.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import re
import zlib
from urllib.parse import unquote, unquote_plus

import yaml

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_SEGMENT = re.compile(r"[A-Za-z0-9_-]{8,}")
_HEX = re.compile(r"[0-9A-Fa-f]{12,}")
_LAYERS = 5


def readings(data: bytes) -> set[str]:
    """Return the texts of a cassette, of its values, and of what is inside them."""
    return _all_inside({data.decode(), *_leaves(yaml.safe_load(data))})


def readings_of(value: bytes) -> set[str]:
    """Return what a value reads, and what is inside it."""
    return _all_inside({value.decode("utf-8", "replace"), value.decode("latin-1")})


def _all_inside(layer: set[str]) -> set[str]:
    seen = set(layer)
    for _ in range(_LAYERS):
        layer = {one for text in layer for one in _inside(text)} - seen
        seen |= layer
    return seen


def _leaves(value):
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(key)
            yield from _leaves(child)
    elif isinstance(value, list):
        for child in value:
            yield from _leaves(child)
    elif isinstance(value, bytes):
        yield from _texts(value)
    else:
        yield str(value)


def _inside(text):
    yield from _unescaped(text)
    for word in (*_BASE64.findall(text), *_SEGMENT.findall(text)):
        yield from _of_base64(word)
    for word in _HEX.findall(text):
        for start in range(2):
            even = word[start : len(word) - (len(word) - start) % 2]
            yield from _texts(bytes.fromhex(even))


def _unescaped(text):
    if "%" in text:
        yield from map(unquote, text.split("/"))  # an encoded slash parts nothing
        yield unquote(text)
        yield unquote(text, encoding="latin-1")
    if "+" in text:
        yield unquote_plus(text)
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        yield re.sub(r"\\(?:u(\w{4})|x(\w{2})|(.))", _character, text)
    if re.search(r"\s", text):
        yield re.sub(r"\s+", "", text)


def _character(found):
    long, short, other = found.groups()
    if not long and not short:
        return {"n": "\n", "r": "\r", "t": "\t"}.get(other, other)
    try:
        return chr(int(long or short, 16))
    except ValueError:
        return found[0]


def _of_base64(word):
    plain = word.replace("-", "+").replace("_", "/")
    for start in range(4):
        part = plain[start:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            yield from _texts(base64.b64decode(part + "=" * (-len(part) % 4)))
        except binascii.Error:
            continue


def _texts(raw):
    for unpack in (gzip.decompress, zlib.decompress):
        if raw[:1] in (b"\x1f", b"\x78"):
            try:
                yield from _texts(unpack(raw))
            except (OSError, EOFError, zlib.error):
                continue
    if b"\0" in raw:
        yield raw.decode("utf-16-le", "ignore")
        yield raw.decode("utf-16-be", "ignore")
        yield raw[1:].decode("utf-16-le", "ignore")
    readable = sum(32 <= byte < 127 for byte in raw) > len(raw) * 0.6
    if len(raw) >= 6 and readable:
        yield raw.decode("utf-8", "replace")
        yield raw.decode("latin-1")
