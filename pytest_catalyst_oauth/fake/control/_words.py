"""What a text has to look like that is more than any text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ._shape import text

if TYPE_CHECKING:
    from ._shape import Place

_LONGEST = 1000
# What a browser would do itself, instead of telling an application.
_NO_PLACES = frozenset("about blob data file filesystem javascript vbscript".split())


def line(place: Place, value: Any) -> str:
    """Take a name: one line, and not endless."""
    words = text(place, value)
    if len(words) > _LONGEST:
        raise place.wrong(f"is longer than {_LONGEST} characters")
    if not words.isprintable():
        raise place.wrong("must be one line without control characters")
    return words


def visible(place: Place, value: Any) -> str:
    """Take an id or a token: visible ASCII. Source: RFC 6749, appendix A."""
    words = line(place, value)
    if not words.isascii() or " " in words:
        raise place.wrong("must be letters, digits and signs of ASCII, without blanks")
    return words


def address(place: Place, value: Any) -> str:
    """Take a redirect URI: absolute, without a fragment, of a page or of an app.

    Source: RFC 6749, section 3.1.2; RFC 8252, section 7.
    """
    uri = visible(place, value)
    if not _leads_somewhere(uri):
        raise place.wrong(
            "must be an absolute address without a fragment",
            "for example https://shop.example/callback or shop-app://callback",
        )
    return uri


def _leads_somewhere(value: str) -> bool:
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    scheme = parts.scheme.lower()
    if not scheme or scheme in _NO_PLACES or "#" in value:
        return False
    return has_host if scheme in ("http", "https") else bool(parts.netloc or parts.path)
