"""How a token is kept: what `Credentials` and its asynchronous sibling share."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, final

from ._flight import SingleFlight
from ._quota import Limits
from ._renewal import Renewal
from ._steps import Apart
from ._wish import Wish
from .errors import LoginNeededError, OAuthError, ReplyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Client
    from ._scope import ScopeSet
    from ._steps import Steps
    from ._store import Record, Store
    from ._token import Token
    from .grants import Grant

# Seconds until this process tries again to renew in the background.
_NEXT_ATTEMPT = 30.0
_MOST_JITTER = 0.1


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
@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
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


@dataclass(frozen=True, slots=True)
class Held:
    """What the fast path needs, swapped as a whole."""

    token: Token
    start: float
    soft: float
    end: float
    age: tuple[float, int]


@final
class Keeper:
    """Keeps one key's token; says in steps what it needs.

    Args:
        client: Whose token.
        store: Keeps the token; shared with other processes if it can be.
        grant: How to get the first token; None uses what is stored.
        clock: Seconds since the epoch.
        profile: Tells apart several users of one client in one store.
        patience: Seconds to wait for a sibling's renewal.
        limits: What Zoho allows.
        jitter: This process's share of earliness; see `Windows`. None draws one.
        goes_apart: Whether the driver can do steps in the background.
    """

    def __init__(
        self,
        client: Client,
        *,
        store: Store,
        grant: Grant | None,
        clock: Callable[[], float],
        profile: str,
        patience: float,
        limits: Limits | None = None,
        jitter: float | None = None,
        goes_apart: bool = False,
    ) -> None:
        self.client = client
        self.clock = clock
        self.held: Held | None = None
        self._flight: SingleFlight[Record] = SingleFlight()
        self._limits = limits or Limits()
        self._goes_apart = goes_apart
        self._went_apart = (-1, 0.0)
        if jitter is None:
            jitter = random.uniform(0.0, _MOST_JITTER)  # noqa: S311  spreads a fleet
        self._usual = Wish(jitter=jitter)
        self._renewal = Renewal(
            client,
            grant=grant,
            store=store,
            clock=clock,
            profile=profile,
            patience=patience,
            limits=self._limits,
        )

    def token(self, min_life: float = 0.0) -> Steps[Token]:
        """Return a token that works now: stored, or renewed."""
        try:
            record = self._renewal.peek()
        except StoreError:
            held = self.held
            if held is None or not held.start <= self.clock() < held.end:
                raise
            return held.token
        wish = Wish(min_life=min_life, jitter=self._usual.jitter)
        if record.revoke_pending:
            raise LoginNeededError("revoke_pending", 0, "a revocation is not confirmed")
        if wish.accepts(record, self.clock()):
            return self._adopt(record)
        spare = None if min_life else self._spare(record)
        if spare is not None and (yield from self._is_seen_to(spare)):
            return self._adopt(spare)
        try:
            return self._adopt((yield from self._renewed(wish, spare)))
        except OAuthError:
            if not record.lives(self.clock()):
                raise
        return self._adopt(record)

    def refresh(self) -> Steps[Token]:
        """Return a newer token than anybody has had so far."""
        known = self._renewal.peek()
        return (yield from self._another(Wish(instead_of=known)))

    def replace(self, rejected: Token) -> Steps[Token]:
        """Return another token than `rejected`, which the API did not accept."""
        bad = rejected.access_token
        held = self.held
        if held is not None and held.token.access_token == bad:
            self.held = None
        return (yield from self._another(Wish(rejected=bad)))

    def revoke(self, token_type: str, *, cascades: bool) -> Steps[bool]:
        """Give a token up; see `Credentials.revoke`."""
        try:
            return (yield from self._renewal.revoke(token_type, cascades=cascades))
        finally:
            # Also if the server did not confirm: it may have done it all the same.
            self.held = None

    def peek(self) -> Token | None:
        """Return the stored token if it lives, without asking the server."""
        record = self._renewal.peek()
        return record.token() if record.lives(self.clock()) else None

    def status(self) -> Status:
        """Tell what is known, without asking the server."""
        record, now = self._renewal.peek(), self.clock()
        token, failure = record.token(), record.failure
        obstacle = self._renewal.obstacle(record)
        retry_at = (failure and failure.retry_at) or (obstacle and obstacle.retry_at)
        return Status(
            state=self._state(record, obstacle, now),
            expires_at=token.expires_at if token else None,
            has_refresh_token=record.refresh_token is not None,
            scope=record.scope,
            failure=failure.error() if failure else None,
            retry_at=datetime.fromtimestamp(retry_at, UTC) if retry_at else None,
            generation=record.generation,
            requests_left=self._limits.requests_left(record.asked, now),
            logins=record.logins,
            revoke_pending=record.revoke_pending,
        )

    def _state(
        self, record: Record, obstacle: OAuthError | None, now: float
    ) -> TokenState:
        if record.revoke_pending or record.revoked:
            return TokenState.DEAD
        if self._usual.accepts(record, now):
            return TokenState.FRESH
        if record.lives(now) and now < record.windows.hard:
            return TokenState.SOFT
        if obstacle is None or record.lives(now):
            return TokenState.HARD
        dead = isinstance(obstacle, LoginNeededError)
        return TokenState.DEAD if dead else TokenState.COOLING

    def _spare(self, record: Record) -> Record | None:
        """Return the record if its token need not be renewed at once."""
        now = self.clock()
        return record if record.lives(now) and now < record.windows.hard else None

    def _is_seen_to(self, spare: Record) -> Steps[bool]:
        """Tell whether somebody else renews, or will, so that nobody has to wait."""
        now = self.clock()
        cooling = spare.failure is not None and spare.failure.is_cooling(now)
        if self._flight.is_busy or cooling:
            return True
        if not self._goes_apart:
            return False
        generation, at = self._went_apart
        if generation != spare.generation or not at <= now < at + _NEXT_ATTEMPT:
            self._went_apart = (spare.generation, now)
            yield Apart(lambda: self._renewed(self._usual, spare))
        return True

    def _renewed(self, wish: Wish, spare: Record | None = None) -> Steps[Record]:
        """Renew; with a living `spare`, do not wait for another process to do it."""

        def work() -> Steps[Record]:
            record = yield from self._renewal.renew(wish, waits=spare is None)
            if record is None and spare is None:
                raise StoreError("lock", "is held by a renewal that does not end")
            return record or spare  # type: ignore[return-value]  # one of them is there

        return (yield from self._flight.run(work))

    def _another(self, wish: Wish) -> Steps[Token]:
        asked = False

        def work() -> Steps[Record]:
            nonlocal asked
            asked = True
            record = yield from self._renewal.renew(wish)
            if record is None:
                raise StoreError("lock", "is held by a renewal that does not end")
            return record

        while True:
            record = yield from self._flight.run(work)
            # A flight of somebody with smaller wishes may have brought nothing new;
            # our own has brought the best there is.
            if asked or wish.accepts(record, self.clock()):
                return self._adopt(record)

    def _adopt(self, record: Record) -> Token:
        token, now = record.token(), self.clock()
        if token is None or not record.lives(now):
            raise ReplyError(200, "the token ended before it could be used")
        windows = self._usual.windows(record)
        age = (record.obtained_at, record.generation)
        new, held = (
            Held(token, windows.start, windows.soft, windows.end, age),
            self.held,
        )
        # A thread that was slow to look must not bring an older token back. Nothing
        # guards the moment between the two lines: the price is one more look.
        if held is None or held.age <= new.age or not held.start <= now < held.soft:
            self.held = new
        return token
