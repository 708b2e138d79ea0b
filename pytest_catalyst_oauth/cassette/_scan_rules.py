"""What gives a secret away that nobody named."""

from __future__ import annotations

import binascii
import math
import re
from base64 import b64decode
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_views import View

    Hit = tuple[str, str]

# One character that is in no rule, where a stand-in was.
_MASK = "\N{WHITE VERTICAL RECTANGLE}"
_MASKED = re.compile(r"REDACTED-[a-z-]+-[0-9]+")

_SIGNS = (
    ("a Zoho token", re.compile(r"100[0-9]\.[0-9a-f]{32}\.[0-9a-f]{32}")),
    ("a Zoho client id", re.compile(r"\b100[0-9]\.[0-9A-Z]{30}\b")),
    (
        "a Zoho client secret",
        re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{42}(?![0-9a-zA-Z])"),
    ),
    ("a JSON Web Token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
)
_SCHEME = re.compile(
    r"\b(Bearer|Zoho-oauthtoken)[ +]([\w.~+/\-]{12,}=*)(?![\w=])", re.IGNORECASE
)
_BASIC = re.compile(r"\bBasic[ +]([A-Za-z0-9+/_\-]{4,}={0,2})(?![\w=])", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:(?<![\w-])token|(?<![a-z])(?:access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret"
    r"|code[_-]?verifier|device[_-]?code|user[_-]?code|auth[_-]?token|jwt[_-]?token"
    r"|assertion|api[_-]?key|secret[_-]?key|password|passwd))"
    r"""["']?\s*[:=]\s*["']?([^\s"'&<>,;{}\[\]]{8,})""",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(
    r"\.headers\.(?:proxy-)?authorization(?:\[|$)", re.IGNORECASE
)

# Headers whose whole purpose is to be unlike all others, and no secret.
_UNIQUE = re.compile(
    r"\.headers\.(?:etag|if-none-match|if-match|content-md5|digest|nel|report-to|via"
    r"|content-security-policy|traceparent|cf-ray|x-[\w-]*(?:request|trace|amz|amzn"
    r"|correlation)-?[\w-]*|content-type|user-agent)(?:\[|$)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![\w+/.~=\-])[\w+/.~\-]{24,512}={0,2}(?![\w+/.~=\-])", re.ASCII)
_PART = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}|[0-9]+|.")
_HARMLESS = re.compile(r"sha(?:1|256|384|512)-|boundary|://|\.{3}", re.IGNORECASE)


def mask(text: str) -> str:
    """Return a text with one odd character in the place of each stand-in."""
    return _MASKED.sub(_MASK, text)


def judge(text: str, view: View, place: str) -> Iterator[Hit]:
    """Yield kind and text of what looks like a secret.

    A text is judged whole; from binary content only unmistakable signs count, since
    chance makes everything else there.

    Args:
        text: The view's, masked.
        view: Where it comes from.
        place: Of the piece that the view looks at.
    """
    for kind, sign in _SIGNS:
        for found in sign.finditer(text):
            yield kind, found[0]
    if view.is_text:
        yield from _authorizations(text, place if view.is_verbatim else "")
        yield from _named(text)
        if not _UNIQUE.search(place):
            yield from _random_words(text)


def _authorizations(text: str, place: str) -> Iterator[Hit]:
    for found in _SCHEME.finditer(text):
        if any(sign.isdigit() for sign in found[2]):
            yield f"a {found[1]} token", found[2]
    for found in _BASIC.finditer(text):
        if not _is_masked_pair(found[1]):
            yield "Basic credentials", found[1]
    if _AUTHORIZATION.search(place) and _MASK not in text and not _BASIC.search(text):
        yield "an Authorization header", text


def _is_masked_pair(word: str) -> bool:
    try:
        pair = b64decode(word + "=" * (-len(word) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        # As in prose: "basic authentication". Credentials have a digit or a capital.
        return word.islower()
    return bool(re.fullmatch(rf"{_MASK}?:?{_MASK}?", mask(pair)))


def _named(text: str) -> Iterator[Hit]:
    for found in _NAMED.finditer(text):
        value = found[1]
        telling = any(sign.isdigit() for sign in value) or len(value) >= 20
        if telling and _MASK not in value:
            yield "a value whose name says that it is secret", value


def _random_words(text: str) -> Iterator[Hit]:
    for found in _WORD.finditer(text):
        word = found[0]
        before = text[max(0, found.start() - 12) : found.start()]
        if not _HARMLESS.search(before + word) and _is_random(word):
            yield "a random-looking value", word


def _is_random(word: str) -> bool:
    """Tell a credential from a path, an identifier, an encoded text or a file.

    What people write falls into words and numbers of several characters, in names
    like `EditUserProfile2` too: a part has four or more. In random letters and digits
    a part has less than two; 99 in 100 of 24 characters are above 0.37 parts each.
    Hexadecimal alone says nothing: hashes, ids and UUIDs look the same.
    """
    plain = re.sub(r"[^A-Za-z0-9]", "", word)
    kinds = {"A" if one.isupper() else "a" if one.islower() else "0" for one in plain}
    # Base64 has a sign in 32 characters; more of them join the parts of something.
    is_joined = len(word) - len(plain) > len(word) / 8
    if is_joined or len(plain) < 20 or len(kinds) < 3 or _reads_as_content(word):
        return False
    return len(_PART.findall(plain)) > 0.37 * len(plain) and _entropy(plain) >= 3.8


def _reads_as_content(word: str) -> bool:
    """Tell whether base64 holds a text or a file. Both are looked into elsewhere."""
    bare = word.rstrip("=")
    try:
        content = b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    files = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"\x1f\x8b")
    if content.startswith(files):
        return True
    try:
        return content.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _entropy(text: str) -> float:
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
