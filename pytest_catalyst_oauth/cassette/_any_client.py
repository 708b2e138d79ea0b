"""Recording and replaying what any HTTP library does, through VCR.py's hooks.

The only module that knows VCR.py's insides: the methods that its stubs call of a
cassette, its patches, and the reset that lets real connections through.
"""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterable
from contextlib import ExitStack, contextmanager
from functools import cache
from http import HTTPStatus
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlencode

import vcr.patch

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._recorder import Tape
from ._replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from pytest_catalyst_oauth.engine import Transport

    from ._cassette import Cassette


@contextmanager
def record_any_client(tape: Tape | None = None) -> Iterator[Tape]:
    """Let all HTTP calls through, and remember them while the context lasts.

    Nothing is written: give the tape's exchanges to a `Cassette` and save that, if the
    test passed. All threads of the process are recorded.

    Args:
        tape: Where to remember them; None for a new one.
    """
    tape = tape or Tape()
    with _DOOR.leading_to(_Recording(tape)):
        yield tape


@contextmanager
def replay_any_client(cassette: Cassette, *, command: str) -> Iterator[Replay]:
    """Answer all HTTP calls from a cassette while the context lasts.

    A call without an answer raises `CassetteMissError` where the call was made.

    Args:
        cassette: What was recorded.
        command: What records it again, for messages.
    """
    replay = Replay(cassette, command=command)
    with answer_any_client(replay):
        yield replay


@contextmanager
def answer_any_client(transport: Transport) -> Iterator[None]:
    """Let a transport answer all HTTP calls while the context lasts."""
    with _DOOR.leading_to(_Replaying(transport)):
        yield


class _Recording:
    """Has the methods of VCR.py's `Cassette` that its stubs call."""

    write_protected = False

    def __init__(self, tape: Tape) -> None:
        self._tape = tape

    def can_play_response_for(self, request: Any) -> bool:  # noqa: ARG002
        return False

    def filter_request(self, request: Any) -> Any:
        return request

    def append(self, request: Any, response: Mapping[str, Any]) -> None:
        self._tape.add(as_request(request), as_reply(response))


class _Replaying:
    """Likewise."""

    # Before some versions know the request they ask this, and connect if it is not so.
    write_protected = True

    def __init__(self, replay: Transport) -> None:
        self._replay = replay

    def can_play_response_for(self, request: Any) -> bool:  # noqa: ARG002
        # Always, so that a miss is ours to report: VCR.py's message shows secrets.
        return True

    def play_response(self, request: Any) -> dict[str, Any]:
        return _response(self._replay.send(as_request(request)))

    def find_requests_with_most_matches(self, request: Any) -> list[tuple[Any, ...]]:
        # aiohttp's stub asks for the next hop of a redirect.
        return [(request, [], [])]


class _Door:
    """What the patched libraries talk to: whoever was opened last.

    VCR.py makes new classes for each cassette, which takes longer than to replay an
    exchange. Behind one door they are made once, and put in place while one is open.
    """

    custom_patches = ()
    _path = "of pytest-catalyst-oauth"

    def __init__(self) -> None:
        self._open: list[_Recording | _Replaying] = []
        self._lock = RLock()
        self._patches = ExitStack()
        self._kept: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._open[-1], name)

    @contextmanager
    def leading_to(self, one: _Recording | _Replaying) -> Iterator[None]:
        """Let every HTTP call of the process come to `one` meanwhile."""
        with self._lock:
            self._open.append(one)
            if len(self._open) == 1:
                self._patch()
        try:
            yield
        finally:
            with self._lock:
                if len(self._open) == 1:
                    self._patches.close()
                self._open.remove(one)

    def _patch(self) -> None:
        self._patches.enter_context(_tamed())
        # Within another cassette they would remember what that one has put in place.
        is_first = http.client.HTTPConnection is _REAL_CONNECTION
        patchers = self._kept or tuple(vcr.patch.CassettePatcherBuilder(self).build())
        if is_first:
            self._kept = patchers
        for patcher in patchers:
            if isinstance(patcher, vcr.patch.ConnectionRemover):
                # It remembers each pool for ever.
                pools = patcher._connection_pool_to_connections  # noqa: SLF001
                self._patches.callback(pools.clear)
            self._patches.enter_context(patcher)
        if hasattr(vcr.patch, "_AiohttpClientSessionRequest"):
            self._patches.enter_context(_forms_as_bytes())


def _forms_as_bytes() -> AbstractContextManager[Any]:
    import aiohttp

    from ._aiohttp_body import as_bytes_first

    asked = as_bytes_first(aiohttp.ClientSession._request)  # noqa: SLF001
    return mock.patch.object(aiohttp.ClientSession, "_request", asked)


_DOOR = _Door()


@contextmanager
def _tamed() -> Iterator[None]:
    """Keep VCR.py quiet and fit for threads.

    Its log has whole URLs and replies at level INFO.
    """
    log = logging.getLogger("vcr")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with mock.patch.object(vcr.patch, "force_reset", _narrow_reset):
            yield
    finally:
        log.setLevel(level)


_REAL_CONNECTION = vcr.patch._HTTPConnection  # noqa: SLF001
_RESETTING = RLock()


@contextmanager
def _narrow_reset() -> Iterator[None]:
    """Put back what a real connection needs, and no more.

    VCR.py puts back everything while it opens a connection, so that the calls of other
    threads pass by unrecorded, or reach the network in replay. The real classes only
    need the names in modules, which some of them look up; pools and transports, through
    which other threads call, stay patched.
    """
    with _RESETTING:
        patched = [(module, name, getattr(module, name)) for module, name, _ in _real()]
        for module, name, real in _real():
            setattr(module, name, real)
        try:
            yield
        finally:
            for module, name, found in patched:
                setattr(module, name, found)


@cache
def _real() -> tuple[tuple[ModuleType, str, Any], ...]:
    # VCR.py asks for this with each connection, and looks for absent libraries again.
    resets = vcr.patch.reset_patchers()
    found = [(one.getter(), one.attribute, one.new) for one in resets]
    return tuple(one for one in found if isinstance(one[0], ModuleType))


def as_request(request: Any) -> HttpRequest:
    """Return VCR.py's request as a value."""
    return HttpRequest(
        method=request.method,
        url=request.uri,
        headers=tuple((_text(n), _text(v)) for n, v in request.headers.items()),
        body=_bytes(request.body_bytes),
    )


def as_reply(response: Mapping[str, Any]) -> HttpReply:
    """Return VCR.py's response as a value."""
    return HttpReply(
        status=response["status"]["code"],
        headers=tuple(
            (_text(name), _text(value))
            for name, values in response["headers"].items()
            for value in ([values] if isinstance(values, str) else values)
        ),
        body=_bytes(response["body"].get("string")),
    )


def _response(reply: HttpReply) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in reply.headers:
        headers.setdefault(name, []).append(value)
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = ""
    return {
        "status": {"code": reply.status, "message": phrase},
        "headers": headers,
        "body": {"string": reply.body},
    }


def _bytes(body: Any) -> bytes:
    if body is None or isinstance(body, bytes | bytearray | memoryview):
        return bytes(body or b"")
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "items"):
        return urlencode(list(body.items())).encode()
    if isinstance(body, Iterable):
        return b"".join(map(_bytes, body))
    raise SettingsError(
        f"body of the type {type(body).__module__}.{type(body).__qualname__}",
        "cannot be recorded",
        "give the client bytes, or record the test with catalyst_cassette",
    )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
