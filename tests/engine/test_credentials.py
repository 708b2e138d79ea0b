"""`Credentials`: a valid token with as few requests as possible."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

import pytest

from pytest_catalyst_oauth.engine import (
    Client,
    HttpReply,
    MemoryStore,
    Record,
    ScopeSet,
    Secret,
    StoreKey,
    Token,
    grants,
)
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    OAuthError,
    RefusedError,
    ReplyError,
    SettingsError,
    StoreError,
    StoreWarning,
    ThrottledError,
    TransportError,
)
from tests.engine.doubles import (
    CLIENT,
    CODE,
    NO_ANSWER,
    REFRESH,
    REFRESH_TOKEN,
    REFUSED,
    REVOKED,
    START,
    THROTTLED,
    UNREACHED,
    Crowd,
    FailingStore,
    Server,
    StillClock,
    credentials,
    together,
    token_reply,
)

KEY = StoreKey(
    profile="default",
    accounts_url="https://accounts.zoho.eu",
    client_id=CLIENT.client_id,
)
DEAD = HttpReply.of_json(200, {"error": "invalid_code"})


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def store():
    return MemoryStore()


def text(token: Token) -> str:
    return token.access_token.reveal().removeprefix("1000.invented-access-")


class TestToken:
    """`token`: fresh, due, overdue."""

    def test_a_token_is_asked_for_once(self, clock):
        """For most of an hour nobody asks again."""
        server = Server()
        held = credentials(server, clock=clock)
        first = held.token()
        clock.advance(2999)

        assert held.token() == first
        assert held.authorization() == "Zoho-oauthtoken 1000.invented-access-1"
        assert len(server.asked) == 1

    def test_asking_costs_nothing_before_the_first_call(self):
        """Building the object asks nobody."""
        server = Server()
        credentials(server)

        assert server.asked == []

    def test_a_due_token_is_renewed_ahead_of_its_end(self, clock):
        """Ten minutes before the end the first to ask renews it."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        clock.advance(3000)

        assert text(held.token()) == "2"
        assert len(server.asked) == 2

    def test_a_due_token_is_used_while_somebody_renews_it(self, clock):
        """The others do not wait: the old token still lives."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        clock.advance(3000)
        meanwhile = []

        def slow(_):
            meanwhile.extend(together(8, held.token))
            return server.issue()

        server.answers = [slow]

        assert text(held.token()) == "2"
        assert list(map(text, meanwhile)) == ["1"] * 8
        assert len(server.asked) == 2

    def test_a_due_token_is_used_while_another_process_renews_it(self, clock, store):
        """The lock of the store says that somebody is at it."""
        server = Server()
        held = credentials(server, clock=clock, store=store)
        held.token()
        clock.advance(3000)

        with store.lock(KEY, 0):
            assert text(held.token()) == "1"

        assert len(server.asked) == 1

    def test_an_overdue_token_is_waited_for(self, clock):
        """In its last minute the token is too old to start a request with."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        clock.advance(3541)

        assert [text(one) for one in together(16, held.token)] == ["2"] * 16
        assert len(server.asked) == 2

    def test_a_token_from_the_store_saves_a_request(self, clock, store):
        """The next process finds what the first one got."""
        credentials(Server(), clock=clock, store=store).token()
        server = Server()
        clock.advance(60)

        token = credentials(server, clock=clock, store=store).token()

        assert text(token) == "1"
        assert token.scope == ScopeSet.parse("ZohoCatalyst.tables.rows.READ")
        assert token.refresh_token == REFRESH_TOKEN
        assert server.asked == []

    def test_a_sibling_that_renewed_is_noticed(self, clock, store):
        """The store is asked before the server."""
        server = Server()
        first = credentials(server, clock=clock, store=store)
        second = credentials(server, clock=clock, store=store)
        first.token()
        second.token()
        clock.advance(3000)
        first.token()

        assert text(second.token()) == "2"
        assert len(server.asked) == 2

    def test_life_counts_from_the_asking(self, clock):
        """A slow answer does not make the token live longer."""
        server = Server()

        def slow(_):
            clock.advance(100)
            return server.issue()

        server.answers = [slow]

        token = credentials(server, clock=clock).token()

        assert token.expires_at == datetime.fromtimestamp(START + 3600, UTC)

    @pytest.mark.parametrize("expires_in", [0, 50])
    def test_a_token_that_is_dead_on_arrival_is_an_error(self, clock, expires_in):
        """A token that ended on its way is not handed out."""

        def slow(_):
            clock.advance(60)
            return token_reply("1000.invented", expires_in=expires_in)

        with pytest.raises(ReplyError, match="expired already"):
            credentials(Server(slow), clock=clock).token()

    def test_a_token_that_ends_while_it_is_stored_is_an_error(self, clock, store):
        """However slow the disk is, an ended token is not handed out."""

        def slow_disk():
            clock.advance(60)

        slow = LooseLocks(store)
        slow.before_write = slow_disk
        server = Server(token_reply("1000.invented", expires_in=30))

        with pytest.raises(ReplyError, match="ended before it could be used"):
            credentials(server, clock=clock, store=slow).token()

    def test_profiles_do_not_mix(self, clock, store):
        """Two users of one client have a token each."""
        server = Server()
        one = credentials(server, clock=clock, store=store, profile="one")
        two = credentials(server, clock=clock, store=store, profile="two")

        assert (text(one.token()), text(two.token())) == ("1", "2")
        assert [key.profile for key in list(store.keys())] == ["one", "two"]

    def test_a_repr_names_the_client_only(self):
        """Printing the object shows nothing secret."""
        assert repr(credentials(Server())) == "<credentials of 1000.INVENTEDCLIENT>"


