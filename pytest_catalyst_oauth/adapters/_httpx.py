"""The `httpx` library: our transports, and our place in other people's clients."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, final

import httpx

from pytest_catalyst_oauth.engine import HttpRequest
from pytest_catalyst_oauth.engine.errors import TransportError

from ._httpx_parcels import LARGEST_REPLY, Parcels, header_pairs, unpack
from ._patience import Timeouts

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply, Transport


@final
class HttpxTransport:
    """Send requests with a given `httpx.Client`: its proxies, its certificates.

    Its `auth`, cookies and default headers are not used, and redirects are not
    followed, since a token request must reach its own endpoint only.

    Args:
        client: Sends; its owner closes it.
        timeouts: Per attempt.
        largest_reply: In bytes; a larger one is refused.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        timeouts: Timeouts | None = None,
        largest_reply: int = LARGEST_REPLY,
    ) -> None:
        self._client = client
        self._parcel = Parcels(timeouts or Timeouts(), largest_reply)

    def send(self, request: HttpRequest) -> HttpReply:
        """Deliver `request`.

        Raises:
            TransportError: Nobody answered in time, or with too much.
        """
        try:
            return self._exchange(request)
        except Exception as error:  # noqa: BLE001  whatever it is, it drags frames along
            problem = self._parcel.explain(error, request)
        # Outside the handler, and without what led here: those frames hold bodies.
        raise problem from None

    def _exchange(self, request: HttpRequest) -> HttpReply:
        response = self._client.send(
            self._parcel.pack(request), auth=None, follow_redirects=False, stream=True
        )
        try:
            self._parcel.limit(response, request)
            response.read()
            return unpack(response)
        finally:
            response.close()


@final
class AsyncHttpxTransport:
    """`HttpxTransport` for an `httpx.AsyncClient` and asyncio.

    Args:
        client: Sends; its owner closes it.
        timeouts: Per attempt.
        largest_reply: In bytes; a larger one is refused.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        timeouts: Timeouts | None = None,
        largest_reply: int = LARGEST_REPLY,
    ) -> None:
        self._client = client
        self._timeouts = timeouts or Timeouts()
        self._parcel = Parcels(self._timeouts, largest_reply)

    async def send(self, request: HttpRequest) -> HttpReply:
        """Deliver `request`.

        Raises:
            TransportError: Nobody answered in time, or with too much.
        """
        try:
            async with asyncio.timeout(self._timeouts.total):
                return await self._exchange(request)
        except Exception as error:  # noqa: BLE001  whatever it is, it drags frames along
            problem = self._parcel.explain(error, request)
        raise problem from None

    async def _exchange(self, request: HttpRequest) -> HttpReply:
        response = await self._client.send(
            self._parcel.pack(request), auth=None, follow_redirects=False, stream=True
        )
        try:
            self._parcel.limit(response, request)
            await response.aread()
            return unpack(response)
        finally:
            await response.aclose()


@final
class HttpxTransportAdapter(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Let a client of `httpx` speak through one of our transports.

    Give it as `transport`, and every call of the client is answered by the fake or by
    a cassette, or recorded, with nothing patched. An `AsyncClient` waits for each
    call, so that they keep their order. Where nobody answers, the client raises
    `httpx.TransportError`, as it does on a network.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request of a `Client`."""
        assert isinstance(request.stream, httpx.SyncByteStream)  # noqa: S101  the client saw to it
        return self._answer(request, b"".join(request.stream))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request of an `AsyncClient`."""
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101  likewise
        return self._answer(request, b"".join([part async for part in request.stream]))

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        sent = HttpRequest(
            method=request.method,
            url=str(request.url),
            headers=header_pairs(request.headers),
            body=body,
        )
        try:
            reply = self._transport.send(sent)
        except TransportError as error:
            kind = httpx.ReadError if error.sent else httpx.ConnectError
            raise kind(str(error), request=request) from error
        return httpx.Response(
            reply.status,
            headers=list(reply.headers),
            stream=httpx.ByteStream(reply.body),
        )
