"""How a token is kept: quota, states, renewal in the background, shared outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from pytest_catalyst_oauth.engine import (
    HttpReply,
    Limits,
    MemoryStore,
    Secret,
    TokenState,
    grants,
)
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    OAuthError,
    RefusedError,
    SettingsError,
    ThrottledError,
    TransportError,
)
from tests.engine.doubles import (
    CODE,
    NO_ANSWER,
    REFRESH,
    REFUSED,
    REVOKED,
    START,
    THROTTLED,
    UNREACHED,
    Crowd,
    Server,
    StillClock,
    credentials,
    together,
    token_reply,
)

DEAD = HttpReply.of_json(200, {"error": "invalid_code"})
OTHER = grants.RefreshGrant(refresh_token=Secret("1000.invented-other-refresh"))


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def store():
    return MemoryStore()


def text(token):
    return token.access_token.reveal().removeprefix("1000.invented-access-")


def moment(seconds):
    return datetime.fromtimestamp(START + seconds, UTC)


class Later:
    """Keeps background work until somebody does it."""

    def __init__(self):
        self.work = []

    def __call__(self, work):
        self.work.append(work)

    def do(self):
        work, self.work = self.work, []
        return [one() for one in work]


def spend(held, clock, requests=10):
    """Make token requests, a second after each other."""
    for _ in range(requests):
        held.refresh()
        clock.advance(1)


class TestQuota:
    """Ten token requests in ten minutes; the eleventh is refused here."""

    def test_the_eleventh_request_is_not_sent(self, clock):
        """It would only lengthen the wait; the error says when to try again."""
        server = Server()
        held = credentials(server, clock=clock)
        spend(held, clock)

        with pytest.raises(ThrottledError, match=r"10 token requests .* in 590 s") as e:
            held.refresh()

        assert (e.value.error, e.value.status) == ("quota", 0)
        assert e.value.retry_at == START + 600
        assert len(server.asked) == 10

    def test_a_living_token_is_used_meanwhile(self, clock):
        """Whoever only wants a token notices nothing."""
        held = credentials(Server(), clock=clock)
        spend(held, clock)

        assert text(held.token()) == "10"
        assert held.status().state is TokenState.FRESH
        assert held.status().requests_left == 0

    def test_the_window_slides(self, clock):
        """One request is possible when the first is ten minutes old, not ten."""
        server = Server()
        held = credentials(server, clock=clock)
        spend(held, clock)
        clock.advance(590)

        assert text(held.refresh()) == "11"
        with pytest.raises(ThrottledError, match="in 1 s"):
            held.refresh()

    def test_processes_count_together(self, clock, store):
        """What one has used, another does not have."""
        server = Server()
        one, two = (credentials(server, clock=clock, store=store) for _ in range(2))
        spend(one, clock, 6)
        assert two.status().requests_left == 4
        spend(two, clock, 4)

        for held in (one, two):
            with pytest.raises(ThrottledError, match="quota"):
                held.refresh()
        assert len(server.asked) == 10

    def test_another_refresh_token_starts_anew(self, clock, store):
        """Zoho counts per refresh token."""
        server = Server()
        spend(credentials(server, clock=clock, store=store), clock)

        held = credentials(server, clock=clock, store=store, grant=OTHER)

        assert held.status().requests_left == 10
        assert text(held.refresh()) == "11"

    def test_a_rotated_refresh_token_starts_anew(self, clock):
        """The count of the old one says nothing of the new one."""
        server = Server()
        held = credentials(server, clock=clock)
        spend(held, clock, 9)
        server.answers = [server.issue(refresh_token="1000.invented-rotated")]

        held.refresh()

        assert held.status().requests_left == 10

    def test_a_clock_that_was_ahead_locks_nobody_out(self, clock):
        """Requests of the future are none."""
        server = Server()
        held = credentials(server, clock=clock)
        clock.advance(7_200)
        spend(held, clock)
        clock.now = START

        assert text(held.token()) == "11"
        assert held.status().requests_left == 9

    def test_a_request_that_never_arrived_is_not_counted(self, clock):
        """A name that cannot be resolved for an hour costs no part of the quota."""
        server = Server(*[UNREACHED] * 12)
        held = credentials(server, clock=clock)
        for _ in range(12):
            with pytest.raises(TransportError):
                held.token()
            clock.advance(60)

        assert text(held.token()) == "1"
        assert held.status().requests_left == 9

    def test_a_code_that_the_quota_stops_is_not_spent(self, clock, store):
        """What was not sent can be sent later."""
        server = Server(UNREACHED)
        held = credentials(server, clock=clock, store=store, grant=CODE)
        with pytest.raises(TransportError):
            held.token()
        clock.advance(60)
        written(store, asked=(clock(),) * 10)

        with pytest.raises(ThrottledError, match="quota"):
            held.token()

        assert len(server.asked) == 1
        clock.advance(600)
        assert text(held.token()) == "1"

    def test_profiles_count_for_themselves(self, clock, store):
        """One user's requests are none of another's."""
        one = credentials(Server(), clock=clock, store=store, profile="one")
        two = credentials(Server(), clock=clock, store=store, profile="two")
        one.refresh()

        assert one.status().requests_left == 9
        assert two.status().requests_left == 10

    def test_the_limits_are_the_callers(self, clock):
        """Another server, another quota."""
        held = credentials(
            Server(), clock=clock, limits=Limits(token_requests=2, window=10)
        )
        spend(held, clock, 2)

        with pytest.raises(ThrottledError, match="2 token requests were made in 10 s"):
            held.refresh()
        clock.advance(8)
        assert text(held.refresh()) == "3"

    @pytest.mark.parametrize(
        "numbers", [{"token_requests": 0}, {"window": -1}, {"window": float("nan")}]
    )
    def test_limits_that_allow_nothing_are_refused(self, numbers):
        """At once, not at the first request."""
        with pytest.raises(SettingsError, match="allow none"):
            Limits(**numbers)

    def test_without_a_living_token_the_wait_can_be_seen(self, clock):
        """`status` says what a caller would get, and until when."""
        held = credentials(Server(), clock=clock, limits=Limits(window=7_200))
        spend(held, clock)
        clock.advance(3_700)

        status = held.status()

        assert status.state is TokenState.COOLING
        assert status.retry_at == moment(7_200)
        with pytest.raises(ThrottledError):
            held.token()


class TestState:
    """`status().state`: what a caller gets now."""

    @pytest.mark.parametrize(
        ("at", "state"),
        [
            (0, TokenState.FRESH),
            (2_999, TokenState.FRESH),
            (3_000, TokenState.SOFT),
            (3_539, TokenState.SOFT),
            (3_540, TokenState.HARD),
            (3_600, TokenState.HARD),
        ],
    )
    def test_a_token_ages(self, clock, at, state):
        """Fresh, then due, then overdue."""
        held = credentials(Server(), clock=clock)
        held.token()
        clock.advance(at)

        assert held.status().state is state

    def test_a_new_grant_waits_for_its_first_request(self):
        """The first who asks waits."""
        assert credentials(Server()).status().state is TokenState.HARD

    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            (NO_ANSWER, TokenState.COOLING),
            (REFUSED, TokenState.COOLING),
            (THROTTLED, TokenState.COOLING),
            (DEAD, TokenState.DEAD),
        ],
    )
    def test_a_failure_without_a_token_cools(self, clock, answer, state):
        """The same error for all until `retry_at`; then somebody asks."""
        held = credentials(Server(answer), clock=clock)
        with pytest.raises(OAuthError) as raised:
            held.token()

        status = held.status()

        assert status.state is state
        assert status.retry_at.timestamp() == raised.value.retry_at
        clock.now = raised.value.retry_at
        assert held.status().state is TokenState.HARD

    def test_a_failure_beside_a_living_token_does_not_show(self, clock):
        """A caller gets the token, and that is what the state says."""
        held = credentials(Server(None, REFUSED), clock=clock)
        held.token()
        clock.advance(3_000)
        held.token()

        assert held.status().state is TokenState.SOFT
        assert isinstance(held.status().failure, RefusedError)

    def test_nothing_to_renew_with_needs_a_person(self):
        """Without a grant and a record nobody but a person can help."""
        assert credentials(Server(), grant=None).status().state is TokenState.DEAD

    def test_a_code_that_was_sent_needs_a_person(self, clock):
        """Also when the pause after its failure is long over."""
        held = credentials(Server(NO_ANSWER), clock=clock, grant=CODE)
        with pytest.raises(TransportError):
            held.token()
        clock.advance(86_400)

        assert held.status().state is TokenState.DEAD
        with pytest.raises(LoginNeededError):
            held.token()

    def test_a_token_that_was_given_up_is_dead(self, clock):
        """Nobody gets it any more."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        server.answers = [REVOKED]
        held.revoke()

        assert held.status().state is TokenState.DEAD
        assert not held.status().revoke_pending
        with pytest.raises(LoginNeededError, match="revoked"):
            held.token()

    def test_a_token_that_may_have_been_given_up_is_dead(self, clock):
        """Until the server confirms it."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        server.answers = [NO_ANSWER]
        with pytest.raises(TransportError):
            held.revoke()

        assert held.status().state is TokenState.DEAD
        assert held.status().revoke_pending
        with pytest.raises(LoginNeededError, match="revoke_pending"):
            held.token()


class TestBackground:
    """In the last ten minutes nobody waits for the renewal."""

    def test_nobody_waits_while_the_token_lives(self, clock):
        """Sixty-four threads get the old token while one request hangs."""
        server, asked, answer = Server(), Event(), Event()
        threads = []

        def start(work):
            threads.append(Thread(target=work))
            threads[-1].start()

        held = credentials(server, clock=clock, background=start)
        held.token()
        clock.advance(3_000)

        def slow(_):
            asked.set()
            assert answer.wait(30)
            return server.issue()

        server.answers = [slow]

        assert set(map(text, together(64, held.token))) == {"1"}
        assert asked.wait(30)
        assert set(map(text, together(64, held.token))) == {"1"}
        answer.set()
        [thread.join() for thread in threads]
        assert set(map(text, together(64, held.token))) == {"2"}
        assert len(server.asked) == 2
        assert len(threads) == 1

    def test_a_failure_is_kept_for_status(self, clock):
        """It raises nowhere: not in the background, not at the caller's."""
        later = Later()
        held = credentials(Server(None, REFUSED), clock=clock, background=later)
        held.token()
        clock.advance(3_000)
        held.token()

        assert later.do() == [None]

        assert text(held.token()) == "1"
        assert isinstance(held.status().failure, RefusedError)
        assert held.status().retry_at == moment(3_010)

    def test_a_failure_is_tried_again_after_its_pause(self, clock):
        """Not before, and not never."""
        later = Later()
        held = credentials(Server(None, REFUSED), clock=clock, background=later)
        held.token()
        clock.advance(3_000)
        held.token()
        later.do()
        clock.advance(9)
        held.token()
        assert later.work == []
        clock.advance(30)
        held.token()
        later.do()

        assert text(held.token()) == "2"
        assert held.status().failure is None

    def test_work_that_is_never_done_is_not_started_all_the_time(self, clock):
        """A thread that cannot start is tried again after half a minute."""
        later = Later()
        held = credentials(Server(), clock=clock, background=later)
        held.token()
        clock.advance(3_000)
        for _ in range(30):
            held.token()
            clock.advance(1)

        assert len(later.work) == 1
        held.token()
        assert len(later.work) == 2

    def test_an_overdue_token_is_waited_for(self, clock):
        """In its last minute the caller renews it, whatever the background does."""
        later = Later()
        held = credentials(Server(), clock=clock, background=later)
        held.token()
        clock.advance(3_540)

        assert text(held.token()) == "2"
        assert later.work == []

    def test_another_process_that_renews_is_enough(self, clock, store):
        """Work that comes late finds the sibling's token and asks nobody."""
        later, server = Later(), Server()
        held = credentials(server, clock=clock, store=store, background=later)
        sibling = credentials(server, clock=clock, store=store)
        held.token()
        clock.advance(3_000)
        held.token()
        sibling.token()

        later.do()

        assert text(held.token()) == "2"
        assert len(server.asked) == 2


