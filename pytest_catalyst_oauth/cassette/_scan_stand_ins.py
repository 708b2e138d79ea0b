"""What stands in a cassette where a secret was, as far as the scanner knows."""

from __future__ import annotations

import re

MASK = b"\x01"

_STAND_IN = re.compile(
    rb"100[0-9]\.(?:(?:fade){6}[0-9a-f]{8}\.(?:fade){8}|REDACTED[0-9]{22})"
    rb"|REDACTED-[a-z](?:[a-z-]*[a-z])?-[0-9]+(?:-x+)?"
    rb"|fadefade-fade-4ade-8ade-[0-9a-f]{12}"
    rb"|fadefade(?:fade)*(?:fad?|f)?[0-9a-f]{8}(?![0-9A-Za-z])"
    rb"|redacted-[0-9]+@example\.com"
)
# What people and other tools write instead of a secret.
_PLACEHOLDER = re.compile(
    rb"[*.xX\x01\xe2\x80\xa2\xa6-]+|.*(?:redacted|filtered|hidden|masked|dummy|example"
    rb"|placeholder|invalid|fake_|your[_-]|my[_-]|changeme|scrubbed|sanitized).*"
    rb"|90{2,}[0-9]{1,4}|[<{\[$%].*|test[_-]?\w*token|.*(?:\.{3}|\xe2\x80\xa6)",
    re.IGNORECASE | re.DOTALL,
)


def mask(data: bytes) -> bytes:
    """Return a text with one odd sign in the place of each stand-in."""
    if b"REDACTED" in data or b"fade" in data or b"redacted" in data:
        return _STAND_IN.sub(MASK, data)
    return data


def is_placeholder(value: bytes) -> bool:
    """Tell whether a value is what somebody wrote instead of a secret."""
    return MASK in value or bool(_PLACEHOLDER.fullmatch(value))
