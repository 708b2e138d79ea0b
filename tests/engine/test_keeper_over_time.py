"""Two processes, one store, and everything that can happen to them, in any order."""

from __future__ import annotations

from collections import Counter
from math import ceil
from urllib.parse import parse_qs

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pytest_catalyst_oauth.engine import HttpReply, MemoryStore, Secret, grants
from pytest_catalyst_oauth.engine.errors import OAuthError, TransportError
from tests.engine.doubles import (
    NO_ANSWER,
    REFUSED,
    REVOKED,
    THROTTLED,
    UNREACHED,
    StillClock,
    credentials,
    token_reply,
)

WINDOW, QUOTA = 600.0, 10
DEAD = HttpReply.of_json(200, {"error": "invalid_code"})
PAGE = HttpReply(status=200, body=b"<html>Please log in to this hotspot</html>")
# Instead of an answer, and instead of being asked.
UNASKED = [UNREACHED, NO_ANSWER, REFUSED, THROTTLED, PAGE, HttpReply(status=503)]
UNASKED += [HttpReply(status=429), HttpReply(status=200), HttpReply(status=302)]


class KilledError(BaseException):
    """The end of a process; no handler of ours catches it."""


class Authority:
    """An authorization server with its own view of what is valid.

    Args:
        clock: Shared with its clients.
        rotates: Whether a refresh ends the refresh token that it was asked with.
    """

    def __init__(self, clock, *, rotates):
        self.clock, self.rotates = clock, rotates
        self.codes, self.refresh_tokens = set(), set()
        self.ends = {}
        self.arrivals = []
        self.codes_sent = Counter()
        self.faults, self.open = [], 0
        self.meanwhile = None
        # What an answer carried that reached its client, newest last.
        self.received = []
        self._number = 0

    def new(self, kind):
        self._number += 1
        return f"1000.invented-{kind}-{self._number}"

    def send(self, request):
        """Be the transport of all processes; fail as told."""
        fields = {k: v[0] for k, v in parse_qs(request.body.decode()).items()}
        fault = self.faults.pop(0) if self.faults else None
        assert self.open == 0, "two requests at the same time"
        self.open = 1
        try:
            if self.meanwhile is not None:
                (meanwhile, self.meanwhile) = (self.meanwhile, None)
                meanwhile()
            return self._deliver(request, fields, fault)
        finally:
            self.open = 0

    def _deliver(self, request, fields, fault):
        if fault is UNREACHED:
            raise TransportError(*UNREACHED.args)
        if fault is not None and isinstance(fault, HttpReply):
            self._count(fields)
            return fault
        if fault is NO_ANSWER:
            self._count(fields)
            raise TransportError(*NO_ANSWER.args)
        self._count(fields)
        is_revocation = request.url.endswith("/revoke")
        reply = self._revoke(fields) if is_revocation else self._issue(fields)
        if fault == "lost":
            raise TransportError(*NO_ANSWER.args)
        if fault == "killed":
            # A process that dies while it asks cannot note that it has asked.
            self.arrivals = self.arrivals[:-1]
            raise KilledError
        answer = reply.json()
        if "access_token" in answer:
            given = fields.get("refresh_token")
            kept = answer.get("refresh_token", given)
            self.received.append((answer["access_token"], kept))
        return reply

    def _count(self, fields):
        if "code" in fields:
            self.codes_sent[fields["code"]] += 1
            assert self.codes_sent[fields["code"]] == 1, "a code was sent twice"
        token = fields.get("refresh_token")
        if token is None:
            return
        now = self.clock()
        self.arrivals.append((now, token))
        recent = [a for a, t in self.arrivals if t == token and now - WINDOW < a]
        assert len(recent) <= QUOTA, "more token requests than the quota"

    def _issue(self, fields):
        if fields["grant_type"] == "authorization_code":
            if fields["code"] not in self.codes:
                return DEAD
            self.codes.discard(fields["code"])
            return self._tokens(refresh_token=self._consent())
        given = fields["refresh_token"]
        if given not in self.refresh_tokens:
            return DEAD
        if not self.rotates:
            return self._tokens()
        self.refresh_tokens.discard(given)
        return self._tokens(refresh_token=self._consent())

    def _consent(self):
        token = self.new("refresh")
        self.refresh_tokens.add(token)
        return token

    def _tokens(self, **more):
        token = self.new("access")
        self.ends[token] = self.clock() + 3_600
        return token_reply(token, **more)

    def _revoke(self, fields):
        self.refresh_tokens.discard(fields["token"])
        self.ends.pop(fields["token"], None)
        return REVOKED


