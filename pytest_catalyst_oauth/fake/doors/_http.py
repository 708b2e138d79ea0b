"""HTTP as it comes over a socket: octets in, requests out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, final

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable

_WATCHED = frozenset((b"host", b"expect", b"content-length"))
_VERSIONS = ("1.0", "1.1")
# RFC 9110, section 7.2; the host's own rules are in RFC 3986, section 3.2.2.
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::([0-9]*))?")
_LAST_PORT = 65_535


class Message(NamedTuple):
    """One request, as it was written.

    Attributes:
        method: Upper-case verb.
        target: Path, whole URL, host and port, or `*`.
        host: The header of that name; empty without.
        headers: Pairs in the order of the wire.
        body: Chunks joined.
        keeps_alive: Whether another one may follow.
        knows_chunks: Whether the client reads a body in chunks (RFC 9112, section 6.1).
    """

    method: str
    target: str
    host: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    keeps_alive: bool
    knows_chunks: bool


class Bounds(NamedTuple):
    """What a client may send at most.

    Attributes:
        head: Octets before the body.
        body: Octets of the body.
        silence: Seconds without any.
    """

    head: int = 65_536
    # More than the File Store's largest file (`FakeSettings.largest_file`) with the
    # other parts of its form.
    body: int = 128 << 20
    silence: float = 60.0


class RefusedRequestError(Exception):
    """A request that is answered with its status and one line, and the end.

    Args:
        status: HTTP status.
        words: The line; empty for the status's usual one.
    """

    def __init__(self, status: int, words: str = "") -> None:
        super().__init__(status, words)
        self.status = status
        self.words = words


@final
class Reader:
    """Cut a stream of octets into requests.

    Args:
        bounds: What is too large.
        take: Is given each request.
        go_on: Is called when a client waits for leave to send its body.
    """

    def __init__(
        self,
        bounds: Bounds,
        take: Callable[[Message], None],
        go_on: Callable[[], None],
    ) -> None:
        self._bounds = bounds
        self._take = take
        self._go_on = go_on
        self._in_head = False
        self._parser: httptools.HttpRequestParser = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> bytes:
        """Take what came.

        Returns:
            What follows a request to speak another protocol; nobody read it yet.

        Raises:
            RefusedRequestError: It is no HTTP, or too large.
        """
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser = httptools.HttpRequestParser(self)
            return data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            raise _reason(error) from None
        except httptools.HttpParserError:
            raise RefusedRequestError(400) from None
        if self._in_head:
            # A header that has no end yet is known to the parser only.
            self._raw += len(data)
            self._check_head(self._raw)
        return b""

    def on_message_begin(self) -> None:
        """Start anew."""
        self._in_head = True
        self._raw = 0
        self._size = 0
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._watched: dict[bytes, bytes] = {}
        self._hosts = 0
        self._body: list[bytes] = []

    def on_url(self, part: bytes) -> None:
        """Take a part of the target."""
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        # With what stands between them and at the end.
        self._size += len(name) + len(value) + 4
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))
        name = name.lower()
        if name in _WATCHED:
            self._hosts += name == b"host"
            self._watched[name] = value

    def on_headers_complete(self) -> None:
        """Refuse what is too large before it comes; let a waiting client go on."""
        self._in_head = False
        self._check_head(self._size + len(self._target))
        self._size = 0
        self._check_version()
        self._check_host()
        if int(self._watched.get(b"content-length", 0)) > self._bounds.body:
            raise RefusedRequestError(413)
        waits = self._watched.get(b"expect", b"").lower() == b"100-continue"
        # An old client would take the leave for the answer: RFC 9110, section 10.1.1.
        if waits and self._is_modern():
            self._go_on()

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        self._size += len(part)
        if self._size > self._bounds.body:
            raise RefusedRequestError(413)
        self._body.append(part)

    def on_message_complete(self) -> None:
        """Hand the request over."""
        self._in_head = False
        parser = self._parser
        self._take(
            Message(
                parser.get_method().decode("ascii"),
                self._target.decode("latin-1"),
                self._watched.get(b"host", b"").decode("latin-1"),
                tuple(self._headers),
                b"".join(self._body),
                parser.should_keep_alive(),
                self._is_modern(),
            )
        )

    def _is_modern(self) -> bool:
        version: str = self._parser.get_http_version()
        return version != "1.0"

    def _check_version(self) -> None:
        version = self._parser.get_http_version()
        if version not in _VERSIONS:
            # A request line without a version counts as 0.9.
            raise RefusedRequestError(400 if version == "0.9" else 505)

    def _check_host(self) -> None:
        # Two may be read differently by two programs: RFC 9112, section 3.2.
        if self._hosts != 1 and (self._hosts or self._is_modern()):
            raise RefusedRequestError(400)
        if self._hosts and not is_authority(self._watched[b"host"]):
            raise RefusedRequestError(400, "the Host header is no host")

    def _check_head(self, size: int) -> None:
        if size > self._bounds.head:
            raise RefusedRequestError(431)


def is_authority(text: bytes) -> bool:
    """Tell whether a text is a host, with a port or without; an empty one is, too."""
    found = _HOST.fullmatch(text)
    # Six digits tell already; a port may have any number of them.
    return found is not None and int((found[1] or b"0")[:6]) <= _LAST_PORT


def _reason(error: Exception) -> Exception:
    """Return what one of our own callbacks raised."""
    cause = error.__context__
    return cause if isinstance(cause, Exception) else error
