"""Changes of a text, collected first and made at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(NamedTuple):
    """What shall stand in the place of a part of a text.

    Attributes:
        start: Of the part.
        end: Of the part, which does not belong to it.
        new: What shall stand there.
    """

    start: int
    end: int
    new: str


def apart(*groups: Iterable[Edit]) -> list[Edit]:
    """Return edits in order, without those that meet one of an earlier group.

    Within a group the one that starts first wins, and of two the longer one.
    """
    taken: list[Edit] = []
    for group in groups:
        taken = _merged(taken, sorted(group, key=lambda one: (one.start, -one.end)))
    return taken


def _merged(taken: list[Edit], more: list[Edit]) -> list[Edit]:
    merged: list[Edit] = []
    number, end = 0, 0
    for one in more:
        while number < len(taken) and taken[number].start < one.end:
            end = max(end, taken[number].end)
            merged.append(taken[number])
            number += 1
        if one.start >= end:
            merged.append(one)
            end = one.end
    merged += taken[number:]
    merged.sort()
    return merged


def shortened(text: str, edit: Edit) -> Edit:
    """Leave out of an edit the beginning that it does not change."""
    start, end, new = edit
    pairs = enumerate(zip(text[start:end], new, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), 0)
    return Edit(start + same, end, new[same:])


def made(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with edits made; they must be in order and apart."""
    done: list[str] = []
    start = 0
    for one in edits:
        done += (text[start : one.start], one.new)
        start = one.end
    return "".join((*done, text[start:]))


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with NUL characters in some places, equally long."""
    return made(text, (Edit(start, end, "\0" * (end - start)) for start, end in spans))