class TestFailure:
    """A renewal that fails: who notices, and when somebody asks again."""

    @pytest.mark.parametrize("at", [3000, 3541, 3599])
    @pytest.mark.parametrize("answer", [NO_ANSWER, REFUSED, THROTTLED, DEAD])
    def test_a_living_token_bridges_a_failure(self, clock, at, answer):
        """As long as the old token works, its user is not troubled."""
        held = credentials(Server(None, answer), clock=clock)
        held.token()
        clock.advance(at)

        assert text(held.token()) == "1"
        assert held.status().failure is not None

    def test_a_failure_is_kept_for_status(self, clock):
        """It can be seen before it hurts."""
        held = credentials(Server(None, REFUSED), clock=clock)
        held.token()
        clock.advance(3000)
        held.token()

        status = held.status()

        assert isinstance(status.failure, RefusedError)
        assert status.failure.error == "invalid_client"
        assert status.retry_at == datetime.fromtimestamp(START + 3010, UTC)
        assert status.expires_at == datetime.fromtimestamp(START + 3600, UTC)
        assert status.has_refresh_token
        assert status.generation == 2

    def test_a_due_token_is_not_tried_again_during_the_pause(self, clock):
        """One failing request per pause, however often somebody asks."""
        server = Server(None, NO_ANSWER)
        held = credentials(server, clock=clock)
        held.token()
        clock.advance(3000)
        for _ in range(10):
            held.token()

        assert len(server.asked) == 2
        clock.advance(5)
        assert text(held.token()) == "2"
        assert held.status().failure is None

    def test_an_ended_token_is_never_handed_out(self, clock):
        """At its end the failure shows."""
        held = credentials(Server(None, NO_ANSWER), clock=clock)
        held.token()
        clock.advance(3600)

        with pytest.raises(TransportError):
            held.token()

    @pytest.mark.parametrize(
        ("answer", "pause"),
        [(NO_ANSWER, 5), (HttpReply(status=502), 5), (REFUSED, 10), (THROTTLED, 600)],
    )
    def test_nobody_asks_during_the_pause(self, clock, store, answer, pause):
        """All get the same error until the pause is over, in every process."""
        server = Server(answer)
        got = []
        for _ in range(3):
            held = credentials(server, clock=clock, store=store)
            got += together(8, held.token)
        clock.advance(pause - 0.1)
        got += together(8, held.token)

        assert len({(type(error), error.args) for error in got}) == 1
        assert isinstance(got[0], OAuthError)
        assert len(server.asked) == 1
        clock.advance(0.1)
        assert text(held.token()) == "1"

    def test_failures_in_a_row_lengthen_the_pause(self, clock):
        """The fifth failure is followed by the longest pause."""
        server = Server(*[NO_ANSWER] * 5)
        held = credentials(server, clock=clock)
        for pause in (5, 10, 20, 40, 60):
            with pytest.raises(TransportError):
                held.token()
            clock.advance(pause)

        assert text(held.token()) == "1"
        assert len(server.asked) == 6

    @pytest.mark.parametrize(
        "change",
        [
            {"grant": grants.RefreshGrant(refresh_token=Secret("1000.another"))},
            {"grant": CODE},
            {
                "client": Client(
                    client_id=CLIENT.client_id,
                    client_secret=Secret("another-invented-secret"),
                    data_center=CLIENT.data_center,
                )
            },
        ],
        ids=["refresh token", "code", "client secret"],
    )
    def test_a_corrected_setting_ends_the_pause(self, clock, store, change):
        """Whoever mends the configuration does not have to wait."""
        with pytest.raises(ThrottledError):
            credentials(Server(THROTTLED), clock=clock, store=store).token()
        server = Server()

        token = credentials(server, clock=clock, store=store, **change).token()

        assert text(token) == "1"
        assert len(server.asked) == 1

    def test_a_new_refresh_token_replaces_the_old_ones_access_token(self, clock, store):
        """What was configured last is what counts."""
        credentials(Server(), clock=clock, store=store).token()
        server = Server()
        grant = grants.RefreshGrant(refresh_token=Secret("1000.another"))

        credentials(server, clock=clock, store=store, grant=grant).token()

        assert "refresh_token=1000.another&" in server.bodies[0]

    def test_without_a_grant_and_a_record_a_login_is_needed(self):
        """The message says what to give, and nobody was asked."""
        server = Server()

        with pytest.raises(LoginNeededError, match="give a refresh token or a code"):
            credentials(server, grant=None).token()

        assert server.asked == []

    def test_without_a_grant_what_is_stored_is_used(self, clock, store):
        """A login once is enough for all that follow."""
        credentials(Server(), clock=clock, store=store).token()
        clock.advance(3600)
        server = Server()

        credentials(server, clock=clock, store=store, grant=None).token()

        assert f"refresh_token={REFRESH_TOKEN.reveal()}&" in server.bodies[0]


