"""The usual parts, wired together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import (
    Credentials,
    JournalingTransport,
    MemoryStore,
    grants,
)
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Client, Journal, Secret, Store, Transport

    from ._requests import Timeouts
    from ._tenacity import RetryPolicy


def connect(
    client: Client,
    *,
    refresh_token: Secret | None = None,
    code: Secret | None = None,
    store: Store | str | Path | None = None,
    profile: str = "default",
    transport: Transport | None = None,
    timeouts: Timeouts | None = None,
    retry: RetryPolicy | None = None,
    journal: Journal | None = None,
    verify: bool | str = True,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Credentials:
    """Wire requests, tenacity and a store into a `Credentials`.

    Args:
        client: Whose tokens.
        refresh_token: What to renew with; None uses the code or the store.
        code: A self client's code, or the code of a redirect if the client has a
            redirect URI. Exchanged once; the refresh token it brings is stored.
        store: A store, its address for `open_store`, or None for the default file.
        profile: Tells apart several users of one client in one store.
        transport: Makes one attempt; None uses `requests`.
        timeouts: Of one attempt; ignored with a transport of your own.
        retry: How often to try.
        journal: Notes every attempt, redacted.
        verify: Path of a CA bundle, or whether to check certificates.
        clock: Seconds since the epoch.
        sleep: Waits between attempts, in seconds.

    Returns:
        Credentials; nothing has been asked yet.

    Raises:
        SettingsError: Both a refresh token and a code, or an unknown store.
    """
    from ._tenacity import RetryingTransport

    if transport is None:
        from ._requests import RequestsTransport

        transport = RequestsTransport(timeouts=timeouts, verify=verify)
    if journal is not None:
        transport = JournalingTransport(transport, journal, clock)
    return Credentials(
        client,
        grant=_grant(client, refresh_token, code),
        transport=RetryingTransport(transport, retry, clock=clock, sleep=sleep),
        store=open_store(store) if isinstance(store, str | Path | None) else store,
        clock=clock,
        profile=profile,
    )


def open_store(address: str | Path | None = None) -> Store:
    """Return the store at an address.

    Args:
        address: `memory:`, a path, `sqlite:PATH`, or None for the default file in the
            platform's state folder.

    Raises:
        SettingsError: The address has an unknown scheme, or names an unknown user.
    """
    from ._sqlite_store import SqliteStore

    if address is None:
        import platformdirs

        return SqliteStore(platformdirs.user_state_path("catalyst-oauth") / "tokens.db")
    scheme, colon, rest = str(address).partition(":")
    # One letter is a drive of Windows.
    if not colon or len(scheme) == 1 or "/" in scheme:
        return SqliteStore(_expanded(address))
    if scheme == "memory":
        return MemoryStore()
    if scheme == "sqlite" and rest:
        return SqliteStore(_expanded(rest))
    raise SettingsError(
        f"token store {scheme + ':'!r}",
        "is of an unknown kind",
        "give a path, sqlite:PATH or memory:",
    )


def _expanded(path: str | Path) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise SettingsError(
            f"token store {path}", "names an unknown user's home", "write it in full"
        ) from None


def _grant(
    client: Client, refresh_token: Secret | None, code: Secret | None
) -> grants.Grant | None:
    if refresh_token is not None and code is not None:
        raise SettingsError(
            "refresh token and code", "were both given", "give one of them"
        )
    if refresh_token is not None:
        return grants.RefreshGrant(refresh_token=refresh_token)
    if code is None:
        return None
    if client.redirect_uri is None:
        return grants.SelfClientGrant(code=code)
    return grants.AuthorizationCodeGrant(code=code, redirect_uri=client.redirect_uri)
