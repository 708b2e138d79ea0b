"""What a server said, made fit for a message."""

from __future__ import annotations

import re

_HIDDEN = "•••"
# Servers echo what they were sent. Zoho's tokens, codes and client secrets are long
# runs of these characters with digits among them; words of any language are not.
_LIKE_A_SECRET = re.compile(r"(?=[A-Za-z._~+/=-]*\d)[A-Za-z0-9._~+/=-]{20,}")


def quotable(text: str, longest: int = 80) -> str:
    """Return `text` on one line, cut, and without anything that may be a secret."""
    line = "".join(char if char.isprintable() else " " for char in text)
    return _LIKE_A_SECRET.sub(_HIDDEN, line)[:longest]