class TestCode:
    """A single-use code goes out once."""

    def test_a_code_brings_what_later_renewals_need(self, clock, store):
        """The code is exchanged, then its refresh token is used."""
        server = Server(
            token_reply("1000.invented-first", refresh_token="1000.invented-kept")
        )
        held = credentials(server, clock=clock, store=store, grant=CODE)
        held.token()
        clock.advance(3600)
        held.token()

        assert "grant_type=authorization_code" in server.bodies[0]
        assert "refresh_token=1000.invented-kept&" in server.bodies[1]

    def test_a_code_without_a_refresh_token_is_not_sent_again(self, clock, store):
        """When its token ends, a person has to log in; the code is spent."""
        server = Server()
        held = credentials(server, clock=clock, store=store, grant=CODE)
        held.token()
        clock.advance(3600)

        with pytest.raises(LoginNeededError, match="this code was sent before"):
            held.token()

        assert len(server.asked) == 1

    @pytest.mark.parametrize("answer", [NO_ANSWER, DEAD, HttpReply(status=502)])
    def test_a_code_that_may_have_arrived_is_not_sent_again(self, clock, store, answer):
        """Not by this process, nor by the next, however long it waits."""
        server = Server(answer)
        with pytest.raises(OAuthError):
            credentials(server, clock=clock, store=store, grant=CODE).token()
        clock.advance(86_400)

        with pytest.raises(LoginNeededError):
            credentials(server, clock=clock, store=store, grant=CODE).token()

        assert len(server.asked) == 1

    def test_a_code_whose_sender_died_is_not_sent_again(self, clock, store):
        """It is noted before it is sent."""

        def die(_):
            raise KeyboardInterrupt

        server = Server(die)
        with pytest.raises(KeyboardInterrupt):
            credentials(server, clock=clock, store=store, grant=CODE).token()

        with pytest.raises(LoginNeededError, match="this code was sent before"):
            credentials(server, clock=clock, store=store, grant=CODE).token()

    def test_a_code_that_cannot_have_arrived_may_be_sent_again(self, clock, store):
        """No connection, no exchange; and the pauses grow all the same."""
        server = Server(UNREACHED, UNREACHED)
        held = credentials(server, clock=clock, store=store, grant=CODE)
        for pause in (5, 10):
            with pytest.raises(TransportError):
                held.token()
            clock.advance(pause)

        assert text(held.token()) == "1"

    def test_a_refresh_that_cannot_arrive_does_not_revive_the_code(self, clock, store):
        """The code of an earlier exchange stays spent, whatever fails later."""
        server = Server(
            token_reply("1000.x", refresh_token="1000.invented-kept"), UNREACHED
        )
        held = credentials(server, clock=clock, store=store, grant=CODE)
        held.token()
        clock.advance(3600)
        with pytest.raises(TransportError):
            held.token()

        assert store.load(KEY).spent

    @pytest.mark.parametrize("grant", [CODE, None])
    def test_a_revoked_code_stays_spent(self, clock, store, grant):
        """Forgetting the tokens does not make the code good again."""
        server = Server(token_reply("1000.x", refresh_token="1000.invented-kept"))
        credentials(server, clock=clock, store=store, grant=CODE).token()
        server.answers = [REVOKED]
        credentials(server, clock=clock, store=store, grant=grant).revoke()

        with pytest.raises(LoginNeededError, match="this code was sent before"):
            credentials(server, clock=clock, store=store, grant=CODE).token()

        assert len(server.asked) == 2
        assert store.load(KEY).refresh_token is None

    def test_two_that_send_a_code_at_once_send_it_once(self, clock):
        """Even if the lock lets both in, as a lease that ran out does."""
        store = MemoryStore()
        server = Server()
        loose = LooseLocks(store)
        rival = credentials(server, clock=clock, store=loose, grant=CODE)
        loose.before_write = rival.token

        token = credentials(server, clock=clock, store=loose, grant=CODE).token()

        assert text(token) == "1"
        assert len(server.asked) == 1


