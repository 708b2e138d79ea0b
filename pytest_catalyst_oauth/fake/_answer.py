"""Answers as Zoho's servers write them."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from pytest_catalyst_oauth.engine import FORM, HttpReply, Secret

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpRequest

JSON = "application/json;charset=UTF-8"
HTML = "text/html;charset=UTF-8"
_PAGE = "<!DOCTYPE html><html><head><title>Zoho</title></head><body>{}</body></html>"


def json_answer(value: object, status: int = 200) -> HttpReply:
    """Answer with compact JSON."""
    return HttpReply.of_json(status, value, (("Content-Type", JSON),))


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
    csrf = uuid.uuid4()
    cookie = "SameSite={};Secure;priority=high"
    given = [pair for pair in reply.headers if pair[0].lower() != "content-type"]
    headers = (
        ("Server", "ZGS"),
        ("Date", formatdate(at, usegmt=True)),
        ("Content-Type", reply.header("Content-Type") or HTML),
        ("Content-Length", str(len(reply.body))),
        ("Connection", "keep-alive"),
        ("Set-Cookie", f"zalb_{csrf.hex[:10]}={uuid.uuid4().hex}; Path=/"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-XSS-Protection", "1"),
        ("Set-Cookie", f"iamcsr={csrf};path=/;{cookie.format('None')}"),
        ("Set-Cookie", f"_zcsr_tmp={csrf};path=/;{cookie.format('Strict')}"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Content-Language", "en-US"),
        ("Strict-Transport-Security", "max-age=63072000"),
        *given,
    )
    body = b"" if method == "HEAD" else reply.body
    return replace(reply, headers=headers, body=body)


def parameters(request: HttpRequest) -> dict[str, Secret]:
    """Merge query and form; the query wins, an unusable body counts for nothing.

    Zoho's own clients send one, the other, or both with a placeholder as the body.
    All values stay hidden, since most of them are secrets.

    Source: zoho-protocol.md 5 and 14.
    """
    pairs = parse_qsl(urlsplit(request.url).query)
    # Without a Content-Type a body is still read: Zoho's CLI sends none.
    if (request.header("Content-Type") or FORM).lower().startswith(FORM):
        pairs = parse_qsl(request.body.decode("utf-8", "replace")) + pairs
    return {name: Secret(value) for name, value in pairs}


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
