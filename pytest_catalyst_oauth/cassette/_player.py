"""A cassette for clients that come to another address than it was recorded at."""

from __future__ import annotations

from http import HTTPMethod
from shlex import quote
from typing import TYPE_CHECKING, final
from urllib.parse import unquote, urlsplit

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._content import decoded
from ._difference import describe
from ._drift import incomparable
from ._premises import Premises
from ._replay import Replay
from .errors import CassetteMissError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, Secret

    from ._cassette import Cassette

    Headers = tuple[tuple[str, str], ...]

# What is true of the connection on which it was recorded, and of no other
# (RFC 9110, section 7.6.1).
_OF_THE_CONNECTION = frozenset(
    "connection content-length keep-alive proxy-connection te trailer "
    "transfer-encoding upgrade".split()
)
_NO_BODY = frozenset([204, 304])


@final
class Player:
    """A transport that answers from a cassette under any name. Safe to share.

    A request to a recorded host is answered as a `Replay` does. One to any other, such
    as the address of a server on this machine, counts as sent to the recorded host
    whose path it asks for. Redirects lead back to where the client came from.

    Args:
        cassette: What was recorded.
        repeat: Let exchanges answer again, in order, when all that fit were used.

    Attributes:
        hosts: What was recorded, as in a URL: without the scheme.
        premises: What the recorded server knew.
        source: Where the answers come from, in words.
        misses: How many requests had no answer.

    Raises:
        SettingsError: The cassette holds what no server can send, or nobody can ask.
    """

    def __init__(self, cassette: Cassette, *, repeat: bool = False) -> None:
        _check(cassette)
        test = cassette.origin.test if cassette.origin else None
        command = f"pytest --catalyst-oauth=rewrite {quote(test)}" if test else ""
        self._replay = Replay(cassette, command=command, repeat=repeat)
        self._origins: dict[str, list[str]] = {}
        for request, _ in cassette.exchanges:
            there = self._origins.setdefault(_path(request.url), [])
            if (origin := _origin(request.url)) not in there:
                there.append(origin)
        found = [one for there in self._origins.values() for one in there]
        self._known = tuple(dict.fromkeys(found))
        self.hosts = frozenset(one.partition("://")[2] for one in found)
        self.premises = Premises(cassette.exchanges)
        if cassette.origin and not self.premises.project_id:
            self.premises.project_id = cassette.origin.project_id or ""
        self.source = "a cassette that does not say where it was recorded"
        if cassette.origin:
            self.source = f"a replay of {cassette.origin.source}"
        self.misses = 0

    def send(self, request: HttpRequest) -> HttpReply:
        """Return the recorded answer, with headers that are true on this connection.

        Raises:
            CassetteMissError: Nothing fits, or all that fits was used.
        """
        came_to = _origin(request.url)
        if came_to in self._known:
            return self._answered(request, request, "")
        there = self._origins.get(_path(request.url)) or self._known or (came_to,)
        miss: CassetteMissError | None = None
        for origin in there:
            asked = _moved(request, origin)
            try:
                return self._replayed(asked, request, came_to)
            except CassetteMissError as error:
                miss = miss or error
        self.misses += 1
        raise miss or AssertionError

    def known(
        self, client: Client, refresh_token: Secret, project_id: str
    ) -> dict[str, str]:
        """Return what was recorded, by what it takes the place of.

        Paths have the recorded project. A client that sends recorded stand-ins is told
        apart from another one that was recorded.
        """
        first = next(iter(self.premises.clients.values()), None)
        secret = client.client_secret.reveal() if client.client_secret else ""
        pairs = [
            (project_id, self.premises.project_id),
            (client.client_id, first.client_id if first else ""),
            (secret, first.client_secret if first else ""),
            (refresh_token.reveal(), next(iter(self.premises.refresh_tokens), "")),
        ]
        return {before: after for before, after in pairs if before and after}

    @property
    def unused(self) -> tuple[str, ...]:
        """What nobody asked for, without anything secret."""
        return tuple(describe(request) for request, _ in self._replay.unused)

    def _answered(
        self, asked: HttpRequest, request: HttpRequest, came_to: str
    ) -> HttpReply:
        try:
            return self._replayed(asked, request, came_to)
        except CassetteMissError:
            self.misses += 1
            raise

    def _replayed(
        self, asked: HttpRequest, request: HttpRequest, came_to: str
    ) -> HttpReply:
        reply = self._replay.send(asked)
        headers, body = decoded(reply.headers, reply.body)
        return HttpReply(
            status=reply.status,
            headers=(
                *(
                    self._header(name, value, came_to)
                    for name, value in headers
                    if name.lower() not in _OF_THE_CONNECTION
                ),
                *_length(request, reply, body),
                ("Connection", "keep-alive"),
            ),
            body=b"" if request.method == "HEAD" or reply.status in _NO_BODY else body,
        )

    def _header(self, name: str, value: str, came_to: str) -> tuple[str, str]:
        if came_to and name.lower() == "location" and _origin(value) in self._known:
            return name, came_to + value[len(_origin(value)) :]
        return name, value


def _check(cassette: Cassette) -> None:
    problem = incomparable(cassette.exchanges) if cassette.exchanges else ""
    for number, (_, reply) in enumerate(cassette.exchanges, 1):
        if not problem and not 200 <= reply.status < 600:
            problem = f"has a status that no answer has: number {number}"
    if problem:
        hint = "mend the file, or delete it and record again"
        raise SettingsError(f"cassette {cassette.path}", problem, hint)


def _length(request: HttpRequest, reply: HttpReply, body: bytes) -> Headers:
    if reply.status in _NO_BODY:
        return ()
    # The answer to HEAD tells the length of another one.
    is_head = request.method == HTTPMethod.HEAD
    length = reply.header("Content-Length") if is_head else str(len(body))
    return (("Content-Length", length),) if length is not None else ()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, ":")
    return f"{parts.scheme}://{host.removesuffix(usual)}"


def _path(url: str) -> str:
    return unquote(urlsplit(url).path) or "/"


def _moved(request: HttpRequest, origin: str) -> HttpRequest:
    parts = urlsplit(request.url)
    rest = request.url[len(f"{parts.scheme}://{parts.netloc}") :]
    return HttpRequest(
        method=request.method,
        url=origin + rest,
        headers=request.headers,
        body=request.body,
    )