class LooseLocks:
    """A store whose lock holds nobody back, with a moment before the next write."""

    def __init__(self, inner):
        self.inner = inner
        self.before_write = None

    def lock(self, key, deadline):
        # Another key's lock: always free.
        return MemoryStore().lock(key, deadline)

    def compare_and_swap(self, key, generation, record):
        moment, self.before_write = self.before_write, None
        if moment:
            moment()
        return self.inner.compare_and_swap(key, generation, record)

    def __getattr__(self, name):
        return getattr(self.inner, name)


class TestRefreshAndReplace:
    """Asking for another token although there is one."""

    def test_refresh_brings_a_newer_token(self):
        """Even if the old one is fresh."""
        held = credentials(Server())
        first = held.token()

        assert text(held.refresh()) == "2"
        assert held.token() != first

    def test_refresh_works_without_a_token(self):
        """The first token is newer than none."""
        assert text(credentials(Server()).refresh()) == "1"

    def test_callers_at_the_same_time_share_a_refresh(self):
        """One wish, one request."""
        server = Server()
        held = credentials(server)
        held.token()
        crowds = []

        def slow(_):
            crowds.append(Crowd(8, held.refresh))
            crowds[0].wait_until_all_wait()
            return server.issue()

        server.answers = [slow]
        held.refresh()

        assert {text(token) for token in crowds[0].join()} == {"2"}
        assert len(server.asked) == 2

    def test_refresh_is_not_content_with_somebody_elses_wish(self, clock, store):
        """Who joins a renewal that brought nothing new asks for itself."""
        server, crowds = Server(), []
        busy = BusyOnce(store)
        held = credentials(server, clock=clock, store=busy)
        held.token()
        clock.advance(3000)

        def join():
            crowds.append(Crowd(1, held.refresh))
            crowds[0].wait_until_all_wait()

        busy.while_busy = join

        assert text(held.token()) == "1"
        assert [text(token) for token in crowds[0].join()] == ["2"]
        assert len(server.asked) == 2

    def test_a_failing_refresh_leaves_the_old_token_in_use(self):
        """Nothing is lost by trying."""
        held = credentials(Server(None, REFUSED))
        first = held.token()

        with pytest.raises(RefusedError):
            held.refresh()

        assert held.token() == first

    def test_refresh_asks_once_although_the_record_was_deleted(self, clock, store):
        """A store that was emptied counts from one again, and that is fine."""
        server = Server()
        held = credentials(server, clock=clock, store=store)
        held.token()
        held.refresh()
        clock.advance(1)

        def emptied(_):
            store.delete(KEY)
            return server.issue()

        server.answers = [emptied]

        assert text(held.refresh()) == "3"
        assert text(held.token()) == "3"
        assert len(server.asked) == 3

    def test_a_server_that_repeats_itself_is_not_asked_for_ever(self):
        """The same token again is what a refresh brought, so it is handed on."""
        server = Server(token_reply("1000.same"), token_reply("1000.same"))
        held = credentials(server)
        held.token()

        assert held.refresh().access_token == Secret("1000.same")
        assert len(server.asked) == 2

    def test_a_rejected_token_is_replaced_once(self):
        """However many threads come with it."""
        server = Server()
        held = credentials(server)
        first = held.token()

        got = together(64, lambda: held.replace(first))

        assert {text(token) for token in got} == {"2"}
        assert len(server.asked) == 2

    def test_a_late_rejection_costs_nothing(self):
        """The token that was rejected has long been replaced."""
        server = Server()
        held = credentials(server)
        first = held.token()
        held.replace(first)

        assert text(held.replace(first)) == "2"
        assert len(server.asked) == 2

    def test_a_rejection_that_a_sibling_noticed_costs_nothing(self, clock, store):
        """The store is asked before the server."""
        server = Server()
        one = credentials(server, clock=clock, store=store)
        two = credentials(server, clock=clock, store=store)
        first = one.token()
        two.token()
        one.replace(first)

        assert text(two.replace(first)) == "2"
        assert text(two.token()) == "2"
        assert len(server.asked) == 2

    def test_a_rejected_token_is_not_handed_out_again(self, clock):
        """If no other can be had, its users get the error."""
        server = Server(None, THROTTLED)
        held = credentials(server, clock=clock)
        first = held.token()
        with pytest.raises(ThrottledError):
            held.replace(first)

        with pytest.raises(ThrottledError):
            held.token()

        assert len(server.asked) == 2
        assert held.status().expires_at is None

    def test_a_server_that_repeats_a_rejected_token_is_an_error(self):
        """And one request is enough to find out, for all who ask."""
        server = Server(*[token_reply("1000.same") for _ in range(64)])
        held = credentials(server)
        first = held.token()

        got = together(16, lambda: held.replace(first))

        assert {type(error) for error in got} == {ReplyError}
        assert "rejected" in str(got[0])
        assert len(server.asked) == 2

    def test_an_old_token_does_not_displace_a_newer_one(self, clock, store):
        """A thread that was slow to look does not bring the rejected token back."""
        server = Server()
        slow = SlowReader(store)
        held = credentials(server, clock=clock, store=slow)
        first = credentials(server, clock=clock, store=store).token()
        slow.after_load = lambda: held.replace(first)

        held.token()

        assert text(held.token()) == "2"
        assert len(server.asked) == 2


