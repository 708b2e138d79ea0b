"""What is known about one key: what the store holds, or refused to take."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, final

from ._store import Record
from ._value import replace
from .errors import StoreError, StoreWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Client
    from ._store import Store, StoreKey
    from .grants import Grant

# Whoever holds the lock writes alone; only a lock that failed makes more than one
# attempt necessary.
_ATTEMPTS = 8


@final
class Ledger:
    """The record of one key, as one configuration sees it.

    Args:
        store: Where it is kept.
        key: Whose it is.
        seed: Digest of the configured secrets; a record of another seed counts as
            absent. "" takes what there is.
        grant: Who asks. A single-use code is a new login, which takes the place of
            what there was when it succeeds, and is noted beside it until then; any
            other leaves another refresh token's record alone and has one of its own.
    """

    def __init__(
        self, store: Store, key: StoreKey, seed: str, grant: Grant | None = None
    ) -> None:
        self._store = store
        self.key = key
        self._seed = seed
        self._grant = grant
        # Whoever has found the key taken stays away from it, but for a code, which
        # takes it after all.
        self._place = key
        self._guest: StoreKey | None = None
        self._is_code = grant is not None and grant.single_use
        # What the store refused to take, so that this process goes on.
        self._unstored: Record | None = None

    def read(self) -> Record:
        """Return what is known; maybe an empty record.

        Raises:
            StoreError: The store cannot be read.
        """
        record = self._found()
        if self._seed and record.seed != self._seed:
            record = Record.blank(record.generation, record.logins)
        kept = self._unstored
        if kept is not None and kept.obtained_at >= record.obtained_at:
            return replace(kept, generation=record.generation)
        return record

    def update(self, record: Record, change: Callable[[Record], Record]) -> Record:
        """Apply `change` to the latest record, and return what is known then.

        A store that cannot take it is a warning, since the token works all the same.

        Args:
            record: The latest that we know of.
            change: Returns the new record, or its argument to leave that in place.
                Called again if somebody else wrote meanwhile.
        """
        new = record
        try:
            for _ in range(_ATTEMPTS):
                new = change(record)
                if new is record:
                    return record
                if self._is_aside and new.access_token is not None:
                    self._place = self.key
                    record = self._before_code(record)
                    continue
                new = self._next(record, new)
                if self._store.compare_and_swap(self._place, record.generation, new):
                    self._unstored = None
                    self._tidy()
                    return new
                record = self.read()
            self._keep(new, "others write to it all the time")
        except StoreError as error:
            self._keep(new, str(error))
        return new

    def claim(self, record: Record) -> Record | None:
        """Note that the code goes out now; None if somebody else wrote meanwhile.

        Raises:
            StoreError: It cannot be noted. Then it must not go out either: what it
                brings could not be kept, and nobody can get it again.
        """
        marked = self._next(record, replace(record, spent=True))
        if self._store.compare_and_swap(self._place, record.generation, marked):
            return marked
        return None

    def forget(self, record: Record, *, revoked: bool = False) -> None:
        """Forget all tokens, but not that a code is spent or a grant was revoked.

        What is left is written over them, not deleted, so that an older writer still
        loses against it. Tokens of a login that came meanwhile stay.

        Raises:
            StoreError: The store cannot be written.
        """
        self._unstored = None
        found = record
        while not found.is_other_than(record):
            left = Record(
                spent=found.spent,
                revoked=found.revoked or revoked,
                asked=found.asked,
                logins=found.logins,
            )
            new = self._next(found, left)
            if self._store.compare_and_swap(self._place, found.generation, new):
                return
            found = self.read()

    def _found(self) -> Record:
        if self._place != self.key and not self._is_code:
            return self._store.load(self._place) or Record.blank()
        self._place = self.key
        record = self._store.load(self.key) or Record.blank()
        if self._grant is None or record.seed == self._seed:
            return record
        if self._guest is None:
            self._guest = self.key.of_guest(self._grant.secret)
        guest = self._store.load(self._guest)
        if guest is None and not self._is_taken(record, self._grant):
            return record
        self._place = self._guest
        return guest or Record.blank(logins=record.logins)

    def _is_taken(self, record: Record, grant: Grant) -> bool:
        """Tell whether a record is somebody else's, who shall keep it."""
        if self._is_code:
            return record.access_token is not None or record.refresh_token is not None
        return record.refresh_token not in (None, grant.secret)

    @property
    def _is_aside(self) -> bool:
        """Whether a code is noted beside the login that it may replace."""
        return self._is_code and self._place != self.key

    def _before_code(self, guest: Record) -> Record:
        """Return what a code replaces: nothing, unless somebody logged in meanwhile."""
        login = self._store.load(self.key) or Record.blank()
        if login.logins > guest.logins:
            return login
        return Record.blank(login.generation, login.logins)

    def _tidy(self) -> None:
        """Drop what was noted of a code, once its login says the same."""
        if self._is_code and self._guest is not None and self._place == self.key:
            with suppress(StoreError):
                self._store.delete(self._guest)
            self._guest = None

    def _next(self, old: Record, new: Record) -> Record:
        seed = self._seed or old.seed
        return replace(new, seed=seed, generation=old.generation + 1)

    def _keep(self, record: Record, problem: str) -> None:
        # Before the warning, which may be an exception.
        self._unstored = record
        warnings.warn(f"a token was not stored: {problem}", StoreWarning, 4)


def seed_of(client: Client, grant: Grant | None) -> str:
    """Return a digest that changes when the configured secrets do; "" for none."""
    if grant is None:
        return ""
    from hashlib import sha256

    secrets = (client.client_secret, grant.secret)
    joined = "".join(secret.digest() for secret in secrets if secret is not None)
    return sha256(joined.encode()).hexdigest()[:32]
