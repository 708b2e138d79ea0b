"""Words that are too random to be anything but a credential."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

from ._scan_published import is_published
from ._scan_sheets import WORD_SIGNS, paths
from ._scan_stand_ins import MASK
from ._scan_unpacked import reads_as_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_sheets import Sheet

# In file names and build ids, among other parts.
_HASH = re.compile(rb"(?<=[._-])[0-9a-f]{6,}(?![0-9A-Za-z])")
_ESCAPED = re.compile(rb"%[0-9a-fA-F]{2}")
_JOINT = re.compile(rb"[.~]")
_JOINTS = re.compile(rb"[^0-9A-Za-z]+")
# Files and signatures are written so, 64 or 76 signs in a line.
_LINES_BEFORE = re.compile(
    rb"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{76})"
    rb"(?:\r?\n|&#1[03];){1,2}[ \t]{0,30}$"
)
_LINES_AFTER = re.compile(
    rb"(?:\r?\n|&#1[03];){1,2}[ \t]{0,30}(?:[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{76}"
    rb"|[A-Za-z0-9+/]{4,75}={1,2})(?![A-Za-z0-9+/])"
)
_PART = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}|[0-9]+|.")
_SPELLED = re.compile(r"[A-Z]?[a-z]{3,}")
# Ids that are hexadecimal, part by part.
_HEX_PARTS = re.compile(rb"(?:[0-9a-f]+|[0-9A-F]+)(?:[._~+/-](?:[0-9a-f]+|[0-9A-F]+))+")
# Zeros, which binary content has and chance has not.
_ZEROS = re.compile(rb"AAA|AA.*AA|(.)\1\1\1")

# Headers whose whole purpose is to be unlike all others, and no secret.
_UNIQUE_HEADER = re.compile(
    rb"etag|if-none-match|if-match|content-md5|digest|nel|report-to|via"
    rb"|content-security-policy(?:-report-only)?|reporting-endpoints|traceparent"
    rb"|cf-ray|x-[\w-]*(?:request|trace|amz|amzn|amzn|correlation|cache|served|goog"
    rb"|uploader|timer|nf|vercel|ms|sp|matched|nonce|hash|checksum|b3|edge|akamai)"
    rb"[\w-]*|content-type|user-agent|server-timing|signature-input|repr-digest"
    rb"|content-digest|apigw-requestid|x-envoy[\w-]*|expect-ct"
)
# The same as members of a JSON object, attributes or in a list of checksums: public
# keys and their ids, hashes, places in a list of results.
_UNIQUE_MEMBER = re.compile(
    rb"(?:(?<![a-z])(?:n|x|y|kid|x5[ct](?:#s256)?|sha-?[0-9]{1,3}|md5|crc32c|h1|nonce"
    rb"|sig|etag|modulus|digestvalue|signaturevalue|x509certificate|keyid|publickey|public_key|integrity|digest|hash|checksum"
    rb"|fingerprint|mappings|boundary|code_challenge|jti|ray)"
    rb"|sha-?(?:1|256|384|512)|xpacket[^<>]{0,40}\bid|cursor|(?:page|next|continuation|sync)_?token|[_-]hash|(?:request|version|upload)[_-]?id|trace_?id|ssh-[a-z0-9]{3,7}|ecdsa"
    rb"-sha2-nistp[0-9]{3}"
    # A file's name, and what it has to be.
    rb"|[\w-]\.(?:m?js|css|map|wasm|whl|t?gz|zip|jar|deb|rpm))(?:\\*[\"'])?[\s:;=\[,>-]{1,6}(?:\\*[\"'])*(?:w/)?(?:\\*[\"'])*$"
)
_PUBLIC_SIGN = re.compile(
    rb"ME[QUY]CI[QAHBDC]|MII|MFkwEwYHKoZI|MHYwEAYHKoZI|MCowBQYDK2V|AAAA[BCE]3NzaC1|AAAAE2VjZHNh"
    rb"|B[A-P][\w-]{85}(?![\w-])"  # a point of P-256
)
_HARMLESS = re.compile(
    rb"^-?sha(?:1|256|384|512)-|^h1:|boundary|^-*WebKitForm|\.{3}|^data/"
    # Names of functions as compilers of C++ and Rust write them.
    rb"|^_{1,3}ZN[0-9]|^_R[A-Z]",
    re.IGNORECASE,
)


def random_words(sheet: Sheet, words: set[bytes]) -> Iterator[tuple[str, bytes, int]]:
    """Yield kind, text and position of what looks random."""
    for long in words:
        if len(long) < 24 or long.islower() or long.isupper():
            continue
        for offset, word in _parts(long):
            # What is longer is a file.
            if 24 <= len(word) <= 512:
                places = [start + offset for start in _apart(sheet, long)]
                if places and _is_random(word):
                    for at in places:
                        if not _is_harmless(sheet, at, at + len(word)):
                            yield "a random-looking value", word, at


def _apart(sheet: Sheet, long: bytes) -> list[int]:
    """Return where a word stands, but for lines of a file."""
    size = len(long)
    data = sheet.data
    return [at for at in sheet.starts(long) if not _is_line(data, at, at + size)]


def _is_harmless(sheet: Sheet, at: int, end: int) -> bool:
    return (
        not sheet.is_text(at)
        or _is_partial(sheet.data, at, end)
        or _is_explained(sheet, at)
        or is_published(sheet.data, sheet.low, at, end)
    )


def _parts(word: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what a word consists of, and where it is in it: of a path, its names."""
    at = 0
    for part in word.split(MASK):
        for name in paths(part) or (part,):
            yield at, name
            at += len(name) + 1