class BusyOnce:
    """A store whose lock another process holds, the next time somebody tries."""

    def __init__(self, inner):
        self.inner = inner
        self.while_busy = None

    def lock(self, key, deadline):
        moment, self.while_busy = self.while_busy, None
        if moment is None:
            return self.inner.lock(key, deadline)
        moment()
        return Unlocked()

    def __getattr__(self, name):
        return getattr(self.inner, name)


class SlowReader:
    """A store in which something happens between a look and its use."""

    def __init__(self, inner):
        self.inner = inner
        self.after_load = None

    def load(self, key):
        record = self.inner.load(key)
        moment, self.after_load = self.after_load, None
        if moment:
            moment()
        return record

    def __getattr__(self, name):
        return getattr(self.inner, name)


class TestRevoke:
    """`revoke`: give it up, and forget it."""

    def test_the_refresh_token_is_revoked_and_all_is_forgotten(self, clock, store):
        """The refresh token takes its access tokens with it."""
        server = Server(None, REVOKED)
        held = credentials(server, clock=clock, store=store)
        held.token()

        assert held.revoke()

        assert server.bodies[1] == f"token={REFRESH_TOKEN.reveal()}"
        left = store.load(KEY)
        assert (left.access_token, left.refresh_token) == (None, None)
        assert held.status().expires_at is None

    def test_a_token_that_was_given_up_is_not_asked_for_again(self, clock, store):
        """Nobody spends a request on a refresh token that was revoked here."""
        server = Server(None, REVOKED)
        held = credentials(server, clock=clock, store=store)
        held.token()
        held.revoke()
        clock.advance(86_400 * 30)

        with pytest.raises(LoginNeededError, match="given up: log in again"):
            held.token()
        assert held.revoke() is False
        assert held.status().state == "dead"
        assert len(server.asked) == 2

    def test_an_access_token_is_revoked_if_there_is_no_other(self, clock, store):
        """An online login has no refresh token."""
        server = Server(None, REVOKED)
        held = credentials(server, clock=clock, store=store, grant=CODE)
        held.token()

        assert held.revoke()

        assert server.bodies[1] == "token=1000.invented-access-1"

    @pytest.mark.parametrize("grant", [REFRESH, CODE, None])
    def test_revoking_twice_is_no_error(self, clock, store, grant):
        """The second time there is nothing to give up."""
        credentials(Server(), clock=clock, store=store).token()
        server = Server(REVOKED, HttpReply(status=400))
        held = credentials(server, clock=clock, store=store, grant=grant)
        held.revoke()

        assert not held.revoke()
        assert not credentials(
            Server(HttpReply(status=400)), clock=clock, store=store, grant=grant
        ).revoke()

    def test_nothing_to_revoke_asks_nobody(self):
        """Without any token there is nothing to send."""
        server = Server()

        assert not credentials(server, grant=None).revoke()
        assert server.asked == []

    @pytest.mark.parametrize("answer", [NO_ANSWER, HttpReply(status=502)])
    def test_an_unconfirmed_revocation_is_pending(self, clock, store, answer):
        """Nothing is forgotten, nothing is handed out, and it can be tried again."""
        server = Server(None, answer, REVOKED)
        held = credentials(server, clock=clock, store=store)
        held.token()
        with pytest.raises(OAuthError):
            held.revoke()

        with pytest.raises(LoginNeededError, match="not confirmed"):
            held.token()
        assert held.status().revoke_pending
        assert len(server.asked) == 2
        assert held.revoke()
        assert not held.status().revoke_pending

    def test_a_refused_revocation_leaves_all_as_it_was(self, clock, store):
        """A throttle is an answer: the token still works."""
        server = Server(None, THROTTLED, REVOKED)
        held = credentials(server, clock=clock, store=store)
        held.token()
        with pytest.raises(OAuthError):
            held.revoke()

        assert text(held.token()) == "1"
        assert held.revoke()

    @pytest.mark.parametrize(("cascades", "kept"), [(True, False), (False, True)])
    def test_an_access_token_can_be_revoked_alone(self, clock, store, cascades, kept):
        """Whether its refresh token ends with it is a switch: Zoho's pages disagree."""
        server = Server(None, REVOKED)
        held = credentials(server, clock=clock, store=store, grant=CODE)
        server.answers[:] = [server.issue(refresh_token="1000.invented-r"), REVOKED]
        held.token()

        assert held.revoke("access_token", cascades=cascades)

        assert server.bodies[1].startswith("token=1000.invented-access-")
        assert (store.load(KEY).refresh_token is not None) is kept
        assert store.load(KEY).access_token is None

    def test_after_a_revocation_the_token_is_not_served_from_memory(self, clock):
        """Whoever asks next hears from the server that it is over."""
        held = credentials(Server(None, REVOKED, DEAD), clock=clock)
        held.token()
        held.revoke()

        with pytest.raises(LoginNeededError):
            held.token()


