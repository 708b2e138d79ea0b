"""The ordered, redacted list of exchanges that somebody saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, final
from urllib.parse import parse_qsl, urlsplit

from ._http import FORM
from ._server_words import quotable
from .errors import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ._http import HttpReply, HttpRequest, Transport

# An allow-list: a parameter that nobody judged stays hidden.
_SHOWN = frozenset(
    "grant_type scope client_id redirect_uri response_type access_type prompt "
    "code_challenge_method location max_rows ids".split()
)
_TOKEN_PATH = "/oauth/v2/token"
_REVOCATION_PATH = "/oauth/v2/token/revoke"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it, without anything secret.

    Attributes:
        at: When the request was made, UTC.
        method: Upper-case verb.
        origin: Scheme, host and port.
        path: Without the query.
        parameters: Query and form in order; hidden values read `•••`.
        status: HTTP status; None when nobody answered.
        outcome: What came of it in a few words, for example `invalid_code`.
    """

    at: datetime
    method: str
    origin: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    status: int | None
    outcome: str

    @property
    def grant_type(self) -> str | None:
        """The `grant_type` parameter, or None."""
        return dict(self.parameters).get("grant_type")

    @property
    def is_token_request(self) -> bool:
        """Whether it asked the token endpoint, however many slashes it wrote."""
        return "/" + self.path.lstrip("/") == _TOKEN_PATH

    @property
    def is_revocation(self) -> bool:
        """Whether it asked the revocation endpoint."""
        return self.path == _REVOCATION_PATH

    def __str__(self) -> str:
        shown = " ".join(f"{name}={value}" for name, value in self.parameters)
        status = self.status if self.status is not None else "no answer"
        asked = " ".join(part for part in (self.method, self.path, shown) if part)
        return f"{self.at:%H:%M:%S} {asked} -> {status} {self.outcome}"


@final
class Journal:
    """Exchanges in the order in which they ended. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._exchanges: list[Exchange] = []

    def add(self, exchange: Exchange) -> None:
        """Append one exchange."""
        with self._lock:
            self._exchanges.append(exchange)

    def clear(self) -> None:
        """Forget all exchanges."""
        with self._lock:
            self._exchanges.clear()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges so far."""
        with self._lock:
            return tuple(self._exchanges)

    @property
    def token_requests(self) -> tuple[Exchange, ...]:
        """Those that asked the token endpoint."""
        return tuple(one for one in self.exchanges if one.is_token_request)

    @property
    def revocations(self) -> tuple[Exchange, ...]:
        """Those that asked the revocation endpoint."""
        return tuple(one for one in self.exchanges if one.is_revocation)

    def __len__(self) -> int:
        return len(self.exchanges)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)

    def __str__(self) -> str:
        return "\n".join(map(str, self.exchanges))

    def __repr__(self) -> str:
        return f"<journal of {len(self)} exchanges>\n{self}"


@final
class JournalingTransport:
    """Write every exchange of `inner` into a journal."""

    def __init__(
        self, inner: Transport, journal: Journal, clock: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._journal = journal
        self._clock = clock

    def send(self, request: HttpRequest) -> HttpReply:
        """Send through `inner`, and note what came of it."""
        at = self._clock()
        try:
            reply = self._inner.send(request)
        except OAuthError as error:
            self._journal.add(observe(request, None, at, type(error).__name__))
            raise
        self._journal.add(observe(request, reply, at))
        return reply


def observe(
    request: HttpRequest, reply: HttpReply | None, at: float, outcome: str = ""
) -> Exchange:
    """Describe an exchange without its secrets; `at` is seconds since the epoch."""
    parts = urlsplit(request.url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if FORM in (request.header("Content-Type") or ""):
        form = request.body.decode("utf-8", "replace")
        pairs += parse_qsl(form, keep_blank_values=True)
    return Exchange(
        at=datetime.fromtimestamp(at, UTC),
        method=request.method,
        origin=request.origin,
        path=parts.path,
        parameters=tuple((quotable(n), v if n in _SHOWN else "•••") for n, v in pairs),
        status=None if reply is None else reply.status,
        outcome=outcome or (_outcome(reply.json()) if reply else ""),
    )


def _outcome(answer: Any) -> str:
    if not isinstance(answer, dict):
        return "not JSON"
    data = answer.get("data")
    error = answer.get("error") or (
        data.get("error_code") if isinstance(data, dict) else None
    )
    if isinstance(error, str):
        return quotable(error)
    if "access_token" in answer:
        also = " and refresh token" if "refresh_token" in answer else ""
        return f"access token{also} issued"
    status = answer.get("status", "ok")
    return quotable(status) if isinstance(status, str) else "ok"
