"""Which tokens one data centre has issued, and which of them still work."""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.fake._mark import marked

from ._holdings import Access, Consent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_catalyst_oauth.engine import Client, ScopeSet
    from pytest_catalyst_oauth.fake._mark import Back
    from pytest_catalyst_oauth.fake._settings import FakeSettings
    from pytest_catalyst_oauth.fake._users import User

    from ._holdings import Code

# Of what no limit of Zoho's holds back, so many are remembered: a fake that is asked
# for hours must not grow.
_MOST = 10_000
_MOST_SPENT = 1_000


@final
class Vault:
    """All clients, codes and tokens of one data centre.

    Not safe between threads by itself: the fake takes one request at a time.

    Args:
        settings: Of the fake.
        clock: Seconds since the epoch.

    Attributes:
        clients: By their ids.
    """

    def __init__(self, settings: FakeSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self.clients: dict[str, Client] = {}
        self._codes: OrderedDict[Secret, Code] = OrderedDict()
        self._consents: dict[Secret, Consent] = {}
        # Refresh tokens of one client and one user, the oldest first.
        self._own: dict[tuple[str, int], OrderedDict[Secret, None]] = {}
        # An ordered dictionary forgets its first member without looking for it.
        self._access: OrderedDict[Secret, Access] = OrderedDict()
        self._loose: deque[Secret] = deque()
        self._spent: dict[Secret, Consent] = {}

    @property
    def consents(self) -> Mapping[Secret, Consent]:
        """What stands behind each refresh token that works."""
        return self._consents

    @property
    def accesses(self) -> Mapping[Secret, Access]:
        """What access tokens open; some of them may have ended."""
        return self._access

    def mark(self) -> Back:
        """Return what takes new clients and their refresh tokens back."""
        return marked(self.clients, self._consents, self._own)

    def new_token(self) -> Secret:
        """Return a token in Zoho's form, which opens nothing yet.

        224 of its bits are random (RFC 6749, section 10.10); `fa4efa4e` says that it
        is ours.
        """
        digits = os.urandom(28).hex()
        return Secret(f"1000.fa4efa4e{digits[:24]}.{digits[24:]}")

    def add_code(self, code: Code) -> Secret:
        """Issue a code; forget those that nobody exchanged in time."""
        now = self._clock()
        while self._codes and now >= next(iter(self._codes.values())).ends_at:
            self._codes.popitem(last=False)
        secret = self.new_token()
        self._codes[secret] = code
        if len(self._codes) > _MOST:
            self._codes.popitem(last=False)
        return secret

    def take_code(self, secret: Secret) -> Code | None:
        """Use a code up; None if it is unknown, used or too old."""
        code = self._codes.pop(secret, None)
        return code if code and self._clock() < code.ends_at else None

    def grant(
        self,
        client_id: str,
        scope: ScopeSet,
        user: User | None = None,
        *,
        offline: bool = True,
        code: Secret | None = None,
    ) -> Consent:
        """Note a consent. An offline one gets a refresh token.

        Beyond the limit the oldest refresh token of the same client and user ends.

        Args:
            client_id: Who may use it.
            scope: What for.
            user: Who consented; None for nobody.
            offline: Whether there is a refresh token.
            code: What was exchanged for it, if a second use shall end it.
        """
        consent = Consent(client_id=client_id, scope=scope, user=user)
        if code is not None:
            self._spend(code, consent)
        if offline:
            self._renew(consent)
            own = self._own_of(consent)
            while len(own) > self._settings.refresh_tokens:
                self.end(next(iter(own)))
        return consent

    def add_consent(
        self, client_id: str, scope: ScopeSet, user: User | None = None
    ) -> Secret:
        """Issue a refresh token."""
        refresh_token = self.grant(client_id, scope, user).refresh_token
        assert refresh_token is not None  # noqa: S101  it is offline
        return refresh_token

    def adopt(self, consent: Consent, secret: Secret) -> None:
        """Let a refresh token be one that somebody else chose, as a seed does."""
        self._drop(consent)
        self._install(consent, secret)

    def widen(self, secret: Secret, scope: ScopeSet) -> None:
        """Let a refresh token grant more."""
        self._consents[secret].scope |= scope

    def consent(self, secret: Secret, client_id: str) -> Consent | None:
        """Return what stands behind a refresh token of this client."""
        found = self._consents.get(secret)
        return found if found and found.client_id == client_id else None

    def is_throttled(self, secret: Secret) -> bool:
        """Count a token request, and tell whether it is one too many."""
        most = self._settings.token_requests
        consent = self._consents.get(secret) if most is not None else None
        if consent is None or most is None:
            return False
        asked, now = consent.asked, self._clock()
        while asked and asked[0] <= now - self._settings.token_window:
            asked.popleft()
        if len(asked) >= most:
            return True
        asked.append(now)
        return False

    def add_access(self, consent: Consent, scope: ScopeSet | None = None) -> Secret:
        """Issue an access token; beyond the limit its oldest sibling ends.

        Args:
            consent: Where it comes from.
            scope: What it grants; None for all that the consent does.
        """
        now, secret = self._clock(), self.new_token()
        self._forget_ended(now)
        self._access[secret] = Access(
            consent.scope if scope is None else scope,
            now + self._settings.access_token_lifetime,
            consent,
        )
        live = consent.live
        live[secret] = None
        while len(live) > self._settings.live_access_tokens:
            self._end_access(next(iter(live)))
        if consent.refresh_token is None:
            self._hold_loosely(secret)
        return secret

    def access(self, secret: Secret) -> Access | None:
        """Return what an access token opens now; None if nothing."""
        found = self._access.get(secret)
        return found if found and self._clock() < found.ends_at else None

    def owner(self, secret: Secret) -> str | None:
        """Return the id of the client that has a token; None if it does not work."""
        access = self.access(secret)
        consent = access.consent if access else self._consents.get(secret)
        return consent.client_id if consent else None

    def end(self, secret: Secret) -> bool:
        """End a refresh token with its access tokens, or an access token.

        Returns:
            Whether there was such a token, and it worked.
        """
        consent = self._consents.get(secret)
        if consent is not None:
            self._end_consent(consent)
            return True
        # One that has ended is unknown, whether or not it was forgotten already.
        found = self._end_access(secret) if self.access(secret) else None
        if found and self._settings.access_ends_refresh:
            self._end_consent(found.consent)
        return found is not None

    def rotate(self, consent: Consent) -> Secret:
        """Replace a refresh token by another one; return that.

        Source: RFC 9700, section 4.14.2.
        """
        if consent.refresh_token is not None:
            old = consent.refresh_token
            self._drop(consent)
            self._spend(old, consent)
        return self._renew(consent)

    def punish_reuse(self, secret: Secret, client_id: str) -> None:
        """End all that came of a code or refresh token that comes a second time.

        Source: RFC 6749, section 4.1.2; RFC 9700, section 4.14.2.
        """
        consent = self._spent.get(secret)
        if consent is not None and consent.client_id == client_id:
            self._end_consent(consent)

    def _renew(self, consent: Consent) -> Secret:
        secret = self.new_token()
        self._install(consent, secret)
        return secret

    def _install(self, consent: Consent, secret: Secret) -> None:
        consent.refresh_token = secret
        self._consents[secret] = consent
        self._own_of(consent)[secret] = None

    def _own_of(self, consent: Consent) -> OrderedDict[Secret, None]:
        key = consent.client_id, consent.user.zuid if consent.user else 0
        return self._own.setdefault(key, OrderedDict())

    def _drop(self, consent: Consent) -> None:
        if consent.refresh_token is not None:
            del self._consents[consent.refresh_token]
            del self._own_of(consent)[consent.refresh_token]
            consent.refresh_token = None

    def _end_consent(self, consent: Consent) -> None:
        self._drop(consent)
        for access in tuple(consent.live):
            self._end_access(access)
        self._forget(consent)

    def _end_access(self, secret: Secret) -> Access | None:
        found = self._access.pop(secret, None)
        if found is not None:
            del found.consent.live[secret]
            self._forget(found.consent)
        return found

    def _forget_ended(self, now: float) -> None:
        while self._access:
            oldest = next(iter(self._access))
            if now < self._access[oldest].ends_at:
                return
            self._end_access(oldest)

    def _hold_loosely(self, secret: Secret) -> None:
        loose = self._loose
        loose.append(secret)
        while len(loose) > _MOST or loose[0] not in self._access:
            self._end_access(loose.popleft())

    def _spend(self, secret: Secret, consent: Consent) -> None:
        """Remember what was used up, as long as a second use could end something."""
        if not self._settings.is_strict:
            return
        self._spent[secret] = consent
        consent.spent.append(secret)
        if len(consent.spent) > _MOST_SPENT:
            del self._spent[consent.spent.popleft()]

    def _forget(self, consent: Consent) -> None:
        if consent.refresh_token is None and not consent.live:
            while consent.spent:
                del self._spent[consent.spent.popleft()]
