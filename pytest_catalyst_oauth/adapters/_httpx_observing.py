"""A transport of `httpx` that sends as `httpx` does, and tells what was exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import httpx

from pytest_catalyst_oauth.engine import HttpRequest

from ._httpx import HttpxTransportAdapter
from ._httpx_parcels import header_pairs, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpReply, Transport

_TOKEN_PATH = "/oauth/v2/token"
_KEPT = ("http_version", "reason_phrase")


@final
class ObservingHttpxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Send with the time-outs, proxies and certificates of a client of one's own.

    The answer is read as a whole, also one that was to be streamed: it cannot be told
    otherwise. Token requests, which the client makes for its `auth`, are another's.

    Args:
        client: A `Client` or an `AsyncClient`, closed with this.
        tokens: Carries the token requests, and tells of them itself.
        observe: Is told each other request and its reply.
    """

    def __init__(
        self,
        client: httpx.Client | httpx.AsyncClient,
        *,
        tokens: Transport,
        observe: Callable[[HttpRequest, HttpReply], None],
    ) -> None:
        self._client = client
        self._tokens = HttpxTransportAdapter(tokens)
        self._observe = observe

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request of a `Client`."""
        if request.url.path == _TOKEN_PATH:
            return self._tokens.handle_request(request)
        assert isinstance(self._client, httpx.Client)  # noqa: S101  who made this saw to it
        request.read()
        response = self._client.send(
            request, auth=None, follow_redirects=False, stream=True
        )
        try:
            raw = b"".join(response.iter_raw())
        finally:
            response.close()
        return self._told(request, response, raw)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request of an `AsyncClient`."""
        if request.url.path == _TOKEN_PATH:
            return await self._tokens.handle_async_request(request)
        assert isinstance(self._client, httpx.AsyncClient)  # noqa: S101  likewise
        await request.aread()
        response = await self._client.send(
            request, auth=None, follow_redirects=False, stream=True
        )
        try:
            raw = b"".join([part async for part in response.aiter_raw()])
        finally:
            await response.aclose()
        return self._told(request, response, raw)

    def close(self) -> None:
        """Close the client."""
        assert isinstance(self._client, httpx.Client)  # noqa: S101  likewise
        self._client.close()

    async def aclose(self) -> None:
        """Close the client."""
        assert isinstance(self._client, httpx.AsyncClient)  # noqa: S101  likewise
        await self._client.aclose()

    def _told(
        self, request: httpx.Request, response: httpx.Response, raw: bytes
    ) -> httpx.Response:
        sent = HttpRequest(
            method=request.method,
            url=str(request.url),
            headers=header_pairs(request.headers),
            body=request.content,
        )
        decoded = _again(response, raw)
        decoded.read()
        self._observe(sent, unpack(decoded))
        return _again(response, raw)


def _again(response: httpx.Response, raw: bytes) -> httpx.Response:
    """Return a response that was read, as one that nobody has read."""
    return httpx.Response(
        response.status_code,
        headers=response.headers.raw,
        stream=httpx.ByteStream(raw),
        extensions={k: v for k, v in response.extensions.items() if k in _KEPT},
    )
