"""Which tokens one data centre has issued, and which of them still work."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Client, ScopeSet
    from pytest_catalyst_oauth.fake._settings import FakeSettings


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A grant token that nobody has exchanged yet.

    Attributes:
        client_id: Who may exchange it.
        scope: What the user consented to.
        redirect_uri: What the exchange has to repeat; None for a self client.
        ends_at: Seconds since the epoch.
        offline: Whether it brings a refresh token.
    """

    client_id: str
    scope: ScopeSet
    redirect_uri: str | None
    ends_at: float
    offline: bool


@final
@dataclass(slots=True, kw_only=True)
class Consent:
    """What stands behind a refresh token.

    Attributes:
        client_id: Who may use it.
        scope: What the user consented to.
        live: Its access tokens, the oldest first.
        asked: When it was used, in seconds since the epoch, inside the window.
    """

    client_id: str
    scope: ScopeSet
    live: list[Secret] = field(default_factory=list)
    asked: deque[float] = field(default_factory=deque)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What an access token opens.

    Attributes:
        scope: What it grants.
        ends_at: Seconds since the epoch.
        refresh_token: What it came from; None without one.
    """

    scope: ScopeSet
    ends_at: float
    refresh_token: Secret | None


@final
class Vault:
    """All clients, codes and tokens of one data centre.

    Not safe between threads by itself: the fake takes one request at a time.
    """

    def __init__(self, settings: FakeSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self.clients: dict[str, Client] = {}
        self._codes: dict[Secret, Code] = {}
        self._consents: dict[Secret, Consent] = {}
        self._access: dict[Secret, Access] = {}

    def add_code(self, code: Code) -> Secret:
        """Issue a code."""
        secret = _new_token()
        self._codes[secret] = code
        return secret

    def take_code(self, secret: Secret) -> Code | None:
        """Use a code up; None if it is unknown, used or too old."""
        code = self._codes.pop(secret, None)
        return code if code and self._clock() < code.ends_at else None

    def add_consent(self, client_id: str, scope: ScopeSet) -> Secret:
        """Issue a refresh token; beyond the limit the client's oldest one ends."""
        secret = _new_token()
        self._consents[secret] = Consent(client_id=client_id, scope=scope)
        own = [s for s, c in self._consents.items() if c.client_id == client_id]
        for oldest in own[: -self._settings.refresh_tokens]:
            self.end(oldest)
        return secret

    def consent(self, secret: Secret, client_id: str) -> Consent | None:
        """Return what stands behind a refresh token of this client."""
        found = self._consents.get(secret)
        return found if found and found.client_id == client_id else None

    def is_throttled(self, secret: Secret) -> bool:
        """Count a token request, and tell whether it is one too many."""
        consent, now = self._consents.get(secret), self._clock()
        if consent is None:
            return False
        while consent.asked and consent.asked[0] <= now - self._settings.token_window:
            consent.asked.popleft()
        if len(consent.asked) >= self._settings.token_requests:
            return True
        consent.asked.append(now)
        return False

    def add_access(self, scope: ScopeSet, refresh_token: Secret | None) -> Secret:
        """Issue an access token; beyond the limit the oldest sibling ends."""
        secret = _new_token()
        self._access[secret] = Access(
            scope=scope,
            ends_at=self._clock() + self._settings.access_token_lifetime,
            refresh_token=refresh_token,
        )
        if refresh_token is not None:
            live = self._consents[refresh_token].live
            live.append(secret)
            for oldest in live[: -self._settings.live_access_tokens]:
                self._end_access(oldest)
        return secret

    def access(self, secret: Secret) -> Access | None:
        """Return what an access token opens now; None if nothing."""
        found = self._access.get(secret)
        return found if found and self._clock() < found.ends_at else None

    def end(self, secret: Secret) -> bool:
        """End a refresh token with its access tokens, or an access token.

        Returns:
            Whether there was such a token.
        """
        consent = self._consents.pop(secret, None)
        if consent is not None:
            for access in tuple(consent.live):
                self._end_access(access)
            return True
        found = self._end_access(secret)
        if found and found.refresh_token and self._settings.access_ends_refresh:
            self.end(found.refresh_token)
        return found is not None

    def _end_access(self, secret: Secret) -> Access | None:
        found = self._access.pop(secret, None)
        if found and found.refresh_token in self._consents:
            self._consents[found.refresh_token].live.remove(secret)
        return found


def _new_token() -> Secret:
    """Return a token in Zoho's form; `fa4e` says that it opens nothing."""
    return Secret(f"1000.fa4efa4e{secrets.token_hex(12)}.{secrets.token_hex(16)}")
