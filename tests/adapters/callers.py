"""The three kinds of client that our `auth` classes serve, called alike."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import httpx
import requests

from pytest_catalyst_oauth.adapters import CatalystAuth, CatalystHttpxAuth
from pytest_catalyst_oauth.engine import Client, DataCenter, MemoryStore
from tests.adapters.loopback import more_of, reply
from tests.engine.doubles import CLIENT, Server, credentials

HTTPX = ("httpx", "async httpx")
KINDS = ("requests", *HTTPX)
STALE = json.dumps(
    {"status": "failure", "data": {"message": "x", "error_code": "INVALID_TOKEN"}}
).encode()
NO_SCOPE = STALE.replace(b"INVALID_TOKEN", b"OAUTH_SCOPE_MISMATCH")


@dataclass(frozen=True)
class Seen:
    """What a caller got."""

    status: int
    body: Any
    history: list[int]


def seen(response):
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = response.content
    return Seen(response.status_code, body, [r.status_code for r in response.history])


def call(kind, held, *urls, method="GET", body=None, scheme="Zoho-oauthtoken", **more):
    """Call each URL with one client of a kind; return what was seen."""
    if kind == "requests":
        with requests.Session() as session:
            session.trust_env = False
            session.auth = CatalystAuth(held, scheme)
            return [seen(session.request(method, url, data=body)) for url in urls]
    auth = CatalystHttpxAuth(held, scheme, **more)
    options = {"auth": auth, "follow_redirects": True, "trust_env": False}
    if kind == "httpx":
        with httpx.Client(**options) as client:
            return [seen(client.request(method, url, content=body)) for url in urls]

    async def main():
        async with httpx.AsyncClient(**options) as client:
            return [
                seen(await client.request(method, url, content=body)) for url in urls
            ]

    return asyncio.run(main())


def held_for(url, server=None, *, accounts_url=None, **more):
    """Return credentials for the API at `url`, with tokens of a double."""
    center = DataCenter(location="fake", accounts_url=accounts_url or url, api_url=url)
    client = Client(
        client_id="1000.X", client_secret=CLIENT.client_secret, data_center=center
    )
    return credentials(server or Server(), client=client, store=MemoryStore(), **more)


class Site:
    """A token endpoint and a resource server on one origin, for a `Listener`.

    Accepts the tokens of the given numbers, as the double numbers them.
    """

    def __init__(self, *good, issues=None, refusal=STALE):
        self.good = {f"1000.invented-access-{n}" for n in good}
        self.issues = issues or issuing()
        self.refusal = refusal
        self.headers = []
        self.bodies = []
        self.token_requests = []

    def __call__(self, connection, server):
        while True:
            head, _, body = server.hear(connection).partition(b"\r\n\r\n")
            if b"/oauth/v2/token" in head:
                self.token_requests.append(head + body)
                if self.issues(connection, server, len(self.token_requests)) is False:
                    return
                continue
            header = _authorization(head)
            if b"chunked" in head.lower():
                while not body.endswith(b"0\r\n\r\n"):
                    body += more_of(connection)
            self.headers.append(header)
            self.bodies.append(body)
            if header and header.partition(" ")[2] in self.good:
                connection.sendall(reply(b'{"status":"success"}'))
            else:
                connection.sendall(reply(self.refusal, "401 Unauthorized"))


def token_body(number):
    return json.dumps(
        {
            "access_token": f"1000.invented-access-{number}",
            "token_type": "Bearer",
            "expires_in": 3600,
        }
    ).encode()


def issuing(*answers):
    """Answer token requests with these bytes; then with tokens, by their number."""
    left = list(answers)

    def issue(connection, server, number):
        if left:
            answer = left.pop(0)
            if callable(answer):
                answer(connection, server)
                return False
            connection.sendall(answer)
        else:
            connection.sendall(reply(token_body(number)))
        return True

    return issue


def eavesdropping(heard):
    """Keep every byte that comes in, and hand out tokens to all."""

    def talk(connection, listener):
        while more := connection.recv(65_536):
            heard.append(more)
            if more.endswith(b"\r\n\r\n"):
                connection.sendall(reply(token_body(1)))

    return talk


def _authorization(head):
    lines = head.decode().split("\r\n")
    found = [line for line in lines if line.lower().startswith("authorization:")]
    return found[0].partition(": ")[2] if found else None
