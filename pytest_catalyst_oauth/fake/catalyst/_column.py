"""Columns of a table: what each takes."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias, final

from pytest_catalyst_oauth.engine import _value

from ._envelope import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = str | int | float | bool | None

# What a text holds at most, by type.
LONGEST = {"varchar": 255, "text": 10_000, "encrypted text": 10_000}
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}\Z")
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?\Z")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
# Catalyst itself writes a colon before the milliseconds (zoho-protocol.md 10.5).
_TIME = re.compile(r"([0-9-]{10})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})([.:][0-9]{3})?\Z")


@final
class Column(_value.Value):
    """One column.

    Attributes:
        column_id: 17 digits.
        name: As rows and queries spell it.
        data_type: One of `TYPES`.
        max_length: In characters; None for what is no text.
        is_mandatory: Whether every row needs a value.
        is_unique: Whether a value may occur once only.
        default: What a row without a value gets.
        is_system: Whether Catalyst fills it.
    """

    column_id: int
    name: str
    data_type: str
    max_length: int | None = None
    is_mandatory: bool = False
    is_unique: bool = False
    default: Value = None
    is_system: bool = False

    @property
    def kind(self) -> str:
        """How values compare: `text`, `number` or `boolean`."""
        return _KINDS.get(self.data_type, "text")

    def read(self, value: object) -> Value:
        """Return a value as the column keeps it.

        Raises:
            ApiError: It is of another type, too long, or missing.
        """
        if value is None:
            if self.is_mandatory:
                raise self.refusal("a value is mandatory")
            return None
        try:
            kept = TYPES[self.data_type](value)
        except (TypeError, ValueError, OverflowError):
            raise self.refusal(f"{self.data_type} value expected") from None
        if self.max_length is not None and len(str(kept)) > self.max_length:
            raise self.refusal(f"{self.max_length} characters at most")
        return kept

    def refusal(self, reason: str) -> ApiError:
        """Return the API's refusal of a value."""
        text = f"Invalid input value for {self.name}. {reason}"
        return ApiError(400, "INVALID_INPUT", text)

    def described(self, table_id: int, number: int) -> dict[str, Any]:
        """Return its metadata. Source: zoho-protocol.md 10.5."""
        return {
            "table_id": table_id,
            "column_sequence": number,
            "column_name": self.name,
            "category": 1 if self.is_system else 2,
            "data_type": self.data_type,
            "audit_consent": False,
            "max_length": self.max_length,
            "is_mandatory": self.is_mandatory,
            "default_value": self.default,
            "decimal_digits": 2 if self.data_type == "double" else None,
            "is_unique": self.is_unique,
            "search_index_enabled": False,
            "column_id": self.column_id,
        }


def as_number(text: str) -> int | float | None:
    """Return the number that a text is; None for none, or one beyond all bounds."""
    if _INTEGER.match(text):
        return int(text)
    if _NUMBER.match(text) and math.isfinite(number := float(text)):
        return number
    return None


def inferred_type(values: list[Value]) -> str | None:
    """Return the type for some values; None if no type takes them all."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        longest = max((len(v) for v in values if isinstance(v, str)), default=0)
        return "varchar" if longest <= LONGEST["varchar"] else "text"
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "bigint"
    return "double" if kinds <= {int, float} else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(bits: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        found = as_number(value) if isinstance(value, str) else value
        if isinstance(found, bool) or not isinstance(found, int):
            raise TypeError
        if not -(1 << bits) <= found < 1 << bits:
            raise ValueError
        return found

    return read


def _double(value: object) -> float:
    found = as_number(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise TypeError
    if not math.isfinite(number := float(found)):
        raise ValueError
    return number


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueError


def _date(value: object) -> str:
    found = _DATE.match(_text(value))
    if found is None:
        raise ValueError
    return date(*map(int, found.groups())).isoformat()


def _datetime(value: object) -> str:
    found = _TIME.match(_text(value))
    if found is None:
        raise ValueError
    datetime.fromisoformat(f"{_date(found[1])}T{found[2]}")
    return found[0].replace("T", " ")


TYPES: dict[str, Callable[[object], Value]] = {
    "varchar": _text,
    "text": _text,
    "encrypted text": _text,
    "int": _integer(31),
    "bigint": _integer(63),
    "foreign key": _integer(63),
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
_KINDS = {
    **dict.fromkeys(("int", "bigint", "foreign key", "double"), "number"),
    "boolean": "boolean",
}
