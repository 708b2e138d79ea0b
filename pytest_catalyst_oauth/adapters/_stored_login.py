"""Putting a finished login in the store, where all doors find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import MemoryStore, Record, StoreKey
from pytest_catalyst_oauth.engine._value import replace
from pytest_catalyst_oauth.engine.errors import (
    ReplyError,
    SettingsError,
    StoreError,
)

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, Store, Token

_ATTEMPTS = 8


def login_key(client: Client, profile: str) -> StoreKey:
    """Return where a login of this client is kept."""
    return StoreKey(
        profile=profile,
        accounts_url=client.data_center.accounts_url,
        client_id=client.client_id,
    )


def check_login_store(store: Store, key: StoreKey) -> None:
    """Make sure of the store before a code is spent for it.

    Raises:
        SettingsError: It forgets everything when this process ends.
        StoreError: It cannot be read.
    """
    if isinstance(store, MemoryStore):
        raise SettingsError(
            "token store memory:",
            "forgets the login when this process ends",
            "name a path as store, or leave it out",
        )
    store.load(key)


def keep_login(
    store: Store, key: StoreKey, token: Token, *, asked_at: float
) -> tuple[Record, Record]:
    """Replace what is stored by a new login; return what was there, and what is.

    Until here the former login is left alone: a mistyped code costs nobody a token.

    Args:
        store: Where.
        key: Whose.
        token: With its refresh token.
        asked_at: When it was asked for, in seconds since the epoch.

    Raises:
        ReplyError: No refresh token came with it.
        StoreError: It cannot be written.
    """
    if token.refresh_token is None:
        raise ReplyError(200, "no refresh token came with it, so nothing was stored")
    for _ in range(_ATTEMPTS):
        old = store.load(key) or Record()
        new = replace(
            old.holding(token, obtained_at=asked_at),
            generation=old.generation + 1,
            # It belongs to whoever reads the store without a grant of their own.
            seed="",
            spent=False,
            revoked=False,
            revoke_pending=False,
            asked=(asked_at,),
            logins=old.logins + 1,
        )
        if store.compare_and_swap(key, old.generation, new):
            return old, new
    raise StoreError(repr(store), "others write to it all the time", "log in again")
