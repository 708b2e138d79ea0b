"""The one name of this package."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import (
    Client,
    ClientKind,
    DataCenter,
    Journal,
    ScopeSet,
    Secret,
    observe,
)

from ._answer import dressed
from ._clock import MovableClock
from ._faults import Decision, Faults
from ._settings import FakeSettings
from .accounts import ROUTES, AccountsServer, Code, Vault, answer
from .catalyst import ALL_SCOPES, CatalystApi, Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

# In Zoho's form, and visibly nobody's.
_CLIENT_ID = "1000." + "FAKECLIENT" * 3
_CLIENT_SECRET = "fa4e" * 10 + "fa"
_GUESTS = ({"Name": "Ada", "Seats": 2}, {"Name": "Grace", "Seats": 4})


@final
class FakeCatalyst:
    """Zoho Accounts and the Catalyst API, as one function from request to reply.

    It is a `Transport`, so an engine can be plugged straight into it. A client, a
    refresh token, a project and its table `Guests` are there from the start. Safe to
    share between threads.

    Args:
        settings: Numbers and switches.
        clock: Its only source of time; None follows real time until it is moved.

    Attributes:
        settings: As given.
        clock: To be moved by the test.
        journal: What it was asked and answered, redacted.
        client: The registered client, of kind `self`.
        refresh_token: Of that client, for all scopes that the fake serves.
    """

    ALL_SCOPES = ALL_SCOPES

    def __init__(
        self,
        *,
        settings: FakeSettings | None = None,
        clock: MovableClock | None = None,
    ) -> None:
        self.settings = settings or FakeSettings()
        self.clock = clock or MovableClock()
        self.journal = Journal()
        self._lock = Lock()
        self._faults = Faults()
        self._project = Project(self.clock)
        self._vault = Vault(self.settings, self.clock)
        self.client = self.register_client()
        self.refresh_token = self.issue_refresh_token()
        self.add_table("Guests", _GUESTS)

    def __repr__(self) -> str:
        return f"<fake of Zoho {self.settings.data_center.location}>"

    @property
    def project_id(self) -> str:
        """The project that is there from the start."""
        return str(self._project.project_id)

    def register_client(
        self, *, redirect_uri: str | None = None, kind: ClientKind | None = None
    ) -> Client:
        """Register a client, as in the API console.

        Args:
            redirect_uri: Makes it a client of kind `server`.
            kind: Another kind.
        """
        clients = self._vault.clients
        with self._lock:
            number = f"{len(clients):02d}" if clients else ""
            client = Client(
                client_id=_CLIENT_ID[: len(_CLIENT_ID) - len(number)] + number,
                client_secret=Secret(_CLIENT_SECRET[: 42 - len(number)] + number),
                kind=kind or (ClientKind.SERVER if redirect_uri else ClientKind.SELF),
                redirect_uri=redirect_uri,
                data_center=self.settings.data_center,
            )
            clients[client.client_id] = client
        return client

    def issue_code(
        self,
        scopes: str | Iterable[str] | None = None,
        *,
        client: Client | None = None,
        offline: bool = True,
    ) -> Secret:
        """Issue a code, as after a person's consent.

        Args:
            scopes: What was consented to; None for all that the fake serves.
            client: For whom; a self client's code is one of the API console.
            offline: Whether the code brings a refresh token.
        """
        client, settings = client or self.client, self.settings
        of_console = client.redirect_uri is None
        life = settings.console_code_lifetime if of_console else settings.code_lifetime
        code = Code(
            client_id=client.client_id,
            scope=_scopes(scopes),
            redirect_uri=client.redirect_uri,
            ends_at=self.clock() + life,
            offline=offline or of_console,
        )
        with self._lock:
            return self._vault.add_code(code)

    def issue_refresh_token(
        self,
        scopes: str | Iterable[str] | None = None,
        *,
        client: Client | None = None,
    ) -> Secret:
        """Issue a refresh token, as after a consent and an exchange."""
        client_id = (client or self.client).client_id
        with self._lock:
            return self._vault.add_consent(client_id, _scopes(scopes))

    def revoke(self, token: Secret) -> bool:
        """End a token, as its user can at any time; tell whether there was one."""
        with self._lock:
            return self._vault.end(token)

    def add_table(self, name: str, rows: Iterable[Mapping[str, Any]] = ()) -> str:
        """Create a table with rows; return its id.

        Raises:
            SettingsError: There is one of that name already, or a value is neither
                text, number, boolean nor None.
        """
        with self._lock:
            return str(self._project.add_table(name, rows).table_id)

    def fail(
        self,
        endpoint: str,
        *,
        status: int = 503,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        body: str = "<html><body>Service Unavailable</body></html>",
    ) -> None:
        """Let the next requests to an endpoint fail.

        Args:
            endpoint: `token`, `revoke` or `api`.
            status: HTTP status of the answers.
            times: How many requests get them.
            headers: Further headers, for example `Retry-After`.
            body: Any text.

        Raises:
            SettingsError: There is no such endpoint, or status.
        """
        with self._lock:
            self._faults.add(
                endpoint, status=status, times=times, headers=headers or {}, body=body
            )

    def slow(self, endpoint: str, *, seconds: float) -> None:
        """Let all answers of an endpoint take some time; 0 ends that.

        Raises:
            SettingsError: There is no such endpoint, or the time is negative.
        """
        with self._lock:
            self._faults.slow(endpoint, seconds)

    def heal(self) -> None:
        """End all failures and delays."""
        with self._lock:
            self._faults.clear()

    def send(self, request: HttpRequest) -> HttpReply:
        """Answer one request. Waits only if `slow` asked for it."""
        decision = self.decide(request)
        if decision.delay:
            time.sleep(decision.delay)
        return decision.reply

    def serves(self, url: str) -> bool:
        """Tell whether a URL is at one of Zoho's hosts."""
        try:
            return (urlsplit(url).hostname or "") in _HOSTS
        except ValueError:
            return False

    def decide(self, request: HttpRequest) -> Decision:
        """Answer one request; leave the waiting to the caller."""
        endpoint = _endpoint(self._served_path(request))
        with self._lock:
            at = self.clock()
            delay = self._faults.delay(endpoint)
            reply = self._faults.take(endpoint) or self._answer(request, endpoint)
            reply = dressed(reply, request.method, at)
            self.journal.add(observe(request, reply, at))
        return Decision(reply, delay)

    @contextmanager
    def in_process(self, *, strict: bool = False) -> Iterator[None]:
        """Answer every call of `requests` to the hosts of all data centres.

        It lasts as long as the context. A mock of `responses` that was active before
        keeps all other hosts; one that is activated inside hides this fake.

        Args:
            strict: Refuse calls to all other hosts; otherwise they go out.
        """
        from .doors._in_process import answering

        with answering(self.send, strict=strict):
            yield

    def _answer(self, request: HttpRequest, endpoint: str) -> HttpReply:
        center, vault = self._center(request), self._vault
        if center.location != self.settings.data_center.location:
            # Abroad nobody knows our clients, codes and tokens.
            vault = Vault(self.settings, self.clock)
        if endpoint == "api":
            return CatalystApi(vault, self._project, self.clock).answer(request)
        server = AccountsServer(center, self.settings, self.clock, vault)
        return answer(server, self._served_path(request), request)

    def _center(self, request: HttpRequest) -> DataCenter:
        """Return whose host was asked; one of nobody, such as a loopback, is ours."""
        return _HOSTS.get(
            urlsplit(request.url).hostname or "", self.settings.data_center
        )

    def _served_path(self, request: HttpRequest) -> str:
        path = urlsplit(request.url).path
        if self.settings.lenient_double_slash:
            return re.sub(r"\A/+", "/", path)
        return path


_HOSTS = {
    urlsplit(url).hostname or "": center
    for center in DataCenter.all()
    for url in (center.accounts_url, center.api_url, center.console_url)
    if url
}


def _endpoint(path: str) -> str:
    if path.startswith("/baas/"):
        return "api"
    route = ROUTES.get(path)
    return route.endpoint if route else ""


def _scopes(scopes: str | Iterable[str] | None) -> ScopeSet:
    return ALL_SCOPES if scopes is None else ScopeSet.parse(scopes)
