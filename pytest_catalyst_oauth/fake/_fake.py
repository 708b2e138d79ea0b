"""The one name of this package."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from functools import lru_cache
from threading import RLock
from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import DataCenter, Journal

from ._accounts_side import AccountsSide
from ._answer import dressed
from ._catalyst_side import CatalystSide
from ._clock import MovableClock
from ._faults import Decision, Faults, decided, heard, revoked_by, wish
from ._person import consent
from ._settings import FakeSettings
from .accounts import ROUTES, answer, protected
from .catalyst import ALL_SCOPES, CatalystApi
from .control._side import ControlSide

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._users import User
    from .doors._httpx import FakeTransport

_GUESTS = ({"Name": "Ada", "Seats": 2}, {"Name": "Grace", "Seats": 4})


@final
class FakeCatalyst(AccountsSide, CatalystSide, ControlSide):
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
        given = settings or FakeSettings(), clock or MovableClock(), RLock()
        AccountsSide.__init__(self, *given)
        CatalystSide.__init__(self, *given)
        self.journal = Journal(self.settings.journal_size)
        self._faults = Faults()
        self.client = self.register_client()
        self.refresh_token = self.issue_refresh_token()
        self.add_table("Guests", _GUESTS)

    def __repr__(self) -> str:
        return f"<fake of Zoho {self.settings.data_center.location}>"

    def fail(
        self,
        endpoint: str,
        *,
        fault: str = "status",
        times: int | None = 1,
        chance: float = 1.0,
        seed: int | None = None,
        status: int = 503,
        headers: Mapping[str, str] | None = None,
        body: str = "<html><body>Service Unavailable</body></html>",
        seconds: float | None = None,
    ) -> None:
        """Let the next requests to an endpoint fail.

        Args:
            endpoint: For example `token`, `revoke` or `api`; `*` for all.
            fault: How; docs/reference/fake.md lists the kinds.
            times: How many requests get it; None until `heal`.
            chance: The probability that a request gets it.
            seed: Makes the same requests get it in every run.
            status: HTTP status of the answers, for `status`.
            headers: Further headers, for `status`; for example `Retry-After`.
            body: Any text, for `status`.
            seconds: For `latency`, `drip` and `clock_skew`; None for the usual.

        Raises:
            SettingsError: There is no such endpoint or fault, a number is out of its
                range, or a header cannot be sent.
        """
        if fault == "throttle":
            status = self.settings.throttle_status
        wanted = wish(fault, status, headers, body, seconds)
        with self._lock:
            self._faults.add(endpoint, wanted, times=times, chance=chance, seed=seed)

    def slow(self, endpoint: str, *, seconds: float) -> None:
        """Let all answers of an endpoint take some time; 0 ends that.

        Raises:
            SettingsError: There is no such endpoint, or nobody waits for so long.
        """
        with self._lock:
            self._faults.slow(endpoint, seconds)

    def heal(self) -> None:
        """End all failures and delays."""
        with self._lock:
            self._faults.clear()

    def send(self, request: HttpRequest) -> HttpReply:
        """Answer one request. Waits only if `slow`, or a fault, asked for it.

        Raises:
            TransportError: A fault takes the answer away.
        """
        decision = self.decide(request)
        if decision.delay or decision.pace:
            self.journal.hold()
            try:
                time.sleep(decision.delay + decision.pace)
            finally:
                self.journal.release()
        return heard(decision, request)

    def serves(self, url: str) -> bool:
        """Tell whether a URL is at one of Zoho's hosts."""
        try:
            return (urlsplit(url).hostname or "") in _HOSTS
        except ValueError:
            return False

    def decide(self, request: HttpRequest) -> Decision:
        """Answer one request; leave the waiting, and faults on the wire, to a door."""
        controlled = self._controlled(request)
        if controlled is not None:
            return Decision(controlled)
        path = self._served_path(request)
        endpoint = _endpoint(path)
        with self._lock:
            at, fault = self.clock(), self._faults.take(endpoint)
            delay = self._faults.delay(endpoint)
            if fault is None:
                reply = self._answer(request, path, endpoint)
                reply = dressed(reply, request.method, at)
                self.journal.note(request, reply, at)
                return Decision(reply, delay)
            for token in revoked_by(fault, request):
                self._world.end(token)
            came = self._answer(request, path, endpoint) if fault.happens else None
            decision = decided(fault, came, request, at, delay)
            said = decision.reply if came is None and fault.is_heard else came
            self.journal.note(request, said, at, fault=fault.note, heard=fault.is_heard)
            return decision

    @contextmanager
    def in_process(self, *, strict: bool = False) -> Iterator[None]:
        """Answer every call of `requests` to the hosts of all data centres.

        It lasts as long as the context. A mock of `responses` that was active before
        keeps all other hosts; one that is activated inside hides this fake.

        Args:
            strict: Refuse calls to all other hosts; otherwise they go out.
        """
        from .doors._in_process import answering

        with answering(self.decide, strict=strict):
            yield

    def httpx_transport(self) -> FakeTransport:
        """Return a transport for `httpx.Client` and `httpx.AsyncClient`.

        It answers requests to the hosts of all data centres, and refuses all others.
        """
        from .doors._httpx import FakeTransport

        return FakeTransport(self)

    def _answer(self, request: HttpRequest, path: str, endpoint: str) -> HttpReply:
        # Whose host was asked; one of nobody, such as a loopback, is ours.
        center = _center_at(urlsplit(request.url).netloc) or self.settings.data_center
        server = self._world.server(center.location)
        if endpoint != "api":
            return answer(server, path, request)
        api = CatalystApi(server.vault, self._project, self.clock)
        if self.settings.is_strict:
            return protected(request, api.answer)
        return api.answer(request)

    def _served_path(self, request: HttpRequest) -> str:
        path = urlsplit(request.url).path
        if self.settings.lenient_double_slash:
            return re.sub(r"\A/+", "/", path)
        return path

    def consent(
        self, url: str, *, user: User | None = None, accept: bool = True
    ) -> str:
        """Do what a person does at a consent page; return the redirect's address.

        Raises:
            SettingsError: There is no consent page, but one about a mistake.
        """
        return consent(self.send, url, user or self.user, accept=accept)


_HOSTS = {
    urlsplit(url).hostname or "": center
    for center in DataCenter.all()
    for url in (center.accounts_url, center.api_url, center.console_url)
    if url
}


@lru_cache(maxsize=64)
def _center_at(netloc: str) -> DataCenter | None:
    return _HOSTS.get(urlsplit(f"//{netloc}").hostname or "")


def _endpoint(path: str) -> str:
    if path.startswith("/baas/"):
        return "api"
    route = ROUTES.get(path)
    return route.endpoint if route else ""
