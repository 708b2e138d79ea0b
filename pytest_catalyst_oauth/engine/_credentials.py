"""The one object that people hold."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, final

from ._flight import SingleFlight
from ._renewal import PATIENCE, Renewal
from .errors import OAuthError, ReplyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Client
    from ._http import Transport
    from ._scope import ScopeSet
    from ._secret import Secret
    from ._store import Record, Store
    from ._token import Token
    from .grants import Grant


@dataclass(frozen=True, slots=True)
class _Held:
    """What the fast path needs, swapped as a whole."""

    token: Token
    soft: float
    end: float
    age: tuple[float, int]

    @classmethod
    def of(cls, record: Record, token: Token) -> _Held:
        windows = record.windows
        age = (record.obtained_at, record.generation)
        return cls(token, windows.soft, windows.end, age)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known about a token, without the token.

    Attributes:
        expires_at: When the access token ends, UTC; None without one.
        has_refresh_token: Whether it can be renewed.
        scope: As the server said; empty when it did not.
        failure: The latest failure since the latest success, or None.
        retry_at: Nobody asks again before, UTC; None without a failure.
        generation: How often the record was written.
    """

    expires_at: datetime | None
    has_refresh_token: bool
    scope: ScopeSet
    failure: OAuthError | None
    retry_at: datetime | None
    generation: int


@final
class Credentials:
    """A valid token whenever you ask, with as few requests as possible.

    Threads of one process and processes that share a store cause one token request
    together, and share its failure too. Does no I/O of its own.

    Args:
        client: Whose token.
        transport: Carries the requests; brings its own time-outs and retries.
        store: Keeps the token; shared with other processes if it can be.
        grant: How to get the first token; None uses what is stored.
        clock: Seconds since the epoch.
        profile: Tells apart several users of one client in one store.
    """

    def __init__(
        self,
        client: Client,
        *,
        transport: Transport,
        store: Store,
        grant: Grant | None = None,
        clock: Callable[[], float] = time.time,
        profile: str = "default",
    ) -> None:
        self.client = client
        self._clock = clock
        self._flight: SingleFlight[Record] = SingleFlight()
        self._held: _Held | None = None
        self._renewal = Renewal(
            client,
            grant=grant,
            transport=transport,
            store=store,
            clock=clock,
            profile=profile,
        )

    def __repr__(self) -> str:
        return f"<credentials of {self.client.client_id}>"

    def token(self) -> Token:
        """Return a token that works now: held, stored, or renewed.

        A renewal that fails while the token still lives is kept for `status`.

        Raises:
            OAuthError: There is no living token and none could be obtained.
        """
        held = self._held
        if held is not None and self._clock() < held.soft:
            return held.token
        return self._due()

    def authorization(self) -> str:
        """Return the value of an `Authorization` header; it is a secret.

        Raises:
            OAuthError: As for `token`.
        """
        return self.token().authorization

    def refresh(self) -> Token:
        """Return a newer token than anybody has had so far.

        Callers at the same time share one request.

        Raises:
            OAuthError: None could be obtained. The old token stays in use.
        """
        known = self._renewal.peek()
        return self._another(
            known.access_token, lambda: self._renewed(instead_of=known)
        )

    def replace(self, rejected: Token) -> Token:
        """Return another token than `rejected`, which the API did not accept.

        However many threads come with the same rejected token, one request is made;
        none if a newer token is known already.

        Raises:
            OAuthError: None could be obtained.
        """
        bad = rejected.access_token
        held = self._held
        if held is not None and held.token.access_token == bad:
            self._held = None
        return self._another(bad, lambda: self._renewed(rejected=bad))

    def revoke(self) -> bool:
        """Revoke the refresh token (or else the access token) and forget both.

        Returns:
            Whether the server revoked something; False when it was gone already.

        Raises:
            OAuthError: The server did not confirm. Nothing is forgotten then.
        """
        revoked = self._renewal.revoke()
        self._held = None
        return revoked

    def status(self) -> Status:
        """Tell what is known, without asking the server.

        Raises:
            StoreError: The store cannot be read.
        """
        record = self._renewal.peek()
        token, failure = record.token(), record.failure
        return Status(
            expires_at=token.expires_at if token else None,
            has_refresh_token=record.refresh_token is not None,
            scope=record.scope,
            failure=failure.error() if failure else None,
            retry_at=datetime.fromtimestamp(failure.retry_at, UTC) if failure else None,
            generation=record.generation,
        )

    def _due(self) -> Token:
        try:
            record = self._renewal.peek()
        except StoreError:
            held = self._held
            if held is None or self._clock() >= held.end:
                raise
            return held.token
        if self._lives(record, record.windows.soft):
            return self._adopt(record)
        spare = record if self._lives(record, record.windows.hard) else None
        if spare is not None and (self._flight.is_busy or self._is_cooling(spare)):
            return self._adopt(spare)
        try:
            return self._adopt(self._flight.run(lambda: self._renewed(spare)))
        except OAuthError:
            if not self._lives(record, record.windows.end):
                raise
        return self._adopt(record)

    def _another(self, unwanted: Secret | None, renew: Callable[[], Record]) -> Token:
        asked = False

        def ask() -> Record:
            nonlocal asked
            asked = True
            return renew()

        while True:
            record = self._flight.run(ask)
            # A flight of somebody with smaller wishes may have brought nothing new;
            # our own has brought the best there is.
            if asked or record.access_token != unwanted:
                return self._adopt(record)

    def _renewed(
        self,
        spare: Record | None = None,
        *,
        instead_of: Record | None = None,
        rejected: Secret | None = None,
    ) -> Record:
        """Renew; with a living `spare`, do not wait for another process to do it."""
        record = self._renewal.renew(
            patience=PATIENCE if spare is None else 0,
            instead_of=instead_of,
            rejected=rejected,
        )
        if record is not None:
            return record
        if spare is not None:
            return spare
        raise StoreError("lock", "is held by a renewal that does not end")

    def _adopt(self, record: Record) -> Token:
        token = record.token()
        if token is None or not self._lives(record, record.windows.end):
            raise ReplyError(200, "the token ended before it could be used")
        new, held = _Held.of(record, token), self._held
        # A thread that was slow to look must not bring an older token back. Nothing
        # guards the moment between the two lines: the price is one more look.
        if held is None or held.age <= new.age or self._clock() >= held.soft:
            self._held = new
        return token

    def _lives(self, record: Record, until: float) -> bool:
        return record.access_token is not None and self._clock() < until

    def _is_cooling(self, record: Record) -> bool:
        return record.failure is not None and record.failure.is_cooling(self._clock())
