"""The fake on a loopback socket, for any client in any language."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any, Self, final

import uvicorn

from pytest_catalyst_oauth.engine import HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._environment import environment
from pytest_catalyst_oauth.fake._fake import FakeCatalyst

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from pytest_catalyst_oauth.engine import Client

    Message = MutableMapping[str, Any]
    _Receive = Callable[[], Awaitable[Message]]

_LOOPBACK = "127.0.0.1"


@final
class FakeServer:
    """Serve a fake on 127.0.0.1, in a thread, while the context lasts.

    It listens when the context begins. The fake stays within reach: seed it, move its
    clock, make it fail while clients in other processes talk to it.

    Args:
        fake: What to serve; None makes one.
        port: 0 picks a free one.

    Attributes:
        fake: What it serves.

    Raises:
        SettingsError: On entering, when the port is taken or the server runs already.
    """

    def __init__(self, fake: FakeCatalyst | None = None, *, port: int = 0) -> None:
        self.fake = fake or FakeCatalyst()
        self._wanted = port
        self._url: str | None = None
        self._running: tuple[uvicorn.Server, Thread, socket.socket] | None = None

    def __enter__(self) -> Self:
        if self._running is not None:
            raise SettingsError(
                "the fake server", "runs already", "use it without another `with`"
            )
        listener = _listen(self._wanted)
        config = uvicorn.Config(
            self._application,
            interface="asgi3",
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            # Zoho's own are part of the answers.
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, args=([listener],), daemon=True)
        self._running = server, thread, listener
        self._url = f"http://{_LOOPBACK}:{listener.getsockname()[1]}"
        # Clients are queued already, so there is no start to wait for.
        thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            server, thread, listener = self._running
            server.should_exit = True
            thread.join()
            listener.close()
            self._running = None

    @property
    def accounts_url(self) -> str:
        """Base of the OAuth endpoints, without a trailing slash."""
        if self._url is None:
            raise SettingsError(
                "the fake server", "has not started", "use it in `with`"
            )
        return self._url

    @property
    def api_url(self) -> str:
        """Base of the Catalyst API, without a trailing slash."""
        return self.accounts_url

    @property
    def project_url(self) -> str:
        """Base of the project's resources: tables, cache and so on."""
        return f"{self.api_url}/baas/v1/project/{self.fake.project_id}"

    @property
    def client(self) -> Client:
        """The fake's client, with this server's addresses."""
        center = replace(
            self.fake.client.data_center,
            accounts_url=self.accounts_url,
            api_url=self.api_url,
            console_url=self.api_url,
        )
        return replace(self.fake.client, data_center=center)

    @property
    def env(self) -> dict[str, str]:
        """Variables that aim this plugin, its collection and the official SDKs here."""
        return environment(self.client, self.fake.refresh_token, self.fake.project_id)

    async def _application(
        self,
        scope: Message,
        receive: _Receive,
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        body = await _read(receive)
        if body is None:
            return
        decision = self.fake.decide(self._request(scope, body))
        if await _hangs_up(receive, within=decision.delay):
            return
        # Not in lower case, as ASGI has it, but as Zoho writes them.
        headers = [(_octets(n), _octets(v)) for n, v in decision.reply.headers]
        start = {"status": decision.reply.status, "headers": headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": decision.reply.body})

    def _request(self, scope: Message, body: bytes) -> HttpRequest:
        # Whatever is no path (`*`, a whole URL) becomes one that is not found.
        path = "/" + _text(scope["raw_path"]).removeprefix("/")
        query = _text(scope["query_string"])
        return HttpRequest(
            method=scope["method"],
            url=f"{self.accounts_url}{path}" + (f"?{query}" if query else ""),
            headers=tuple((_text(n), _text(v)) for n, v in scope["headers"]),
            body=body,
        )


async def _read(receive: _Receive) -> bytes | None:
    """Return the whole body; None if the client hung up before its end."""
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            return bytes(body)
    return None


async def _hangs_up(receive: _Receive, *, within: float) -> bool:
    """Wait some seconds; stop early, with True, when the client hangs up."""
    if not within:
        return False
    try:
        async with asyncio.timeout(within):
            # After the body nothing but the end of the connection can come.
            await receive()
    except TimeoutError:
        return False
    return True


def _text(octets: bytes) -> str:
    return octets.decode("latin-1")


def _octets(text: str) -> bytes:
    return text.encode("latin-1")


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_LOOPBACK, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or "ports end at 65535"
    else:
        return listener
    raise SettingsError(
        f"port {port}",
        f"cannot be used: {reason}",
        "choose another, or 0 for a free one",
    )
