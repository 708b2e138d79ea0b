"""Conditions of ZCQL: what follows `WHERE`, `ON` and `HAVING`."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ._zcql_tree import Both, Compare, Either, IsNull, Like, Not
from ._zcql_words import query_error

if TYPE_CHECKING:
    from ._zcql_reader import Reader
    from ._zcql_tree import Condition, Operand

_SIGNS = {**{sign: sign for sign in ("=", "!=", "<", "<=", ">", ">=")}, "<>": "!="}
# Deeper ones are nobody's, and Python's own stack is not endless.
_DEEPEST = 50


@final
class Conditions:
    """Reads conditions; `OR` binds less than `AND`, and that less than `NOT`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._depth = 0

    def read(self) -> Condition:
        """Read a condition."""
        parts = [self._both()]
        while self._reader.skip("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Condition:
        parts = [self._single()]
        while self._reader.skip("AND"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _single(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise query_error(f"More than {_DEEPEST} conditions inside each other")
        found = self._nested()
        self._depth -= 1
        return found

    def _nested(self) -> Condition:
        if self._reader.skip("NOT"):
            return Not(self._single())
        if self._reader.word.upper == "(":
            return self._reader.in_brackets(self.read)
        return self._test(self._reader.operand())

    def _test(self, left: Operand) -> Condition:
        reader = self._reader
        if sign := _SIGNS.get(reader.word.upper):
            reader.take()
            return Compare(left, sign, reader.operand())
        if reader.skip("IS"):
            negated = reader.skip("NOT")
            reader.expect("NULL")
            return Not(IsNull(left)) if negated else IsNull(left)
        if reader.skip("NOT"):
            return Not(self._listing(left))
        return self._listing(left)

    def _listing(self, left: Operand) -> Condition:
        reader = self._reader
        if reader.skip("IN"):
            values = reader.in_brackets(lambda: reader.listed(reader.operand))
            return Either(tuple(Compare(left, "=", value) for value in values))
        if reader.skip("BETWEEN"):
            low = Compare(left, ">=", reader.operand())
            reader.expect("AND")
            return Both((low, Compare(left, "<=", reader.operand())))
        if reader.skip("LIKE"):
            if reader.word.kind != "text":
                raise reader.surprise("a pattern in quotes")
            return Like(left, reader.take().text)
        raise reader.surprise("a comparison")
