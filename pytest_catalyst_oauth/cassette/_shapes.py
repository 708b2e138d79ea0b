"""Values that give themselves away, wherever they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import _jwt
from ._stand_ins import is_stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a text must contain to be searched at all, and the search (zoho-protocol.md 2.1
# and 4.1; the prefixes are those that other services document).
_SHAPES = (
    (
        "token",
        "100",
        re.compile(r"100[0-9]\.[0-9a-f]{32}\.[0-9a-f]{32}"),
    ),
    ("client-id", "100", re.compile(r"(?<![\w.])100\d\.[0-9A-Z]{30}(?!\w)", re.ASCII)),
    ("client-secret", "", re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{42}(?![0-9A-Za-z])")),
    ("jwt", "eyJ", _jwt.JWT),
    (
        "private-key",
        "-----BEGIN",
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-\\%&\0]|-(?!----)){40,}+"
            r"-----END [A-Z ]{0,40}PRIVATE KEY-----"
        ),
    ),
    (
        "api-key",
        "",
        re.compile(
            r"(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}"
            r"|xox[abprs]-[A-Za-z0-9-]{20,}|[sr]k_live_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}"
            r"|AIza[0-9A-Za-z_-]{35}|key-[0-9a-f]{32}|SK[0-9a-f]{32}|glpat-[A-Za-z0-9_-]{20,})(?![A-Za-z0-9])"
        ),
    ),
)
# A start of an address in front of `@` is a user's name, with or without a password.
_EMAIL = re.compile(
    r"(://[^\s/@\0]*+@)"
    r"|(?<![\w.+%@-])([\w.+-]{1,64}+)@((?:[A-Za-z0-9-]{1,63}+\.)++[A-Za-z]{2,24}+)(?![\w@-])",
    re.ASCII,
)
_NOBODY = re.compile(
    r"(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost)$", re.IGNORECASE
)
_SHOWN = re.compile(r"edacted-\d+@example\.com")
_NO_DOMAIN = frozenset("png jpg jpeg gif svg webp js css mjs map".split())


def shapes_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and value of what looks like a secret."""
    for kind, sign, shape in _SHAPES:
        if sign in text:
            for found in shape.findall(text):
                if not is_stand_in(found) and not _is_spelled_text(found):
                    yield kind, found
    if "@" in text:
        yield from _addresses(text)


def _is_spelled_text(word: str) -> bool:
    """Tell whether hexadecimal digits spell a text, which is looked into elsewhere."""
    try:
        return bytes.fromhex(word).decode("ascii").isprintable()
    except ValueError:
        return False


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    for found in _EMAIL.finditer(text):
        name, domain = found[2], found[3]
        if not name or name == "git" or _NOBODY.search(domain):
            continue
        if _SHOWN.search(found[0]):  # between letters of something else
            continue
        if domain.rpartition(".")[2].lower() not in _NO_DOMAIN:
            yield "email", found[0]
