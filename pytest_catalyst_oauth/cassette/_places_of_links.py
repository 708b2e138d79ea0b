"""Finding the secrets of links: segments of a path, and parameters of any purpose.

Whoever holds a link to reset a password needs nothing else. Its secret is told by what
stands before it and by its own looks, since `/verify/` may lead to a page as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from ._names import certain_kind
from ._place import secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._place import Place

# What follows is looked at, not taken: it may be the name of what follows it.
_SEGMENT = re.compile(r"/([A-Za-z_][\w\-]{2,40}+)(?=/([\w.~%\-]{11,}+))")
_LONG_SEGMENT = 16
# Before the secret there may be whom the link is for.
_LINK = re.compile(
    r"/([A-Za-z][\w\-]{2,40}+)(?=/(?:[\w\-]{1,12}+/)?+([\w.~%\-]{16,}+))"
)
_LEADING = frozenset(
    "reset forgot recover recovery invite invites invitation invitations verify "
    "verification confirm confirmation activate activation magic magiclink unlock "
    "session sessions login signin revoke unsubscribe".split()
)
_JOINT = re.compile(r"[-_]")
_DIGIT = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")
# Of what people write: words, and numbers of several digits.
_WRITTEN = re.compile(
    r"(?:(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|v)?+(?:\d++|(?<=[A-Za-z]))(?:[-_.~/]|\Z|(?=[A-Z])))*+"
)
_ISSUED = re.compile(r"[\w.~+/=\-]{16,}", re.ASCII)
# Of things that have one each, who holds it still needs a key; and of files.
_NO_KEY = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|.*\.[A-Za-z][A-Za-z0-9]{1,3}|[^/]*/.*[._\-].*|[^/._\-]*[._\-].*/.*"
)


def segment_places(text: str) -> Iterator[Place]:
    """Find `/access_token/...` and `/reset/...`."""
    for found in _SEGMENT.finditer(text):
        kind = certain_kind(found[1]) if _DIGIT.search(found[2]) else None
        if len(found[2]) < _LONG_SEGMENT and _WRITTEN.fullmatch(found[2]):
            kind = None
        yield from secret(found.start(2), found[2], kind, unquote, like_parameter)
    for found in _LINK.finditer(text):
        if not _LEADING.isdisjoint(_JOINT.split(found[1].lower())):
            raw = found[2].rstrip(".")
            kind = "link-token" if looks_issued(unquote(raw)) else None
            yield from secret(found.start(2), raw, kind, unquote, like_parameter)


def is_key(value: str) -> bool:
    """Tell whether the value of a name such as `key` is one, and no file."""
    return looks_issued(value) and not _NO_KEY.fullmatch(value)


def looks_issued(value: str) -> bool:
    """Tell whether a value is nothing that a person would write."""
    return (
        _ISSUED.fullmatch(value) is not None
        and _DIGIT.search(value) is not None
        and _LETTER.search(value) is not None
        and not _WRITTEN.fullmatch(value)
    )


def like_parameter(new: str, raw: str) -> str:
    """Write a text as it stands in a URL, if what it replaces was written so."""
    return quote(new, safe="") if "%" in raw else new
