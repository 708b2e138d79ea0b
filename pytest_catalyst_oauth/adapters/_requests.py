"""The `requests` library: our transport, and our place in other people's sessions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any, final

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import (
    ConnectTimeout,
    ProxyError,
    RequestException,
    SSLError,
    Timeout,
)
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_catalyst_oauth.engine import Transport

_LARGEST_REPLY = 1 << 20


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long one attempt may take, in seconds.

    Attributes:
        connect: Until the connection stands.
        read: Between two packets of the answer.
        total: For the whole attempt; a reply that drips ends here.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 20.0


@final
class RequestsTransport:
    """Send requests with a `requests.Session` of its own.

    Redirects are not followed, since a token request must reach its own endpoint
    only, and `~/.netrc` is not read. Replies above 1 MiB are refused.

    Args:
        timeouts: Per attempt.
        verify: True, False, or the path of a CA bundle.
        proxies: As for `requests`; None reads the environment.
    """

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        verify: bool | str = True,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self._timeouts = timeouts or Timeouts()
        self._verify = verify
        self._proxies = dict(proxies or {})
        self._opened: tuple[int, requests.Session] | None = None

    def send(self, request: HttpRequest) -> HttpReply:
        """Deliver `request`.

        Raises:
            TransportError: Nobody answered in time, or with too much.
        """
        try:
            return self._exchange(request)
        except (RequestException, HTTPError) as error:
            problem = _translate(error, request, self._timeouts)
        # Outside the handler: the error must not drag frames along that hold bodies.
        raise problem

    def _exchange(self, request: HttpRequest) -> HttpReply:
        timeouts = self._timeouts
        end = monotonic() + timeouts.total
        with self._session().request(
            request.method,
            request.url,
            data=request.body,
            headers=dict(request.headers),
            timeout=(timeouts.connect, timeouts.read),
            allow_redirects=False,
            stream=True,
            verify=self._verify,
            proxies=self._proxies,
            auth=_no_netrc,
        ) as reply:
            body = bytearray()
            for chunk in reply.iter_content(65_536):
                body += chunk
                if monotonic() > end:
                    raise Timeout
                if len(body) > _LARGEST_REPLY:
                    raise _TooLargeError
            return HttpReply(
                status=reply.status_code, headers=_pairs(reply), body=bytes(body)
            )

    def _session(self) -> requests.Session:
        # A child of fork must not write into its parent's connections.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), requests.Session())
        return self._opened[1]


class _TooLargeError(RequestException):
    pass


@final
class TransportAdapter(HTTPAdapter):
    """Let a `requests.Session` speak through one of our transports.

    Mount it on `https://` and `http://`, and every call of the session is answered by
    the fake or by a cassette, or recorded, with nothing patched.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> Any:
        """Send one prepared request, and return a `requests.Response`."""
        reply = self._transport.send(
            HttpRequest(
                method=request.method or "GET",
                url=request.url or "",
                headers=tuple((k, _text(v)) for k, v in request.headers.items()),
                body=_bytes(request.body),
            )
        )
        raw = HTTPResponse(
            body=BytesIO(reply.body),
            status=reply.status,
            headers=HTTPHeaderDict(reply.headers),
            preload_content=False,
            original_response=_Original(reply),  # type: ignore[arg-type]  # what the cookie jar reads
        )
        return self.build_response(request, raw)


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


def _translate(
    error: Exception, request: HttpRequest, timeouts: Timeouts
) -> TransportError:
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, SSLError):
        words, sent = "the TLS certificate is not trusted", False
    elif isinstance(error, ConnectTimeout):
        words, sent = f"no connection within {timeouts.connect:g} s", False
    elif isinstance(error, ProxyError):
        words, sent = "the proxy does not let us through", False
    elif isinstance(reason, NewConnectionError):
        words, sent = "the connection was refused or the name is unknown", False
    elif isinstance(error, Timeout):
        words, sent = f"no complete answer within {timeouts.read:g} s", True
    elif isinstance(error, _TooLargeError):
        words, sent = "the answer is larger than 1 MiB", True
    else:
        words, sent = "the connection broke", True
    return TransportError(request.origin, words, sent)


def _pairs(reply: requests.Response) -> tuple[tuple[str, str], ...]:
    # iter_content has undone the encoding, so these two would lie.
    dropped = {"content-encoding", "transfer-encoding"}
    headers = reply.raw.headers
    return tuple((n, v) for n, v in headers.items() if n.lower() not in dropped)


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if body is None or isinstance(body, bytes):
        return body or b""
    return b"".join(body)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
