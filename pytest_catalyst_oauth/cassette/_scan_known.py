"""Known values, in every encoding that a text may hide them in."""

from __future__ import annotations

import json
import re
from base64 import b32encode, b64encode, b85encode
from typing import TYPE_CHECKING, final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_catalyst_oauth.engine import Secret

# What is shorter occurs by chance, above all in base64 of something else.
_SHORTEST = 8

_TELLING = re.compile(r"SECRET|TOKEN|PASSW|PASSPHRASE|KEY|CREDENTIAL|PWD|PASS$|_PAT$")
# It leads to a secret, or tells something about one.
_LEADING = re.compile(
    r"(?:_FILE|_PATH|_DIR|_ID|_NAME|_TYPE|_TTL|_HOME|_SOCK)$|^(?:OLD)?PWD$"
)
# What is no secret although its variable's name says so: switches, paths, addresses.
_NO_SECRET = re.compile(
    r"[A-Za-z]:?[\\/].*|[./~].*|https?://[^@]*|[0-9.]+|(.)\1*|password|disabled|enabled"
    r"|required|undefined|changeme",
    re.IGNORECASE,
)

# A key, in full bytes.
_DIGITS = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_UUID_DIGITS = 32


@final
class Needles:
    """The spellings of secrets, to be looked for in texts.

    Args:
        secrets: What must not occur.
        environment: Variables; the values of those with telling names must not occur.
    """

    def __init__(
        self, secrets: Iterable[Secret] = (), environment: Mapping[str, str] = {}
    ) -> None:
        spelled: dict[bytes, str] = {}
        for name, raw in environment.items():
            value = raw.strip()  # clients send it so
            if len(value) >= _SHORTEST and _is_secret(name.upper(), value):
                what = f"the value of the environment variable {name}"
                spelled |= {one: f"{what}{how}" for one, how in _spellings(value)}
        for secret in secrets:
            bare = secret.reveal().strip()
            value = bare if len(bare) >= _SHORTEST else secret.reveal()
            if len(value) >= _SHORTEST:
                told = _spellings(value)
                spelled |= {one: f"a known secret{how}" for one, how in told}
        self._spelled = spelled

    def hits(self, data: bytes) -> Iterator[tuple[str, bytes, int]]:
        """Yield kind, spelling and position of each known value in a text."""
        for spelled, kind in self._spelled.items():
            at = data.find(spelled)
            while at >= 0:
                yield kind, spelled, at
                at = data.find(spelled, at + len(spelled))


def _is_secret(name: str, value: str) -> bool:
    return (
        bool(_TELLING.search(name))
        and not _LEADING.search(name)
        and not _NO_SECRET.fullmatch(value)
    )


def _spellings(value: str) -> Iterator[tuple[bytes, str]]:
    raw = value.encode("utf-8", "surrogateescape")
    yield from _of_bytes(raw)
    if _DIGITS.fullmatch(value):
        yield from _of_bytes(bytes.fromhex(value))
    yield from _rarely(raw, value)
    yield quote_plus(raw).encode(), ", percent-encoded"
    yield quote(raw, safe="").encode(), ", percent-encoded"
    yield json.dumps(value)[1:-1].encode(), ", escaped"
    yield raw.decode("latin-1").encode(), ""
    yield raw, ""


def _rarely(raw: bytes, value: str) -> Iterator[tuple[bytes, str]]:
    """Yield what few programs write, and anybody can undo."""
    base32 = b32encode(raw).rstrip(b"=")
    yield base32, " in base32"
    yield base32.lower(), " in base32"
    yield b85encode(raw), " in base85"
    yield ", ".join(map(str, raw)).encode(), " as a list of bytes"
    yield ",".join(map(str, raw)).encode(), " as a list of bytes"
    if value != value[::-1]:
        yield value[::-1].encode("utf-8", "surrogateescape"), ", backwards"
    if _UUID.fullmatch(value):
        yield value.replace("-", "").encode(), ""
    elif len(value) == _UUID_DIGITS and _DIGITS.fullmatch(value):
        parts = value[:8], value[8:12], value[12:16], value[16:20], value[20:]
        yield "-".join(parts).encode(), ""


def _of_bytes(raw: bytes) -> Iterator[tuple[bytes, str]]:
    for start in range(3):
        for core in _base64_cores(raw, start):
            yield core, " in base64"
    for digits in (raw.hex(), raw.hex(":"), raw.hex(" "), raw.hex("-")):
        yield digits.encode(), " in hexadecimal"
        yield digits.upper().encode(), " in hexadecimal"


def _base64_cores(raw: bytes, start: int) -> tuple[bytes, bytes]:
    """Return the characters that the value fixes, `start` bytes into a triple.

    Base64 writes three bytes as four characters. Those at the edges depend on the
    neighbours too, so they are left out.
    """
    text = b64encode(b"\0" * start + raw)
    bits = (start + len(raw)) * 8
    core = text[-(-start * 8 // 6) : bits // 6]
    return core, core.translate(_TO_URL)


_TO_URL = bytes.maketrans(b"+/", b"-_")
