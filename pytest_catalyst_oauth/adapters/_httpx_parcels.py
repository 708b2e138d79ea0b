"""Our requests and replies as those of `httpx`, within limits."""

from __future__ import annotations

import ssl
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn, final

import httpx

from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.engine.errors import OAuthError, TransportError

from ._certificate import untrusted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from pytest_catalyst_oauth.engine import HttpRequest

    from ._patience import Timeouts

LARGEST_REPLY = 1 << 20
_CURE = (
    "give the client verify=ssl.create_default_context(cafile=PATH), or name the file "
    "by SSL_CERT_FILE"
)
_PLAIN = ("", "identity")


@final
class Parcels:
    """Our requests as `httpx` sends them, within limits."""

    def __init__(self, timeouts: Timeouts, largest_reply: int) -> None:
        self._timeouts = timeouts
        self._largest_reply = largest_reply

    def pack(self, request: HttpRequest) -> httpx.Request:
        """Return a request that is sent once, to its own address."""
        own = self._timeouts
        timeout = httpx.Timeout(own.read, connect=own.connect, pool=own.connect)
        packed = httpx.Request(
            request.method,
            request.url,
            headers=[
                ("User-Agent", f"python-httpx/{httpx.__version__}"),
                # What is small when packed can be of any size when unpacked.
                ("Accept-Encoding", "identity"),
                *request.headers,
            ],
            content=request.body,
            extensions={"timeout": timeout.as_dict()},
        )
        packed.stream = _Once(request)
        return packed

    def limit(self, response: httpx.Response, request: HttpRequest) -> None:
        """Let the reading of a response fail when it is too much, in any sense."""
        response.stream = _Limited(
            response.stream,
            request.origin,
            self._timeouts.total,
            self._largest_reply,
            is_packed=response.headers.get("Content-Encoding", "") not in _PLAIN,
        )

    def explain(self, error: Exception, request: HttpRequest) -> Exception:
        """Return what to raise instead of `error`; not its frames."""
        if isinstance(error.__cause__, OAuthError):
            # It went through one of our own transports.
            error = error.__cause__
        if not isinstance(error, OAuthError):
            if not isinstance(error, httpx.HTTPError | httpx.StreamError | OSError):
                return error.with_traceback(None)
            error = TransportError(request.origin, *self._words(error))
        return error.with_traceback(None)

    def _words(self, error: Exception) -> tuple[str, bool]:
        """Return what happened, and whether the server may have got the request."""
        match error:
            case httpx.ConnectTimeout() | httpx.PoolTimeout():
                return f"no connection within {self._timeouts.connect:g} s", False
            case httpx.ConnectError() if cause := _refused_certificate(error):
                return untrusted(cause, _CURE), False
            case httpx.ConnectError():
                return "the connection was refused or the name is unknown", False
            case httpx.ProxyError():
                return "the proxy does not let us through", False
            case httpx.TimeoutException():
                return f"no complete answer within {self._timeouts.read:g} s", True
            case TimeoutError():
                return f"no complete answer within {self._timeouts.total:g} s", True
            case httpx.TransportError() | OSError():
                return "the connection broke", True
        # For example what an event hook raises.
        return f"the client gave up with {type(error).__name__}", True


def _refused_certificate(
    error: BaseException | None,
) -> ssl.SSLCertVerificationError | None:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def unpack(response: httpx.Response, *, body: bytes | None = None) -> HttpReply:
    """Return a response of `httpx`, read before, as our value."""
    # What httpx sends on is decoded, so these two would lie.
    dropped = {"content-encoding", "transfer-encoding"}
    pairs = header_pairs(response.headers)
    return HttpReply(
        status=response.status_code,
        headers=tuple((n, v) for n, v in pairs if n.lower() not in dropped),
        body=response.content if body is None else body,
    )


def header_pairs(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    """Return the pairs as they are on the wire; httpx's own views lower the names."""
    return tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in headers.raw)


class _Once(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that holds secrets: whoever follows a redirect finds none to send on."""

    def __init__(self, request: HttpRequest) -> None:
        self._request: HttpRequest | None = request
        self._origin = request.origin

    def _take(self) -> bytes:
        request, self._request = self._request, None
        if request is None:
            words = "the client was about to send the secrets again, maybe elsewhere"
            raise TransportError(self._origin, words)
        return request.body

    def __iter__(self) -> Iterator[bytes]:
        yield self._take()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._take()


class _Limited(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Somebody else's stream, to its end or to ours."""

    def __init__(
        self, inner: object, origin: str, total: float, largest: int, *, is_packed: bool
    ) -> None:
        self._inner: Any = inner
        self._origin = origin
        self._total = total
        self._end = monotonic() + total
        self._left = largest
        self._is_packed = is_packed

    def _checked(self, chunk: bytes) -> bytes:
        self._left -= len(chunk)
        if self._is_packed:
            self._refuse("the answer is compressed, for which nobody asked")
        if self._left < 0:
            self._refuse("the answer is too large")
        if monotonic() > self._end:
            self._refuse(f"no complete answer within {self._total:g} s")
        return chunk

    def _refuse(self, words: str) -> NoReturn:
        raise TransportError(self._origin, words)

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._inner:
            yield self._checked(chunk)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield self._checked(chunk)

    def close(self) -> None:
        self._inner.close()

    async def aclose(self) -> None:
        await self._inner.aclose()
