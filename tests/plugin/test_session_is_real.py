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
        catalyst_session.get(os.environ["ELSEWHERE"] + "/slow", timeout=0.05)

def test_nobody_there(catalyst_session):
    with pytest.raises(requests.ConnectionError):
        catalyst_session.get("http://127.0.0.1:9/")
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
