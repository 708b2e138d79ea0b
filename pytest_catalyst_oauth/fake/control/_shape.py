"""What a value from a file has to look like, and how to say that it does not."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Rule = Callable[["Place", Any], Any]

_KINDS = {
    dict: "a mapping",
    list: "a list",
    str: "a text",
    bool: "yes or no",
    int: "a number",
    float: "a number",
    type(None): "nothing",
}
Keys = tuple[str | int, ...]
_LONGEST_SHOWN = 60


class Place(NamedTuple):
    """Where a value stands.

    Attributes:
        source: The file; empty without one.
        lines: The line of each value that is known, counted from 1.
        keys: The way to the value.
    """

    source: str
    lines: Mapping[Keys, int]
    keys: Keys = ()

    def at(self, *keys: str | int) -> Place:
        """Return a place inside this one."""
        return self._replace(keys=(*self.keys, *keys))

    def wrong(self, problem: str, hint: str = "") -> SettingsError:
        """Return the error about this place; it never repeats a value."""
        line = next(
            (
                self.lines[self.keys[:n]]
                for n in range(len(self.keys), -1, -1)
                if self.keys[:n] in self.lines
            ),
            None,
        )
        parts = (self.source, f"line {line}" if line else "", self._path)
        return SettingsError(
            ", ".join(filter(None, parts)) or "the seed", problem, hint
        )

    @property
    def _path(self) -> str:
        text = "".join(
            f"[{one + 1}]" if isinstance(one, int) else f".{_short(one)}"
            for one in self.keys
        )
        return text.removeprefix(".")


@contextmanager
def blamed(
    place: Place, given: Mapping[str, Any] | None = None, *, is_all: bool = False
) -> Iterator[None]:
    """Say where the fake's complaint about a value belongs.

    Args:
        place: Of the value.
        given: The value, if its members can be what is wrong.
        is_all: Whether nothing else can be wrong, so that its name is enough.
    """
    try:
        yield
    except SettingsError as error:
        words = error.what.replace("client id", "client_id")
        words = words.replace("user code", "user_code")
        name, _, value = words.partition(" ")
        if name in (given or {}):
            raise place.at(name).wrong(
                f"{value} {error.problem}".strip(), error.hint
            ) from None
        what = "" if is_all else f"{error.what} "
        raise place.wrong(f"{what}{error.problem}", error.hint) from None


def text(place: Place, value: Any) -> str:
    """Take a text that is not empty."""
    if not isinstance(value, str):
        hint = "put it in quotes" if isinstance(value, (int, float)) else ""
        raise place.wrong(f"must be a text, not {_kind(value)}", hint)
    if not value:
        raise place.wrong("is empty", "give a text, or leave the key out")
    return any_text(place, value)


def any_text(place: Place, value: Any) -> str:
    """Take a text, also an empty one."""
    if not isinstance(value, str):
        raise place.wrong(f"must be a text, not {_kind(value)}")
    if not _is_whole_text(value):
        raise place.wrong("has half of a character")
    return value


def number(place: Place, value: Any) -> float:
    """Take a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise place.wrong(f"must be a number, not {_kind(value)}")
    if not _is_countable(value):
        raise place.wrong("is no number that can be counted with")
    return value


def whole(place: Place, value: Any) -> int:
    """Take a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise place.wrong(f"must be a whole number, not {_kind(value)}")
    return int(number(place, value))


def yes_no(place: Place, value: Any) -> bool:
    """Take yes or no."""
    if not isinstance(value, bool):
        raise place.wrong(f"must be true or false, not {_kind(value)}")
    return value


def moment(place: Place, value: Any) -> float:
    """Take a moment; return seconds since the epoch. Without a zone it is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(number(place, value))
    raise place.wrong(
        "must be a moment", "for example 2027-01-15T09:00:00Z, or seconds since 1970"
    )


def texts(place: Place, value: Any) -> tuple[str, ...]:
    """Take a text, or a list of texts."""
    if isinstance(value, str):
        return (text(place, value),)
    found = tuple(list_of(text)(place, value))
    if not found:
        raise place.wrong("is empty", "give one at least, or leave the key out")
    return found


def anything(_: Place, value: Any) -> Any:
    """Take what somebody else looks at."""
    return value


def plain(place: Place, value: Any) -> Any:
    """Take a value that JSON has, too."""
    if isinstance(value, dict):
        return mapping_of(plain)(place, value)
    if isinstance(value, list):
        return list_of(plain)(place, value)
    if isinstance(value, str):
        return any_text(place, value)
    if isinstance(value, bool) or value is None:
        return value
    if not isinstance(value, (int, float)):
        raise place.wrong("must be a text, a number, a boolean or nothing, in quotes")
    return number(place, value)


def list_of(rule: Rule) -> Rule:
    """Make the rule of a list."""

    def take(place: Place, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise place.wrong(f"must be a list, not {_kind(value)}")
        return [rule(place.at(number), one) for number, one in enumerate(value)]

    return take


def mapping_of(rule: Rule, names: Rule | None = None) -> Rule:
    """Make the rule of a mapping with any names, or with names of a rule."""

    def take(place: Place, value: Any) -> dict[str, Any]:
        found = _named(place, value)
        if names is not None:
            for name in found:
                names(place.at(name), name)
        return {name: rule(place.at(name), one) for name, one in found.items()}

    return take


def record(*required: str, **rules: Rule) -> Rule:
    """Make the rule of a mapping with known names."""

    def take(place: Place, value: Any) -> dict[str, Any]:
        found = _named(place, value)
        for name in found:
            if name not in rules:
                raise place.at(name).wrong("is unknown", meant(name, tuple(rules)))
        missing = [name for name in required if name not in found]
        if missing:
            raise place.wrong(f"needs {', '.join(missing)}")
        return {name: rules[name](place.at(name), one) for name, one in found.items()}

    return take


def one_of(*choices: str) -> Rule:
    """Make the rule of a choice."""

    def take(place: Place, value: Any) -> str:
        if value not in choices:
            raise place.wrong("is no choice", meant(str(value), choices))
        return str(value)

    return take


def meant(name: str, known: tuple[str, ...]) -> str:
    """Return what somebody may have meant, and what there is."""
    from difflib import get_close_matches

    close = get_close_matches(_short(name), known, 1)
    there = f"there is {', '.join(known)}"
    return f"did you mean {close[0]}? {there}" if close else there


def _named(place: Place, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise place.wrong(f"must be a mapping, not {_kind(value)}")
    for name in value:
        if not isinstance(name, str):
            raise place.wrong("has a name that is no text", "put it in quotes")
        if not _is_whole_text(name):
            raise place.wrong("has a name with half of a character")
    return value


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a date")


def _is_whole_text(value: str) -> bool:
    # JSON and YAML can write half of a character, which no answer can.
    return not any("\ud800" <= one <= "\udfff" for one in value)


def _is_countable(value: float) -> bool:
    # 64 bits, as databases have them; Python would count on and on.
    return abs(value) < 2**63 if isinstance(value, int) else isfinite(value)


def _short(name: str) -> str:
    name = name if name.isprintable() else ascii(name)[1:-1]
    return name if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]}…"
