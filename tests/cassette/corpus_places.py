"""Places of an exchange: those whose names give a secret away, and innocent ones."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from tests.cassette.corpus_kinds import Kind

BASE = "https://api.catalyst.zoho.eu"
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
JSON = (("Content-Type", "application/json;charset=UTF-8"),)
Exchange = tuple[HttpRequest, HttpReply]
_BOUNDARY = "b0undary"


def asked(path="", headers=(), body=b"") -> Exchange:
    method = "POST" if body else "GET"
    request = HttpRequest(method=method, url=BASE + path, headers=headers, body=body)
    return request, HttpReply(status=200, headers=JSON, body=b'{"ok":true}')


def answered(body=b"", headers=JSON, status=200) -> Exchange:
    content = body.encode() if isinstance(body, str) else body
    request = HttpRequest(method="GET", url=BASE)
    return request, HttpReply(status=status, headers=headers, body=content)


def text(body: str, kind: str = "text/plain") -> Exchange:
    return answered(body, (("Content-Type", f"{kind};charset=UTF-8"),))


def percent(value: str) -> str:
    return quote(value, safe="")


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


class Named(NamedTuple):
    """A place whose name says what it holds."""

    name: str
    build: Callable[[Kind, str], Exchange]
    forbidden: str = ""
    is_for: Callable[[Kind], bool] = lambda _: True

    def holds(self, kind: Kind, written: str) -> bool:
        return self.is_for(kind) and not set(self.forbidden) & set(written)


def _any_but_code(kind: Kind) -> bool:
    """Leave out the name that means other things in data."""
    return not kind.is_ambiguous


def _token_like(kind: Kind) -> bool:
    return kind.name in ("access token", "opaque token", "API key", "session")


def _form_part(kind: Kind, value: str) -> bytes:
    return (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; "
        f'name="{kind.parameter}"\r\n\r\n{value}\r\n--{_BOUNDARY}--\r\n'
    ).encode()


def _form(kind: Kind, value: str) -> Exchange:
    body = f"a=1&{kind.parameter}={percent(value)}&b=2"
    return asked("", FORM, body.encode())


def _multipart(kind: Kind, value: str) -> Exchange:
    media = (("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}"),)
    return asked("", media, _form_part(kind, value))


def _json(shape: Callable[[str, str], object], dumps=_dumps):
    return lambda kind, value: answered(dumps(shape(kind.parameter, value)))


def _redirect(kind: Kind, value: str) -> Exchange:
    inner = f"https://app.test/cb?state=x&{kind.parameter}={percent(value)}&l=eu"
    where = f"https://login.test/go?next={percent(inner)}&z=1"
    return answered("", (("Location", where), ("Content-Length", "0")), 302)


def _fragment(kind: Kind, value: str) -> Exchange:
    where = f"https://app.test/#{kind.parameter}={percent(value)}&expires_in=3600"
    return answered("", (("Location", where), ("Content-Length", "0")), 302)


def _scheme(scheme: str):
    return lambda _, value: asked("", (("Authorization", f"{scheme} {value}"),))


def _basic(_: Kind, value: str) -> Exchange:
    pair = base64.b64encode(f"who:{value}".encode()).decode()
    return asked("", (("Authorization", f"Basic {pair}"),))


def _folded(_: Kind, value: str) -> Exchange:
    middle = len(value) // 2
    folded = f"{value[:middle]}\r\n {value[middle:]}"
    return answered('{"ok":1}', (*JSON, ("X-Session-Token", folded)))


_LINE = "\r\n"
_BLANKS = " \t\r\n"
_HEADER = "".join(map(chr, range(0x80, 0x180))) + _LINE

NAMED = (
    Named("a query", lambda k, v: asked(f"/x?a=1&{k.parameter}={percent(v)}&b=2")),
    Named("a form", _form),
    Named("JSON", _json(lambda n, v: {"a": 1, n: v, "z": [2]})),
    Named("escaped JSON", _json(lambda n, v: {n: v}, json.dumps)),
    Named("nested JSON", _json(lambda n, v: {"data": {"deep": [{n: v}]}})),
    Named("an array in JSON", _json(lambda n, v: {n: [v, "REDACTED"]})),
    Named("JSON of name and value", _json(lambda n, v: [{"name": n, "value": v}])),
    Named("JSON in JSON", _json(lambda n, v: {"raw": _dumps({n: v})})),
    Named("JSON in JSON in JSON", _json(lambda n, v: {"r": _dumps([_dumps({n: v})])})),
    Named(
        "lines of JSON", lambda k, v: text(f'{{"a":1}}\n{_dumps({k.parameter: v})}\n')
    ),
    Named(
        "JSONP", lambda k, v: text(f"cb({_dumps({k.parameter: v})})", "text/javascript")
    ),
    Named("a multipart field", _multipart),
    Named(
        "XML",
        lambda k, v: text(
            f"<r><{k.parameter}>{html.escape(v)}</{k.parameter}></r>", "text/xml"
        ),
        is_for=_any_but_code,
    ),
    Named(
        "a field of an HTML form",
        lambda k, v: text(
            f'<input name="{k.parameter}" value="{html.escape(v)}">', "text/html"
        ),
    ),
    Named(
        "an HTML field, backwards",
        lambda k, v: text(
            f"<input value='{html.escape(v)}' id=a name='{k.parameter}'/>", "text/html"
        ),
    ),
    Named(
        "an HTML attribute",
        lambda k, v: text(
            f'<p data-{k.parameter}="{html.escape(v)}">x</p>', "text/html"
        ),
        is_for=_any_but_code,
    ),
    Named(
        "a link in HTML",
        lambda k, v: text(
            f'<a href="/x?b=1&amp;{k.parameter}={percent(v)}">x</a>', "text/html"
        ),
    ),
    Named(
        "plain text",
        lambda k, v: text(f"use {k.parameter}={v} now"),
        _BLANKS + "&\"'<>#;\\",
    ),
    Named(
        "YAML",
        lambda k, v: text(f"auth:\n  {k.parameter}: {v}\n  next: 1\n"),
        _LINE + '#"',
        _any_but_code,
    ),
    Named(
        "quoted YAML",
        lambda k, v: text(f"- {k.parameter}: {_dumps(v)}\n"),
        is_for=_any_but_code,
    ),
    Named("a redirect to a nested URL", _redirect),
    Named("a fragment", _fragment),
    Named(
        "Set-Cookie",
        lambda _, v: answered(
            "{}", (*JSON, ("Set-Cookie", f"sid={percent(v)}; Path=/"))
        ),
    ),
    Named(
        "Cookie", lambda _, v: asked("", (("Cookie", f"lang=en; sid={percent(v)}"),))
    ),
    Named("Authorization: Bearer", _scheme("Bearer"), _HEADER),
    Named("Authorization: Zoho-oauthtoken", _scheme("Zoho-oauthtoken"), _HEADER),
    Named("Authorization: Digest", _scheme("Digest"), _HEADER),
    Named("Authorization: Basic", _basic),
    Named(
        "a header named after it", lambda _, v: asked("", (("X-Api-Key", v),)), _HEADER
    ),
    Named(
        "a folded header",
        _folded,
        _HEADER + " ",
        lambda kind: kind.name == "opaque token",
    ),
    Named(
        "the password of a URL",
        lambda _, v: text(f"see https://who:{percent(v)}@proxy.test/x for more"),
    ),
    Named(
        "a path",
        lambda _, v: text(f"https://api.test/v1/access_token/{percent(v)}/rows"),
        is_for=_token_like,
    ),
)


class Innocent(NamedTuple):
    """A place that says nothing."""

    name: str
    build: Callable[[str], Exchange]
    forbidden: str = ""
    is_in_request: bool = False

    def fits(self, written: str) -> bool:
        return not set(self.forbidden) & set(written)


def _innocent_folded(value: str) -> Exchange:
    middle = len(value) // 2
    folded = f"see {value[:middle]}\r\n\t{value[middle:]} there"
    return answered('{"ok":1}', (*JSON, ("X-Note", folded)))


def _innocent_form(value: str) -> Exchange:
    return asked("", FORM, f"a=1&note=see+{percent(value)}&b=2".encode())


def _innocent_location(value: str) -> Exchange:
    where = f"https://a.test/?next={percent('https://b.test/?n=' + percent(value))}"
    return answered("", (("Location", where), ("Content-Length", "0")), 302)


INNOCENT = (
    Innocent("in a query", lambda v: asked(f"/x?note={percent(v)}&z=1"), "", True),
    Innocent("in a form", _innocent_form, "", True),
    Innocent("in JSON", lambda v: answered(_dumps({"note": f"see {v} there"}))),
    Innocent("in escaped JSON", lambda v: answered(json.dumps({"note": v}))),
    Innocent("in a key of JSON", lambda v: answered(_dumps({v: 1}))),
    Innocent("in JSON in JSON", lambda v: answered(_dumps({"n": _dumps({"note": v})}))),
    Innocent("in XML", lambda v: text(f"<p>see {html.escape(v)}</p>", "text/xml")),
    Innocent("in CDATA", lambda v: text(f"<p><![CDATA[{v}]]></p>", "text/xml")),
    Innocent("in plain text", lambda v: text(f"see {v} there")),
    Innocent("in a script", lambda v: text(f"var x = '{v}';", "text/javascript")),
    Innocent("in a path", lambda v: asked(f"/rows/{percent(v)}/x"), "", True),
    Innocent(
        "in a header", lambda v: asked("", (("X-Note", f"see {v}!"),)), _HEADER, True
    ),
    Innocent("in a folded header", _innocent_folded, _HEADER + " "),
    Innocent("in a redirect", _innocent_location),
    Innocent(
        "among binary bytes", lambda v: answered(b"\x89\xff\x00" + v.encode() + b"\xfe")
    ),
)
