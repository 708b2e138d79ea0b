"""What a cassette holds, in the words of the journal and without anything secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_catalyst_oauth.engine import HttpReply, Secret, observe
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._content import decoded
from ._drift import incomparable, recorded_at

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Exchange

    from ._cassette import Cassette
    from ._exchange import RecordedExchange


class Step(NamedTuple):
    """One exchange of a cassette.

    Attributes:
        number: Counted from 1.
        exchange: What was asked and answered, redacted.
        is_timed: Whether the reply says when it was made; else the exchange's time is
            that of the whole recording, or 1970 if nobody knows that either.
        token_of: Number of the exchange that issued the access token that this one
            carries; None for another token, or for none.
    """

    number: int
    exchange: Exchange
    is_timed: bool
    token_of: int | None


def sequence(cassette: Cassette) -> tuple[Step, ...]:
    """Return the exchanges in order, redacted also where the cassette is not.

    Raises:
        SettingsError: One of them is no request that anybody could make.
    """
    problem = incomparable(cassette.exchanges)
    if problem and cassette.exchanges:
        hint = "mend the file, or delete it and record again"
        raise SettingsError(f"cassette {cassette.path}", problem, hint)
    origin = cassette.origin
    whole = origin.recorded_at.timestamp() if origin else 0.0
    issued: dict[Secret, int] = {}
    return tuple(
        _step(number, one, whole, issued)
        for number, one in enumerate(cassette.exchanges, 1)
    )


def _step(
    number: int, recorded: RecordedExchange, whole: float, issued: dict[Secret, int]
) -> Step:
    request, reply = recorded
    headers, body = decoded(reply.headers, reply.body)
    plain = HttpReply(status=reply.status, headers=headers, body=body)
    at = recorded_at(reply)
    carried = (request.header("Authorization") or "").partition(" ")[2].strip()
    token_of = issued.get(Secret(carried)) if carried else None
    answer = plain.json()
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if token and isinstance(token, str):
        issued[Secret(token)] = number
    exchange = observe(request, plain, whole if at is None else at)
    return Step(number, exchange, at is not None, token_of)
