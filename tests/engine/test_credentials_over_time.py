"""`Credentials` under a moving clock and an unreliable server, step by step."""

from __future__ import annotations

import warnings

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pytest_catalyst_oauth.engine import HttpReply, MemoryStore, Token
from pytest_catalyst_oauth.engine.errors import OAuthError, StoreWarning, TransportError
from tests.engine.doubles import (
    CODE,
    NO_ANSWER,
    REFRESH,
    REFUSED,
    REVOKED,
    THROTTLED,
    UNREACHED,
    FailingStore,
    Server,
    StillClock,
    credentials,
)

DEAD = HttpReply.of_json(200, {"error": "invalid_code"})
failures = st.sampled_from([NO_ANSWER, UNREACHED, REFUSED, THROTTLED, DEAD])
steps = st.sampled_from([0.5, 4, 9, 59, 541, 600, 2999, 3541, 3600, 90_000])
MENDED = ["", "", "", ""]
WRITING = ["compare_and_swap", "delete"]


class Life(RuleBasedStateMachine):
    """Two processes share a store; each may fail, and time goes on."""

    grant = REFRESH

    def __init__(self):
        super().__init__()
        self.clock = StillClock()
        self.store = FailingStore()
        self.store.inner = MemoryStore()
        self.server = Server()
        self.lives = {}
        self.arrived = []
        self.parties = [self.party() for _ in range(2)]
        warnings.simplefilter("ignore", StoreWarning)

    def party(self):
        return credentials(self, clock=self.clock, store=self.store, grant=self.grant)

    def send(self, request):
        """Be the transport: note what arrives, and until when tokens live."""
        try:
            reply = self.server.send(request)
        except TransportError as error:
            if error.sent:
                self.arrived.append(request.body)
            raise
        self.arrived.append(request.body)
        answer = reply.json()
        if "access_token" in answer:
            ends = self.clock() + answer["expires_in"]
            self.lives[answer["access_token"]] = ends
        return reply

    def ask(self, call):
        try:
            got = call()
        except OAuthError:
            return
        if isinstance(got, Token):
            text = got.access_token.reveal()
            assert self.clock() < self.lives[text], "handed out at or after its end"
            assert got.expires_at.timestamp() == self.lives[text]

    @rule(who=st.integers(0, 1))
    def ask_for_a_token(self, who):
        self.ask(self.parties[who].token)

    @rule(who=st.integers(0, 1))
    def refresh(self, who):
        self.ask(self.parties[who].refresh)

    @rule(who=st.integers(0, 1))
    def reject(self, who):
        party = self.parties[who]
        try:
            token = party.token()
        except OAuthError:
            return

        def another():
            replaced = party.replace(token)
            assert replaced.access_token != token.access_token
            return replaced

        self.ask(another)

    @rule(who=st.integers(0, 1))
    def revoke(self, who):
        self.server.answers[:0] = [REVOKED]
        self.ask(self.parties[who].revoke)
        if REVOKED in self.server.answers:
            self.server.answers.remove(REVOKED)

    @rule(who=st.integers(0, 1))
    def restart(self, who):
        self.parties[who] = self.party()

    @rule(seconds=steps)
    def wait(self, seconds):
        self.clock.advance(seconds)

    @rule(seconds=steps, answers=st.lists(failures, min_size=1, max_size=3))
    def fail_for_a_while(self, seconds, answers):
        self.server.answers = list(answers)
        self.clock.advance(seconds)

    @rule(who=st.integers(0, 1), seconds=steps)
    def wait_and_ask(self, who, seconds):
        self.clock.advance(seconds)
        self.ask(self.parties[who].token)

    @rule(seconds=st.sampled_from([1, 30, 700]))
    def issue_a_short_life(self, seconds):
        self.server.answers.append(lambda _: self.server.issue(expires_in=seconds))

    @rule(broken=st.sampled_from([*MENDED, "load", "lock", *WRITING]))
    def break_or_mend_the_store(self, broken):
        self.store.broken = {broken} - set(MENDED)

    @invariant()
    def what_is_stored_is_ours(self):
        """A store never holds a token that the server did not issue."""
        for key in list(self.store.inner.keys()):
            record = self.store.inner.load(key)
            if record.access_token is not None:
                assert record.expires_at == self.lives[record.access_token.reveal()]


class LifeOfACode(Life):
    """The same, starting with a code that works once."""

    grant = CODE

    @rule()
    def bring_a_refresh_token(self):
        self.server.answers.append(
            lambda _: self.server.issue(refresh_token="1000.invented-kept")
        )

    @rule(broken=st.sampled_from([*MENDED, "load", "lock"]))
    def break_or_mend_the_store(self, broken):
        """Writing works: what cannot be noted is not known to the next process."""
        self.store.broken = {broken} - set(MENDED)

    @invariant()
    def the_code_goes_out_once(self):
        assert sum(b"authorization_code" in body for body in self.arrived) <= 1


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40)
TestLifeOfACode = LifeOfACode.TestCase
TestLifeOfACode.settings = TestLife.settings
