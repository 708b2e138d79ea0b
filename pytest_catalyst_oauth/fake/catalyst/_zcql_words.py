"""The words of a ZCQL statement, and the error about one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ._column import as_number
from ._envelope import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(
    r"""\s*(?:
      (?P<name>[A-Za-z_][A-Za-z0-9_]*|`[^`]+`)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<sign><=|>=|<>|!=|\|\||[-+*/%=<>(),.;])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_LONGEST_SHOWN = 30


class Word(NamedTuple):
    """One word.

    Attributes:
        kind: `name`, `number`, `text`, `sign` or `end`.
        text: Without quotes.
        quoted: Whether a name was quoted, so that it is no keyword.
    """

    kind: str
    text: str
    quoted: bool = False

    @property
    def upper(self) -> str:
        """The word as a keyword or sign; empty for what can be neither."""
        return self.text.upper() if self.kind in ("name", "sign") and self.plain else ""

    @property
    def plain(self) -> bool:
        """Whether it stood without quotes."""
        return not self.quoted

    @property
    def shown(self) -> str:
        """The word for an error's text."""
        if self.kind == "end":
            return "the end"
        return self.text[:_LONGEST_SHOWN] + "..." * (len(self.text) > _LONGEST_SHOWN)


def query_error(problem: str) -> ApiError:
    """Return the API's error about a query.

    The code has blanks, as users of the real API report it.
    """
    return ApiError(400, "ZCQL QUERY ERROR", problem)


def unsupported(what: str) -> ApiError:
    """Return the error about what Catalyst may know and this fake does not."""
    return query_error(f"{what} is not supported by this fake")


def words_of(query: str) -> list[Word]:
    """Split a query; the last word is the end.

    Raises:
        ApiError: It has a character that no word can have.
    """
    return list(_words(query))


def _words(query: str) -> Iterator[Word]:
    position = 0
    while True:
        found = _WORD.match(query, position)
        if found is None:
            rest = query[position:].lstrip()[:_LONGEST_SHOWN]
            raise query_error(f"Syntax error near {rest}")
        position = found.end()
        kind = found.lastgroup or ""
        yield _word(kind, found[kind])
        if kind == "end":
            return


def _word(kind: str, text: str) -> Word:
    if kind == "name" and text.startswith("`"):
        return Word(kind, text[1:-1], quoted=True)
    if kind == "text":
        quote = text[0]
        return Word(kind, text[1:-1].replace(quote * 2, quote), quoted=True)
    if kind == "number" and as_number(text) is None:
        raise query_error(f"Number out of range: {text[:_LONGEST_SHOWN]}")
    return Word(kind, text)
