"""What is known about a token, without the token."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, final

from ._value import Value
from .errors import LoginNeededError

if TYPE_CHECKING:
    from ._scope import ScopeSet
    from ._store import Record
    from ._wish import Wish
    from .errors import OAuthError


class TokenState(StrEnum):
    """What a caller gets now.

    Attributes:
        FRESH: The token, at once.
        SOFT: The token, at once, while one caller renews it.
        HARD: The token of one renewal, for which all wait.
        COOLING: The error of the latest renewal, or of the quota, until `retry_at`.
        DEAD: An error that only a person can cure.
    """

    FRESH = "fresh"
    SOFT = "soft"
    HARD = "hard"
    COOLING = "cooling"
    DEAD = "dead"


@final
class Status(Value):
    """What is known about a token, without the token.

    Attributes:
        state: What a caller gets now.
        expires_at: When the access token ends, UTC; None without one.
        has_refresh_token: Whether it can be renewed.
        scope: As the server said; empty when it did not.
        failure: The latest failure since the latest success, or None.
        retry_at: Nobody asks again before, UTC; None if that is now, or not known.
        generation: How often the record was written.
        requests_left: Token requests that Zoho's quota still allows now.
        logins: Refresh tokens that were issued for this key, known to this store; Zoho
            ends the oldest of more than twenty.
        revoke_pending: Whether a revocation waits for the server's confirmation.
    """

    state: TokenState
    expires_at: datetime | None
    has_refresh_token: bool
    scope: ScopeSet
    failure: OAuthError | None
    retry_at: datetime | None
    generation: int
    requests_left: int
    logins: int
    revoke_pending: bool


def status_of(
    record: Record,
    now: float,
    *,
    usual: Wish,
    obstacle: OAuthError | None,
    requests_left: int,
) -> Status:
    """Tell what a record means to a caller.

    Args:
        record: What is stored.
        now: Seconds since the epoch.
        usual: Which tokens this process finds fresh.
        obstacle: Why nobody would be asked for a token now; None if somebody would.
        requests_left: As in `Status`.
    """
    token, failure = record.token(), record.failure
    retry_at = (failure and failure.retry_at) or (obstacle and obstacle.retry_at)
    return Status(
        state=_state(record, now, usual, obstacle),
        expires_at=token.expires_at if token else None,
        has_refresh_token=record.refresh_token is not None,
        scope=record.scope,
        failure=failure.error() if failure else None,
        retry_at=datetime.fromtimestamp(retry_at, UTC) if retry_at else None,
        generation=record.generation,
        requests_left=requests_left,
        logins=record.logins,
        revoke_pending=record.revoke_pending,
    )


def _state(
    record: Record, now: float, usual: Wish, obstacle: OAuthError | None
) -> TokenState:
    if record.revoke_pending or record.revoked:
        return TokenState.DEAD
    if usual.accepts(record, now):
        return TokenState.FRESH
    if record.lives(now) and now < record.windows.hard:
        return TokenState.SOFT
    if obstacle is None or record.lives(now):
        return TokenState.HARD
    dead = isinstance(obstacle, LoginNeededError)
    return TokenState.DEAD if dead else TokenState.COOLING