def _is_partial(data: bytes, start: int, end: int) -> bool:
    """Tell whether percent encoding cut a word, which is whole in the next sheet."""
    return data[max(0, start - 1) : start] == b"%" or bool(_ESCAPED.match(data, end))


def _is_explained(sheet: Sheet, at: int) -> bool:
    """Tell whether what stands around a random word says why it is no secret."""
    if _UNIQUE_HEADER.fullmatch(sheet.name(at)):
        return True
    start = at
    while start and sheet.data[start - 1] in WORD_SIGNS:
        start -= 1
    if _UNIQUE_MEMBER.search(sheet.low[max(0, start - 40) : start]):
        return True
    if _PUBLIC_SIGN.match(sheet.data, at):
        return True
    start = sheet.data.rfind(b"-----BEGIN ", max(0, at - 20_000), at)
    # Inside of a certificate or a public key.
    return (
        start >= 0
        and b"-----END " not in sheet.data[start:at]
        and (b"PRIVATE" not in sheet.data[start : start + 40])
    )


def _is_line(data: bytes, start: int, end: int) -> bool:
    """Tell whether a word is one of several lines of base64: a file or a signature.

    Private keys begin with a line that says so.
    """
    if _LINES_BEFORE.search(data, max(0, start - 120), start):
        return True
    return end - start in (64, 76) and bool(_LINES_AFTER.match(data, end))


def _is_random(word: bytes) -> bool:
    """Tell a credential from a path, an identifier, an encoded text or a file.

    What people write falls into words and numbers of several characters, in names
    like `EditUserProfile2` too: a part has four or more. In random letters and digits
    a part has less than two; 99 in 100 of 24 characters are above 0.37 parts each.
    The signs of a table or of a program's map are fewer and come again more often than
    chance allows in one of a thousand.
    Hexadecimal alone says nothing: hashes, ids and UUIDs look the same.
    """
    text = _HASH.sub(b"", word).decode("ascii")
    plain = re.sub(r"[^A-Za-z0-9]", "", text)
    kinds = {"A" if one.isupper() else "a" if one.islower() else "0" for one in plain}
    # Base64 has a sign in 32 characters; more of them join the parts of something.
    is_joined = len(text) - len(plain) > len(text) / 8
    if is_joined or len(plain) < 20 or len(kinds) < 3:
        return False
    if max(map(len, _JOINTS.split(word))) < 12:
        return False
    if _HARMLESS.search(word) or _ZEROS.search(word) or _HEX_PARTS.fullmatch(word):
        return False
    if len(_PART.findall(plain)) <= 0.37 * len(plain):
        return False
    if sum(map(len, _SPELLED.findall(plain))) > 0.6 * len(plain):
        return False
    if _entropy(plain) < min(5, 0.8 * math.log2(len(plain)) - 0.05):
        return False
    # Of a JSON Web Token whose signature is gone, each part is a text.
    return not all(map(reads_as_content, filter(None, _JOINT.split(word))))


def _entropy(text: str) -> float:
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