class TestStoreTrouble:
    """A store that fails, or that somebody else writes to."""

    def test_a_token_works_although_it_cannot_be_stored(self, clock):
        """The warning says so; this process goes on without asking again."""
        store, server = FailingStore(), Server()
        store.broken = {"compare_and_swap"}
        held = credentials(server, clock=clock, store=store)
        with pytest.warns(StoreWarning, match="compare_and_swap is out of order"):
            held.token()
        clock.advance(60)

        assert text(held.token()) == "1"
        assert held.status().expires_at == datetime.fromtimestamp(START + 3600, UTC)
        assert len(server.asked) == 1

    def test_a_due_token_is_renewed_once_although_it_cannot_be_stored(self, clock):
        """What this process knows counts as much as what is stored."""
        store, server = FailingStore(), Server()
        store.broken = {"compare_and_swap"}
        held = credentials(server, clock=clock, store=store)
        with pytest.warns(StoreWarning):
            held.token()
        clock.advance(3000)
        with pytest.warns(StoreWarning):
            held.token()
        clock.advance(60)

        assert text(held.token()) == "2"
        assert len(server.asked) == 2

    def test_a_store_that_recovers_gets_the_next_token(self, clock):
        """One failed write does not keep later tokens out of the store."""
        store, server = FailingStore(), Server()
        held = credentials(server, clock=clock, store=store)
        held.token()
        store.broken = {"compare_and_swap"}
        clock.advance(3000)
        with pytest.warns(StoreWarning):
            held.token()
        store.broken = set()
        clock.advance(3000)

        assert text(held.token()) == "3"
        assert store.load(KEY).access_token == Secret("1000.invented-access-3")

    @pytest.mark.parametrize("method", ["load", "lock"])
    @pytest.mark.parametrize("at", [60, 3000, 3541, 3599])
    def test_a_living_token_bridges_an_unreadable_store(self, clock, method, at):
        """The token in memory works, so its user is not troubled."""
        store = FailingStore()
        held = credentials(Server(), clock=clock, store=store)
        held.token()
        store.broken = {method}
        clock.advance(at)

        assert text(held.token()) == "1"

    @pytest.mark.parametrize("method", ["load", "lock"])
    def test_an_unreadable_store_is_an_error_without_a_token(self, clock, method):
        """A store that cannot be read is not an empty store."""
        store, server = FailingStore(), Server()
        held = credentials(server, clock=clock, store=store)
        held.token()
        store.broken = {method}
        clock.advance(3600)

        with pytest.raises(StoreError, match=f"{method} is out of order"):
            held.token()

    def test_a_lock_that_is_never_released_is_an_error(self, clock, store):
        """Waiting has an end, and the message says what was waited for."""
        pauses: list[float] = []
        held = credentials(
            Server(),
            clock=clock,
            store=NeverLocked(store),
            patience=20.0,
            sleep=pauses.append,
        )

        for call in (held.token, held.revoke, held.refresh):
            with pytest.raises(StoreError, match="held by a renewal"):
                call()
        assert sum(pauses) == pytest.approx(3 * 20.0)

    def test_a_newer_token_is_not_overwritten(self, clock):
        """Whoever comes second with an older token uses the newer one."""
        store = LooseLocks(MemoryStore())
        server = Server()
        rival = credentials(server, clock=clock, store=store)

        def overtaken(_):
            reply = server.issue()
            clock.advance(1)
            rival.token()
            return reply

        server.answers = [overtaken]

        token = credentials(server, clock=clock, store=store).token()

        assert text(token) == "2"
        assert store.load(KEY).access_token == Secret("1000.invented-access-2")

    def test_a_failure_does_not_overwrite_a_newer_token(self, clock):
        """A sibling succeeded meanwhile, so its token is used."""
        store = LooseLocks(MemoryStore())
        server = Server()
        rival = credentials(server, clock=clock, store=store)

        def overtaken(_):
            clock.advance(1)
            rival.token()
            return DEAD

        server.answers = [overtaken]
        held = credentials(server, clock=clock, store=store)

        assert text(held.token()) == "1"
        assert store.load(KEY).failure is None

    def test_a_new_token_is_stored_over_a_moved_record(self, clock, store):
        """Losing the race for the generation does not lose the token."""
        server = Server()

        def moved(_):
            store.compare_and_swap(KEY, 0, Record())
            store.compare_and_swap(KEY, 1, Record())
            return server.issue()

        server.answers = [moved]
        credentials(server, clock=clock, store=store).token()

        kept = store.load(KEY)
        assert kept.access_token == Secret("1000.invented-access-1")
        assert kept.generation == 3

    def test_a_failure_does_not_bring_back_a_deleted_token(self, clock, store):
        """Somebody revoked it meanwhile; only the failure is noted."""
        server = Server()
        held = credentials(server, clock=clock, store=store)
        held.token()
        clock.advance(3000)

        def deleted(_):
            store.delete(KEY)
            return DEAD

        server.answers = [deleted]
        held.token()

        assert store.load(KEY).access_token is None
        assert store.load(KEY).failure is not None

    def test_another_configurations_token_is_not_adopted(self, clock):
        """Two refresh tokens under one profile: each keeps to its own."""
        store = LooseLocks(MemoryStore())
        server = Server()
        grant = grants.RefreshGrant(refresh_token=Secret("1000.another"))
        rival = credentials(server, clock=clock, store=store, grant=grant)

        def overtaken(_):
            reply = server.issue()
            clock.advance(1)
            rival.token()
            return reply

        server.answers = [overtaken]
        held = credentials(server, clock=clock, store=store)

        assert text(held.token()) == "1"
        assert text(held.token()) == "1"

    def test_a_store_that_is_never_current_is_a_warning(self, clock):
        """Somebody writes to it all the time; the token works all the same."""
        held = credentials(Server(), clock=clock, store=AlwaysLate(MemoryStore()))

        with pytest.warns(StoreWarning, match="others write to it all the time"):
            token = held.token()

        assert text(token) == "1"

    def test_a_code_is_not_sent_if_that_cannot_be_noted(self, clock):
        """Nobody can get again what it brings, so it waits for a store that works."""
        store, server = FailingStore(), Server()
        store.broken = {"compare_and_swap"}
        held = credentials(server, clock=clock, store=store, grant=CODE)
        with pytest.raises(StoreError, match="out of order"):
            held.token()
        assert server.asked == []

        store.broken.clear()

        assert text(held.token()) == "1"

    def test_warnings_that_are_errors_do_not_cause_a_herd(self, clock):
        """`-W error` turns a warning into an exception; still nobody asks again."""
        store, server = FailingStore(), Server()
        store.broken = {"compare_and_swap"}
        held = credentials(server, clock=clock, store=store)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(StoreWarning):
                held.token()

            assert text(held.token()) == "1"
        assert len(server.asked) == 1


