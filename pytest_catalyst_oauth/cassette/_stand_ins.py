"""What stands in a cassette where a secret was, in every spelling of it."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

STAND_IN = re.compile(r"REDACTED-[a-z](?:[a-z-]*[a-z])?-\d+")

# A shorter value is found by chance; it is replaced only where a name gives it away.
SHORTEST = 8


@final
class StandIns:
    """Names for secrets: the same secret, the same name.

    Args:
        texts: All texts of the cassette. Numbers that they use are not given again,
            so that a scrubbed cassette can be scrubbed once more.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._last: dict[str, int] = {}
        self._short: dict[tuple[str, str], str] = {}
        self._long: dict[str, str] = {}
        self._everywhere: set[str] = set()
        for text in texts:
            for used in STAND_IN.findall(text):
                self._reserve(used)

    def name(self, kind: str, value: str, *, everywhere: bool = True) -> str:
        """Return the stand-in of a value, a new one if need be.

        Args:
            kind: What it is, for example `access-token`.
            value: The secret.
            everywhere: Whether to replace it wherever it appears, if it is not short.
        """
        if not value or value.startswith("REDACTED"):
            return value  # a stand-in, or what somebody else wrote for one
        if len(value) < SHORTEST:
            return self._short.setdefault((kind, value), self._next(kind, value))
        if everywhere:
            self._everywhere.add(value)
        if value not in self._long:
            self._long[value] = self._next(kind, value)
        return self._long[value]

    @property
    def everywhere(self) -> tuple[str, ...]:
        """The values that are replaced wherever they appear, the longest first."""
        return tuple(sorted(self._everywhere, key=lambda one: (-len(one), one)))

    def replacer(self) -> Callable[[str], str]:
        """Return a function that replaces all spellings in one pass."""
        spelled = {
            before: after
            for value in reversed(self.everywhere)
            for before, after in _spellings(value, self._long[value])
        }
        if not spelled:
            return lambda text: text
        # Stand-ins come first, so that nothing is replaced inside one.
        longest_first = sorted(spelled, key=len, reverse=True)
        pattern = re.compile(
            "|".join((STAND_IN.pattern, *map(re.escape, longest_first)))
        )
        return lambda text: pattern.sub(lambda m: spelled.get(m[0], m[0]), text)

    def _next(self, kind: str, value: str) -> str:
        if (kind, value) in self._short:
            return self._short[kind, value]
        self._last[kind] = self._last.get(kind, 0) + 1
        return f"REDACTED-{kind}-{self._last[kind]}"

    def _reserve(self, used: str) -> None:
        kind, _, number = used.removeprefix("REDACTED-").rpartition("-")
        self._last[kind] = max(self._last.get(kind, 0), int(number))


def _spellings(value: str, stand_in: str) -> Iterator[tuple[str, str]]:
    """Yield each way to write a value with the stand-in written likewise."""
    raw, shown = value.encode("utf-8", "surrogateescape"), stand_in.encode()
    for spell in (base64.b64encode, base64.urlsafe_b64encode):
        yield spell(raw).decode().rstrip("="), spell(shown).decode().rstrip("=")
        yield spell(raw).decode(), spell(shown).decode()
    yield raw.hex().upper(), shown.hex().upper()
    yield raw.hex(), shown.hex()
    for plain in (
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote_plus(raw),
        quote(raw, safe=""),
        raw.decode("latin-1"),
        value,
    ):
        yield plain, stand_in
