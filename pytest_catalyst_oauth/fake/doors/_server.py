"""The fake on a loopback socket, for any client in any language."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Self

from pytest_catalyst_oauth.engine import Client, DataCenter
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._environment import (
    control_environment,
    environment,
    proxy_environment,
    trust_environment,
)
from pytest_catalyst_oauth.fake._fake import FakeCatalyst
from pytest_catalyst_oauth.fake.control import PATH

from ._connection import House
from ._desk import StandInSide
from ._doorway import LOOPBACK, drop_the_silent, listen, part, welcome
from ._http import Bounds
from ._loop import Loop

if TYPE_CHECKING:
    import socket
    import ssl
    from os import PathLike

    from pytest_catalyst_oauth.engine import Secret
    from pytest_catalyst_oauth.fake.control._control import Control

    from ._certificates import Certificates

# Seconds for what is being worked on when a server ends.
_PATIENCE = 3.0


class FakeServer(StandInSide):
    """Serve a fake on 127.0.0.1, in a thread, while the context lasts.

    It listens when the context begins. The fake stays within reach: seed it, move its
    clock, make it fail while clients in other processes talk to it.

    Args:
        fake: What to serve; None makes one.
        port: 0 picks a free one.
        https: Speak https; clients have to trust `ca_file`.
        proxy: Let `env` lead clients here by a proxy, at Zoho's own addresses.
        control: Let requests below `/.catalyst-oauth/` control the fake.
        ca: File with the authority that signs, and its key; created if there is none.
            None makes a new authority for each run.
        largest_body: Octets that a request may have.
        longest_silence: Seconds after which a client that owes us a request, or the
            rest of one, may be dropped; it is within twice that time.

    Attributes:
        fake: What it serves.

    Raises:
        SettingsError: On entering, when the port is taken, the server runs already, or
            https was asked for and cannot be had.
    """

    def __init__(
        self,
        fake: FakeCatalyst | None = None,
        *,
        port: int = 0,
        https: bool = False,
        proxy: bool = False,
        control: bool = False,
        ca: str | PathLike[str] | None = None,
        largest_body: int = Bounds().body,
        longest_silence: float = Bounds().silence,
    ) -> None:
        self.fake = fake or FakeCatalyst()
        StandInSide.__init__(self, self.fake)
        self._control = self.fake.open_control() if control else None
        self._wanted = port
        self._https = https
        self._leads = proxy
        self._ca = None if ca is None else Path(ca)
        self._bounds = Bounds(body=largest_body, silence=longest_silence)
        self._address: str | None = None
        self._certificates: Certificates | None = None
        self._running: tuple[Loop, Thread] | None = None

    def __enter__(self) -> Self:
        if self._running is not None:
            raise SettingsError(
                "the fake server", "runs already", "use it without another `with`"
            )
        if self._https or self._leads:
            self._issue()
        listener = listen(self._wanted)
        self._address = f"{LOOPBACK}:{listener.getsockname()[1]}"
        loop = Loop()
        thread = Thread(target=self._serve, args=(loop, listener), daemon=True)
        self._running = loop, thread
        # Clients are queued already, so there is no start to wait for.
        thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            loop, thread = self._running
            loop.stop()
            # A rule that hangs ends with the process.
            thread.join(_PATIENCE)
            self._running = None
        if self._certificates is not None:
            self._certificates.close()
            self._certificates = None

    @property
    def accounts_url(self) -> str:
        """Base of the OAuth endpoints, without a trailing slash."""
        return f"{'https' if self._https else 'http'}://{self._found()}"

    @property
    def api_url(self) -> str:
        """Base of the Catalyst API, without a trailing slash."""
        return self.accounts_url

    @property
    def project_url(self) -> str:
        """Base of the project's resources: tables, cache and so on."""
        project_id = self._desk.known(self.fake.project_id)
        return f"{self.api_url}/baas/v1/project/{project_id}"

    @property
    def proxy(self) -> str:
        """A proxy at which Zoho's own addresses lead to the fake, and no others."""
        return f"http://{self._found()}"

    @property
    def control_url(self) -> str:
        """Base of the control's JSON interface, with a slash at its end."""
        return f"{self.accounts_url}{PATH}"

    @property
    def control_token(self) -> Secret:
        """What programs send to the control as a bearer token."""
        return self._controls().token

    def control_page(self) -> str:
        """Return an address that opens the control's page in one browser, once."""
        return f"{self.accounts_url}{self._controls().page_path()}"

    @property
    def ca_file(self) -> str:
        """Certificate that clients of https, or of the proxy, have to trust.

        A temporary file that is gone when the context ends.

        Raises:
            SettingsError: trustme is not installed.
        """
        self._found()
        return str(self._issue().file)

    @property
    def client(self) -> Client:
        """The fake's client, with this server's addresses."""
        own, url = self.fake.client, self.accounts_url
        return Client(
            client_id=own.client_id,
            client_secret=own.client_secret,
            kind=own.kind,
            redirect_uri=own.redirect_uri,
            data_center=DataCenter(
                location=own.data_center.location,
                accounts_url=url,
                api_url=url,
                console_url=url,
            ),
        )

    @property
    def env(self) -> dict[str, str]:
        """Variables that aim this plugin, its collection and the official SDKs here.

        With `proxy` they name Zoho's own addresses, and the proxy that leads here.
        """
        client = self.fake.client if self._leads else self.client
        given = environment(client, self.fake.refresh_token, self.fake.project_id)
        given = {name: self._desk.known(value) for name, value in given.items()}
        if self._leads:
            given |= proxy_environment(self.proxy, self.ca_file)
        elif self._https:
            given |= trust_environment(self.ca_file)
        if self._control is not None:
            token = self._control.token.reveal()
            given |= control_environment(self.control_url, token)
        return given

    def _controls(self) -> Control:
        if self._control is None:
            raise SettingsError(
                "the control", "is off", "write FakeServer(fake, control=True)"
            )
        return self._control

    def _found(self) -> str:
        if self._address is None:
            raise SettingsError(
                "the fake server", "has not started", "use it in `with`"
            )
        return self._address

    def _issue(self) -> Certificates:
        if self._certificates is None:
            from ._certificates import Certificates

            self._certificates = Certificates(self._ca)
        return self._certificates

    def _context(self, host: str) -> ssl.SSLContext:
        return self._issue().context(host)

    def _serve(self, loop: Loop, listener: socket.socket) -> None:
        house = House(
            fake=self._desk,
            loop=loop,
            origin=self.accounts_url,
            is_secure=self._https,
            bounds=self._bounds,
            context=self._context,
            open=set(),
        )
        welcome(house, listener)
        drop_the_silent(house)
        try:
            loop.run(lambda: not loop.is_stopped)
            loop.forget(listener)
            listener.close()
            part(house)
        finally:
            loop.close()
