"""The `requests` library as a transport."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, final

import requests
from requests.exceptions import (
    ConnectTimeout,
    ProxyError,
    RequestException,
    SSLError,
    Timeout,
)
from urllib3.exceptions import (
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
)

from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.engine.errors import SettingsError, TransportError

from ._certificate import untrusted
from ._patience import Timeouts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_catalyst_oauth.engine import HttpRequest

_CURE = "name a file with its certificate by verify= or REQUESTS_CA_BUNDLE"


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
                headers=header_pairs(reply),
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
        return untrusted(cause, _CURE), False
    # It may have failed after the request went out.
    return "TLS failed", True


def header_pairs(reply: requests.Response) -> tuple[tuple[str, str], ...]:
    """Return a reply's headers as they fit the body that was read."""
    # The encoding is undone, so these would lie.
    dropped = {"content-encoding", "transfer-encoding"}
    headers = reply.raw.headers
    if "content-encoding" in headers:
        dropped.add("content-length")
    return tuple((n, v) for n, v in headers.items() if n.lower() not in dropped)


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
