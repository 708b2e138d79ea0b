"""A part of a text that holds a secret, and who looks at it."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote, unquote_plus

from ._stand_ins import is_stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._edits import Edit


_MAILED = "3D"  # the sign before it, as a mail writes that


class Visitor(Protocol):
    """Looks at the places of a text, and says what shall stand there."""

    def at_place(self, kind: str, value: str) -> str:
        """Visit a value whose name says that it is secret."""
        ...

    def anywhere(self, text: str) -> list[Edit]:
        """Visit a whole text, or a decoded part of one."""
        ...

    def known(self, text: str) -> list[Edit]:
        """Visit a text in which looks may deceive."""
        ...


class Place(NamedTuple):
    """A part of a text that holds a secret.

    Attributes:
        start: Of the part.
        end: Of the part, which does not belong to it.
        visit: Shows the secret to a visitor, and returns what shall stand there.
    """

    start: int
    end: int
    visit: Callable[[Visitor], str]


def secret(
    start: int,
    raw: str,
    kind: str | None,
    read: Callable[[str], str | None] = str,
    write: Callable[[str, str], str] = lambda new, _: new,
) -> Iterator[Place]:
    """Yield the place of a secret, unless it was replaced already.

    Args:
        start: Of the raw text.
        raw: As it stands there.
        kind: What it is; None for no secret.
        read: Decodes it; None if that cannot be done.
        write: Encodes what is new, like the raw text.
    """
    raw = raw.partition("\0")[0]  # which stands where something else was found
    value = read(raw) if kind and raw else None
    if not kind or not value or is_stand_in(value):
        return
    if value.startswith(_MAILED) and is_stand_in(value[2:].rstrip("=")):
        return

    def visit(visitor: Visitor) -> str:
        new = visitor.at_place(kind, value)
        return raw if new == value else write(new, raw)

    yield Place(start, start + len(raw), visit)


def unquoted(raw: str) -> str:
    """Undo percent encoding, however often it was done."""
    value = unquote_plus(raw)
    for _ in range(3):
        if "%" not in value or (more := unquote(value)) == value:
            break
        value = more
    return value


def unescaped(raw: str) -> str | None:
    """Return what the inside of a JSON string says; None for broken ones."""
    try:
        text = json.loads(f'"{raw}"', strict=False)
        return str(text) if text.isascii() or text.encode() else None
    except ValueError:  # also: half of a surrogate pair
        return None


def escaped(new: str, like: str) -> str:
    """Write a text as a JSON string, escaping no more than `like` does."""
    return json.dumps(new, ensure_ascii=like.isascii())[1:-1]


def like_markup(new: str, _: str) -> str:
    """Write a text as XML and HTML want it."""
    return html.escape(new)
