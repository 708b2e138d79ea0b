"""Where a server answers otherwise than a cassette says."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from http import HTTPMethod
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from pytest_catalyst_oauth.engine import HttpRequest

from ._difference import describe
from ._json_shape import leaves, shape_differences
from ._soundness import malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pytest_catalyst_oauth.engine import HttpReply, Transport

    from ._exchange import RecordedExchange

# They say when and how an answer came, not what was answered.
_VOLATILE = frozenset(
    "date set-cookie content-length content-encoding transfer-encoding connection "
    "keep-alive via age alt-svc".split()
)
# Shorter values are found in a request by chance.
_SHORTEST = 8


class Drift(NamedTuple):
    """One difference.

    Attributes:
        number: Of the exchange in the cassette, counted from 1.
        request: Method and address, without secrets.
        what: `status`, `headers` or a place in the body.
        recorded: What the cassette says.
        answered: What the server says.
    """

    number: int
    request: str
    what: str
    recorded: str
    answered: str

    def __str__(self) -> str:
        told = f"recorded {self.recorded}, answered {self.answered}"
        return f"{self.number}. {self.request}: {self.what}: {told}"


def incomparable(exchanges: Sequence[RecordedExchange]) -> str:
    """Return why a server cannot be asked the same; empty if it can."""
    if not exchanges:
        return "has no exchange, so there is nothing to compare"
    for number, (request, reply) in enumerate(exchanges, 1):
        is_asked = request.method in HTTPMethod.__members__
        place = malformed(request, reply) if is_asked else "method"
        if place:
            return f"has a malformed interaction: number {number}, by its {place}"
    return ""


def find_drift(
    exchanges: Iterable[RecordedExchange],
    transport: Transport,
    known: dict[str, str],
    move_to: Callable[[float], None],
) -> Iterator[Drift]:
    """Send each recorded request, and yield where the answers differ.

    Times, cookies, lengths and the values of tokens and ids are no differences. A value
    that the server gave in place of a recorded one is sent in its place later.

    Args:
        exchanges: In order.
        transport: Leads to the server.
        known: What stands at the server for a text of the cassette: ids, secrets. It
            grows.
        move_to: Moves the server's clock to a moment, in seconds since the epoch.
    """
    for number, (request, recorded) in enumerate(exchanges, 1):
        at = recorded_at(recorded)
        if at is not None:
            move_to(at)
        answered = transport.send(_translated(request, known))
        known.update(_learned(recorded, answered))
        for what, before, now in _differences(recorded, answered):
            yield Drift(number, describe(request), what, before, now)


def recorded_at(reply: HttpReply) -> float | None:
    """Return when a reply says that it was made, in seconds since the epoch."""
    try:
        return parsedate_to_datetime(reply.header("Date") or "").timestamp()
    except (ValueError, OverflowError):
        return None


def _translated(request: HttpRequest, known: dict[str, str]) -> HttpRequest:
    # The longest first: REDACTED-code-1 is the beginning of REDACTED-code-12.
    pairs = sorted(known.items(), key=lambda pair: -len(pair[0]))

    def translate(text: str) -> str:
        for before, after in pairs:
            text = text.replace(before, after)
        return text

    skipped = ("content-length", "cookie", "host")
    return HttpRequest(
        method=request.method,
        url=translate(request.url),
        headers=tuple(
            (name, translate(value))
            for name, value in request.headers
            if name.lower() not in skipped
        ),
        body=translate(request.body.decode("latin-1")).encode("latin-1"),
    )


def _differences(
    recorded: HttpReply, answered: HttpReply
) -> Iterator[tuple[str, str, str]]:
    if recorded.status != answered.status:
        yield "status", str(recorded.status), str(answered.status)
    before, now = _names(recorded), _names(answered)
    if before.keys() != now.keys():
        lost = ", ".join(before[name] for name in before if name not in now)
        new = ", ".join(now[name] for name in now if name not in before)
        yield "headers", lost or "nothing else", new or "nothing else"
    kinds = _kind(recorded), _kind(answered)
    if kinds[0] != kinds[1]:
        yield "Content-Type", *kinds
    bodies = recorded.json(), answered.json()
    if None not in bodies:
        yield from shape_differences(*bodies)
    elif bodies != (None, None):
        one, other = ("no JSON" if body is None else "JSON" for body in bodies)
        yield "body", one, other


def _names(reply: HttpReply) -> dict[str, str]:
    return {
        name.lower(): name for name, _ in reply.headers if name.lower() not in _VOLATILE
    }


def _kind(reply: HttpReply) -> str:
    whole = reply.header("Content-Type") or "none"
    return whole.partition(";")[0].strip().lower()


def _learned(recorded: HttpReply, answered: HttpReply) -> Iterator[tuple[str, str]]:
    """Yield recorded values with those that the server gave in their place."""
    for before, now in (
        *leaves(recorded.json(), answered.json()),
        *leaves(_of_redirect(recorded), _of_redirect(answered)),
    ):
        one, other = str(before), str(now)
        if one != other and len(one) >= _SHORTEST and " " not in one:
            yield one, other


def _of_redirect(reply: HttpReply) -> dict[str, Any]:
    parts = urlsplit(reply.header("Location") or "")
    return dict(parse_qsl(parts.query) + parse_qsl(parts.fragment))
