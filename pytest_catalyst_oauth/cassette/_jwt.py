"""JSON Web Tokens: what is in them, and making one with other claims.

Source: RFC 7519, section 3.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

JWT = re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]*\.[\w-]*", re.ASCII)
# With a stand-in for its signature.
SHOWN = r"[\w-]+\.[\w-]+\.REDACTED-signature-\d+"
_REDACTED = re.compile(SHOWN)


def is_redacted(value: str) -> bool:
    """Tell whether a value is a stand-in for such a token."""
    return bool(_REDACTED.fullmatch(value))


def claims_of(value: str) -> str | None:
    """Return the JSON text with the claims of a signed token; None if it is none."""
    if not JWT.fullmatch(value):
        return None
    header, claims, _ = value.split(".")
    texts = (_text(header), _text(claims))
    are_objects = all(
        isinstance(_parsed(one), dict) for one in texts if one is not None
    )
    return texts[1] if None not in texts and are_objects else None


def with_claims(value: str, rewrite: Callable[[str], str], signature: str) -> str:
    """Return the token with claims rewritten and another signature."""
    header, claims, _ = value.split(".")
    before = _text(claims) or ""
    after = rewrite(before)
    if after != before:
        claims = base64.urlsafe_b64encode(after.encode()).decode().rstrip("=")
    return f"{header}.{claims}.{signature}"


def _text(part: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
