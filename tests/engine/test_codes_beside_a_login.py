"""A code is a new login: it takes the place of the old one when it succeeds."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import (
    HttpReply,
    MemoryStore,
    Record,
    Secret,
)
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    OAuthError,
)
from pytest_catalyst_oauth.engine.grants import SelfClientGrant
from tests.engine.doubles import (
    KEY,
    NO_ANSWER,
    Server,
    StillClock,
    credentials,
    token_reply,
)


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def store():
    return MemoryStore()


DEAD = HttpReply.of_json(200, {"error": "invalid_code"})


def code(name):
    return SelfClientGrant(code=Secret(f"1000.code-of-{name}"))


def login_of(name):
    return token_reply(f"1000.access-of-{name}", refresh_token=f"1000.{name}-0")


def shown(token):
    return token.access_token.reveal().rpartition("-")[2]


def log_in(store, clock, name):
    held = credentials(
        Server(login_of(name)), clock=clock, store=store, grant=code(name)
    )
    assert shown(held.token()) == name


@pytest.mark.parametrize("answer", [DEAD, NO_ANSWER])
def test_a_code_that_fails_leaves_the_login(store, clock, answer):
    """It was old, or nobody answered; who was logged in still is."""
    log_in(store, clock, "ada")
    stale = credentials(Server(answer), clock=clock, store=store, grant=code("bob"))
    with pytest.raises(OAuthError):
        stale.token()

    without = credentials(Server(), clock=clock, store=store, grant=None)
    again = credentials(Server(), clock=clock, store=store, grant=code("ada"))

    assert shown(without.token()) == shown(again.token()) == "ada"
    assert store.load(KEY).refresh_token == Secret("1000.ada-0")


def test_a_code_is_sent_once_also_beside_a_login(store, clock):
    """If the answer was lost, the server may have taken it."""
    log_in(store, clock, "ada")
    server = Server(NO_ANSWER)
    for _ in range(3):
        held = credentials(server, clock=clock, store=store, grant=code("bob"))
        with pytest.raises(OAuthError):
            held.token()
        clock.advance(86_400)

    assert len(server.asked) == 1


def test_a_code_that_succeeds_takes_the_place(store, clock):
    """Nothing is left of the first login, nor of what was noted meanwhile."""
    log_in(store, clock, "ada")

    log_in(store, clock, "bob")

    assert list(store.keys()) == [KEY]
    assert store.load(KEY).refresh_token == Secret("1000.bob-0")
    assert store.load(KEY).logins == 2


def test_an_old_code_does_not_end_a_newer_login(store, clock):
    """It may still be in somebody's environment."""
    log_in(store, clock, "ada")
    log_in(store, clock, "bob")
    server = Server(DEAD)
    old = credentials(server, clock=clock, store=store, grant=code("ada"))
    with pytest.raises(LoginNeededError):
        old.token()

    without = credentials(Server(), clock=clock, store=store, grant=None)

    assert shown(without.token()) == "bob"


def test_giving_up_with_another_code_gives_nothing_up(store, clock):
    """The code has brought nothing that could be revoked; the login is not its."""
    log_in(store, clock, "ada")
    held = credentials(Server(), clock=clock, store=store, grant=code("bob"))

    assert not held.revoke()

    without = credentials(Server(), clock=clock, store=store, grant=None)
    assert shown(without.token()) == "ada"


def test_a_login_that_came_meanwhile_stays(store, clock):
    """Whoever logged in while the code was on its way was later."""
    log_in(store, clock, "ada")

    def meanwhile(_):
        record = store.load(KEY)
        newer = Record(
            access_token=Secret("1000.access-of-eve"),
            obtained_at=clock(),
            expires_at=clock() + 3600,
            refresh_token=Secret("1000.eve-0"),
            logins=record.logins + 1,
        )
        assert store.compare_and_swap(KEY, record.generation, newer)
        return login_of("bob")

    held = credentials(Server(meanwhile), clock=clock, store=store, grant=code("bob"))

    assert shown(held.token()) == "eve"
