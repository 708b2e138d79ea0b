"""What is wrong with a cassette that can be read, but neither shown nor compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ._origin import Origin
from ._parts import KEY, WITH, tests_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._exchange import RecordedExchange

# As three digits (RFC 9110, section 15).
_STATUSES = range(100, 1000)


def unsound(content: Mapping[str, Any], exchanges: Iterable[RecordedExchange]) -> str:
    """Return what is wrong with a cassette, also of a part; empty for nothing.

    Args:
        content: What the file says.
        exchanges: All of it.
    """
    try:
        shared = content.get(KEY) or {}
        origins = [content.get(WITH), *(shared[test] for test in tests_of(content))]
        for origin in origins:
            if origin is not None:
                if not isinstance(origin, dict):
                    return f"has a {WITH} that is not a mapping"
                Origin.read(origin)
    except ValueError as error:
        return str(error)
    for number, (request, reply) in enumerate(exchanges, 1):
        if place := malformed(request, reply):
            return f"has a malformed interaction: number {number}, by its {place}"
    return ""


def malformed(request: HttpRequest, reply: HttpReply) -> str:
    """Return what of an exchange nobody can ask or answer: `uri` or `status`."""
    if not _is_address(request.url):
        return "uri"
    return "" if reply.status in _STATUSES else "status"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(
            parts.hostname and parts.port != 0
        )
    except ValueError:
        return False
