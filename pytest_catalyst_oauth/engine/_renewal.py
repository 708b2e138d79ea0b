"""One renewal: look in the store, ask the server at most once, write it down."""

from __future__ import annotations

import warnings
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, final

from . import _reply
from ._backoff import Failure
from ._store import Record, StoreKey
from .errors import (
    LoginNeededError,
    OAuthError,
    ReplyError,
    StoreError,
    StoreWarning,
    TransportError,
)
from .grants import RefreshGrant, revocation_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Client
    from ._http import Transport
    from ._secret import Secret
    from ._store import Store
    from .grants import Grant

# Seconds to wait for a sibling's flight: longer than the transport's whole budget,
# so that a waiter outlives the request it waits for.
PATIENCE = 60.0


@final
class Renewal:
    """What one `Credentials` does at the store and at the token endpoint."""

    def __init__(
        self,
        client: Client,
        *,
        grant: Grant | None,
        transport: Transport,
        store: Store,
        clock: Callable[[], float],
        profile: str,
    ) -> None:
        self._client = client
        self._grant = grant
        self._transport = transport
        self._store = store
        self._clock = clock
        self._seed = _seed(client, grant)
        # Holds what the store refused to take, so that one process goes on.
        self._unstored: Record | None = None
        self.key = StoreKey(
            profile=profile,
            accounts_url=client.data_center.accounts_url,
            client_id=client.client_id,
        )

    def peek(self) -> Record:
        """Return what is known, without asking anybody; maybe an empty record."""
        record = self._store.load(self.key) or Record()
        if self._seed and record.seed != self._seed:
            record = Record(generation=record.generation)
        kept = self._unstored
        return kept if kept and kept.obtained_at >= record.obtained_at else record

    def renew(
        self,
        *,
        patience: float = PATIENCE,
        newer_than: int | None = None,
        rejected: Secret | None = None,
    ) -> Record | None:
        """Return a record with a token, asking the server if need be.

        Args:
            patience: Seconds to wait for whoever is renewing already.
            newer_than: Generation that will not do, however fresh its token.
            rejected: Access token that will not do.

        Returns:
            None if somebody else is renewing and `patience` is at its end.

        Raises:
            OAuthError: The request failed, now or so recently that nobody asks yet.
        """
        with self._store.lock(self.key, patience) as locked:
            if not locked:
                return None
            record = self.peek()
            if self._will_do(record, newer_than, rejected):
                return record
            if record.failure and record.failure.is_cooling(self._clock()):
                raise record.failure.error()
            return self._ask(record, rejected)

    def revoke(self) -> bool:
        """Give up the refresh token, or else the access token; forget both.

        Returns:
            Whether the server revoked something: False if there was nothing.

        Raises:
            OAuthError: The server did not confirm; nothing is forgotten then.
        """
        with self._store.lock(self.key, PATIENCE) as locked:
            if not locked:
                raise StoreError(
                    "lock", "is held by a renewal that does not end", "try again later"
                )
            record = self.peek()
            revoked = self._give_up(record)
            self._unstored = None
            if self._grant is not None and self._grant.single_use:
                # Not deleted: the next process must still know that the code is spent.
                self._write(record, Record(seed=self._seed, spent=True))
            else:
                self._store.delete(self.key)
            return revoked

    def _give_up(self, record: Record) -> bool:
        given = self._grant.secret if isinstance(self._grant, RefreshGrant) else None
        token = record.refresh_token or given or record.access_token
        if token is None:
            return False
        reply = self._transport.send(revocation_request(self._client, token))
        return _reply.read_revocation(reply)

    def _will_do(
        self, record: Record, newer_than: int | None, rejected: Secret | None
    ) -> bool:
        if record.access_token is None or record.access_token == rejected:
            return False
        now = self._clock()
        if newer_than is not None:
            return record.generation > newer_than and now < record.windows.hard
        if rejected is not None:
            return now < record.windows.hard
        return now < record.windows.soft

    def _ask(self, record: Record, rejected: Secret | None) -> Record:
        grant = self._pick_grant(record)
        if grant.single_use:
            # Noted before it is sent: a code must not go out twice, even if this
            # process dies before the answer comes.
            record = self._write(record, Record(seed=self._seed, spent=True))
        asked_at = self._clock()
        try:
            reply = self._transport.send(grant.request(self._client))
            token = _reply.read_token(
                reply, asked_at=asked_at, refresh_token=record.refresh_token
            )
            if token.expires_at.timestamp() <= self._clock():
                raise ReplyError(reply.status, "the new token is expired already")
        except OAuthError as error:
            self._note_failure(record, error, rejected)
            raise
        if token.refresh_token is None and isinstance(grant, RefreshGrant):
            token = replace(token, refresh_token=grant.refresh_token)
        new = Record.holding(
            token, seed=self._seed or record.seed, obtained_at=asked_at
        )
        return self._write(record, new)

    def _pick_grant(self, record: Record) -> Grant:
        if record.refresh_token is not None:
            return RefreshGrant(refresh_token=record.refresh_token)
        if self._grant is None:
            raise LoginNeededError(
                "no_token", 0, f"nothing is stored for profile {self.key.profile!r}"
            )
        if self._grant.single_use and record.spent:
            raise LoginNeededError("invalid_code", 0, "this code was sent before")
        return self._grant

    def _note_failure(
        self, record: Record, error: OAuthError, rejected: Secret | None
    ) -> None:
        failure = Failure.of(error, self._clock(), record.failure)
        unsent = isinstance(error, TransportError) and not error.sent
        noted = replace(
            record.failed(failure, rejected=rejected),
            seed=self._seed or record.seed,
            spent=record.spent and not unsent,
        )
        self._write(record, noted)

    def _write(self, old: Record, new: Record) -> Record:
        """Store `new` over `old`. A store that cannot is a warning: the token works."""
        new = replace(new, generation=old.generation + 1)
        try:
            self._store.compare_and_swap(self.key, old.generation, new)
            self._unstored = None
        except StoreError as error:
            self._unstored = new
            warnings.warn(f"a token was not stored: {error}", StoreWarning, 2)
        return new


def _seed(client: Client, grant: Grant | None) -> str:
    """Return a digest that changes when the configured secrets do; "" for none."""
    if grant is None:
        return ""
    secrets = (client.client_secret, grant.secret)
    joined = "".join(secret.digest() for secret in secrets if secret is not None)
    return sha256(joined.encode()).hexdigest()[:32]
