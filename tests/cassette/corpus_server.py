"""A server that answers as the corpus says, and clients that ask it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import httpx
import requests
import urllib3
from yarl import URL

from pytest_catalyst_oauth.adapters import HttpxTransport, RequestsTransport
from pytest_catalyst_oauth.cassette import Recorder, record_any_client
from pytest_catalyst_oauth.engine import HttpRequest
from tests.cassette.corpus import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cassette.corpus import Placement


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        number = int(urlsplit(self.path).path.split("/")[2])
        one = self.server.placements[number]
        body, head = one.reply.body, [f"HTTP/1.1 {one.reply.status} OK"]
        head += [
            f"{name}: {value}"
            for name, value in one.reply.headers
            if name != "Content-Length"
        ]
        if one.wire == "chunked":
            half = len(body) // 2
            head.append("Transfer-Encoding: chunked")
            parts = (body[:half], body[half:], b"")
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        else:
            head.append(f"Content-Length: {len(body)}")
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    def do_POST(self):
        self.do_GET()


@contextmanager
def serving(placements: list[Placement]) -> Iterator[str]:
    """Serve a corpus on 127.0.0.1; the value is the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as served:
        served.placements = placements
        served.daemon_threads = True
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{served.server_port}"
        finally:
            served.shutdown()
            thread.join()


def _asked(placements, address):
    """Yield method, URL, headers and body of each request."""
    for one in placements:
        request = one.request
        url = address + request.url.removeprefix(BASE)
        yield request.method, url, dict(request.headers), request.body or None


def _with_requests(placements, address):
    with requests.Session() as session:
        for method, url, headers, body in _asked(placements, address):
            session.request(
                method, url, headers=headers, data=body, allow_redirects=False
            )


def _with_httpx(placements, address):
    with httpx.Client() as client:
        for method, url, headers, body in _asked(placements, address):
            client.request(method, url, headers=headers, content=body)


def _with_async_httpx(placements, address):
    async def ask():
        async with httpx.AsyncClient() as client:
            for method, url, headers, body in _asked(placements, address):
                await client.request(method, url, headers=headers, content=body)

    asyncio.run(ask())


def _with_aiohttp(placements, address):
    async def ask():
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            for method, url, headers, body in _asked(placements, address):
                async with session.request(
                    method,
                    URL(url, encoded=True),
                    headers=headers,
                    data=body,
                    allow_redirects=False,
                ) as reply:
                    await reply.read()

    asyncio.run(ask())


def _with_urllib3(placements, address):
    with urllib3.PoolManager() as pool:
        for method, url, headers, body in _asked(placements, address):
            pool.request(method, url, headers=headers, body=body, redirect=False)


def _recorded_any(ask):
    def record(placements, address):
        with record_any_client() as tape:
            ask(placements, address)
        return tape.exchanges

    return record


def _recorded_by(transport, placements, address):
    recorder = Recorder(transport)
    for method, url, headers, body in _asked(placements, address):
        given = tuple(headers.items())
        recorder.send(
            HttpRequest(method=method, url=url, headers=given, body=body or b"")
        )
    return recorder.exchanges


def _with_our_requests(placements, address):
    return _recorded_by(RequestsTransport(), placements, address)


def _with_our_httpx(placements, address):
    with httpx.Client() as client:
        return _recorded_by(HttpxTransport(client), placements, address)


CLIENTS = {
    "requests": _recorded_any(_with_requests),
    "httpx": _recorded_any(_with_httpx),
    "httpx, asynchronous": _recorded_any(_with_async_httpx),
    "aiohttp": _recorded_any(_with_aiohttp),
    "urllib3": _recorded_any(_with_urllib3),
    "the transport for requests": _with_our_requests,
    "the transport for httpx": _with_our_httpx,
}
