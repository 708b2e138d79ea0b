"""The fake as a transport of `httpx`, for its clients of both kinds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, final

import httpx

from pytest_catalyst_oauth.engine import HttpRequest
from pytest_catalyst_oauth.fake._fault_kinds import Ending

from ._delivery import packed

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake._fake import FakeCatalyst
    from pytest_catalyst_oauth.fake._faults import Decision


@final
class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answer an httpx client's requests to Zoho's hosts, and refuse all others.

    Give it to a client as `transport`, or as a value of `mounts`. A client that sends
    no token elsewhere can be used for the fake alone.
    """

    def __init__(self, fake: FakeCatalyst) -> None:
        self._fake = fake

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `httpx.Client`."""
        decision = self._decide(request, request.read())
        if decision.delay or decision.pace:
            time.sleep(decision.delay + decision.pace)
        return _response(request, decision)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an `httpx.AsyncClient`."""
        decision = self._decide(request, await request.aread())
        if decision.delay or decision.pace:
            # httpx brings it; it knows asyncio and trio.
            import anyio

            await anyio.sleep(decision.delay + decision.pace)
        return _response(request, decision)

    def _decide(self, request: httpx.Request, body: bytes) -> Decision:
        url = request.url
        if not self._fake.serves(str(url)):
            raise httpx.ConnectError(
                f"{request.method} {url.scheme}://{url.host} is not faked; "
                "mount the fake on Zoho's hosts, and another transport on others",
                request=request,
            )
        pairs = [
            (n.decode("latin-1"), v.decode("latin-1")) for n, v in request.headers.raw
        ]
        return self._fake.decide(
            HttpRequest(
                method=request.method, url=str(url), headers=tuple(pairs), body=body
            )
        )


def _response(request: httpx.Request, decision: Decision) -> httpx.Response:
    match decision.ending:
        case Ending.SILENCE:
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        case Ending.RESET:
            raise httpx.ReadError("Connection reset by peer", request=request)
        case Ending.CUT:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body",
                request=request,
            )
        case _:
            # There are no chunks where there is no wire.
            packing = decision.packing if decision.packing == "gzip" else ""
            reply = packed(decision.reply, packing)
    return httpx.Response(
        reply.status,
        headers=list(reply.headers),
        stream=httpx.ByteStream(reply.body),
        request=request,
    )
