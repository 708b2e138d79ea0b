"""A reader of words, and what every part of ZCQL reads with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, final

from ._column import as_number
from ._zcql_tree import Aggregate, Literal, Name
from ._zcql_words import query_error, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._column import Value
    from ._zcql_tree import Operand
    from ._zcql_words import Word

_T = TypeVar("_T")

AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG")
_CONSTANTS: dict[str, Value] = {"NULL": None, "TRUE": True, "FALSE": False}
# What begins the next part of a statement, and so is no alias.
_KEYWORDS = frozenset(
    "SELECT FROM WHERE GROUP HAVING ORDER LIMIT OFFSET BY ON AS AND OR NOT IN IS "
    "LIKE BETWEEN NULL TRUE FALSE JOIN INNER LEFT RIGHT FULL CROSS NATURAL OUTER "
    "USING UNION INTERSECT EXCEPT SET VALUES INTO ASC DESC DISTINCT CASE EXISTS "
    "ALL ANY".split()
)
_STRANGE = frozenset(
    "RIGHT FULL CROSS NATURAL USING UNION INTERSECT EXCEPT CASE EXISTS ALL ANY "
    "SELECT + - * / % || ;".split()
)


@final
class Reader:
    """Reads words from left to right."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._at = 0

    @property
    def word(self) -> Word:
        """The next word."""
        return self._words[self._at]

    def take(self) -> Word:
        """Return the next word and go on; the end stays."""
        word = self.word
        self._at = min(self._at + 1, len(self._words) - 1)
        return word

    def skip(self, *words: str) -> bool:
        """Go on if the next words are these; tell whether they were."""
        ahead = self._words[self._at : self._at + len(words)]
        if tuple(one.upper for one in ahead) != words:
            return False
        self._at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Go on.

        Raises:
            ApiError: The next words are others.
        """
        if not self.skip(*words):
            raise self.surprise(" ".join(words))

    def surprise(self, expected: str) -> Exception:
        """Return the error about the next word."""
        word = self.word
        if word.upper in _STRANGE:
            return unsupported(word.upper)
        return query_error(f"Syntax error: expected {expected}, found {word.shown}")

    def name(self, what: str) -> str:
        """Read a name that is no keyword."""
        word = self.word
        if word.kind != "name" or word.upper in _KEYWORDS:
            raise self.surprise(what)
        return self.take().text

    def listed(self, read: Callable[[], _T]) -> tuple[_T, ...]:
        """Read one thing or several, separated by commas."""
        found = [read()]
        while self.skip(","):
            found.append(read())
        return tuple(found)

    def in_brackets(self, read: Callable[[], _T]) -> _T:
        """Read something between brackets."""
        self.expect("(")
        found = read()
        self.expect(")")
        return found

    def alias(self) -> str | None:
        """Read `AS name`, or a name alone; None for neither."""
        if self.skip("AS"):
            return self.name("an alias")
        word = self.word
        if word.kind == "name" and word.upper not in _KEYWORDS:
            return self.take().text
        return None

    def column(self) -> Name:
        """Read a column, with its table or without."""
        first = self.name("a column")
        if self.word.upper == "(":
            raise unsupported(f"function {first.upper()}")
        if self.skip("."):
            return Name(first, self.name("a column"))
        return Name(None, first)

    def value(self) -> Value:
        """Read a value."""
        word = self.word
        negative = self.skip("-")
        if self.word.kind == "number":
            number = as_number(self.take().text) or 0
            return -number if negative else number
        if not negative and (word.kind == "text" or word.upper in _CONSTANTS):
            self.take()
            return word.text if word.kind == "text" else _CONSTANTS[word.upper]
        raise self.surprise("a value")

    def whole_number(self) -> int:
        """Read a number of rows."""
        word = self.word
        if word.kind != "number" or not word.text.isdecimal():
            raise self.surprise("a whole number")
        return int(self.take().text)

    def operand(self) -> Operand:
        """Read a column, a value or an aggregate."""
        word = self.word
        if word.kind != "name" or word.upper in _CONSTANTS:
            return Literal(self.value())
        if word.upper in AGGREGATES and self._words[self._at + 1].upper == "(":
            self.take()
            return self.in_brackets(lambda: self._aggregate(word.upper))
        return self.column()

    def _aggregate(self, function: str) -> Aggregate:
        if function == "COUNT" and self.skip("*"):
            return Aggregate(function, None, False)
        distinct = self.skip("DISTINCT")
        return Aggregate(function, self.column(), distinct)
