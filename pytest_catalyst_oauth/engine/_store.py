"""Where tokens are kept between runs: the protocol, and what is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, final

from ._scope import ScopeSet
from ._token import Token
from ._value import Value, replace
from ._windows import Windows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ._backoff import Failure
    from ._secret import Secret


@final
class StoreKey(Value):
    """Whose token a record holds. No part of it is secret.

    Attributes:
        profile: The user's name for it, so that one client can serve several users.
        accounts_url: A token of one data centre never serves another.
        client_id: As registered.
    """

    profile: str
    accounts_url: str
    client_id: str

    def __hash__(self) -> int:
        # Each look into a store in memory takes one.
        return hash((self.profile, self.accounts_url, self.client_id))

    def of_guest(self, secret: Secret) -> StoreKey:
        """Return where another refresh token than the record's own is kept.

        Two people whose programs share a profile then neither get each other's token
        nor lose their own.
        """
        return replace(self, profile=f"{self.profile}+{secret.digest()[:12]}")

    @property
    def digest(self) -> str:
        """A short name that is safe in a path. Equal for equal keys only."""
        from hashlib import sha256

        parts = (self.profile, self.accounts_url, self.client_id)
        framed = "".join(f"{len(part)}:{part}" for part in parts)
        return sha256(framed.encode()).hexdigest()[:32]


@final
class Record(Value):
    """All that is remembered for one key.

    Attributes:
        generation: Grows by one with each write; an older writer loses.
        seed: Digest of the configured secrets that it came from; when they change,
            neither its token nor its failure counts any more.
        spent: Whether the single-use code behind `seed` has been sent.
        access_token: None after a failure without a token, or a rejection.
        expires_at: Seconds since the epoch; 0 without a token.
        obtained_at: When the token was asked for, in seconds since the epoch.
        refresh_token: None when none was issued.
        scope: As the server said.
        api_domain: As the server said.
        failure: The latest failure since the latest success.
        asked: When token requests were made, inside the window of Zoho's quota, in
            seconds since the epoch.
        logins: How many refresh tokens were issued for this key, known to this store.
        revoked: Whether the configured refresh token was given up.
        revoke_pending: Whether somebody tried to, and the server did not confirm it.
    """

    generation: int = 0
    seed: str = ""
    spent: bool = False
    access_token: Secret | None = None
    expires_at: float = 0.0
    obtained_at: float = 0.0
    refresh_token: Secret | None = None
    scope: ScopeSet = ScopeSet()
    api_domain: str | None = None
    failure: Failure | None = None
    asked: tuple[float, ...] = ()
    logins: int = 0
    revoked: bool = False
    revoke_pending: bool = False

    @classmethod
    def blank(cls, generation: int = 0, logins: int = 0) -> Record:
        """Return what is known where nothing is stored, or nothing counts."""
        if not generation and not logins:
            return _BLANK
        return cls(generation=generation, logins=logins)

    def holding(
        self,
        token: Token,
        *,
        obtained_at: float,
        asked: tuple[float, ...] | None = None,
    ) -> Record:
        """Put a new token in the place of what there was; `asked` stays without one."""
        return replace(
            self,
            failure=None,
            asked=self.asked if asked is None else asked,
            access_token=token.access_token,
            expires_at=token.expires_at.timestamp(),
            obtained_at=obtained_at,
            refresh_token=token.refresh_token,
            scope=token.scope,
            api_domain=token.api_domain,
        )

    def without_token(self) -> Record:
        """Forget the access token alone."""
        return replace(self, access_token=None, expires_at=0.0)

    def failed(self, failure: Failure, *, rejected: Secret | None) -> Record:
        """Note a failure; a token that the API rejected is forgotten."""
        if rejected is not None and self.access_token == rejected:
            return replace(self, failure=failure, access_token=None, expires_at=0.0)
        return replace(self, failure=failure)

    def is_other_than(self, other: Record) -> bool:
        """Tell whether it holds another token; even the same text, obtained anew."""
        return (self.access_token, self.obtained_at) != (
            other.access_token,
            other.obtained_at,
        )

    @property
    def windows(self) -> Windows:
        """When the token is due, for a process without jitter."""
        return Windows.of(self.obtained_at, self.expires_at)

    def lives(self, now: float) -> bool:
        """Tell whether it holds a token that may be handed out."""
        return self.access_token is not None and self.windows.lives(now)

    def token(self) -> Token | None:
        """Return the token that it holds, fresh or not."""
        if self.access_token is None:
            return None
        return Token(
            access_token=self.access_token,
            expires_at=datetime.fromtimestamp(self.expires_at, UTC),
            refresh_token=self.refresh_token,
            scope=self.scope,
            api_domain=self.api_domain,
        )


_BLANK = Record()


class Store(Protocol):
    """Keeps records. All methods raise `StoreError` when they cannot."""

    def load(self, key: StoreKey) -> Record | None:
        """Return the record, or None when there is none."""
        ...

    def compare_and_swap(self, key: StoreKey, generation: int, record: Record) -> bool:
        """Write `record` as `generation + 1`, if `generation` is still the latest.

        Returns:
            Whether it was written. 0 is the generation of "no record".
        """
        ...

    def lock(self, key: StoreKey, deadline: float) -> AbstractContextManager[bool]:
        """Hold the key's lock, across processes, while the context lasts.

        Args:
            key: Whose.
            deadline: Seconds to wait for it; 0 tries once.

        Returns:
            A context whose value tells whether the lock was obtained.
        """
        ...

    def delete(self, key: StoreKey) -> bool:
        """Forget the record; tell whether there was one."""
        ...

    def keys(self) -> Iterator[StoreKey]:
        """List whose records there are, without anything secret."""
        ...
