"""Two refresh tokens under one profile: nobody gets, or loses, the other's token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_catalyst_oauth.engine import MemoryStore, Record, Secret, grants
from tests.engine.doubles import (
    CODE,
    KEY,
    REVOKED,
    Server,
    StillClock,
    credentials,
    token_reply,
)


class Rotating:
    """Knows two people, and gives each a new refresh token with each renewal."""

    def __init__(self):
        self.living = {"ada": "1000.ada-0", "bob": "1000.bob-0"}
        self.asked = []

    def send(self, request):
        self.asked.append(request)
        for who, living in self.living.items():
            if f"refresh_token={living}&" in request.body.decode():
                number = len(self.asked)
                self.living[who] = f"1000.{who}-{number}"
                return token_reply(
                    f"1000.access-of-{who}-{number}", refresh_token=self.living[who]
                )
        raise AssertionError("a refresh token that was rotated away came back")


@pytest.fixture
def clock():
    return StillClock()


@pytest.fixture
def store():
    return MemoryStore()


def grant_of(who):
    return grants.RefreshGrant(refresh_token=Secret(f"1000.{who}-0"))


def owner(token):
    return token.access_token.reveal().split("-")[2]


def logged_in(store, who, clock, *, generation=0, logins=1):
    record = Record(
        access_token=Secret(f"1000.access-of-{who}-login"),
        obtained_at=clock(),
        expires_at=clock() + 3600,
        refresh_token=Secret(f"1000.{who}-0"),
        logins=logins,
    )
    assert store.compare_and_swap(KEY, generation, record)


def test_each_keeps_their_own_token(store, clock):
    """However often they take turns, one request each is enough."""
    server = Rotating()
    for _ in range(5):
        for who in ("ada", "bob"):
            held = credentials(server, clock=clock, store=store, grant=grant_of(who))
            assert owner(held.token()) == who

    assert len(server.asked) == 2


def test_a_rotated_refresh_token_survives_the_other_one(store, clock):
    """The newest one is stored only, and the configured one is dead by then."""
    server = Rotating()
    for _ in range(4):
        for who in ("ada", "bob"):
            held = credentials(server, clock=clock, store=store, grant=grant_of(who))
            assert owner(held.refresh()) == who

    assert len(server.asked) == 8


def test_a_login_survives_a_configured_refresh_token(store, clock):
    """Who takes the variable away again is still logged in, as the same person."""
    logged_in(store, "ada", clock)
    server = Rotating()
    bob = credentials(server, clock=clock, store=store, grant=grant_of("bob"))
    assert owner(bob.token()) == "bob"

    without = credentials(server, clock=clock, store=store, grant=None)

    assert owner(without.token()) == "ada"


def test_a_login_takes_the_profile(store, clock):
    """It is on purpose, so all without a token of their own follow it."""
    logged_in(store, "ada", clock)
    logged_in(store, "bob", clock, generation=1, logins=2)

    without = credentials(Rotating(), clock=clock, store=store, grant=None)

    assert owner(without.token()) == "bob"


def test_a_code_takes_the_profile(store, clock):
    """It is a login, too."""
    logged_in(store, "ada", clock)
    server = Server(
        token_reply("1000.access-of-bob-1", refresh_token="1000.bob-0"),
    )

    credentials(server, clock=clock, store=store, grant=CODE).token()

    assert store.load(KEY).refresh_token == Secret("1000.bob-0")


def test_a_renewal_does_not_undo_a_login_of_another_person(store, clock):
    """Not even if that began, by its clock, before the renewal did."""
    logged_in(store, "ada", clock)

    def meanwhile(_):
        early = replace(store.load(KEY), refresh_token=Secret("1000.bob-0"), logins=2)
        early = replace(early, access_token=Secret("1000.access-of-bob-login"))
        assert store.compare_and_swap(KEY, 1, early)
        return token_reply("1000.access-of-ada-2")

    held = credentials(Server(meanwhile), clock=clock, store=store, grant=None)

    assert owner(held.refresh()) == "bob"
    assert store.load(KEY).refresh_token == Secret("1000.bob-0")


def test_a_first_turn_that_was_lost_costs_nothing(store, clock):
    """Both found an empty profile; whoever writes later goes elsewhere."""

    def meanwhile(_):
        logged_in(store, "ada", clock)
        return token_reply("1000.access-of-bob-1", refresh_token="1000.bob-1")

    bob = credentials(
        Server(meanwhile), clock=clock, store=store, grant=grant_of("bob")
    )

    assert owner(bob.token()) == "bob"
    assert store.load(KEY).refresh_token == Secret("1000.ada-0")
    again = credentials(Server(), clock=clock, store=store, grant=grant_of("bob"))
    assert owner(again.token()) == "bob"


def test_a_profile_that_was_given_up_is_free(store, clock):
    """So a new refresh token is found by those who have none, as the first was."""
    server = Rotating()
    ada = credentials(server, clock=clock, store=store, grant=grant_of("ada"))
    ada.token()
    credentials(
        Server(REVOKED), clock=clock, store=store, grant=grant_of("ada")
    ).revoke()
    credentials(server, clock=clock, store=store, grant=grant_of("bob")).token()

    without = credentials(server, clock=clock, store=store, grant=None)

    assert owner(without.token()) == "bob"


def test_a_guest_stays_where_it_was(store, clock):
    """Its newest refresh token is there, even if the profile is free by now."""
    server = Rotating()
    for who in ("ada", "bob"):
        credentials(server, clock=clock, store=store, grant=grant_of(who)).token()
    store.delete(KEY)

    bob = credentials(server, clock=clock, store=store, grant=grant_of("bob"))

    assert owner(bob.refresh()) == "bob"
    assert store.load(KEY) is None


def test_one_is_revoked_alone(store, clock):
    """Giving up a guest's token leaves the other's in use."""
    server = Rotating()
    for who in ("ada", "bob"):
        credentials(server, clock=clock, store=store, grant=grant_of(who)).token()
    ended = Server(REVOKED)

    credentials(ended, clock=clock, store=store, grant=grant_of("bob")).revoke()

    assert "token=1000.bob-2" in ended.bodies[0]
    ada = credentials(Server(), clock=clock, store=store, grant=grant_of("ada"))
    assert owner(ada.token()) == "ada"
