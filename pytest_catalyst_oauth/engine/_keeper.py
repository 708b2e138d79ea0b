"""How a token is kept: what `Credentials` and its asynchronous sibling share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, final

from ._flight import SingleFlight
from ._ledger import Ledger, seed_of
from ._store import StoreKey
from ._wish import Wish, check_life
from .errors import LoginNeededError, OAuthError, ReplyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Client
    from ._quota import Limits
    from ._renewal import Renewal
    from ._secret import Secret
    from ._status import Status
    from ._steps import Steps
    from ._store import Record, Store
    from ._token import Token
    from ._windows import Windows
    from .grants import Grant

# Seconds to wait for a sibling's flight: longer than the transport's whole budget,
# so that a waiter outlives the request it waits for.
PATIENCE = 60.0
# Seconds until this process tries again to renew in the background.
_NEXT_ATTEMPT = 30.0
# Seconds for which a look into the store is enough, while a token is due.
_GLANCE = 1.0
_MOST_JITTER = 0.1


@final
class Held:
    """What the fast path needs, swapped as a whole; read for each call."""

    __slots__ = ("age", "end", "hard", "soft", "start", "token")

    def __init__(self, token: Token, windows: Windows, age: tuple[float, int]) -> None:
        self.token = token
        self.start = windows.start
        self.soft = windows.soft
        self.hard = windows.hard
        self.end = windows.end
        self.age = age


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
        self._grant = grant
        self._store = store
        self._patience = patience
        self._limits = limits
        self._goes_apart = goes_apart
        self._went_apart = (-1, 0.0)
        self._looked = float("-inf")
        self._rejected: Secret | None = None
        self._usual = Wish(jitter=_drawn() if jitter is None else jitter)
        key = StoreKey(
            profile=profile,
            accounts_url=client.data_center.accounts_url,
            client_id=client.client_id,
        )
        self._ledger = Ledger(store, key, seed_of(client, grant), grant)
        self._flight: SingleFlight[Record] = SingleFlight()

    def at_hand(self) -> Token | None:
        """Return the token that may be used without a look into the store, or None.

        Who finds a due one looks for a newer, and for a moment nobody else does: a
        crowd that opened the store together would wait for one another.
        """
        held, now = self.held, self.clock()
        if held is None:
            return None
        if held.start <= now < held.soft:
            return held.token
        if held.start <= now < held.hard and 0.0 <= now - self._looked < _GLANCE:
            return held.token
        self._looked = now
        return None

    def token(self, min_life: float = 0.0) -> Steps[Token]:
        """Return a token that works now: stored, or renewed."""
        check_life(min_life)
        try:
            record = self._ledger.read()
        except StoreError:
            held = self.held
            if held is None or not held.start <= self.clock() < held.end:
                raise
            return held.token
        return (yield from self._of(record, min_life))

    def _of(self, record: Record, min_life: float) -> Steps[Token]:
        usual = self._usual
        wish = Wish(min_life=min_life, jitter=usual.jitter) if min_life else usual
        if record.revoke_pending:
            raise LoginNeededError("revoke_pending", 0, "a revocation is not confirmed")
        if self._rejected is not None and record.access_token == self._rejected:
            return (yield from self._instead_of_rejected(self._rejected, min_life))
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
        known = self._ledger.read()
        return (yield from self._another(Wish(instead_of=known)))

    def replace(self, rejected: Token) -> Steps[Token]:
        """Return another token than `rejected`, which the API did not accept."""
        self._let_go(rejected)
        return (yield from self._another(Wish(rejected=rejected.access_token)))

    def reject(self, rejected: Token) -> None:
        """Note what the API did not accept, for the next who asks for a token.

        For a request that cannot be repeated, and need not wait for another token.
        """
        self._rejected = rejected.access_token
        self._let_go(rejected)

    def revoke(self, token_type: str, *, cascades: bool) -> Steps[bool]:
        """Give a token up; see `Credentials.revoke`."""
        try:
            return (yield from self._renewal().revoke(token_type, cascades=cascades))
        finally:
            # Also if the server did not confirm: it may have done it all the same.
            self.held = None

    def peek(self) -> Token | None:
        """Return the stored token if it lives, without asking the server."""
        record = self._ledger.read()
        return record.token() if record.lives(self.clock()) else None

    def status(self) -> Status:
        """Tell what is known, without asking the server."""
        from ._status import status_of

        record, renewal = self._ledger.read(), self._renewal()
        return status_of(
            record,
            self.clock(),
            usual=self._usual,
            obstacle=renewal.obstacle(record),
            requests_left=renewal.requests_left(record),
        )

    def _let_go(self, rejected: Token) -> None:
        held = self.held
        if held is not None and held.token.access_token == rejected.access_token:
            self.held = None

    def _instead_of_rejected(self, bad: Secret, min_life: float) -> Steps[Token]:
        try:
            return (yield from self._another(Wish(rejected=bad, min_life=min_life)))
        finally:
            # If it failed, the record has forgotten it, too.
            self._rejected = None

    def _renewal(self) -> Renewal:
        """Return what asks the server. Who finds a token in the store needs none."""
        from ._renewal import Renewal

        return Renewal(
            self.client,
            grant=self._grant,
            store=self._store,
            ledger=self._ledger,
            clock=self.clock,
            patience=self._patience,
            limits=self._limits,
        )

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
            from ._steps import Apart

            yield Apart(lambda: self._renewed_apart(spare))
        return True

    def _renewed_apart(self, spare: Record) -> Steps[Token]:
        return self._adopt((yield from self._renewed(self._usual, spare)))

    def _renewed(self, wish: Wish, spare: Record | None = None) -> Steps[Record]:
        """Renew; with a living `spare`, do not wait for another process to do it."""

        def work() -> Steps[Record]:
            record = yield from self._renewal().renew(wish, waits=spare is None)
            if record is None and spare is None:
                raise StoreError("lock", "is held by a renewal that does not end")
            return record or spare  # type: ignore[return-value]  # one of them is there

        return (yield from self._flight.run(work))

    def _another(self, wish: Wish) -> Steps[Token]:
        asked = False

        def work() -> Steps[Record]:
            nonlocal asked
            asked = True
            record = yield from self._renewal().renew(wish)
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
        windows = self._usual.windows(record)
        if token is None or not windows.lives(now):
            raise ReplyError(200, "the token ended before it could be used")
        age = (record.obtained_at, record.generation)
        new, held = Held(token, windows, age), self.held
        # A thread that was slow to look must not bring an older token back. Nothing
        # guards the moment between the two lines: the price is one more look.
        if held is None or held.age <= new.age or not held.start <= now < held.soft:
            self.held = new
        return token


def _drawn() -> float:
    """Draw a share of earliness, which spreads a fleet."""
    # `random` takes longer to import than all of this takes.
    return _MOST_JITTER * int.from_bytes(os.urandom(2)) / 0x10000
