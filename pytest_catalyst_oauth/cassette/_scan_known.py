"""Known values, in every encoding that a text may hide them in."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_catalyst_oauth.engine import Secret

# What is shorter occurs by chance, above all in base64 of something else.
_SHORTEST = 8


@final
class Needles:
    """The spellings of secrets, to be looked for in texts."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._spelled = {
            spelled: kind
            for secret in secrets
            if len(secret.reveal()) >= _SHORTEST
            for spelled, kind in _spellings(secret.reveal())
        }

    def hits(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield kind and spelling of each known value in a text."""
        for spelled, kind in self._spelled.items():
            if spelled in text:
                yield kind, spelled


def _spellings(value: str) -> Iterator[tuple[str, str]]:
    raw = value.encode("utf-8", "surrogateescape")
    for start in range(3):
        for core in _base64_cores(raw, start):
            yield core, "a known secret in base64"
    yield raw.hex(), "a known secret in hexadecimal"
    yield raw.hex().upper(), "a known secret in hexadecimal"
    yield quote_plus(raw), "a known secret, percent-encoded"
    yield quote(raw, safe=""), "a known secret, percent-encoded"
    yield json.dumps(value)[1:-1], "a known secret, escaped"
    yield raw.decode("latin-1"), "a known secret"
    yield value, "a known secret"


def _base64_cores(raw: bytes, start: int) -> tuple[str, str]:
    """Return the characters that the value fixes, `start` bytes into a triple.

    Base64 writes three bytes as four characters. Those at the edges depend on the
    neighbours too, so they are left out.
    """
    text = b64encode(b"\0" * start + raw).decode()
    bits = (start + len(raw)) * 8
    core = text[-(-start * 8 // 6) : bits // 6]
    return core, core.replace("+", "-").replace("/", "_")
