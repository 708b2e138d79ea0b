"""Going through a text and all that is encoded in it.

A text is walked as it is, never parsed and written anew, so that what holds no secret
keeps its exact form: white space, order, duplicate keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._blocks import insides
from ._edits import Edit, apart, blanked, made, shortened
from ._layers import joined, mailed, printed, readings
from ._places import places

if TYPE_CHECKING:
    from ._layers import Layer
    from ._place import Place, Visitor

_DEEPEST = 6
_ROUNDS = 8


def walk(text: str, visitor: Visitor, *, person: bool = False) -> str:
    """Show all places of `text` to `visitor`, and return the text as it wants it.

    Args:
        text: As it is.
        visitor: Looks at secrets.
        person: Whether the text is about a person, so that `name` is one's name.
    """
    for _ in range(_ROUNDS):
        # What one change uncovers, the next round sees; what is clean takes one round.
        wanted = edits(text, visitor, person=person)
        if not wanted:
            break
        text = made(text, wanted)
    return text


def edits(
    text: str, visitor: Visitor, depth: int = 0, *, person: bool = False
) -> list[Edit]:
    """Return what a visitor wants changed in a text, in order."""
    mails = [*mailed(text)] if depth < _DEEPEST else []
    sure = [(span, layer) for span, layer in mails if not layer.is_guess]
    guesses = [layer for _, layer in mails if layer.is_guess]
    inside = _below(text, [one for _, one in sure], visitor, depth, person=person)
    guessed = _below(text, guesses, visitor, depth, person=person)
    # What a line has for itself, the text as it stands tells better.
    inside += [one for one in guessed if "\n" in text[one.start : one.end]]
    rest = blanked(text, (span for span, _ in sure)) if sure else text
    beside = _edits(rest, visitor, depth, person=person)
    return apart(inside, _printed(text, visitor), beside, guessed)


def _edits(text: str, visitor: Visitor, depth: int, *, person: bool) -> list[Edit]:
    at_places: list[Edit] = []
    if depth < _DEEPEST:
        at_places = _at_places(text, visitor, person=person)
    rest = text
    if at_places:
        rest = blanked(text, ((one.start, one.end) for one in at_places))
    known = visitor.anywhere(rest)
    inner: list[Edit] = []
    guessed: list[Edit] = []
    if depth < _DEEPEST:
        layers = [*readings(rest), *insides(rest)]
        sure = [one for one in layers if not one.is_guess]
        guesses = [one for one in layers if one.is_guess]
        inner = _below(rest, sure, visitor, depth, person=person)
        guessed = _below(rest, guesses, visitor, depth, person=person)
    changed = (one for one in at_places if text[one.start : one.end] != one.new)
    return apart(changed, known, inner, guessed)


def _printed(text: str, visitor: Visitor) -> list[Edit]:
    """Return edits of what is known and has signs of quoted-printable.

    A short mail has no line that goes on, and little tells it from other texts.
    """
    found = (
        edit for one in printed(text) for edit in one.back(visitor.known(one.text))
    )
    return [one for one in found if "=" in text[one.start : one.end]]


def _below(
    text: str, layers: list[Layer], visitor: Visitor, depth: int, *, person: bool
) -> list[Edit]:
    if not layers:
        return []
    layer = joined(layers)
    found = edits(layer.text, visitor, depth + 1, person=person)
    return [shortened(text, one) for one in layer.back(found)] if found else []


def _at_places(text: str, visitor: Visitor, *, person: bool) -> list[Edit]:
    found = sorted(places(text, person=person), key=_first_and_longest)
    visited, end = [], 0
    for place in found:
        if place.start >= end:
            end = place.end
            visited.append(Edit(place.start, end, place.visit(visitor)))
    return visited


def _first_and_longest(place: Place) -> tuple[int, int]:
    return place.start, -place.end
