"""The usual parts, wired together."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import Credentials, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._open_store import open_store
from ._patience import RetryPolicy, Timeouts

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import (
        Client,
        HttpReply,
        HttpRequest,
        Journal,
        Limits,
        Store,
        Transport,
        grants,
    )

# Seconds.
_MARGIN = 10.0
_RETRY, _TIMEOUTS = RetryPolicy(), Timeouts()


def connect(
    client: Client,
    *,
    refresh_token: Secret | None = None,
    code: Secret | None = None,
    grant: grants.Grant | None = None,
    store: Store | str | os.PathLike[str] | None = None,
    profile: str = "default",
    transport: Transport | None = None,
    timeouts: Timeouts | None = None,
    retry: RetryPolicy | None = None,
    journal: Journal | None = None,
    verify: bool | str = True,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    limits: Limits | None = None,
    background: bool = True,
    jitter: float | None = None,
) -> Credentials:
    """Wire requests, tenacity and a store into a `Credentials`.

    Args:
        client: Whose tokens.
        refresh_token: What to renew with; None uses the code or the store.
        code: A self client's code, or the code of a redirect if the client has a
            redirect URI. Exchanged once; the refresh token it brings is stored.
        grant: Any other way to get the first token.
        store: A store, its address for `open_store`, or None for the default file.
        profile: Tells apart several users of one client in one store.
        transport: Makes one attempt; None uses `requests`.
        timeouts: Of one attempt; ignored with a transport of your own.
        retry: How often to try.
        journal: Notes every attempt, redacted.
        verify: Path of a CA bundle, or whether to check certificates.
        clock: Seconds since the epoch.
        sleep: Waits between attempts, in seconds.
        limits: What Zoho allows; more is refused before it is sent.
        background: Whether a token that still lives is renewed in a thread, so that
            nobody waits. False lets the first who asks do it, as short programs want.
        jitter: How much earlier than others this process renews, as a share of the
            window, so that a fleet does not do it at once. None draws it; 0 is exact.

    Returns:
        Credentials; nothing has been asked yet.

    Raises:
        SettingsError: More than one grant, or an unknown store.
    """
    retry, timeouts = retry or _RETRY, timeouts or _TIMEOUTS

    def build() -> Transport:
        from ._tenacity import RetryingTransport

        attempt = transport or _by_requests(timeouts, verify)
        if journal is not None:
            from pytest_catalyst_oauth.engine import JournalingTransport

            attempt = JournalingTransport(attempt, journal, clock)
        return RetryingTransport(attempt, retry, clock=clock, sleep=sleep)

    return Credentials(
        client,
        grant=_grant(client, refresh_token, code, grant),
        transport=_Late(build),
        store=_opened(store),
        clock=clock,
        profile=profile,
        # Whoever waits for a sibling outlives all of the sibling's attempts.
        patience=retry.total + timeouts.total + _MARGIN,
        limits=limits,
        background=_in_background if background else None,
        jitter=jitter,
        sleep=sleep,
    )


def _opened(store: Store | str | os.PathLike[str] | None) -> Store:
    if isinstance(store, str | os.PathLike | None):
        return open_store(store)
    return store


def _in_background(work: Callable[[], object]) -> None:
    from ._background import in_background

    in_background(work)


class _Late:
    """A transport that is built when it is first needed.

    A program that finds a living token in the store then imports no HTTP library.
    """

    def __init__(self, build: Callable[[], Transport]) -> None:
        self._build = build
        self._inner: Transport | None = None

    def send(self, request: HttpRequest) -> HttpReply:
        if self._inner is None:
            self._inner = self._build()
        return self._inner.send(request)


def _by_requests(timeouts: Timeouts, verify: bool | str) -> Transport:
    from ._requests import RequestsTransport

    return RequestsTransport(timeouts=timeouts, verify=verify)


def _grant(
    client: Client,
    refresh_token: Secret | None,
    code: Secret | None,
    grant: grants.Grant | None,
) -> grants.Grant | None:
    for name, given in (("refresh token", refresh_token), ("code", code)):
        if given is not None and not isinstance(given, Secret):
            raise SettingsError(name, "is not a Secret", "wrap it: Secret(text)")
    if (refresh_token, code, grant).count(None) < 2:
        raise SettingsError(
            "refresh token, code and grant", "exclude each other", "give one of them"
        )
    if refresh_token is not None:
        from pytest_catalyst_oauth.engine.grants import RefreshGrant

        return RefreshGrant(refresh_token=refresh_token)
    return grant if code is None else _by_code(client, code)


def _by_code(client: Client, code: Secret) -> grants.Grant:
    from pytest_catalyst_oauth.engine import grants

    if client.redirect_uri is None:
        return grants.SelfClientGrant(code=code)
    return grants.AuthorizationCodeGrant(code=code, redirect_uri=client.redirect_uri)
