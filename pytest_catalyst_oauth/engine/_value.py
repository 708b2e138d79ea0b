"""Small immutable values with named fields, made without importing `dataclasses`.

To everybody who asks they are frozen dataclasses: `dataclasses.replace`, `fields` and
`asdict` take them, and type checkers see their constructors. That module itself, with
the tools for source code that it imports, would be half of what a new process pays for
a stored token.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import Self

V = TypeVar("V", bound="Value")


class _OfTwin:
    """What the functions of `dataclasses` look for; made when one of them is called."""

    def __set_name__(self, _: object, name: str) -> None:
        self._name = name

    def __get__(self, _: object, owner: type) -> Any:
        return getattr(_twin(owner), self._name)


@cache
def _twin(kind: type) -> type:
    """Return a real dataclass with the same fields."""
    from dataclasses import field, make_dataclass

    names, defaults = vars(kind)["_names"], vars(kind)["_defaults"]
    fields = [
        (name, Any, field(default=defaults[name]) if name in defaults else field())
        for name in names
    ]
    return make_dataclass(kind.__name__, fields, kw_only=True, frozen=True)


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Value:
    """The base of a value. Its annotations are its fields, as in a dataclass.

    `class Pair(Value, kw_only=False)` also takes its fields by position; `hidden` names
    a field that its repr leaves out. A default is shared, so it must be immutable too.
    `__post_init__` may check and, by `object.__setattr__`, correct.

    Raises:
        TypeError: On making one, when a field is missing, or there is none of a name.
        AttributeError: On changing one.
    """

    # Their order is that of the class; the values are of no use.
    _names: ClassVar[dict[str, None]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    _keys: ClassVar[Any] = _names.keys()
    _kw_only: ClassVar[bool] = True
    _is_checked: ClassVar[bool] = False
    _hidden: ClassVar[str] = ""
    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    else:
        __dataclass_fields__ = _OfTwin()
        __dataclass_params__ = _OfTwin()

    def __init_subclass__(cls, *, kw_only: bool = True, hidden: str = "") -> None:
        own = cls.__annotations__
        cls._names = {**cls._names, **dict.fromkeys(own)}
        cls._keys = cls._names.keys()
        cls._is_checked = cls.__post_init__ is not Value.__post_init__
        new = {name: vars(cls)[name] for name in own if name in vars(cls)}
        cls._defaults = {**cls._defaults, **new}
        cls._kw_only = kw_only
        cls._hidden = hidden
        names = () if kw_only else tuple(cls._names)
        cls.__match_args__ = names  # type: ignore[attr-defined, misc]

    if not TYPE_CHECKING:  # or else a checker would believe in these arguments

        def __init__(self, *args: Any, **given: Any) -> None:
            if args or given.keys() != self._keys:
                given = self._completed(args, given)
            # Not copied: nobody else holds it.
            object.__setattr__(self, "__dict__", given)
            if self._is_checked:
                self.__post_init__()

    def __post_init__(self) -> None:
        """Check the fields; for those who have something to check."""

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(map(self.__dict__.__getitem__, self._names)))

    def __repr__(self) -> str:
        shown = (name for name in self._names if name != self._hidden)
        fields = ", ".join(f"{name}={self.__dict__[name]!r}" for name in shown)
        return f"{type(self).__qualname__}({fields})"

    def __replace__(self, **changes: Any) -> Self:
        """Serve `copy.replace` of Python 3.13."""
        values = {**self.__dict__, **changes}
        if values.keys() != self._keys:
            raise TypeError(self._complaint(values))
        new = object.__new__(type(self))
        object.__setattr__(new, "__dict__", values)
        if self._is_checked:
            new.__post_init__()
        return new

    def _completed(
        self, args: tuple[Any, ...], given: dict[str, Any]
    ) -> dict[str, Any]:
        if args:
            given = self._by_name(args, given)
        values = {**self._defaults, **given}
        if values.keys() != self._keys:
            raise TypeError(self._complaint(values))
        return values

    def _by_name(self, args: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
        kind = type(self).__name__
        if self._kw_only:
            raise TypeError(f"{kind} takes its fields by name only")
        if len(args) > len(self._names):
            raise TypeError(f"{kind} has {len(self._names)} fields, not {len(args)}")
        named = dict(zip(self._names, args, strict=False))
        if named.keys() & given:
            raise TypeError(f"{kind} got a field twice")
        return {**named, **given}

    def _complaint(self, values: dict[str, Any]) -> str:
        kind = type(self).__name__
        unknown = [name for name in values if name not in self._names]
        if unknown:
            return f"{kind} has no field {', '.join(unknown)}"
        missing = [name for name in self._names if name not in values]
        return f"{kind} needs {', '.join(missing)}"


def replace(value: V, **changes: Any) -> V:
    """Return the same value with some fields changed; as `dataclasses.replace`."""
    return value.__replace__(**changes)
