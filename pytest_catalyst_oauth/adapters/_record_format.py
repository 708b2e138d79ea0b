"""A record as plain values, for stores that keep text."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from pytest_catalyst_oauth import engine
from pytest_catalyst_oauth.engine import Record, ScopeSet, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Kept beside the record, where stores compare it.
_BESIDE = frozenset({"generation"})


def to_plain(record: Record) -> dict[str, Any]:
    """Return what `record` holds, secrets in clear.

    A field with its default value is left out, which keeps the text short where a
    keyring is small, and says nothing that `from_plain` does not know.
    """
    empty = Record()
    return {
        name: _plain(value)
        for name in field_types(Record)
        if name not in _BESIDE
        and (value := getattr(record, name)) != getattr(empty, name)
    }


def from_plain(found: Mapping[str, Any], generation: int) -> Record:
    """Read what `to_plain` returned, here or in another version.

    What is absent has its default, since an older version may have written it; what
    is unknown is left out, since a newer one may have.

    Raises:
        TypeError: A value is not of its field's type.
        ValueError: A value cannot be of its field's type.
    """
    return Record(**_read_fields(Record, {**found, "generation": generation}))


@cache
def field_types(kind: type) -> dict[str, Any]:
    """Return the types of a dataclass's fields, with all names resolved.

    Types that the engine imports for type checkers only are found in its facade.
    """
    names = {name: getattr(engine, name) for name in engine.__all__}
    hints = get_type_hints(kind, localns=names)
    return {field.name: hints[field.name] for field in fields(kind)}


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, ScopeSet):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value


def _read_fields(kind: type, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise TypeError(f"a {kind.__name__} is a mapping")
    types = field_types(kind)
    return {name: _read(types[name], found[name]) for name in types if name in found}


def _read(kind: Any, value: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        return _read_one_of(get_args(kind), value)
    if get_origin(kind) is tuple:
        return _read_tuple(get_args(kind), value)
    if kind in _PLAIN:
        if type(value) not in _PLAIN[kind]:
            raise TypeError(f"not a {kind.__name__}")
        return _MAKE.get(kind, _as_it_is)(value)
    return kind(**_read_fields(kind, value))


def _read_one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    for kind in kinds:
        try:
            return _read(kind, value)
        except (TypeError, ValueError):
            continue
    raise TypeError("none of the types that it may have")


def _read_tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    if kinds[1:] == (...,):
        return tuple(_read(kinds[0], one) for one in value)
    return tuple(_read(kind, one) for kind, one in zip(kinds, value, strict=True))


def _as_it_is(value: Any) -> Any:
    return value


# A type, and those of the plain values that it is read from.
_PLAIN: dict[Any, tuple[type, ...]] = {
    NoneType: (NoneType,),
    bool: (bool,),
    int: (int,),
    float: (float, int),
    str: (str,),
    Secret: (str,),
    ScopeSet: (str,),
}
_MAKE: dict[Any, Callable[[Any], Any]] = {
    float: float,
    Secret: Secret,
    ScopeSet: ScopeSet.read,
}
