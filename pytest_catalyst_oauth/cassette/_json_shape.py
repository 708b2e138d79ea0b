"""The shape of JSON: keys, their order, and the types of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine._server_words import quotable

if TYPE_CHECKING:
    from collections.abc import Iterator

# What these say is read by programs, so the words count too.
_WORDS = frozenset("error error_code status token_type".split())
_LONGEST = 40


def shape_differences(
    recorded: Any, answered: Any, place: str = "body"
) -> Iterator[tuple[str, str, str]]:
    """Yield each place where two values differ in shape, with both shapes."""
    if _type(recorded) != _type(answered):
        yield place, _type(recorded), _type(answered)
    elif isinstance(recorded, dict):
        yield from _of_objects(recorded, answered, place)
    elif isinstance(recorded, list):
        for one, other in _pairs(recorded, answered):
            yield from shape_differences(one, other, f"{place}[]")


def leaves(recorded: Any, answered: Any) -> Iterator[tuple[object, object]]:
    """Yield the texts and numbers that stand in the same place of both values."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        for name in recorded.keys() & answered.keys():
            yield from leaves(recorded[name], answered[name])
    elif isinstance(recorded, list) and isinstance(answered, list):
        for one, other in zip(recorded, answered, strict=False):
            yield from leaves(one, other)
    elif {_type(recorded), _type(answered)} <= {"text", "number"}:
        yield recorded, answered


def _of_objects(
    recorded: dict[str, Any], answered: dict[str, Any], place: str
) -> Iterator[tuple[str, str, str]]:
    if recorded.keys() != answered.keys():
        lost = [name for name in recorded if name not in answered]
        new = [name for name in answered if name not in recorded]
        yield f"{place}, keys", _listed(lost), _listed(new)
    order = [name for name in recorded if name in answered]
    now = [name for name in answered if name in recorded]
    if order != now:
        yield f"{place}, order", _listed(order), _listed(now)
    for name in order:
        one, other = recorded[name], answered[name]
        yield from shape_differences(one, other, f"{place}.{name}")
        are_texts = isinstance(one, str) and isinstance(other, str)
        if name in _WORDS and are_texts and one != other:
            yield f"{place}.{name}", quotable(one, _LONGEST), quotable(other, _LONGEST)


def _pairs(recorded: list[Any], answered: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair elements; how many there are is no matter of shape."""
    if recorded and answered:
        for number in range(max(len(recorded), len(answered))):
            yield (
                recorded[min(number, len(recorded) - 1)],
                answered[min(number, len(answered) - 1)],
            )


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "nothing else"


def _type(value: Any) -> str:
    kinds = {dict: "object", list: "array", str: "text", bool: "boolean"}
    if value is None:
        return "null"
    return kinds.get(type(value), "number")
