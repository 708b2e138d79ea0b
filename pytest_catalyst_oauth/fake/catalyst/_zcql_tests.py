"""Conditions of ZCQL, bound to the tables of a query.

A condition about a missing value is neither true nor false, as in SQL: None.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from ._zcql_operands import Group, fitted
from ._zcql_tree import Both, Compare, Either, IsNull, Like, Not
from ._zcql_words import query_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._column import Value
    from ._zcql_operands import Bound, Scope
    from ._zcql_tree import Condition

Test: TypeAlias = Callable[[Group], bool | None]

_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# Both spellings of "any text"; the first is Catalyst's own.
_ANY = "*%"


def bound_test(condition: Condition, scope: Scope) -> Test:
    """Return a condition as a function of rows.

    Raises:
        ApiError: A column is unknown, or cannot be compared in this way.
    """
    match condition:
        case Not():
            return _opposite(bound_test(condition.inner, scope))
        case Both():
            parts = [bound_test(part, scope) for part in condition.parts]
            return lambda group: _all(part(group) for part in parts)
        case Either():
            some = [bound_test(part, scope) for part in condition.parts]
            return lambda group: _any(part(group) for part in some)
        case IsNull():
            left = scope.bind(condition.left)
            return lambda group: left.get(group) is None
        case Like():
            return _like(scope.bind(condition.left), condition.pattern)
        case Compare():
            return _compare(condition, scope)


def is_like(text: str, pattern: str) -> bool:
    """Tell whether a text matches a pattern, without regard to the case of A to Z.

    The time is at most the product of both lengths.
    """
    text, pattern = _lower(text), _lower(pattern)
    at = read = 0
    star, resume = -1, 0
    while at < len(text):
        if read < len(pattern) and pattern[read] in _ANY:
            star, resume = read, at
            read += 1
        elif read < len(pattern) and pattern[read] in ("_", text[at]):
            at, read = at + 1, read + 1
        elif star >= 0:
            # Let the last "any text" take one character more.
            resume += 1
            at, read = resume, star + 1
        else:
            return False
    return not pattern[read:].strip(_ANY)


def _lower(text: str) -> str:
    return "".join(one.lower() if one.isascii() else one for one in text)


def _like(left: Bound, pattern: str) -> Test:
    if left.kind == "boolean":
        raise query_error(f"LIKE takes text, and {left.key} is boolean")

    def test(group: Group) -> bool | None:
        value = left.get(group)
        return None if value is None else is_like(str(value), pattern)

    return test


def _compare(condition: Compare, scope: Scope) -> Test:
    left, right = scope.bind(condition.left), scope.bind(condition.right)
    kind = _common_kind(left, right)
    if kind == "boolean" and condition.sign not in ("=", "!="):
        raise query_error(f"{condition.sign} cannot compare boolean values")
    left, right = fitted(left, kind), fitted(right, kind)
    compare = _SIGNS[condition.sign]

    def test(group: Group) -> bool | None:
        one, other = left.get(group), right.get(group)
        return None if one is None or other is None else compare(one, other)

    return test


def _common_kind(left: Bound, right: Bound) -> str:
    kinds = [kind for kind in (left.kind, right.kind) if kind is not None]
    if not kinds:
        kinds = [_kind_of(one.get(())) for one in (left, right)]
    if len(set(kinds)) == 1:
        return kinds[0]
    if "boolean" in kinds:
        raise query_error(f"{left.key} and {right.key} cannot be compared")
    return "number"


def _kind_of(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"


def _opposite(test: Test) -> Test:
    def opposite(group: Group) -> bool | None:
        found = test(group)
        return None if found is None else not found

    return opposite


def _all(found: Iterable[bool | None]) -> bool | None:
    known: bool | None = True
    for one in found:
        if one is False:
            return False
        known = None if one is None else known
    return known


def _any(found: Iterable[bool | None]) -> bool | None:
    known: bool | None = False
    for one in found:
        if one:
            return True
        known = None if one is None else known
    return known
