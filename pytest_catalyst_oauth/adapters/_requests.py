"""The `requests` library: our transport, and our place in other people's sessions."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
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
from urllib3.exceptions import (
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_catalyst_oauth.engine import Transport


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long one attempt may take, in seconds.

    Attributes:
        connect: Until the connection stands.
        read: Between two packets of the answer.
        total: For the whole attempt; a body that drips ends here.
    """

    connect: float = 5.0
    read: float = 15.0
    total: float = 20.0


@final
class RequestsTransport:
    """Send requests with a `requests.Session` of its own.

    Redirects are not followed, since a token request must reach its own endpoint
    only, and `~/.netrc` is not read.

    Args:
        timeouts: Per attempt.
        verify: True, False, or the path of a CA bundle.
        proxies: As for `requests`; None reads the environment.
        largest_reply: In bytes; a larger one is refused.

    Raises:
        SettingsError: The CA bundle cannot be used.
    """

    def __init__(
        self,
        *,
        timeouts: Timeouts | None = None,
        verify: bool | str = True,
        proxies: Mapping[str, str] | None = None,
        largest_reply: int = 1 << 20,
    ) -> None:
        self._largest_reply = largest_reply
        self._timeouts = timeouts or Timeouts()
        self._verify = _checked(verify)
        self._proxies = dict(proxies or {})
        self._opened: tuple[int, requests.Session] | None = None

    def send(self, request: HttpRequest) -> HttpReply:
        """Deliver `request`.

        Raises:
            TransportError: Nobody answered in time, or with too much.
            SettingsError: The environment names a CA bundle that cannot be used.
        """
        try:
            return self._exchange(request)
        except Exception as error:  # noqa: BLE001  whatever it is, it drags frames along
            problem = _translate(error, request, self._timeouts)
        # Outside the handler, and without what led here: those frames hold bodies.
        raise problem from None

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
            return HttpReply(
                status=reply.status_code,
                headers=_pairs(reply),
                body=self._body(reply.raw, end),
            )

    def _body(self, raw: Any, end: float) -> bytes:
        body = bytearray()
        raw.decode_content = True
        # Not iter_content: it fills its chunk before anybody may look at the clock.
        while chunk := raw.read1(65_536):
            body += chunk
            if monotonic() > end:
                total = self._timeouts.total
                raise _CutOffError(f"no complete answer within {total:g} s")
            if len(body) > self._largest_reply:
                raise _CutOffError("the answer is too large")
        return bytes(body)

    def _session(self) -> requests.Session:
        # A child of fork must not write into its parent's connections.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), requests.Session())
        return self._opened[1]


class _CutOffError(RequestException):
    """We have heard enough; the text says why."""


def _checked(verify: bool | str) -> bool | str:
    if not isinstance(verify, str):
        return verify
    folder = Path(verify).is_dir()
    try:
        ssl.create_default_context(
            cafile=None if folder else verify, capath=verify if folder else None
        )
    except OSError:
        raise SettingsError(
            f"CA bundle {verify}",
            "cannot be read, or holds no certificate",
            "name a file of PEM certificates",
        ) from None
    return verify


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
        reply = self._transport.send(read_request(request))
        raw = HTTPResponse(
            body=BytesIO(reply.body),
            status=reply.status,
            headers=HTTPHeaderDict(reply.headers),
            preload_content=False,
            original_response=_Original(reply),  # type: ignore[arg-type]  # what the cookie jar reads
        )
        return self.build_response(request, raw)


def read_request(request: requests.PreparedRequest) -> HttpRequest:
    """Return a request of `requests` as our value."""
    return HttpRequest(
        method=request.method or "GET",
        url=request.url or "",
        headers=tuple((k, _text(v)) for k, v in request.headers.items()),
        body=_bytes(request.body),
    )


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


def _translate(error: Exception, request: HttpRequest, timeouts: Timeouts) -> Exception:
    """Return what to raise instead of `error`."""
    if isinstance(error, RequestException | HTTPError):
        words, sent = _explain(error, timeouts)
        return TransportError(request.origin, words, sent)
    if isinstance(error, OSError):
        # What goes wrong on a socket never comes out bare; a missing bundle does.
        return SettingsError(
            "CA bundle of the environment",
            "cannot be used",
            "correct REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE",
        )
    return error.with_traceback(None)


def _explain(error: Exception, timeouts: Timeouts) -> tuple[str, bool]:
    """Return what happened, and whether the server may have got the request."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, SSLError):
        return _explain_tls(reason)
    if isinstance(error, ConnectTimeout):
        return f"no connection within {timeouts.connect:g} s", False
    if isinstance(error, ProxyError):
        return "the proxy does not let us through", False
    if isinstance(reason, NewConnectionError):
        return "the connection was refused or the name is unknown", False
    if isinstance(error, Timeout | ReadTimeoutError):
        return f"no complete answer within {timeouts.read:g} s", True
    return str(error) if isinstance(
        error, _CutOffError
    ) else "the connection broke", True


def _explain_tls(reason: object) -> tuple[str, bool]:
    cause = reason.args[0] if isinstance(reason, Exception) and reason.args else reason
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "the TLS certificate is not trusted", False
    # It may have failed after the request went out.
    return "TLS failed", True


def _pairs(reply: requests.Response) -> tuple[tuple[str, str], ...]:
    # _body has undone the encoding, so these two would lie.
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
