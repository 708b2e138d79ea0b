"""What a person with a browser does, and what a client makes of it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from pytest_catalyst_oauth.engine import ClientKind, HttpRequest, ScopeSet, Secret
from tests.fake.asking import ROWS

APP = "https://app.example/callback"
SCOPE = ScopeSet.parse(ROWS)


def web_client(fake, uri=APP, kind=ClientKind.SERVER):
    return fake.register_client(redirect_uri=uri, kind=kind)


def page_url(client, path="/oauth/v2/auth", **given):
    """The address of a page; a parameter that is None is left out."""
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "scope": ROWS,
        "redirect_uri": client.redirect_uri,
        **given,
    }
    query = urlencode(
        {n: v for n, v in fields.items() if v is not None}, quote_via=quote
    )
    return f"{client.data_center.accounts_url}{path}?{query}"


def get(fake, url):
    return fake.send(HttpRequest(method="GET", url=url))


def press(fake, page, button="accept", *, headers=(), **fields):
    """Press a button of a consent page."""
    action, inputs = form_of(page)
    base = fake.client.data_center.accounts_url
    request = HttpRequest.post_form(
        base + action, {**inputs, "answer": button, **fields}.items()
    )
    return fake.send(
        HttpRequest(
            method="POST",
            url=request.url,
            headers=(*request.headers, *headers),
            body=request.body,
        )
    )


def form_of(page):
    """Where a page's form goes, and its hidden fields."""
    text = page.body.decode()
    action = re.search(r'<form method="post" action="([^"]+)">', text)
    assert action, text
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text)
    return action[1], {name: unescape(value) for name, value in fields}


def title(page):
    """The heading of a page."""
    found = re.search("<h1>(.*)</h1>", page.body.decode())
    assert found, page.body
    return unescape(found[1])


def location(reply):
    """Where a redirect leads."""
    found = reply.header("Location")
    assert found, reply.body
    return found


def raw_query(url):
    return urlsplit(url).query


def code_of(redirect):
    """The code that a redirect carries."""
    (code,) = parse_qs(urlsplit(redirect).query)["code"]
    return Secret(code)