class AlwaysLate:
    """A store that has always just been written by somebody else."""

    def __init__(self, inner):
        self.inner = inner

    def compare_and_swap(self, key, generation, record):
        return False

    def __getattr__(self, name):
        return getattr(self.inner, name)


class NeverLocked:
    """A store whose lock somebody else holds, for as long as anybody waits."""

    def __init__(self, inner):
        self.inner = inner

    def lock(self, key, deadline):
        return Unlocked()

    def __getattr__(self, name):
        return getattr(self.inner, name)


class Unlocked:
    """The context of a lock that was not obtained."""

    def __enter__(self):
        return False

    def __exit__(self, *_):
        return None


def test_status_of_nothing_is_empty():
    """Asking about a token that does not exist is no error and asks nobody."""
    server = Server()

    status = credentials(server).status()

    assert status.expires_at is None
    assert status.failure is None
    assert status.retry_at is None
    assert not status.has_refresh_token
    assert status.generation == 0
    assert server.asked == []


@pytest.mark.parametrize("life", [float("nan"), float("inf"), -1, "600", 1 - 2j])
def test_a_life_that_is_no_number_of_seconds_is_refused(life):
    """Nobody is asked for a token."""
    server = Server()
    held = credentials(server)

    with pytest.raises(SettingsError, match=r"min_life .*: is no finite number"):
        held.token(min_life=life)

    assert server.asked == []


def test_a_life_beyond_any_token_gets_what_there_is():
    """One request, not one with each call."""
    server = Server()
    held = credentials(server)

    assert held.token(min_life=1e9) == held.token(min_life=1e9)
    assert len(server.asked) == 1
