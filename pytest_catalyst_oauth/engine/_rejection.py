"""What a 401 of a resource server means for the token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_STALE = frozenset({"INVALID_TOKEN", "INVALID_OAUTHTOKEN", "AUTHENTICATION_FAILURE"})
_SCOPE = frozenset({"OAUTH_SCOPE_MISMATCH", "INVALID_OAUTHSCOPE"})


def is_stale_token(status: int, body: bytes) -> bool:
    """Tell whether a resource server's answer asks for another token.

    A missing scope is HTTP 401 too, and no refresh cures it: it would only spend the
    quota of ten token requests in ten minutes.

    Args:
        status: HTTP status.
        body: Of Catalyst or of any other product of Zoho; their envelopes differ,
            the codes do not.

    Source: RFC 6750, section 3.1; zoho-protocol.md 10.2 and 11.
    """
    if status != 401:
        return False
    try:
        words = set(_strings(json.loads(body)))
    except (ValueError, RecursionError):
        return False
    return bool(words & _STALE) and not words & _SCOPE


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member)
