"""One renewal: look in the store, ask the server at most once, write it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, final

from . import _reply
from ._backoff import Failure
from ._http import HttpReply
from ._quota import Limits
from ._store import Record
from ._turn import locked
from ._value import replace
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
    from ._ledger import Ledger
    from ._secret import Secret
    from ._steps import Answer, Steps
    from ._store import Store
    from ._token import Token
    from ._turn import Turn
    from ._wish import Wish
    from .grants import Grant

T = TypeVar("T")
_USUAL = Limits()


@final
class Renewal:
    """What one `Credentials` does at the store and at the token endpoint.

    Remembers nothing itself, so that each who needs one may make it.
    """

    def __init__(
        self,
        client: Client,
        *,
        grant: Grant | None,
        store: Store,
        ledger: Ledger,
        clock: Callable[[], float],
        patience: float,
        limits: Limits | None,
    ) -> None:
        self._client = client
        self._grant = grant
        self._store = store
        self._clock = clock
        self._patience = patience
        self._limits = limits or _USUAL
        self._ledger = ledger

    def requests_left(self, record: Record) -> int:
        """Return how many token requests the quota still allows now."""
        return self._limits.requests_left(record.asked, self._clock())

    def obstacle(self, record: Record) -> OAuthError | None:
        """Return why nobody would be asked for a token now; None if somebody would."""
        try:
            self._pick_grant(record)
            self._spend(record)
        except OAuthError as error:
            return error
        return None

    def renew(self, wish: Wish, *, waits: bool = True) -> Steps[Record | None]:
        """Return a record with a token, asking the server if need be.

        Args:
            wish: What will do.
            waits: Whether to wait for whoever is renewing already.

        Returns:
            None if somebody else is renewing, and does not end.

        Raises:
            OAuthError: The request failed, now or so recently that nobody asks yet.
        """
        turn = yield from self._turn(self._patience if waits else 0.0)
        if turn is None:
            return None
        with turn:
            while True:
                record = self._ledger.read()
                if wish.accepts(record, self._clock()):
                    return record
                grant = self._pick_grant(record)
                self._spend(record)
                # Noted before it is sent: a code must not go out twice, even if this
                # process dies before the answer comes.
                ours = self._ledger.claim(record) if grant.single_use else record
                if ours is not None:
                    return (yield from self._ask(ours, grant, wish))

    def revoke(self, token_type: str, *, cascades: bool) -> Steps[bool]:
        """Give a token up, and forget what the server has ended.

        Args:
            token_type: `refresh_token`, or the access token if there is none; or
                `access_token`.
            cascades: Whether the end of an access token ends its refresh token.

        Returns:
            Whether the server revoked something: False if there was nothing.

        Raises:
            OAuthError: The server did not confirm. If it could not be reached, this is
                noted, and no token is handed out until it has confirmed.
        """
        turn = yield from self._turn(self._patience)
        if turn is None:
            raise StoreError(
                "lock", "is held by a renewal that does not end", "try again later"
            )
        with turn:
            record = self._ledger.read()
            token = self._to_give_up(record, token_type)
            if token is None:
                self._ledger.forget(record)
                return False
            keeps_refresh = token_type == "access_token" and not cascades
            outcome = yield revocation_request(self._client, token)
            revoked = _read(outcome, _reply.read_revocation)
            if isinstance(revoked, OAuthError):
                if revoked.retryable and not keeps_refresh:
                    pending = replace(record, revoke_pending=True)
                    self._ledger.update(record, lambda _: pending)
                raise revoked
            if keeps_refresh:
                self._ledger.update(record, Record.without_token)
            else:
                self._ledger.forget(record, revoked=self._is_ours(token))
            return revoked

    def _turn(self, patience: float) -> Steps[Turn | None]:
        return locked(self._store, self._ledger.key, patience)

    def _to_give_up(self, record: Record, token_type: str) -> Secret | None:
        if token_type == "access_token":
            return record.access_token
        if record.revoked:
            return None
        given = self._grant.secret if isinstance(self._grant, RefreshGrant) else None
        return record.refresh_token or given or record.access_token

    def _is_ours(self, token: Secret) -> bool:
        return isinstance(self._grant, RefreshGrant) and self._grant.secret == token

    def _pick_grant(self, record: Record) -> Grant:
        if record.failure and record.failure.is_cooling(self._clock()):
            raise record.failure.error()
        if record.revoke_pending:
            raise LoginNeededError("revoke_pending", 0, "a revocation is not confirmed")
        if record.revoked:
            raise LoginNeededError("revoked", 0, "it was revoked here")
        if record.refresh_token is not None:
            return RefreshGrant(refresh_token=record.refresh_token)
        if self._grant is None:
            raise LoginNeededError(
                "no_token",
                0,
                f"nothing is stored for profile {self._ledger.key.profile!r}",
            )
        if self._grant.single_use and record.spent:
            raise LoginNeededError("invalid_code", 0, "this code was sent before")
        return self._grant

    def _ask(
        self, record: Record, grant: Grant, wish: Wish, *, is_last: bool = False
    ) -> Steps[Record]:
        asked_at = self._clock()
        answer = yield grant.request(self._client)
        outcome = self._outcome(answer, record, grant, asked_at, wish.rejected)
        if not isinstance(outcome, OAuthError):
            return self._note_token(record, grant, outcome, asked_at)
        if _has_arrived(outcome):
            record = replace(record, asked=self._limits.noted(record.asked, asked_at))
        # A sibling that slipped past the lock may have had more luck, or a person has
        # logged in again meanwhile: one more look before a grant is declared dead.
        latest = self._ledger.read() if _is_dead(outcome, grant) else record
        if not is_last and _has_another(latest, grant):
            return (yield from self._again(latest, wish))
        noted = self._note_failure(record, grant, outcome, wish.rejected)
        if wish.accepts(noted, self._clock()):
            return noted
        raise outcome

    def _again(self, record: Record, wish: Wish) -> Steps[Record]:
        """Do with what somebody else brought; ask once more if need be."""
        if wish.accepts(record, self._clock()):
            return record
        grant = self._pick_grant(record)
        self._spend(record)
        return (yield from self._ask(record, grant, wish, is_last=True))

    def _spend(self, record: Record) -> None:
        """Refuse locally what Zoho would refuse, and punish by a longer wait."""
        refusal = self._limits.refusal(record.asked, self._clock())
        if refusal is not None:
            raise refusal

    def _outcome(
        self,
        answer: Answer,
        record: Record,
        grant: Grant,
        asked_at: float,
        rejected: Secret | None,
    ) -> Token | OAuthError:
        is_renewal = isinstance(grant, RefreshGrant)
        kept = grant.secret if is_renewal else record.refresh_token

        def read(reply: HttpReply) -> Token:
            return _reply.read_token(reply, asked_at=asked_at, refresh_token=kept)

        token = _read(answer, read)
        if isinstance(token, OAuthError):
            return token
        if token.expires_at.timestamp() <= self._clock():
            return ReplyError(200, "the new token is expired already")
        if token.access_token == rejected:
            return ReplyError(200, "the new token is the one just rejected")
        return token

    def _note_token(
        self, record: Record, grant: Grant, token: Token, asked_at: float
    ) -> Record:
        is_renewal = isinstance(grant, RefreshGrant)
        if is_renewal and not token.scope:
            token = replace(token, scope=record.scope)
        # The quota is each refresh token's own.
        is_rotated = is_renewal and token.refresh_token != grant.secret
        asked = () if is_rotated else self._limits.noted(record.asked, asked_at)
        new = record.holding(token, obtained_at=asked_at, asked=asked)
        if token.refresh_token is not None and not is_renewal:
            new = replace(new, logins=record.logins + 1)

        def take(found: Record) -> Record:
            if found.logins > record.logins and found.refresh_token is not None:
                # A person has logged in meanwhile, maybe another one.
                return found
            # Older than ours, unless a sibling slipped past the lock.
            newest = max(record.obtained_at, asked_at)
            return found if found.obtained_at > newest else new

        return self._ledger.update(record, take)

    def _note_failure(
        self, record: Record, grant: Grant, error: OAuthError, rejected: Secret | None
    ) -> Record:
        failure = Failure.of(error, self._clock(), record.failure)
        error.retry_at = failure.retry_at
        arrived = _has_arrived(error)

        def note(found: Record) -> Record:
            if found.obtained_at > record.obtained_at:
                return found
            spent = arrived if grant.single_use else found.spent
            return replace(
                found.failed(failure, rejected=rejected),
                spent=spent,
                asked=record.asked,
            )

        return self._ledger.update(record, note)


def _read(answer: Answer, read: Callable[[HttpReply], T]) -> T | OAuthError:
    if not isinstance(answer, HttpReply):
        return answer or ReplyError(0, "nothing came back")
    try:
        return read(answer)
    except OAuthError as error:
        return error


def _has_arrived(outcome: object) -> bool:
    return not isinstance(outcome, TransportError) or outcome.sent


def _is_dead(outcome: OAuthError, grant: Grant) -> bool:
    return isinstance(outcome, LoginNeededError) and isinstance(grant, RefreshGrant)


def _has_another(record: Record, grant: Grant) -> bool:
    return record.refresh_token not in (None, grant.secret)
