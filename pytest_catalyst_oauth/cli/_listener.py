"""The loopback listener that a browser is sent to at the end of a consent."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from queue import Empty, Queue
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Self, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import LoginNeededError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.parse import SplitResult

_LOOPBACK = "127.0.0.1"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>catalyst-oauth</title>
<p>{}</p>
</html>
"""
_DONE = "You may close this page. The terminal says whether the login worked."
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # The page's address has the code in it.
    "Referrer-Policy": "no-referrer",
    "Connection": "close",
}
# Seconds that a browser may hold a connection open without saying anything.
_IDLE = 10.0
_POLL = 0.05


@final
class Listener:
    """Wait on 127.0.0.1 for one redirect, while the context lasts.

    The first request for exactly the registered address that answers this login ends
    it; a later one is refused. All others are refused and change nothing: browsers
    also ask for an icon and open old pages again, and other pages can make them ask.

    Args:
        redirect_uri: As registered: `http://127.0.0.1:PORT/PATH`.
        owns: Tells whether an address answers this login.

    Raises:
        SettingsError: It is another kind of address, or on entering: the port is
            taken.

    Source: RFC 8252, sections 7.3 and 8.3.
    """

    def __init__(self, redirect_uri: str, owns: Callable[[str], bool]) -> None:
        self._address = _loopback(redirect_uri)
        self._owns = owns
        self._came: Queue[Secret] = Queue()
        self._running: tuple[_Server, Thread] | None = None

    def __enter__(self) -> Self:
        server = _bound(self._address, self._owns, self._came)
        thread = Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
        self._running = server, thread
        thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            server, thread = self._running
            server.shutdown()
            thread.join()
            server.server_close()
            self._running = None

    def wait(self, seconds: float) -> Secret:
        """Return the whole address that the browser was sent to.

        Raises:
            LoginNeededError: It was not sent here in time.
        """
        try:
            return self._came.get(timeout=seconds)
        except Empty:
            detail = f"the browser did not come back in {seconds:g} s"
        if self._running is not None and self._running[0].strangers:
            detail += ", only with a redirect of another login, old or forged"
        raise LoginNeededError("no_redirect", 0, f"{detail}; start the login again")


class _Server(ThreadingMixIn, TCPServer):
    """Takes connections in threads: browsers open some that they never use."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        address: SplitResult,
        owns: Callable[[str], bool],
        came: Queue[Secret],
    ) -> None:
        self.expected = address
        self.owns = owns
        self.came = came
        self.strangers = 0
        self.taken = Lock()
        super().__init__((_LOOPBACK, address.port or 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a browser that hung up: the words could hold the code."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE

    def do_GET(self) -> None:
        """Take the first request for the registered address."""
        expected = self.server.expected
        is_ours = self.headers.get_all("Host") == [expected.netloc] and (
            self.path.partition("?")[0] == (expected.path or "/")
        )
        if not is_ours:
            self._answer(404, "There is nothing here.")
            return
        if not self.server.owns(self.path):
            self.server.strangers += 1
            self._answer(400, "This is no answer to the login that waits here.")
            return
        if not self.server.taken.acquire(blocking=False):
            self._answer(410, "This login has had its answer.")
            return
        try:
            self._answer(200, _DONE)
        finally:
            # The page first: the program may end as soon as it has the answer.
            self.server.came.put(Secret(f"http://{expected.netloc}{self.path}"))

    def _answer(self, status: int, words: str) -> None:
        page = _PAGE.format(words).encode()
        self.send_response_only(status)
        for name, value in {**_HEADERS, "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Print nothing: the request's line holds the code."""


def _loopback(redirect_uri: str) -> SplitResult:
    try:
        parts = urlsplit(redirect_uri)
        port = parts.port
    except ValueError:
        port = None
    else:
        if port and parts.netloc == f"{_LOOPBACK}:{port}" and parts.scheme == "http":
            return parts
    raise SettingsError(
        f"redirect URI {redirect_uri!r}",
        "is not http://127.0.0.1:PORT/PATH, where this command can listen",
        "register such an address for the client in the API console, and give the same",
    )


def _bound(
    address: SplitResult, owns: Callable[[str], bool], came: Queue[Secret]
) -> _Server:
    try:
        return _Server(address, owns, came)
    except OSError as error:
        reason = error.strerror
    raise SettingsError(
        f"port {address.port}",
        f"cannot be used: {reason}",
        "end what listens there, or register another redirect URI for the client",
    )
