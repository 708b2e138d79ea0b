"""Secrets in every place and encoding, to see how many the scanner finds.

Nothing is scrubbed: these are cassettes as other tools write them. All is made from
seeds, so that each run sees the same, and all of it is invented.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
import string
from urllib.parse import quote

import yaml

HEX = "0123456789abcdef"
ALNUM = string.ascii_letters + string.digits
URL64 = f"{ALNUM}-_"


def text_of(rng, signs, count):
    return "".join(rng.choices(signs, k=count))


def _jwt(rng):
    def part(value):
        raw = json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    header = part({"alg": "RS256", "kid": text_of(rng, HEX, 8)})
    body = part({"sub": str(rng.randrange(10**10)), "exp": 1800000000})
    return f"{header}.{body}.{text_of(rng, URL64, 86)}"


def _pem(rng):
    lines = "\n".join(text_of(rng, f"{ALNUM}+/", 64) for _ in range(4))
    kind = rng.choice(["RSA ", "EC ", ""])
    return (
        f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----"
    )


def _password(rng):
    word = rng.choice(["Guest", "Sommer", "invented", "Blue-Horse"])
    return f"{word}{rng.choice('!$_.')}{rng.randrange(1000, 9999)}x"


def _address(rng):
    name = rng.choice(["ada", "grace.hopper", "b_liskov", "emmy+test"])
    return (
        f"{name}{rng.randrange(99)}@invented-guests.{rng.choice(['io', 'de', 'co.in'])}"
    )


# Kind of secret: the name that it usually has, and what makes one.
SECRETS = {
    "zoho token": (
        "access_token",
        lambda r: f"1000.{text_of(r, HEX, 32)}.{text_of(r, HEX, 32)}",
    ),
    "zoho code": (
        "code",
        lambda r: f"1000.{text_of(r, HEX, 32)}.{text_of(r, HEX, 32)}",
    ),
    "zoho secret": ("client_secret", lambda r: text_of(r, HEX, 42)),
    "zoho client": (
        "client_id",
        lambda r: f"1000.{text_of(r, string.ascii_uppercase + string.digits, 30)}",
    ),
    "jwt": ("id_token", _jwt),
    "github": ("token", lambda r: f"gh{r.choice('posu')}_{text_of(r, ALNUM, 36)}"),
    "slack": (
        "bot",
        lambda r: f"xoxb-{r.randrange(10**11, 10**12)}-{text_of(r, ALNUM, 24)}",
    ),
    "aws id": (
        "AccessKeyId",
        lambda r: f"AKIA{text_of(r, string.ascii_uppercase + '234567', 16)}",
    ),
    "aws secret": ("SecretAccessKey", lambda r: text_of(r, f"{ALNUM}/+", 40)),
    "google": ("key", lambda r: f"AIza{text_of(r, URL64, 35)}"),
    "stripe": ("apikey", lambda r: f"sk_live_{text_of(r, ALNUM, 24)}"),
    "opaque": ("refresh_token", lambda r: text_of(r, URL64, r.randrange(32, 64))),
    "verifier": ("code_verifier", lambda r: text_of(r, f"{URL64}~.", 43)),
    "hex token": ("session_token", lambda r: text_of(r, HEX, 32)),
    "password": ("password", _password),
    "address": ("Email", _address),
    "private key": ("key", _pem),
}
# Without the name these may be anything.
NEED_A_NAME = {"hex token", "password", "aws secret", "verifier"}


def every_sign(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _offset(text):
    return base64.b64encode(f"?{text}!".encode()).decode()


def _wrapped(text):
    whole = base64.b64encode(f"A guest wrote: {'lorem ' * 12}{text} - the end".encode())
    return "\n".join(whole[n : n + 76].decode() for n in range(0, len(whole), 76))


ENCODINGS = {
    "plain": lambda text: text,
    "percent": lambda text: quote(text, safe=""),
    "percent, all": every_sign,
    "percent, twice": lambda text: quote(every_sign(text), safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64, bare": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64, offset": _offset,
    "base64, wrapped": _wrapped,
    "hexadecimal": lambda text: text.encode().hex(),
    "JSON escapes": lambda text: "".join(f"\\u{ord(sign):04x}" for sign in text),
    "entities": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "entities, named": lambda text: html.escape(f'"{text}"'),
    "JSON in base64": lambda text: _offset(json.dumps({"note": text})),
    "base64 of gzip": lambda text: base64.b64encode(
        gzip.compress(text.encode(), mtime=0)
    ).decode(),
    "percent in base64": lambda text: _offset(every_sign(text)),
}


class Exchange:
    """One recorded exchange, to be written by any tool."""

    def __init__(
        self,
        url="https://api.invented-host.io/v2/rows",
        *,
        body=None,
        headers=(),
        reply=b"{}",
        reply_headers=(),
    ):
        self.url, self.body, self.headers = url, body, dict(headers)
        self.reply, self.reply_headers = reply, dict(reply_headers)


URL = "https://api.invented-host.io/v2/rows"


def _multipart(name, value):
    line = "--5f3a1c0badcafe5f3a1c"
    return (
        f'{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        f'{line}\r\nContent-Disposition: form-data; name="age"\r\n\r\n7\r\n{line}--\r\n'
    ).encode()


def _json(name, value):
    # Values with escapes of their own go into the text as they are.
    if "\\u" in value:
        return f'{{"status":"ok","data":{{"rows":[{{"{name}":"{value}"}}]}}}}'
    return json.dumps({"status": "ok", "data": {"rows": [{name: value}]}})


PLACES = {
    "query": lambda n, v: Exchange(f"{URL}?max=2&{n}={quote(v, safe='%')}&x=1"),
    "form": lambda n, v: Exchange(body=f"a=1&{n}={quote(v, safe='%')}&z=2".encode()),
    "json": lambda n, v: Exchange(reply=_json(n, v).encode()),
    "json, sent": lambda n, v: Exchange(body=_json(n, v).encode()),
    "json in string": lambda n, v: Exchange(
        reply=json.dumps({"events": [{"message": _json(n, v)}]}).encode()
    ),
    "json in form": lambda n, v: Exchange(
        body=f"payload={quote(_json(n, v), safe='')}".encode()
    ),
    "multipart": lambda n, v: Exchange(body=_multipart(n, v)),
    "xml": lambda n, v: Exchange(
        reply=f"<?xml version='1.0'?><a><{n}>{v}</{n}><b>2</b></a>".encode()
    ),
    "html": lambda n, v: Exchange(
        reply=f'<form><input type="hidden" name="{n}" value="{v}"></form>'.encode()
    ),
    "text": lambda n, v: Exchange(
        reply=f"The guest wrote:\n{n}={v}\nand left".encode()
    ),
    "fragment": lambda n, v: Exchange(
        reply_headers={"Location": f"https://app.invented-host.io/#x=1&{n}={v}"}
    ),
    "location": lambda n, v: Exchange(
        reply_headers={"Location": f"/back?{n}={quote(v, safe='%')}&location=us&"}
    ),
    "set-cookie": lambda n, v: Exchange(
        reply_headers={"Set-Cookie": f"{n}={quote(v, safe='%')}; Path=/; HttpOnly"}
    ),
    "cookie": lambda n, v: Exchange(
        headers={"Cookie": f"lang=en; {n}={quote(v, safe='%')}"}
    ),
    "authorization": lambda n, v: Exchange(
        headers={"Authorization": f"Bearer {' '.join(v.split())}"}
    ),
    "header": lambda n, v: Exchange(headers={f"X-{n}": " ".join(v.split())}),
    "path": lambda n, v: Exchange(f"{URL}/{n}/{quote(v, safe='%')}/x"),
    "gzip": lambda n, v: Exchange(
        reply=gzip.compress(_json(n, v).encode(), mtime=0),
        reply_headers={"Content-Encoding": "gzip"},
    ),
    "UTF-16": lambda n, v: Exchange(reply=_json(n, v).encode("utf-16")),
    "body in base64": lambda n, v: Exchange(
        reply=base64.encodebytes(_json(n, v).encode())
    ),
}


def _text(body):
    try:
        return body.decode()
    except (UnicodeDecodeError, AttributeError):
        return body


def vcr(exchange, **more):
    return {
        "interactions": [
            {
                "request": {
                    "method": "POST" if exchange.body else "GET",
                    "uri": exchange.url,
                    "body": _text(exchange.body) if exchange.body else None,
                    "headers": {n: [v] for n, v in exchange.headers.items()},
                },
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {n: [v] for n, v in exchange.reply_headers.items()},
                    "body": {"string": _text(exchange.reply)},
                },
                **more,
            }
        ],
        "version": 1,
    }


def vcr_yaml(exchange):
    return yaml.safe_dump(vcr(exchange)).encode()


def vcr_json(exchange):
    written = vcr(exchange)
    string_ = written["interactions"][0]["response"]["body"]["string"]
    if isinstance(string_, bytes):  # as VCR.py does with `decode_compressed_response`
        return vcr_yaml(exchange)
    return json.dumps(written, indent=4).encode()


def betamax(exchange):
    def body(content):
        text = _text(content or b"")
        if isinstance(text, bytes):
            return {"encoding": None, "base64_string": base64.b64encode(text).decode()}
        return {"encoding": "utf-8", "string": text}

    asked = {
        "body": body(exchange.body),
        "headers": {n: [v] for n, v in exchange.headers.items()},
        "method": "GET",
        "uri": exchange.url,
    }
    answered = {
        "body": body(exchange.reply),
        "headers": {n: [v] for n, v in exchange.reply_headers.items()},
        "status": {"code": 200, "message": "OK"},
        "url": exchange.url,
    }
    one = {"request": asked, "response": answered, "recorded_at": "2026-11-23T12:00:00"}
    return json.dumps(
        {"http_interactions": [one], "recorded_with": "betamax/0.9.0"}
    ).encode()


def responses(exchange):
    """As the recorder of `responses` does: it keeps no request but for the URL."""
    if exchange.body or exchange.headers:
        return vcr_yaml(exchange)
    body = _text(exchange.reply)
    one = {
        "method": "GET",
        "url": exchange.url,
        "status": 200,
        "headers": exchange.reply_headers,
        "content_type": "text/plain",
        "auto_calculate_content_length": False,
        "body": body,
    }
    return yaml.safe_dump({"responses": [{"response": one}]}).encode()


def har(exchange):
    def pairs(found):
        return [{"name": name, "value": value} for name, value in found.items()]

    text = _text(exchange.reply)
    content = {"mimeType": "text/plain", "text": text}
    if isinstance(text, bytes):
        content |= {"encoding": "base64", "text": base64.b64encode(text).decode()}
    asked = {
        "method": "GET",
        "url": exchange.url,
        "headers": pairs(exchange.headers),
        "postData": {"mimeType": "x", "text": _text(exchange.body or b"")},
    }
    answered = {
        "status": 200,
        "headers": pairs(exchange.reply_headers),
        "content": content,
    }
    entry = {"request": asked, "response": answered}
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode()


TOOLS = {
    "vcr yaml": vcr_yaml,
    "vcr json": vcr_json,
    "betamax": betamax,
    "responses": responses,
    "har": har,
}


def placements():
    """Yield name and bytes of cassettes that hold one secret each."""
    number = 0
    tools = list(TOOLS.items())
    for kind, (name, make) in SECRETS.items():
        for place, put in PLACES.items():
            if kind in NEED_A_NAME and place == "path":
                continue  # `/password/x` is a page as well as a password
            for encoding, encode in ENCODINGS.items():
                rng = random.Random(f"{kind} {place} {encoding}")
                tool, write = tools[number % len(tools)]
                number += 1
                exchange = put(name, encode(make(rng)))
                yield f"{kind}, {place}, {encoding}, {tool}", write(exchange)
