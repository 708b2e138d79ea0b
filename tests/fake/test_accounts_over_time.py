"""What must hold for codes and tokens, after whatever happened before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from pytest_catalyst_oauth.engine import HttpRequest, ScopeSet, Secret
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings, MovableClock
from tests.fake.asking import START, call, exchange, refresh, token_request
from tests.fake.browsing import APP, code_of, get, page_url

LIFE, CODE, WINDOW = 3600, 120, 600
LIVE, OFFLINE, REQUESTS = 1, 2, 3
# What a token must be good for, to be let in there.
DOORS = {
    "ZohoCatalyst.tables.rows.READ": "/table/Guests/row",
    "ZohoCatalyst.tables.READ": "/table",
    "ZohoCatalyst.cache.READ": "/cache?cacheKey=x",
}
scopes = st.lists(st.sampled_from(list(DOORS)), min_size=1, unique=True)


@dataclass
class Consent:
    """What somebody said yes to.

    Attributes:
        owner: Client and user.
        scopes: Names of what they covered together.
        is_over: Whether it was revoked, or reused.
        asked: When a token was asked for.
    """

    owner: tuple
    scopes: set
    is_over: bool = False
    asked: list = field(default_factory=list)


@dataclass
class Issued:
    """An access token, when it came, and what it came from."""

    consent: Consent
    scopes: set
    ends_at: float
    is_revoked: bool = False


class Accounts(RuleBasedStateMachine):
    """Everybody does something; what never may happen is looked for afterwards."""

    codes = Bundle("codes")
    refresh_tokens = Bundle("refresh_tokens")
    access_tokens = Bundle("access_tokens")

    def __init__(self):
        super().__init__()
        self.clock = MovableClock(start=START)
        self.waiting, self.consents, self.issued = {}, {}, {}
        self.said_yes = {}

    @initialize(
        target=refresh_tokens,
        profile=st.sampled_from(["faithful", "strict"]),
        cascades=st.booleans(),
    )
    def begin(self, profile, cascades):
        self.fake = FakeCatalyst(
            clock=self.clock,
            settings=FakeSettings(
                profile=profile,
                access_ends_refresh=cascades,
                live_access_tokens=LIVE,
                refresh_tokens=OFFLINE,
                token_requests=REQUESTS,
                grants=1000,
            ),
        )
        self.client = self.fake.register_client(redirect_uri=APP)
        self.stranger = self.fake.register_client(redirect_uri=APP)
        self.users = [self.fake.user, self.fake.add_user("Grace")]
        token = self.fake.issue_refresh_token(list(DOORS), client=self.client)
        owner = self.client.client_id, self.fake.user.zuid
        self.consents[token] = Consent(owner, set(DOORS))
        return token

    @rule(target=refresh_tokens, names=scopes)
    def consent_elsewhere(self, names):
        token = self.fake.issue_refresh_token(names, client=self.client)
        owner = self.client.client_id, self.fake.user.zuid
        self.consents[token] = Consent(owner, set(names))
        return token

    @rule(
        target=codes,
        who=st.integers(0, 1),
        names=scopes,
        offline=st.sampled_from([True, True, False]),
        accept=st.sampled_from([True, True, False]),
        prompt=st.sampled_from([None, "consent"]),
    )
    def log_in(self, who, names, offline, accept, prompt):
        user = self.users[who]
        url = page_url(
            self.client,
            scope=",".join(names),
            access_type="offline" if offline else None,
            prompt=prompt,
            login_hint=user.email,
        )

        known = self.said_yes.setdefault(user.zuid, set())
        if prompt or not known >= set(names):
            assert get(self.fake, url).status == 200, "nobody was asked"

        redirect = self.fake.consent(url, user=user, accept=accept)

        if "code=" not in redirect:
            assert not accept
            assert "error=access_denied" in redirect
            return multiple()
        assert accept or (known >= set(names) and prompt is None), "nobody said yes"
        known.update(names)
        code = code_of(redirect)
        self.waiting[code] = user, set(names), self.clock() + CODE
        return code

    @rule(
        target=refresh_tokens,
        code=codes,
        is_stranger=st.sampled_from([False, False, False, True]),
        uri=st.sampled_from([APP, APP, APP, f"{APP}/other"]),
    )
    def exchange_code(self, code, is_stranger, uri):
        client = self.stranger if is_stranger else self.client
        reply = exchange(self.fake, code, client=client, redirect_uri=uri).json()

        # Once it was shown, by whomever, it is used up.
        user, names, ends_at = self.waiting.pop(code, (None, set(), 0))
        if "error" in reply:
            assert is_stranger or uri != APP or self.clock() >= ends_at
            return multiple()
        assert self.clock() < ends_at, "a code worked twice, or too late"
        assert not is_stranger
        assert uri == APP
        consent = Consent((self.client.client_id, user.zuid), names)
        return self._noted(reply, consent) or multiple()

    @rule(target=refresh_tokens, data=st.data(), names=st.none() | scopes)
    def refresh_once(self, data, names):
        return self._refreshed(self._drawn(data), names) or multiple()

    @rule(target=refresh_tokens, data=st.data(), names=st.none() | scopes)
    def refresh_too_often(self, data, names):
        token = self._drawn(data)
        for _ in range(REQUESTS + 1):
            token = self._refreshed(token, names) or token
        return token

    @rule(token=refresh_tokens)
    def revoke_refresh_token(self, token):
        if self._revoke(token):
            self.consents[token].is_over = True

    @rule(data=st.data())
    def revoke_access_token(self, data):
        if self.issued:
            token = data.draw(st.sampled_from(list(self.issued)))
            if self._revoke(token):
                issued = self.issued[token]
                issued.is_revoked = True
                issued.consent.is_over = self.fake.settings.access_ends_refresh

    @rule(data=st.data(), names=scopes, accept=st.booleans())
    def ask_for_more(self, data, names, accept):
        token = self._drawn(data)
        consent = self.consents[token]
        reply = self._post(
            "/oauth/v2/token/scopeenhance",
            grant_type="update_scopes_token",
            refresh_token=token,
        ).json()
        if "error" in reply:
            return
        url = page_url(
            self.client,
            "/oauth/v2/token/addextrascope",
            response_type="update_scopes",
            enhance_token=reply["access_token"],
            scope=",".join(names),
        )
        user = next(one for one in self.users if one.zuid == consent.owner[1])
        self.fake.consent(url, user=user, accept=accept)
        if accept:
            consent.scopes |= set(names)
            self.said_yes.setdefault(user.zuid, set()).update(names)

    @rule(names=scopes)
    def ask_without_a_person(self, names):
        fields = {"grant_type": "client_credentials", "scope": ",".join(names)}
        reply = self.fake.send(token_request(self.fake.client, soid="A.1", **fields))

        self._noted(reply.json(), Consent((self.fake.client.client_id, 0), set(names)))

    @rule(seconds=st.sampled_from([1, 60, 119, 120, 599, 600, 3599, 3600]))
    def wait(self, seconds):
        self.clock.advance(seconds=seconds)

    @rule(data=st.data())
    def wait_until_something_ends(self, data):
        now = self.clock()
        ends = {one.ends_at for one in self.issued.values()}
        ends |= {ends_at for _, _, ends_at in self.waiting.values()}
        ends |= {at + WINDOW for one in self.consents.values() for at in one.asked}
        later = sorted(at for at in ends if at > now)
        if later:
            self.clock.advance(seconds=data.draw(st.sampled_from(later)) - now)

    @invariant()
    def a_token_opens_what_was_consented_to_for_an_hour(self):
        for token, issued in self.issued.items():
            for name, path in DOORS.items():
                if call(self.fake, path, token).status == 200:
                    assert self.clock() < issued.ends_at, "it outlived its hour"
                    assert not issued.is_revoked
                    assert not issued.consent.is_over
                    assert name in issued.scopes

    @invariant()
    def no_cap_is_exceeded(self):
        living = [
            issued.consent
            for token, issued in self.issued.items()
            if self._lives(token, issued)
        ]
        assert max(Counter(map(id, living)).values(), default=0) <= LIVE
        consents = {id(one): one for one in self.consents.values()}
        owners = Counter(
            consent.owner
            for consent in consents.values()
            if any(self._is_held(t) for t, c in self.consents.items() if c is consent)
        )
        assert max(owners.values(), default=0) <= OFFLINE

    def _drawn(self, data):
        """A refresh token: one that works, or any."""
        held = [token for token in self.consents if self._is_held(token)]
        some = [held, held, list(self.consents)] if held else [list(self.consents)]
        return data.draw(st.sampled_from(data.draw(st.sampled_from(some))))

    def _refreshed(self, token, names):
        """Ask for an access token; return the new refresh token, if one came."""
        given = {"scope": " ".join(names)} if names else {}
        now, consent = self.clock(), self.consents[token]

        reply = refresh(self.fake, token, client=self.client, **given).json()

        if "error" in reply:
            return None
        assert not consent.is_over, "a refresh token worked after it was revoked"
        consent.asked = [at for at in consent.asked if now - at < WINDOW] + [now]
        assert len(consent.asked) <= REQUESTS
        return self._noted(reply, consent)

    def _noted(self, reply, consent):
        token, names = Secret(reply["access_token"]), set(reply["scope"].split())
        assert names <= consent.scopes, "scopes widened without consent"
        assert ScopeSet.parse(reply["scope"])
        self.issued[token] = Issued(consent, names, self.clock() + LIFE)
        if "refresh_token" not in reply:
            return None
        refresh_token = Secret(reply["refresh_token"])
        self.consents[refresh_token] = consent
        return refresh_token

    def _lives(self, token, issued):
        path = DOORS[min(issued.scopes)]
        return call(self.fake, path, token).status == 200

    def _is_held(self, token):
        return token in self.fake._world.home.consents

    def _revoke(self, token):
        issued = self.issued.get(token)
        known = self._lives(token, issued) if issued else self._is_held(token)
        reply = self._post("/oauth/v2/token/revoke", token=token)
        return known and reply.status == 200

    def _post(self, path, **fields):
        client = self.client
        return self.fake.send(
            HttpRequest.post_form(
                client.data_center.accounts_url + path,
                [
                    ("client_id", client.client_id),
                    ("client_secret", client.client_secret),
                    *fields.items(),
                ],
            )
        )


Accounts.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, database=None
)


class TestAccounts(Accounts.TestCase):
    """Logins, exchanges, refreshes, revocations and wider consents, in any order."""
