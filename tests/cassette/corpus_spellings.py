"""Ways to spell a text and a body."""

from __future__ import annotations

import base64
import gzip
import html
import json
import textwrap
import zlib
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import brotli


def _percent_all(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def _base64(before: bytes = b"", after: bytes = b"") -> Callable[[str], str]:
    return lambda text: base64.b64encode(before + text.encode() + after).decode()


def _wrapped(text: str) -> str:
    around = b"The quick brown fox jumps over the lazy dog. " * 2
    return base64.encodebytes(around + text.encode() + around).decode()


def _base64_of_gzip(system: int) -> Callable[[str], str]:
    def spell(text: str) -> str:
        raw = bytearray(_gzip(text))
        raw[9] = system  # which of them Python says differs between its versions
        return base64.b64encode(raw).decode()

    return spell


def _gzip(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _url_safe(text: str) -> str:
    raw = b"<<???>>" + text.encode() + b"<<???>>~~"
    return base64.urlsafe_b64encode(raw).decode()


def _escaped(form: str) -> Callable[[str], str]:
    def escape(text: str) -> str:
        units = memoryview(text.encode("utf-16-be")).cast("B")
        pairs = zip(units[::2], units[1::2], strict=True)
        return "".join(form % (high * 256 + low) for high, low in pairs)

    return escape


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent of every byte": _percent_all,
    "percent as JavaScript does": lambda text: quote(text, safe="!'()*~"),
    "percent of Latin-1": lambda text: quote(text, safe="", encoding="latin-1"),
    "form": quote_plus,
    "base64": _base64(),
    "base64 without padding": lambda text: _base64()(text).rstrip("="),
    "base64 for URLs": _url_safe,
    "base64 for URLs without padding": lambda text: _url_safe(text).rstrip("="),
    "base64 after one byte": _base64(b"x", b"yz"),
    "base64 after two bytes": _base64(b"a:", b"z"),
    "base64 after three bytes": _base64(b"ab:", b"/z!"),
    "base64 among binary bytes": _base64(b"\x89\xff\x00\x01", b"\xfe\x00"),
    "base64 behind other letters": lambda text: f"v1/by/{_base64()(text)}",
    "base64 at 76 columns": _wrapped,
    "base64 of gzip": _base64_of_gzip(system=3),
    "base64 of gzip of no system": _base64_of_gzip(system=255),  # has a slash in it
    "base64 of UTF-16": lambda text: base64.b64encode(
        text.encode("utf-16-le")
    ).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "capital hexadecimal": lambda text: text.encode().hex().upper(),
    "hexadecimal behind a letter": lambda text: f"a{text.encode().hex()}",
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "JSON, all escaped": _escaped("\\u%04x"),
    "JSON, all escaped in capitals": _escaped("\\u%04X"),
    "JavaScript, all escaped": lambda text: "".join(
        f"\\x{byte:02x}" for byte in text.encode("latin-1")
    ),
    "entities": html.escape,
    "decimal entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "hexadecimal entities": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
}

# In these a secret's looks are not its own: letters stand close to it.
GLUING = frozenset(
    {
        "base64 after one byte",
        "base64 after two bytes",
        "base64 after three bytes",
        "base64 among binary bytes",
        "base64 at 76 columns",
        "hexadecimal behind a letter",
        "in a folded header",
    }
)
_ONLY_LATIN_1 = ("percent of Latin-1", "JavaScript, all escaped")


def is_possible(text: str, spelling: str) -> bool:
    """Tell whether a text can be spelled so at all."""
    return spelling not in _ONLY_LATIN_1 or max(map(ord, text)) < 256


def spell(text: str, spelling: str) -> str:
    """Return a text, spelled."""
    return SPELLINGS[spelling](text)


class Body(NamedTuple):
    """A way to send a JSON body."""

    name: str
    encode: Callable[[str], bytes]
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/json;charset=UTF-8"
    wire: str = ""
    latin: bool = False

    def takes(self, text: str) -> bool:
        return not self.latin or max(map(ord, text)) < 256


def _raw_deflate(text: str) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(text.encode()) + packer.flush()


def _multipart(text: str) -> bytes:
    field = '--b0\r\nContent-Disposition: form-data; name="config"\r\n\r\n'
    return f"{field}{text}\r\n--b0--\r\n".encode()


def _coded(name: str) -> tuple[tuple[str, str], ...]:
    return (("Content-Encoding", name),)


BODIES = (
    Body("gzip", _gzip, _coded("gzip")),
    Body("deflate", lambda text: zlib.compress(text.encode()), _coded("deflate")),
    Body("deflate without its header", _raw_deflate, _coded("deflate")),
    Body("br", lambda text: brotli.compress(text.encode()), _coded("br")),
    Body("chunked", lambda text: text.encode(), wire="chunked"),
    Body("chunked gzip", _gzip, _coded("gzip"), wire="chunked"),
    Body("a gzip file", _gzip, media_type="application/gzip"),
    Body(
        "UTF-16",
        lambda text: text.encode("utf-16"),
        media_type="application/json;charset=UTF-16",
    ),
    Body("UTF-16 without a mark", lambda text: text.encode("utf-16-le")),
    Body("capital UTF-16", lambda text: text.encode("utf-16-be")),
    Body("UTF-8 with a mark", lambda text: text.encode("utf-8-sig")),
    Body(
        "Latin-1",
        lambda text: text.encode("latin-1"),
        media_type="application/json;charset=ISO-8859-1",
        latin=True,
    ),
    Body("escaped", lambda text: json.dumps(json.loads(text)).encode()),
    Body("indented", lambda text: json.dumps(json.loads(text), indent=1).encode()),
    Body("JSON in JSON", lambda text: json.dumps({"raw": text}).encode()),
    Body("JSON in base64", lambda text: _base64()(text).encode()),
    Body(
        "JSON in JSON in base64",
        lambda text: json.dumps({"x": _base64()(json.dumps({"y": text}))}).encode(),
    ),
    Body("JSON in a query", lambda text: f"https://a.test/?q={quote(text)}".encode()),
    Body("JSON in entities", lambda text: f'<i v="{html.escape(text)}">'.encode()),
    Body("JSON in hexadecimal", lambda text: text.encode().hex().encode()),
    Body("behind binary bytes", lambda text: b"\x89\xff\x00\x01" + text.encode()),
    Body("JSONP", lambda text: f"cb({text});".encode()),
    Body("lines of JSON", lambda text: f'{{"a":1}}\n{text}\n{{"b":2}}\n'.encode()),
    Body("multipart", _multipart, media_type="multipart/form-data; boundary=b0"),
    Body(
        "YAML of JSON",
        lambda text: textwrap.indent(
            json.dumps(json.loads(text), indent=2), "  "
        ).encode(),
    ),
)
