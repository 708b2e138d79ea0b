"""Exchanges as a sequence diagram: who asked whom, and what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_catalyst_oauth.engine import Exchange

_FIRST_ERROR = 400


class Arrow(NamedTuple):
    """One request and its answer.

    Attributes:
        number: Of the exchange.
        at: Time of day, UTC.
        lane: `accounts` or `api`: who was asked.
        asked: Method and path.
        details: Parameters, secrets hidden.
        answered: Status and outcome.
        mood: `good`, `bad` or `silent`.
    """

    number: int
    at: str
    lane: str
    asked: str
    details: str
    answered: str
    mood: str


def arrows(numbered: Iterable[tuple[int, Exchange]]) -> Iterator[Arrow]:
    """Yield what a diagram of exchanges shows, in order."""
    for number, one in numbered:
        status = "no answer" if one.status is None else str(one.status)
        yield Arrow(
            number=number,
            at=f"{one.at:%H:%M:%S}",
            lane="api" if one.path.startswith("/baas/") else "accounts",
            asked=f"{one.method} {one.path}",
            details=" ".join(f"{name}={value}" for name, value in one.parameters),
            answered=f"{status} {one.outcome}",
            mood=_mood(one),
        )


def _mood(exchange: Exchange) -> str:
    """Zoho answers most errors with 200, so the status alone says little."""
    if exchange.status is None:
        return "silent"
    if exchange.status >= _FIRST_ERROR:
        return "bad"
    words = ("ok", "success", "not JSON")
    is_good = exchange.outcome in words or exchange.outcome.endswith("issued")
    return "good" if is_good else "bad"
