"""One request and what came of it, without anything secret."""

from __future__ import annotations

from binascii import a2b_base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, final
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from ._http import FORM, HttpReply
from ._secret import Secret
from ._server_words import quotable, quotable_path, quotable_value
from ._value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._http import Headers, HttpRequest

# An allow-list: a parameter that nobody judged stays hidden.
_SHOWN = frozenset(
    "grant_type scope client_id redirect_uri response_type access_type prompt "
    "code_challenge_method location max_rows ids".split()
)
# The first of them that a request has is what it presented.
_PRESENTED = ("code", "refresh_token", "token")
_TOKEN_PATH = "/oauth/v2/token"
_REVOCATION_PATH = "/oauth/v2/token/revoke"
ISSUED = "access token issued"
BOTH_ISSUED = "access token and refresh token issued"


@final
class Exchange(Value):
    """One request and what came of it, without anything secret.

    Attributes:
        at: When the request was made, UTC.
        method: Upper-case verb.
        origin: Scheme, host and port.
        path: Without the query; a segment that may be a secret reads `•••`.
        parameters: Query and form in order; hidden values read `•••`. HTTP Basic comes
            first, as `Authorization`, with the client id.
        status: HTTP status; None when nobody answered.
        outcome: What came of it in a few words, for example `invalid_code`.
        presented: Fingerprint of the code, refresh token or token that it carried:
            equal for equal ones while the process lives; empty for none.
    """

    at: datetime
    method: str
    origin: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    status: int | None
    outcome: str
    presented: str = ""

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

    @property
    def spends(self) -> bool:
        """Whether what it presented must not work again: a code, a rotated token."""
        issued = self.outcome in (ISSUED, BOTH_ISSUED)
        if self.grant_type == "refresh_token":
            return self.outcome == BOTH_ISSUED
        return issued and self.grant_type == "authorization_code"

    def __str__(self) -> str:
        shown = " ".join(f"{name}={value}" for name, value in self.parameters)
        status = self.status if self.status is not None else "no answer"
        asked = " ".join(part for part in (self.method, self.path, shown) if part)
        return f"{self.at:%H:%M:%S} {asked} -> {status} {self.outcome}"


def observe(
    request: HttpRequest, reply: HttpReply | None, at: float, outcome: str = ""
) -> Exchange:
    """Describe an exchange without its secrets; `at` is seconds since the epoch."""
    return Seen(request, reply, at, outcome).told()


def fingerprint(secret: Secret) -> str:
    """Return what stands for a secret in an exchange; it means nothing elsewhere."""
    return repr(secret).removeprefix("<secret ").removesuffix(">")


@final
class Seen:
    """What is kept of an exchange until somebody reads. Shows nothing by itself."""

    __slots__ = (
        "_at",
        "_fault",
        "_form",
        "_headers",
        "_method",
        "_said",
        "_status",
        "_url",
    )

    def __init__(
        self,
        request: HttpRequest,
        reply: HttpReply | None,
        at: float,
        fault: str,
        *,
        heard: bool = True,
    ) -> None:
        is_form = FORM in (request.header("Content-Type") or "")
        self._method = request.method
        self._url = request.url
        self._headers = request.headers
        self._form = request.body if is_form else b""
        self._said = None if reply is None else reply.body
        self._status = reply.status if reply is not None and heard else None
        self._at = at
        self._fault = fault

    def told(self) -> Exchange:
        """Describe it without its secrets."""
        parts = urlsplit(self._url)
        form = self._form.decode("utf-8", "replace")
        pairs = [
            pair
            for text in (parts.query, form)
            for pair in parse_qsl(text, keep_blank_values=True)
        ]
        said = [] if self._said is None else [_outcome(self._said, self._status)]
        return Exchange(
            at=datetime.fromtimestamp(self._at, UTC),
            method=self._method,
            origin=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
            path=quotable_path(parts.path),
            parameters=(
                *_client(self._headers),
                *((quotable(n), _shown(n, v)) for n, v in pairs),
            ),
            status=self._status,
            outcome=": ".join([*filter(None, [self._fault]), *said]),
            presented=_presented(dict(pairs)),
        )


def _shown(name: str, value: str) -> str:
    return quotable_value(value) if name in _SHOWN else "•••"


def _client(headers: Headers) -> Iterator[tuple[str, str]]:
    """Yield who authenticates by HTTP Basic, if somebody does."""
    for name, value in headers:
        scheme, _, given = value.partition(" ")
        if name.lower() == "authorization" and scheme.lower() == "basic":
            yield name.title(), f"Basic {_user(given)}:•••"


def _user(given: str) -> str:
    try:
        pair = a2b_base64(given.strip(), strict_mode=True).decode()
    except ValueError:
        return "•••"
    user, colon, _ = pair.partition(":")
    return quotable_value(unquote_plus(user)) if colon else "•••"


def _presented(given: dict[str, str]) -> str:
    found = next((given[name] for name in _PRESENTED if given.get(name)), None)
    return fingerprint(Secret(found)) if found else ""


def _outcome(body: bytes, status: int | None) -> str:
    if status is not None and 300 <= status < 400:
        return "redirect"
    if not body and status is not None and status < 300:
        return "ok"
    answer = HttpReply(status=200, body=body).json()
    if not isinstance(answer, dict):
        return "not JSON"
    data = answer.get("data")
    error = answer.get("error") or (
        data.get("error_code") if isinstance(data, dict) else None
    )
    if isinstance(error, str):
        return quotable(error)
    if "access_token" in answer:
        return BOTH_ISSUED if "refresh_token" in answer else ISSUED
    status = answer.get("status", "ok")
    return quotable(status) if isinstance(status, str) else "ok"
