"""One renewal: look in the store, ask the server at most once, write it down."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, final

from . import _reply
from ._backoff import Failure
from ._ledger import Ledger
from ._store import Record, StoreKey
from .errors import (
    LoginNeededError,
    OAuthError,
    ReplyError,
    StoreError,
    TransportError,
)
from .grants import RefreshGrant, revocation_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Client
    from ._http import Transport
    from ._secret import Secret
    from ._store import Store
    from ._token import Token
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
        self.key = StoreKey(
            profile=profile,
            accounts_url=client.data_center.accounts_url,
            client_id=client.client_id,
        )
        self._ledger = Ledger(store, self.key, _seed(client, grant))

    def peek(self) -> Record:
        """Return what is known, without asking anybody; maybe an empty record."""
        return self._ledger.read()

    def renew(
        self,
        *,
        patience: float = PATIENCE,
        instead_of: Record | None = None,
        rejected: Secret | None = None,
    ) -> Record | None:
        """Return a record with a token, asking the server if need be.

        Args:
            patience: Seconds to wait for whoever is renewing already.
            instead_of: Record whose token will not do, however fresh it is.
            rejected: Access token that will not do, and that nobody shall use again.

        Returns:
            None if somebody else is renewing and `patience` is at its end.

        Raises:
            OAuthError: The request failed, now or so recently that nobody asks yet.
        """
        with self._store.lock(self.key, patience) as locked:
            if not locked:
                return None
            while True:
                record = self._ledger.read()
                if self._will_do(record, instead_of, rejected):
                    return record
                if record.failure and record.failure.is_cooling(self._clock()):
                    raise record.failure.error()
                grant = self._pick_grant(record)
                # Noted before it is sent: a code must not go out twice, even if this
                # process dies before the answer comes.
                ours = self._ledger.claim(record) if grant.single_use else record
                if ours is not None:
                    break
            outcome = self._ask(ours, grant, rejected)
            if isinstance(outcome, OAuthError):
                ours = self._note_failure(ours, grant, outcome, rejected)
                # A sibling that slipped past the lock may have had more luck.
                if self._will_do(ours, instead_of, rejected):
                    return ours
                raise outcome
            return self._note_token(ours, grant, *outcome)

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
            record = self._ledger.read()
            revoked = self._give_up(record)
            self._ledger.forget(record)
            return revoked

    def _give_up(self, record: Record) -> bool:
        given = self._grant.secret if isinstance(self._grant, RefreshGrant) else None
        token = record.refresh_token or given or record.access_token
        if token is None:
            return False
        reply = self._transport.send(revocation_request(self._client, token))
        return _reply.read_revocation(reply)

    def _will_do(
        self, record: Record, instead_of: Record | None, rejected: Secret | None
    ) -> bool:
        if record.access_token is None or record.access_token == rejected:
            return False
        now = self._clock()
        if instead_of is not None:
            return record.is_other_than(instead_of) and now < record.windows.hard
        if rejected is not None:
            return now < record.windows.hard
        return now < record.windows.soft

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

    def _ask(
        self, record: Record, grant: Grant, rejected: Secret | None
    ) -> tuple[Token, float] | OAuthError:
        """Send one token request; return the token and when it was asked for."""
        asked_at = self._clock()
        try:
            reply = self._transport.send(grant.request(self._client))
            token = _reply.read_token(
                reply, asked_at=asked_at, refresh_token=record.refresh_token
            )
        except OAuthError as error:
            return error
        if token.expires_at.timestamp() <= self._clock():
            return ReplyError(reply.status, "the new token is expired already")
        if token.access_token == rejected:
            return ReplyError(reply.status, "the new token is the one just rejected")
        return token, asked_at

    def _note_token(
        self, record: Record, grant: Grant, token: Token, asked_at: float
    ) -> Record:
        if token.refresh_token is None and isinstance(grant, RefreshGrant):
            token = replace(token, refresh_token=grant.refresh_token)
        new = Record.holding(token, obtained_at=asked_at, spent=record.spent)

        def take(found: Record) -> Record:
            # Older than ours, unless a sibling slipped past the lock.
            newest = max(record.obtained_at, asked_at)
            return found if found.obtained_at > newest else new

        return self._ledger.update(record, take)

    def _note_failure(
        self, record: Record, grant: Grant, error: OAuthError, rejected: Secret | None
    ) -> Record:
        failure = Failure.of(error, self._clock(), record.failure)
        arrived = not isinstance(error, TransportError) or error.sent

        def note(found: Record) -> Record:
            if found.obtained_at > record.obtained_at:
                return found
            spent = arrived if grant.single_use else found.spent
            return replace(found.failed(failure, rejected=rejected), spent=spent)

        return self._ledger.update(record, note)


def _seed(client: Client, grant: Grant | None) -> str:
    """Return a digest that changes when the configured secrets do; "" for none."""
    if grant is None:
        return ""
    secrets = (client.client_secret, grant.secret)
    joined = "".join(secret.digest() for secret in secrets if secret is not None)
    return sha256(joined.encode()).hexdigest()[:32]
