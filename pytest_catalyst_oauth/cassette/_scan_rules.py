"""What gives a secret away by what stands beside it."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from typing import TYPE_CHECKING

from ._scan_stand_ins import MASK, is_placeholder, mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._scan_sheets import Sheet

    Hit = tuple[str, bytes, int]

_SCHEME = re.compile(
    rb"\b(bearer|zoho-oauthtoken|token|apikey)[ +]([\w.~+/\-]{12,}=*)(?![\w=])"
)
_SCHEME_NAMES = {
    b"bearer": "a Bearer token",
    b"zoho-oauthtoken": "a Zoho-oauthtoken token",
}
_BASIC = re.compile(rb"\bbasic[ +]([a-z0-9+/_\-]{4,}={0,2})(?![\w=])")
# As container registries are logged in with.
_LOGIN = re.compile(rb"\bauth\"\s{0,9}:\s{0,9}\"([a-z0-9+/]{8,}={0,2})\"")
_AUTHORIZATION = re.compile(rb"(?:^|(?<=\x00))(?:proxy-|x-)?authorization: ([^\x00]*)")
_KEY_HEADER = re.compile(
    rb"(?<![a-z0-9-])(?:authentication|(?:[a-z0-9]{1,20}-){1,4}(?:auth|credentials?|sid|pat"
    rb"|[cx]srf|api-?key|access-key|secret-key|auth-key"
    rb"|(?:access|auth|session|security|api|csrf|xsrf|cred)-token)): ([^\x00]{4,})"
)
_KEY_MARKS = tuple(
    f"{end}: ".encode()
    for end in "-key -token apikey -auth ication dentials dential -sid -pat srf".split()
)
# What asks for a token of its own, or tells that one is wanted.
_NO_KEY = re.compile(rb"[a-z]+(?:-[a-z]+)*|[0-9]{1,5}")
_SEGMENT = re.compile(
    rb"/(?:access|refresh|auth|session|bearer|api|id)?[_-]?token/"
    rb"((?=[\w.~%-]*[0-9])[\w.~%-]{11,512})(?![\w.~%-])"
)
_LONG_SEGMENT = 16
# What people write, where it is no longer: words, versions, numbers.
_SLUG = re.compile(
    rb"(?:(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|v)?[0-9]*[-_.~])*(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|v)?[0-9]*"
)
# Who holds one of these needs nothing else for a while.
_SIGNED = (
    (
        "the reference of a pushed request",
        b"request_uri:",
        re.compile(rb"urn:ietf:params:oauth:request_uri:([\w.~-]{8,})"),
    ),
    (
        "the signature of a URL",
        b"-signature=",
        re.compile(rb"[?&]x-(?:amz|goog)-signature=([0-9a-f]{16,})"),
    ),
    (
        "the signature of a URL",
        b"sig=",
        re.compile(rb"[?&]sig=([a-z0-9+/_%-]{20,}={0,2})"),
    ),
)
# The line alone stands in programs that read keys.
_KEY = re.compile(
    rb"(-----BEGIN[ +][A-Z +]{0,40}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----)"
    rb"(?!\\?[\"'`]\))"
    rb"[^\x00]{0,400}?[A-Za-z0-9+/]{24}"
)
_ADDRESS = re.compile(rb"@((?:[A-Za-z0-9-]{1,63}\.)+)([A-Za-z]{2,18})(?![\w-])")
_LOCAL = re.compile(rb"[A-Za-z0-9._%+'-]{1,64}$")
_NO_ADDRESS = re.compile(
    rb"(?:.*\.)?(?:example|test|invalid|localhost|local|internal|png|jpe?g|gif|webp"
    rb"|svg|ico|js|mjs|cjs|ts|tsx|css|scss|json|ya?ml|html?|md|txt|py|rb|go|php|sh|map"
    rb"|zip|gz|tgz|woff2?|whl|so|dist|min|latest|md5|sha256)"
    rb"|(?:.*\.)?example\.(?:com|org|net|edu)"
)
_SHORT_ADDRESS = 12
_AROUND = (b"", *(bytes((one,)) for one in b" \n\"'<>:;,=&\x00"))
_NOBODY = frozenset((b"git", b"noreply", b"no-reply", b"donotreply", b"hg", b"svn"))
_IN_URL = re.compile(
    rb"://[^\s/@:\"'<>\x00]{0,64}:"
    # A password that was encoded twice holds slashes where it is read once.
    rb"([^\s/@\"'<>\x00]{3,512}|(?![0-9]{1,5}/)"
    rb"[^\s/@\"'<>\x00]{3,64}/[^\s/@\"'<>\x00]{3,64})"
    rb"@(?!(?:[\w-]+\.)*example(?:\.(?:com|org|net))?[:/\s\"'])[\w-]+[.:/]"
)
_NO_PASSWORD = frozenset((b"password", b"pass", b"pwd", b"passwd", b"secret"))
_COOKIES = re.compile(rb"(?:^|[\x00\n\"'])(set-cookie|cookie):[ \t]*([^\x00\r\n]+)")
# Some clients join several headers; the comma in a date stays.
_COOKIE_END = re.compile(rb";|,[ \t]*(?=[\w-]+=)")
_ATTRIBUTES = frozenset(
    b"path expires domain max-age samesite secure httponly priority version comment "
    b"partitioned".split()
)
_TELLING_COOKIE = re.compile(rb"sess|auth|token|csrf|xsrf|jwt|login|remember|sid$")


def judge(sheet: Sheet) -> Iterator[Hit]:
    """Yield kind, text and position of what looks like a secret."""
    low, data = sheet.low, sheet.data
    if b"private" in low:
        for found in _KEY.finditer(data):
            yield "a private key", found[1], found.start()
    yield from _authorizations(sheet)
    yield from _headers(sheet)
    if b"token/" in low:
        yield from _segments(sheet)
    yield from _references(sheet)
    if b"cookie" in low:
        yield from _cookies(sheet)
    if b"@" in data:
        yield from _addresses(sheet)
        yield from _in_urls(sheet)


def _segments(sheet: Sheet) -> Iterator[Hit]:
    for found in _SEGMENT.finditer(sheet.low):
        value = sheet.data[found.start(1) : found.end(1)]
        is_slug = len(value) < _LONG_SEGMENT and _SLUG.fullmatch(value)
        if not is_slug and not is_placeholder(value):
            yield "a token in a path", value, found.start(1)


def _references(sheet: Sheet) -> Iterator[Hit]:
    for kind, mark, shape in _SIGNED:
        if mark in sheet.low:
            for found in shape.finditer(sheet.low):
                value = sheet.data[found.start(1) : found.end(1)]
                if not is_placeholder(value):
                    yield kind, value, found.start(1)


def _authorizations(sheet: Sheet) -> Iterator[Hit]:
    low, data = sheet.low, sheet.data
    if b"bearer" in low or b"token" in low or b"apikey" in low:
        yield from _tokens(sheet)
    if b'auth"' in low or b"basic" in low:
        for found in (*_BASIC.finditer(low), *_LOGIN.finditer(low)):
            value = data[found.start(1) : found.end(1)]
            pair = _pair(value)
            if pair and not _is_masked(pair):
                yield "Basic credentials", value, found.start(1)
    if b"authorization: " in low:
        for found in _AUTHORIZATION.finditer(low):
            value = data[found.start(1) : found.end(1)]
            told = _is_masked(value) or _tells_basic(found[1], value)
            if value and not told and sheet.name(found.start()):
                yield "an Authorization header", value, found.start(1)


def _headers(sheet: Sheet) -> Iterator[Hit]:
    low = sheet.low
    if not any(mark in low for mark in _KEY_MARKS):
        return
    for found in _KEY_HEADER.finditer(low):
        value = sheet.data[found.start(1) : found.end(1)]
        is_whole = found.start() == 0 or low[found.start() - 1] == 0
        if is_whole and not is_placeholder(value) and not _NO_KEY.fullmatch(value):
            yield "a header whose name says that it is secret", value, found.start(1)


def _is_masked(value: bytes) -> bool:
    """Tell whether each part of a pair, or what stands behind a scheme, is masked."""
    parts = value.split(b":") if b":" in value else value.split()[-1:]
    return all(not part or is_placeholder(part) for part in parts)


def _tells_basic(low: bytes, value: bytes) -> bool:
    found = _BASIC.search(low)
    return bool(found and _pair(value[found.start(1) : found.end(1)]))


def _tokens(sheet: Sheet) -> Iterator[Hit]:
    for found in _SCHEME.finditer(sheet.low):
        value = sheet.data[found.start(2) : found.end(2)]
        kind = _SCHEME_NAMES.get(found[1], "a token")
        # The words `token` and `apikey` begin many sentences.
        sure = found[1] in _SCHEME_NAMES or len(value) >= 20
        is_unsigned = sheet.data[found.end(2) : found.end(2) + 1] == MASK
        if not sure or is_unsigned or is_placeholder(value):
            continue
        if re.search(rb"[0-9]", value) and not _is_path(value):
            yield kind, value, found.start(2)


def _is_path(value: bytes) -> bool:
    return value.count(b"/") > 1 or value.count(b"-") > len(value) / 6


def _pair(word: bytes) -> bytes | None:
    """Return name and password; None if it is prose such as "basic authentication"."""
    try:
        pair = mask(b64decode(word + b"=" * (-len(word) % 4), validate=True))
        pair.decode()
    except (Error, UnicodeDecodeError):
        return None
    return pair if b":" in pair or MASK in pair else None


def _cookies(sheet: Sheet) -> Iterator[Hit]:
    for found in _COOKIES.finditer(sheet.low):
        start = found.start(2)
        for part in _COOKIE_END.split(sheet.data[start : found.end(2)]):
            name, _, value = part.strip().partition(b"=")
            name, value = name.lower(), value.strip(b'"').partition(b'"')[0]
            if name not in _ATTRIBUTES and _is_cookie_secret(name, value):
                yield "a cookie", value, sheet.data.find(value, start)


def _is_cookie_secret(name: bytes, value: bytes) -> bool:
    if len(value) < 6 or is_placeholder(value):
        return False
    if _TELLING_COOKIE.search(name):
        return len(value) >= 8 or value.isdigit()
    # A language, a consent, an experiment: short, or words.
    return (
        len(value) >= 16
        and bool(re.search(rb"[0-9]", value))
        and not (
            name.startswith(b"_ga")
            or re.fullmatch(rb"[\w-]*+(?:[.:|&=%,]++[\w-]{0,12}+)+", value)
        )
    )


def _addresses(sheet: Sheet) -> Iterator[Hit]:
    data = sheet.data
    for found in _ADDRESS.finditer(data):
        domain = (found[1] + found[2]).lower()
        local = _LOCAL.search(data, max(0, found.start() - 64), found.start())
        if local is None or _NO_ADDRESS.fullmatch(domain):
            continue
        name = local[0].lower().strip(b".'")
        if name in _NOBODY or not name or not sheet.is_text(found.start()):
            continue
        if not _is_by_chance(sheet, local.start(), found.end()):
            yield "an e-mail address", local[0] + found[0], local.start()


def _is_by_chance(sheet: Sheet, start: int, end: int) -> bool:
    """Tell whether an address is so short that the content of a file may make it.

    Chance makes no signs on both sides of it.
    """
    if not sheet.is_decoded or end - start >= _SHORT_ADDRESS:
        return False
    before, after = sheet.data[max(0, start - 1) : start], sheet.data[end : end + 1]
    return before not in _AROUND or after not in _AROUND


def _in_urls(sheet: Sheet) -> Iterator[Hit]:
    if b"://" in sheet.data:
        for found in _IN_URL.finditer(sheet.data):
            if not is_placeholder(found[1]) and found[1].lower() not in _NO_PASSWORD:
                yield "a password in a URL", found[1], found.start(1)