class Fleet(RuleBasedStateMachine):
    """Never a wrong token, a second flight, a lost token or a request too many."""

    rotates = False

    def __init__(self):
        super().__init__()
        self.clock = StillClock()
        self.store = MemoryStore()
        self.authority = Authority(self.clock, rotates=self.rotates)
        self.given_up = [set(), set()]
        self.rejected = set()
        self.forgotten = False
        self.background = []
        self.log_in_with_a_refresh_token()

    def party(self, number):
        return credentials(
            self.authority,
            clock=self.clock,
            store=self.store,
            grant=self.grant,
            patience=0.2,
            sleep=self.pause,
            background=self.background.append if number else None,
        )

    def pause(self, seconds):
        """Wait for whole parts of a second, whose sums are exact.

        How long is drawn: sums of those miss an end, or a minute before a beginning,
        by less than a microsecond, which no time of day can tell.
        """
        self.clock.advance(ceil(seconds * 64) / 64)

    def configure(self, grant):
        self.grant, self.forgotten = grant, True
        self.background.clear()
        self.parties = [self.party(number) for number in range(2)]

    def ask(self, who, call):
        """Do as a process does that may be killed; judge the token it got."""
        try:
            got = call()
        except OAuthError:
            return None
        except KilledError:
            self.restart(who)
            return None
        text = got.access_token.reveal()
        now = self.clock()
        assert now < got.expires_at.timestamp(), "an ended token was handed out"
        assert got.expires_at.timestamp() <= now + 3_660, "a token of the future"
        assert text not in self.given_up[who], "a token that was given up here"
        return got

    @rule()
    def log_in_with_a_refresh_token(self):
        token = self.authority._consent()
        self.configure(grants.RefreshGrant(refresh_token=Secret(token)))

    @rule()
    def log_in_with_a_code(self):
        code = self.authority.new("code")
        self.authority.codes.add(code)
        self.configure(grants.SelfClientGrant(code=Secret(code)))

    @rule(who=st.integers(0, 1))
    def token(self, who):
        self.ask(who, self.parties[who].token)

    @rule(who=st.integers(0, 1), life=st.sampled_from([60, 1_800, 1e9]))
    def a_token_that_lasts(self, who, life):
        self.ask(who, lambda: self.parties[who].token(min_life=life))

    @rule(who=st.integers(0, 1))
    def refresh(self, who):
        self.ask(who, self.parties[who].refresh)

    @rule()
    def refresh_all_the_time(self):
        for number in range(QUOTA + 1):
            self.refresh(number % 2)
            self.clock.advance(1)

    @rule(who=st.integers(0, 1))
    def both_at_once(self, who):
        other = 1 - who
        self.authority.meanwhile = lambda: self.ask(other, self.parties[other].token)
        self.ask(who, self.parties[who].refresh)
        self.authority.meanwhile = None

    @rule(who=st.integers(0, 1))
    def the_api_rejects(self, who):
        token = self.ask(who, self.parties[who].token)
        if token is not None:
            self.rejected.add(token.access_token.reveal())
            new = self.ask(who, lambda: self.parties[who].replace(token))
            assert new is None or new.access_token != token.access_token

    @precondition(lambda self: self.background)
    @rule()
    def do_background_work(self):
        try:
            self.background.pop(0)()
        except KilledError:
            self.restart(1)

    @rule(who=st.integers(0, 1))
    def revoke(self, who):
        try:
            self.parties[who].revoke()
        except OAuthError as error:
            if not error.retryable:
                return
        except KilledError:
            self.forgotten = True
            self.restart(who)
            return
        self.forgotten = True
        self.given_up[who] |= set(self.authority.ends)

    @rule()
    def the_user_revokes(self):
        self.authority.refresh_tokens.clear()

    @rule(who=st.integers(0, 1))
    def restart(self, who):
        self.given_up[who] |= self.given_up[1 - who]
        self.parties[who] = self.party(who)

    @rule(seconds=st.sampled_from([0.5, 9, 59, 541, 600, 2_999, 3_541, 3_600, 90_000]))
    def wait(self, seconds):
        self.clock.advance(seconds)

    @rule(seconds=st.sampled_from([-90_000, -3_600, -600, -61, -59, 7_200]))
    def somebody_sets_the_clock(self, seconds):
        self.clock.advance(seconds)
        if seconds < 0:
            # What was counted lies in the future, and nobody can know better.
            self.authority.arrivals.clear()

    @rule(
        faults=st.lists(
            st.sampled_from([*UNASKED, "lost", "killed"]), min_size=1, max_size=3
        )
    )
    def something_will_fail(self, faults):
        self.authority.faults = list(faults)

    @rule()
    def all_is_well_again(self):
        self.authority.faults = []

    @invariant()
    def the_newest_tokens_are_stored(self):
        """Whatever reached a client is what the next process finds."""
        if self.forgotten:
            self.authority.received.clear()
            self.forgotten = False
        if not self.authority.received:
            return
        access, refresh = self.authority.received[-1]
        records = [self.store.load(key) for key in tuple(self.store.keys())]
        # A login that is over keeps its record, if it was by a refresh token.
        (record,) = [one for one in records if one.refresh_token == Secret(refresh)]
        if access not in self.rejected:
            assert record.access_token == Secret(access)

    def teardown(self):
        """A new login on a good day works, whatever has been."""
        self.all_is_well_again()
        self.log_in_with_a_refresh_token()
        assert self.parties[0].token() == self.parties[1].token()


class RotatingFleet(Fleet):
    """The same at a server that rotates refresh tokens, as RFC 6749 allows."""

    rotates = True


TestFleet = Fleet.TestCase
TestFleet.settings = settings(max_examples=200, stateful_step_count=40)
TestRotatingFleet = RotatingFleet.TestCase
TestRotatingFleet.settings = TestFleet.settings
