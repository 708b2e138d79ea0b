"""The recorded, replayed and faked session behaves as `requests` on a network does."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

BODY = """
import os, pytest, requests

URL = os.environ["ELSEWHERE"]

def test_compressed(catalyst_session):
    assert catalyst_session.get(URL + "/gzip").json() == {"room": "Attic" * 50}

def test_head(catalyst_session):
    reply = catalyst_session.head(URL + "/gzip")
    assert (reply.status_code, reply.reason, reply.content) == (200, "OK", b"")

def test_bodies(catalyst_session):
    parts = (part for part in (b"one", b"two"))
    assert catalyst_session.post(URL, data=parts).text == "onetwo"
    with open("body.txt", "rb") as file:
        assert catalyst_session.post(URL, data=file).text == "three"

def test_errors(catalyst_session):
    with pytest.raises(requests.HTTPError, match="404 Client Error: Not Found"):
        catalyst_session.get(URL + "/none").raise_for_status()
"""
OPTIONS = """
import os, pytest, requests

def test_options_of_requests_count(catalyst_session):
    with pytest.raises(requests.exceptions.ReadTimeout):
        catalyst_session.get(os.environ["ELSEWHERE"] + "/slow", timeout=(60, 0.05))

def test_nobody_there(catalyst_session):
    with pytest.raises(requests.ConnectionError):
        catalyst_session.get("http://127.0.0.1:9/")
"""

HTTPX = """
import asyncio, os, httpx, pytest

URL = os.environ.get("ELSEWHERE")
# The way there may be busy, and that would be another error.
SOON = httpx.Timeout(60, read=0.05)

def test_sync(catalyst_httpx):
    with pytest.raises(httpx.ReadTimeout):
        catalyst_httpx.get(f"{URL}/slow", timeout=SOON)

def test_async(catalyst_async_httpx):
    async def main():
        async with catalyst_async_httpx as client:
            await client.get(f"{URL}/slow", timeout=SOON)

    with pytest.raises(httpx.ReadTimeout):
        asyncio.run(main())

def test_nobody_there(catalyst_httpx):
    with pytest.raises(httpx.ConnectError):
        catalyst_httpx.get("http://127.0.0.1:9/")
"""
HTTPX_BODY = """
import asyncio

URL = "http://elsewhere.example"

def test_packed(catalyst_httpx, catalyst_oauth):
    reply = catalyst_httpx.get(URL + "/gzip")
    assert reply.json()["room"] == "Attic" * 50
    assert catalyst_httpx.head(URL + "/gzip").content == b""
    assert catalyst_httpx.post(URL, content=b"one").text == "one"
    assert catalyst_httpx.get(URL + "/none").status_code == 404
    with catalyst_httpx.stream("GET", URL + "/gzip") as reply:
        assert "".join(reply.iter_text()).startswith('{"room"')
    url = f"{catalyst_oauth.project_url}/table/Guests/row"
    assert catalyst_httpx.get(url).is_success
    assert len(catalyst_oauth.journal.token_requests) == 1
    assert len(catalyst_oauth.journal) == 7

def test_async(catalyst_async_httpx):
    async def main():
        async with catalyst_async_httpx as client:
            async def parts():
                yield b"two"
            first = await client.get(URL + "/gzip")
            return first, await client.post(URL, content=parts())

    packed, sent = asyncio.run(main())
    assert packed.json()["room"] == "Attic" * 50
    assert sent.text == "two"
"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            # Until the client has given up.
            self.rfile.read(1)
            return
        body = gzip.compress(b'{"room": "' + b"Attic" * 50 + b'"}')
        found = self.path == "/gzip"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body) if found else 0))
        if found:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if found and self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  the name that http.server calls

    def do_POST(self):
        length = self.headers["Content-Length"]
        body = self.rfile.read(int(length)) if length else self._chunks()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere(monkeypatch):
    """A server that is not Zoho's: it compresses, and knows nothing of tokens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ELSEWHERE", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


def test_one_body_means_the_same_live_recorded_and_replayed(
    pytester, server, elsewhere, run, apart
):
    """Compressed answers, HEAD, files, generators and error texts, as on a network."""
    pytester.makepyfile(test_real=BODY)
    (pytester.path / "body.txt").write_text("three")

    run("--catalyst-oauth=live").assert_outcomes(passed=4)
    run("--catalyst-oauth=record").assert_outcomes(passed=4)

    apart("--catalyst-oauth=replay").assert_outcomes(passed=4)


@pytest.mark.parametrize("mode", ["live", "record"])
def test_the_options_of_requests_count(pytester, server, elsewhere, run, mode):
    """A time-out is a time-out, and a refused connection `requests`' own error."""
    pytester.makepyfile(test_real=OPTIONS)

    run(f"--catalyst-oauth={mode}").assert_outcomes(passed=2)


@pytest.mark.parametrize("mode", ["live", "record"])
def test_the_options_of_httpx_count(pytester, server, elsewhere, run, mode):
    """Its time-out is its own while it is recorded, and so is its error."""
    pytester.makepyfile(test_real=HTTPX)

    run(f"--catalyst-oauth={mode}").assert_outcomes(passed=3)


def test_httpx_means_the_same_recorded_and_replayed(
    pytester, server, elsewhere, run, apart
):
    """Compressed answers, streams, HEAD and generators, as on a network."""
    url = f"http://127.0.0.1:{elsewhere.server_port}"
    body = HTTPX_BODY.replace("http://elsewhere.example", url)
    pytester.makepyfile(test_real=body)

    run("--catalyst-oauth=record").assert_outcomes(passed=2)

    # An event loop wakes itself by a pair of Unix sockets.
    strict = ("--catalyst-oauth-strict", "--allow-unix-socket")
    apart("--catalyst-oauth=replay", *strict).assert_outcomes(passed=2)


def test_in_mode_fake_nothing_goes_out(pytester, run):
    """Neither by the session nor, with `catalyst_cassette`, by any other library."""
    pytester.makepyfile("""
        import httpx, pytest, requests, urllib.request
        from pytest_catalyst_oauth.engine.errors import TransportError

        def test_session(catalyst_session):
            with pytest.raises(requests.ConnectionError, match="not faked"):
                catalyst_session.get("http://127.0.0.1:9/")

        @pytest.mark.parametrize("get", [httpx.get, urllib.request.urlopen])
        def test_any(catalyst_cassette, get):
            with pytest.raises(TransportError, match="not faked"):
                get("http://127.0.0.1:9/")

        def test_any_at_zoho(catalyst_cassette, catalyst_token, catalyst_oauth):
            header = {"Authorization": catalyst_token.authorization}
            url = f"{catalyst_oauth.project_url}/table/Guests/row"
            assert httpx.get(url, headers=header).json()["data"][0]["Name"] == "Ada"
    """)

    run().assert_outcomes(passed=4)
