"""A small server on 127.0.0.1 that nobody of this project wrote."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.cassette.recordings import NEW_TOKEN, OLD_TOKEN


class Handler(BaseHTTPRequestHandler):
    """Issues two tokens in turn, and answers what the paths say."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.issued += 1
        token = OLD_TOKEN if self.server.issued % 2 else NEW_TOKEN
        self._answer(200, {"access_token": token, "expires_in": 3600}, gzipped=True)

    def do_GET(self):
        if self.path.startswith("/redirect"):
            self._answer(302, {}, Location=f"/landed?code={OLD_TOKEN}")
        elif self.path.startswith("/file"):
            self._answer(200, b"\x89PNG\xff\x00")
        else:
            self._answer(
                200,
                {"path": self.path, "sent": self.headers.get("Authorization")},
                gzipped="gzip" in self.headers.get("Accept-Encoding", ""),
            )

    def _answer(self, status, value, gzipped=False, **headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        if gzipped:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Set-Cookie", "JSESSIONID=c00kie0invented; Path=/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        served.issued = 0
        served.daemon_threads = True
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{served.server_port}"
        finally:
            served.shutdown()
            thread.join()
