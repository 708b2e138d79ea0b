"""Answers as Zoho's servers write them."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from time import gmtime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from pytest_catalyst_oauth.engine import FORM, HttpReply, Secret

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpRequest

# The one answer of the accounts server with a description (zoho-protocol.md 4.4).
THROTTLE = {
    "error_description": (
        "You have made too many requests continuously. "
        "Please try again after some time."
    ),
    "error": "Access Denied",
    "status": "failure",
}

JSON = "application/json;charset=UTF-8"
_JSON = (("Content-Type", JSON),)
# A text alone takes a short way through it.
encoded = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
HTML = "text/html;charset=UTF-8"
_DAYS = "MonTueWedThuFriSatSun"
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_CROSS_SITE = ";path=/;SameSite=None;Secure;priority=high"
_SAME_SITE = ";path=/;SameSite=Strict;Secure;priority=high"
_PAGE = "<!DOCTYPE html><html><head><title>Zoho</title></head><body>{}</body></html>"


def json_answer(value: object, status: int = 200) -> HttpReply:
    """Answer with compact JSON."""
    return text_answer(encoded(value), status)


def text_answer(text: str, status: int = 200) -> HttpReply:
    """Answer with JSON that is a text already."""
    return HttpReply(status=status, headers=_JSON, body=text.encode())


def html_answer(text: str, status: int) -> HttpReply:
    """Answer with a page, as Zoho does where no client was expected."""
    body = _PAGE.format(text).encode()
    return HttpReply(status=status, headers=(("Content-Type", HTML),), body=body)


def dressed(reply: HttpReply, method: str, at: float) -> HttpReply:
    """Add the headers that Zoho sends with every answer, in its order.

    No `Cache-Control`, no `WWW-Authenticate`, no `Retry-After`: none was ever recorded.

    Args:
        reply: With `Content-Type` and what makes it special.
        method: Of the request; HEAD gets the headers alone (RFC 9110, section 9.3.2).
        at: The time for `Date`, in seconds since the epoch.

    Source: zoho-protocol.md 4.3 and 14.
    """
    # One read of randomness for both numbers; the second has the form of a UUID 4.
    r = os.urandom(36).hex()
    csrf = f"{r[:8]}-{r[8:12]}-4{r[12:15]}-a{r[15:18]}-{r[18:30]}"
    kind = HTML
    given = []
    for pair in reply.headers:
        if pair[0].lower() == "content-type":
            kind = pair[1]
        else:
            given.append(pair)
    return HttpReply(
        status=reply.status,
        headers=(
            ("Server", "ZGS"),
            ("Date", _date(int(at))),
            ("Content-Type", kind),
            ("Content-Length", str(len(reply.body))),
            ("Connection", "keep-alive"),
            ("Set-Cookie", f"zalb_{r[30:40]}={r[40:72]}; Path=/"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-XSS-Protection", "1"),
            ("Set-Cookie", f"iamcsr={csrf}{_CROSS_SITE}"),
            ("Set-Cookie", f"_zcsr_tmp={csrf}{_SAME_SITE}"),
            ("X-Frame-Options", "SAMEORIGIN"),
            ("Content-Language", "en-US"),
            ("Strict-Transport-Security", "max-age=63072000"),
            *given,
        ),
        body=b"" if method == "HEAD" else reply.body,
    )


@lru_cache(maxsize=4)
def _date(at: int) -> str:
    # Not strftime, which would say it in the language of the place.
    year, month, day, hour, minute, second, weekday, *_ = gmtime(at)
    name = _DAYS[weekday * 3 : weekday * 3 + 3]
    of = _MONTHS[month * 3 - 3 : month * 3]
    return f"{name}, {day:02} {of} {year} {hour:02}:{minute:02}:{second:02} GMT"


def parameters(request: HttpRequest) -> dict[str, Secret]:
    """Merge query and form; the query wins, an unusable body counts for nothing.

    Zoho's own clients send one, the other, or both with a placeholder as the body. Of
    equal names the first counts, as servers in Java read them; nobody recorded it. All
    values stay hidden, since most of them are secrets.

    Source: zoho-protocol.md 5 and 14.
    """
    query = urlsplit(request.url).query
    pairs = _pairs(query) if query else []
    # Without a Content-Type a body is still read: Zoho's CLI sends none.
    if (request.header("Content-Type") or FORM).lower().startswith(FORM):
        pairs += _pairs(request.body.decode("utf-8", "replace"))
    return {name: Secret(value) for name, value in reversed(pairs)}


def _pairs(text: str) -> list[tuple[str, str]]:
    if "%" in text or "+" in text:
        return parse_qsl(text)
    # Nothing is escaped, as in most requests for tokens; so cutting it is enough.
    parts = [part.partition("=") for part in text.split("&")]
    return [(name, value) for name, _, value in parts if value]


def json_body(request: HttpRequest) -> Any:
    """Return the body as JSON, or None when it is none.

    Python also reads what it cannot write again: infinity, half of a character.
    """
    try:
        value = json.loads(request.body)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return value


def whole_number(value: object) -> int | None:
    """Return a number that is written in digits, or None; ids have 19 at most."""
    text = str(value)
    short = len(text) < 20 and text.isascii() and text.isdecimal()
    return int(text) if short else None
