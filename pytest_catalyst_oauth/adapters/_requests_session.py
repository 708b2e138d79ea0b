"""Our place in other people's `requests` sessions."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, final

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import TransportError

from ._requests import header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Transport


@final
class TransportAdapter(HTTPAdapter):
    """Let a `requests.Session` speak through one of our transports.

    Mount it on `https://` and `http://`, and every call of the session is answered by
    the fake or by a cassette, with nothing patched. Where nobody answers, the session
    raises `requests.ConnectionError`, as it does on a network.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Make none, since no connection is opened."""

    def close(self) -> None:
        """Do nothing, since no connection is open."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> Any:
        """Send one prepared request, and return a `requests.Response`."""
        reply = self._reply_or_problem(request)
        if isinstance(reply, str):
            raise requests.ConnectionError(reply)
        raw = HTTPResponse(
            body=BytesIO(reply.body),
            status=reply.status,
            reason=_phrase(reply.status),
            headers=HTTPHeaderDict(reply.headers),
            preload_content=False,
            request_method=request.method,
            original_response=_Original(reply),  # type: ignore[arg-type]  # what the cookie jar reads
        )
        return self.build_response(request, raw)

    def _reply_or_problem(self, request: requests.PreparedRequest) -> HttpReply | str:
        try:
            return self._transport.send(read_request(request))
        except TransportError as error:
            return str(error)


@final
class ObservingAdapter(HTTPAdapter):
    """Send as `requests` does, with all its options, and tell what was exchanged.

    The answer is read as a whole, also one that was to be streamed: it cannot be told
    otherwise.

    Args:
        observe: Is told each request and its reply.
    """

    def __init__(self, observe: Callable[[HttpRequest, HttpReply], None]) -> None:
        super().__init__()
        self._observe = observe

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> Any:
        """Send one prepared request, and return its `requests.Response`."""
        sent = _rewindable(request)
        response = super().send(request, *args, **options)
        reply = HttpReply(
            status=response.status_code,
            headers=header_pairs(response),
            body=response.content,
        )
        self._observe(sent, reply)
        return response


def read_request(request: requests.PreparedRequest) -> HttpRequest:
    """Return a request of `requests` as our value; a file is read to its end."""
    return HttpRequest(
        method=request.method or "GET",
        url=request.url or "",
        headers=tuple((k, _text(v)) for k, v in request.headers.items()),
        body=_bytes(request.body),
    )


def _rewindable(request: requests.PreparedRequest) -> HttpRequest:
    """Read a request whose body may be a file or a generator, and leave it whole."""
    given: Any = request.body
    if not isinstance(given, str | bytes | None):
        body = _bytes(given)
        request.headers.pop("Transfer-Encoding", None)
        request.headers["Content-Length"] = str(len(body))
        sent = requests.PreparedRequest.copy(request)
        sent.body = body
        stream: Any = BytesIO(body)
        request.body = stream
        return read_request(sent)
    return read_request(request)


class _Original:
    """Shows a reply's headers to the cookie jar as http.client would."""

    def __init__(self, reply: HttpReply) -> None:
        self.msg = self
        self._headers = reply.headers

    def get_all(self, name: str, default: list[str]) -> list[str]:
        wanted = name.lower()
        return [v for n, v in self._headers if n.lower() == wanted] or default

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        pass


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body or b""
    return b"".join(body)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