class TestMinLife:
    """`token(min_life=)`: for work that takes a while."""

    def test_a_token_that_lasts_is_used(self, clock):
        """Nobody is asked for what is there."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        clock.advance(600)

        assert text(held.token(min_life=3_000)) == "1"
        assert len(server.asked) == 1

    def test_a_token_that_ends_too_soon_is_renewed(self, clock):
        """At once, and not in the background."""
        later = Later()
        held = credentials(Server(), clock=clock, background=later)
        held.token()
        clock.advance(601)

        assert text(held.token(min_life=3_000)) == "2"
        assert later.work == []

    def test_more_than_a_token_has_does_not_mint_at_each_call(self, clock):
        """Five sixths of its life are the most that can be had."""
        server = Server()
        held = credentials(server, clock=clock)
        for _ in range(5):
            held.token(min_life=1_000_000)
            clock.advance(100)

        assert len(server.asked) == 1

    def test_a_renewal_that_fails_leaves_a_living_token(self, clock):
        """Less life than was asked for is better than none."""
        held = credentials(Server(None, REFUSED), clock=clock)
        held.token()
        clock.advance(3_000)

        assert text(held.token(min_life=1_000)) == "1"
        assert isinstance(held.status().failure, RefusedError)


class TestPeek:
    """`peek`: what is there, without asking anybody."""

    def test_peek_shows_what_lives(self, clock, store):
        """Also if another process got it."""
        server = Server()
        credentials(server, clock=clock, store=store).token()

        assert text(credentials(Server(), clock=clock, store=store).peek()) == "1"
        clock.advance(3_599)
        assert text(credentials(Server(), clock=clock, store=store).peek()) == "1"

    @pytest.mark.parametrize("seconds", [3_600, -61])
    def test_peek_shows_no_ended_token(self, clock, store, seconds):
        """Nor one of the future, and nobody is asked."""
        server = Server()
        held = credentials(server, clock=clock, store=store)
        held.token()
        clock.advance(seconds)

        assert held.peek() is None
        assert len(server.asked) == 1


class TestSharing:
    """Processes that share a store share what happened to one of them."""

    def test_a_throttle_cools_them_all(self, clock, store):
        """For the whole window: each further request would lengthen it."""
        server = Server(THROTTLED)
        fleet = [credentials(server, clock=clock, store=store) for _ in range(5)]
        for held in fleet:
            with pytest.raises(ThrottledError) as raised:
                held.token()
            assert raised.value.retry_at == START + 600
            assert held.status().state is TokenState.COOLING

        clock.advance(599)
        for held in fleet:
            with pytest.raises(ThrottledError):
                held.token()
        assert len(server.asked) == 1
        clock.advance(1)
        assert {text(held.token()) for held in fleet} == {"1"}

    def test_a_pending_revocation_binds_them_all(self, clock, store):
        """Nobody hands out a token that may have ended, until it is confirmed."""
        server = Server()
        one, two = (credentials(server, clock=clock, store=store) for _ in range(2))
        one.token()
        server.answers = [NO_ANSWER, REVOKED]
        with pytest.raises(TransportError):
            one.revoke()

        for held in (one, two):
            with pytest.raises(LoginNeededError, match="not confirmed"):
                held.token()
        assert two.revoke()
        assert not one.status().revoke_pending

    def test_jitter_spreads_a_fleet(self, clock, store):
        """Each process is due at a moment of its own; all before the last minute."""
        server = Server()
        credentials(server, clock=clock, store=store).token()
        clock.advance(2_970)
        early, late = (
            credentials(server, clock=clock, store=store, jitter=share)
            for share in (0.1, 0.0)
        )

        assert early.status().state is TokenState.SOFT
        assert late.status().state is TokenState.FRESH

    def test_an_unset_jitter_is_drawn(self, clock):
        """Below a tenth of the window, so at most a minute earlier."""
        held = [credentials(Server(), clock=clock, jitter=None) for _ in range(20)]
        [one.token() for one in held]
        clock.advance(2_939)

        assert {one.status().state for one in held} == {TokenState.FRESH}
        clock.advance(61)
        assert {one.status().state for one in held} == {TokenState.SOFT}


def written(store, **changes):
    """Write what a sibling that slipped past the lock, or a person, brought."""
    (key,) = store.keys()
    record = store.load(key)
    assert store.compare_and_swap(key, record.generation, replace(record, **changes))


class TestDeadGrant:
    """Before a grant is declared dead, the store is looked at once more."""

    def test_a_refresh_token_that_was_replaced_meanwhile_is_used(self, clock, store):
        """A person has logged in again, or a sibling has rotated it."""
        held = credentials(Server(), clock=clock, store=store)
        held.token()
        clock.advance(3_600)

        def too_late(_):
            written(store, refresh_token=Secret("1000.invented-newer"))
            return DEAD

        server = Server(too_late)
        held = credentials(server, clock=clock, store=store)

        assert text(held.token()) == "1"
        assert "1000.invented-newer" in server.bodies[1]
        assert held.status().failure is None
        assert held.token().refresh_token == Secret("1000.invented-newer")

    def test_a_token_that_arrived_meanwhile_is_used(self, clock, store):
        """The loser of a race takes the winner's token."""
        credentials(Server(), clock=clock, store=store).token()
        clock.advance(3_600)

        def too_late(_):
            now = clock()
            token = Secret("1000.invented-access-of-the-sibling")
            written(
                store,
                access_token=token,
                obtained_at=now,
                expires_at=now + 3_600,
                refresh_token=Secret("1000.invented-newer"),
            )
            return DEAD

        server = Server(too_late)

        token = credentials(server, clock=clock, store=store).token()

        assert text(token) == "of-the-sibling"
        assert len(server.asked) == 1

    def test_two_dead_ones_are_enough(self, clock, store):
        """A store that changes all the time does not keep anybody busy."""
        credentials(Server(), clock=clock, store=store).token()
        clock.advance(3_600)

        def newer(number):
            def answer(_):
                written(store, refresh_token=Secret(f"1000.invented-{number}"))
                return DEAD

            return answer

        server = Server(*map(newer, range(9)))
        held = credentials(server, clock=clock, store=store)

        with pytest.raises(LoginNeededError):
            held.token()
        assert len(server.asked) == 2

    def test_one_that_was_given_up_meanwhile_is_not_used(self, clock, store):
        """A sibling's revocation counts, whatever else it left."""
        credentials(Server(), clock=clock, store=store).token()
        clock.advance(3_600)

        def too_late(_):
            newer = Secret("1000.invented-newer")
            written(store, refresh_token=newer, revoke_pending=True)
            return DEAD

        server = Server(too_late)
        held = credentials(server, clock=clock, store=store)

        with pytest.raises(LoginNeededError):
            held.token()
        assert len(server.asked) == 1

    def test_other_refusals_are_not_tried_again(self, clock, store):
        """A wrong secret is wrong for every refresh token."""
        credentials(Server(), clock=clock, store=store).token()
        clock.advance(3_600)

        def too_late(_):
            written(store, refresh_token=Secret("1000.invented-newer"))
            return REFUSED

        server = Server(too_late)
        held = credentials(server, clock=clock, store=store)

        with pytest.raises(RefusedError, match="invalid_client"):
            held.token()
        assert len(server.asked) == 1


