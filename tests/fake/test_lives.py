"""Which tokens work, after whatever happened before."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from pytest_catalyst_oauth.engine import is_throttle
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings, MovableClock
from tests.fake.asking import (
    START,
    access_of,
    exchange,
    refresh,
    refresh_token_of,
    revoke,
    works,
)

REFRESH_TOKENS, ACCESS_TOKENS, REQUESTS = 3, 3, 4
WINDOW, LIFE, CODE = 600, 3600, 120


@dataclass
class Consent:
    """What a refresh token should be good for."""

    lives: bool = True
    access: list = field(default_factory=list)
    asked: list = field(default_factory=list)


class Lives(RuleBasedStateMachine):
    """The fake beside a model that knows lists and times, and nothing else."""

    refresh_tokens = Bundle("refresh_tokens")
    access_tokens = Bundle("access_tokens")
    codes = Bundle("codes")

    def __init__(self):
        super().__init__()
        self.clock = MovableClock(start=START)
        self.consents, self.ends, self.code_ends = {}, {}, {}

    @initialize(cascades=st.booleans())
    def begin(self, cascades):
        self.cascades = cascades
        self.fake = FakeCatalyst(
            clock=self.clock,
            settings=FakeSettings(
                refresh_tokens=REFRESH_TOKENS,
                live_access_tokens=ACCESS_TOKENS,
                token_requests=REQUESTS,
                token_window=WINDOW,
                access_token_lifetime=LIFE,
                console_code_lifetime=CODE,
                access_ends_refresh=cascades,
            ),
        )
        self.consents[self.fake.refresh_token] = Consent()

    @rule(target=refresh_tokens)
    def consent(self):
        token = self.fake.issue_refresh_token()
        self._add(token)
        return token

    @rule(target=codes)
    def generate_code(self):
        code = self.fake.issue_code()
        self.code_ends[code] = self.clock() + CODE
        return code

    @rule(code=codes)
    def exchange_code(self, code):
        reply = exchange(self.fake, code)

        if self.clock() < self.code_ends.pop(code, 0):
            token = refresh_token_of(reply)
            self._add(token)
            self._issue(token, access_of(reply))
        else:
            assert reply.json() == {"error": "invalid_code"}

    @rule(target=access_tokens, token=refresh_tokens)
    def refresh_once(self, token):
        now, known = self.clock(), self.consents[token]
        known.asked = [at for at in known.asked if now - at < WINDOW]

        reply = refresh(self.fake, token)

        if not known.lives:
            assert reply.json() == {"error": "invalid_code"}
        elif len(known.asked) == REQUESTS:
            assert is_throttle(reply.json())
        else:
            known.asked.append(now)
            return self._issue(token, access_of(reply))
        return None

    @rule(token=refresh_tokens)
    def revoke_refresh_token(self, token):
        reply = revoke(self.fake, token)

        assert reply.status == (200 if self.consents[token].lives else 400)
        self._end(token)

    @rule(token=access_tokens)
    def revoke_access_token(self, token):
        # What Zoho says about one that merely expired, nobody has recorded.
        assume(token and (self._lives(token) or token not in self.ends))
        lives = self._lives(token)

        reply = revoke(self.fake, token)

        assert reply.status == (200 if lives else 400)
        if lives:
            (behind,) = [r for r, c in self.consents.items() if token in c.access]
            self.consents[behind].access.remove(token)
            del self.ends[token]
            if self.cascades:
                self._end(behind)

    @rule(seconds=st.sampled_from([1, 119, 120, 300, 599, 600, 3599, 3600]))
    def wait(self, seconds):
        self.clock.advance(seconds=seconds)

    @invariant()
    def exactly_the_living_tokens_work(self):
        for token in self.seen:
            assert works(self.fake, token) == self._lives(token)

    @property
    def seen(self):
        return getattr(self, "_seen", [])

    def _add(self, token):
        self.consents[token] = Consent()
        living = [r for r, consent in self.consents.items() if consent.lives]
        for oldest in living[:-REFRESH_TOKENS]:
            self._end(oldest)

    def _issue(self, refresh_token, access_token):
        access = self.consents[refresh_token].access
        access.append(access_token)
        self.ends[access_token] = self.clock() + LIFE
        self._seen = [*self.seen, access_token]
        if len(access) > ACCESS_TOKENS:
            del self.ends[access.pop(0)]
        return access_token

    def _end(self, refresh_token):
        consent = self.consents[refresh_token]
        for token in consent.access:
            del self.ends[token]
        consent.lives, consent.access = False, []

    def _lives(self, token):
        return self.clock() < self.ends.get(token, 0)


Lives.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, database=None
)


class TestLives(Lives.TestCase):
    """Minting, refreshing, revoking and waiting, in any order."""
