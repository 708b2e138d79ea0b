"""Who may control a fake: somebody on this machine who was told a secret."""

from __future__ import annotations

import hmac
import re
import secrets
from ipaddress import ip_address
from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import Secret

from ._problem import ProblemError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpRequest

# Nobody opens so many pages; the oldest are forgotten.
_MOST = 20
_HOST = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9.-]+)(?::[0-9]*)?")


@final
class Guard:
    """The token of the control, and the browsers that were let in.

    Attributes:
        token: What programs send as a bearer token.
    """

    def __init__(self) -> None:
        self.token = _new()
        self._key = secrets.token_bytes(32)
        self._tickets: list[Secret] = []
        self._sessions: list[Secret] = []

    def ticket(self) -> Secret:
        """Return what opens the page once, in an address."""
        return _kept(self._tickets)

    def check_origin(self, request: HttpRequest) -> None:
        """Refuse what another site, or another machine, may have sent.

        A page of another site may have its own name lead to 127.0.0.1; then the Host
        is that name.

        Raises:
            ProblemError: Another site sent it.
        """
        host = request.header("Host") or urlsplit(request.url).netloc
        if not _is_loopback(host):
            raise ProblemError(403, "the control answers to 127.0.0.1 and localhost")
        if request.header("Sec-Fetch-Site") in ("cross-site", "same-site"):
            raise ProblemError(403, "a page of another site sent this request")
        origin = request.header("Origin")
        if origin is not None and _netloc(origin) != host:
            raise ProblemError(403, "a page of another site sent this request")

    def check_bearer(self, request: HttpRequest) -> None:
        """Refuse a program without the token.

        Raises:
            ProblemError: It has none, or another one.
        """
        scheme, _, given = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not _same(self.token, given.strip()):
            raise ProblemError(
                401,
                "send the control's token: Authorization: Bearer TOKEN",
                (("WWW-Authenticate", "Bearer"),),
            )

    def enter(self, given: str) -> Secret | None:
        """Return a session for a ticket, which works once, or for the token."""
        used = next((one for one in self._tickets if _same(one, given)), None)
        if used is not None:
            self._tickets.remove(used)
        elif not _same(self.token, given):
            return None
        return _kept(self._sessions)

    def session(self, request: HttpRequest) -> Secret | None:
        """Return the session of a browser; None if it has none."""
        name = cookie_name(request)
        for pair in (request.header("Cookie") or "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                found = (one for one in self._sessions if _same(one, value))
                return next(found, None)
        return None

    def form_key(self, session: Secret) -> str:
        """Return what a form has to carry in the browser with this cookie."""
        key = session.reveal().encode()
        return hmac.new(self._key, key, "sha256").hexdigest()

    def check_form(self, session: Secret, given: str | None) -> None:
        """Refuse a form of a page that another browser was given.

        Raises:
            ProblemError: It is of another one, or of none.
        """
        if not _same(Secret(self.form_key(session)), given or ""):
            raise ProblemError(403, "this form is not of this page: load it again")


def cookie_name(request: HttpRequest) -> str:
    """Return a name that differs for each port, as cookies do not."""
    host = request.header("Host") or urlsplit(request.url).netloc
    port = host.rpartition(":")[2]
    return f"catalyst_oauth_control_{port if port.isdecimal() else 80}"


def _kept(where: list[Secret]) -> Secret:
    where.append(_new())
    del where[:-_MOST]
    return where[-1]


def _new() -> Secret:
    return Secret(f"fa4efa4e{secrets.token_urlsafe(24)}")


def _same(secret: Secret, given: str) -> bool:
    return bool(given) and secret == Secret(given)


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    # A name and a port, and nothing that a careless reader takes for one.
    if not _HOST.fullmatch(host):
        return False
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