class TestClock:
    """A wall clock that somebody sets."""

    @pytest.mark.parametrize("seconds", [-86_400, -61, 3_600, 86_400])
    def test_a_jump_costs_one_request(self, clock, seconds):
        """What the old clock said is not believed, and nobody is locked out."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        clock.advance(seconds)

        assert [text(held.token()) for _ in range(3)] == ["2"] * 3
        assert len(server.asked) == 2

    def test_a_small_correction_costs_nothing(self, clock):
        """Clocks are corrected all the time."""
        server = Server()
        held = credentials(server, clock=clock)
        held.token()
        clock.advance(-60)

        assert text(held.token()) == "1"

    def test_a_jump_back_ends_a_pause(self, clock):
        """A pause of the future would last for ever."""
        server = Server(THROTTLED)
        held = credentials(server, clock=clock)
        with pytest.raises(ThrottledError):
            held.token()
        clock.advance(-86_400)

        assert text(held.token()) == "1"


def test_a_refresh_that_names_no_scope_leaves_it_as_it_was(clock):
    """An omitted scope is the one that was granted before."""
    server = Server()
    held = credentials(server, clock=clock)
    granted = held.token().scope
    server.answers = [token_reply("1000.invented-access-2", scope=None)]

    assert len(granted) == 1
    assert held.refresh().scope == granted
    assert held.status().scope == granted


def test_a_new_login_that_names_no_scope_has_none(clock, store):
    """What another grant was granted says nothing of this one."""
    credentials(Server(), clock=clock, store=store).token()
    server = Server(token_reply("1000.invented-access-2", scope=None))

    held = credentials(server, clock=clock, store=store, grant=OTHER)

    assert len(held.token().scope) == 0


class TestLogins:
    """`status().logins`: Zoho ends the oldest of more than twenty."""

    def login(self, number, **more):
        code = Secret(f"1000.invented-code-{number}")
        reply = token_reply(
            f"1000.invented-access-{number}",
            refresh_token=f"1000.invented-refresh-{number}",
        )
        grant = grants.SelfClientGrant(code=code)
        return credentials(Server(reply), grant=grant, **more)

    def test_every_login_is_counted(self, clock, store):
        """Also over codes: each is another configuration."""
        for number in range(1, 4):
            held = self.login(number, clock=clock, store=store)
            held.token()
            assert held.status().logins == number

    def test_a_refresh_is_no_login(self, clock, store):
        """However often."""
        held = credentials(Server(), clock=clock, store=store)
        spend(held, clock, 3)

        assert held.status().logins == 0

    def test_a_refresh_token_that_is_repeated_is_no_login(self, clock, store):
        """Some servers send back what they were sent."""
        server = Server()
        held = credentials(server, clock=clock, store=store)
        same = REFRESH.refresh_token.reveal()
        server.answers = [server.issue(refresh_token=same) for _ in range(3)]
        spend(held, clock, 3)

        assert held.status().logins == 0
        assert held.token().refresh_token == REFRESH.refresh_token


class HeldOpen:
    """A memory store whose next look takes until it is let go."""

    def __init__(self):
        self.inner = MemoryStore()
        self.looks = 0
        self.entered, self.free = Event(), Event()
        self.free.set()

    def load(self, key):
        self.looks += 1
        self.entered.set()
        assert self.free.wait(30)
        return self.inner.load(key)

    def __getattr__(self, name):
        return getattr(self.inner, name)


def test_one_thread_looks_while_the_others_go_on():
    """A token that is due, but lives, makes nobody wait for the store of another."""
    clock, store = StillClock(), HeldOpen()
    held = credentials(Server(), clock=clock, store=store)
    first = held.token()
    clock.advance(3000)
    store.free.clear()
    store.entered.clear()

    looking = Crowd(1, held.token)
    store.entered.wait()
    before = store.looks
    meanwhile = [held.token() for _ in range(8)]

    assert meanwhile == [first] * 8
    assert store.looks == before
    store.free.set()
    (renewed,) = looking.join()
    assert renewed != first
    assert held.token() == renewed


class TestReject:
    """What the API refused is not handed out again, though nobody waits for another."""

    def test_the_next_token_is_another(self, clock, store):
        """For who has noticed; by one request."""
        server = Server()
        held = credentials(server, clock=clock, store=store)
        held.keeper.reject(held.token())

        assert len(server.asked) == 1
        assert [text(held.token()) for _ in range(2)] == ["2", "2"]
        assert len(server.asked) == 2

    def test_a_newer_one_in_the_store_will_do(self, clock, store):
        """A sibling may have noticed before."""
        server = Server()
        held = credentials(server, clock=clock, store=store)
        old = held.token()
        credentials(server, clock=clock, store=store).refresh()

        held.keeper.reject(old)

        assert text(held.token()) == "2"
        assert len(server.asked) == 2

    def test_without_another_there_is_none(self, clock, store):
        """Not even the refused one, which seems to live."""
        held = credentials(Server(None, REFUSED), clock=clock, store=store)
        held.keeper.reject(held.token())

        for _ in range(2):
            with pytest.raises(RefusedError, match="invalid_client"):
                held.token()
