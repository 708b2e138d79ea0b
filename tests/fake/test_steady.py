"""A fake that is asked for hours does not grow."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from pytest_catalyst_oauth.engine.grants import enhancement_request
from tests.fake.asking import (
    ROWS,
    exchange,
    refresh,
    refresh_token_of,
    token_request,
)

# By when everything that is kept is there, and by when more would have shown.
WARM, LONG = 1200, 2400


def refreshing(fake):
    refresh(fake)


def rotating(fake):
    fake.latest = refresh_token_of(refresh(fake, fake.latest))


def exchanging(fake):
    exchange(fake, fake.issue_code(ROWS))


def abandoning(fake):
    fake.issue_code(ROWS)


def enhancing(fake):
    fake.send(enhancement_request(fake.client, fake.latest))


def going_without_a_person(fake):
    fields = {"grant_type": "client_credentials", "scope": ROWS, "soid": "A.1"}
    fake.send(token_request(fake.client, **fields))


@pytest.fixture
def new_steady(new_fake):
    def new(profile):
        fake = new_fake(
            profile=profile,
            token_requests=None,
            access_token_lifetime=300,
            console_code_lifetime=300,
            journal_size=100,
        )
        fake.latest = fake.issue_refresh_token()
        return fake

    return new


@pytest.mark.parametrize(
    ("profile", "ask"),
    [
        ("faithful", refreshing),
        ("strict", rotating),
        ("faithful", exchanging),
        ("faithful", abandoning),
        ("faithful", going_without_a_person),
        ("faithful", enhancing),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_what_is_over_is_forgotten(new_steady, clock, profile, ask):
    """Codes and tokens that ended, the oldest exchanges, and what was used up."""
    fake = new_steady(profile)

    def asked(times):
        for _ in range(times):
            ask(fake)
            clock.advance(seconds=1)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = asked(WARM)
        after = asked(LONG)
    finally:
        tracemalloc.stop()

    # Each request would leave a token of 500 octets, at the very least.
    assert after - before < LONG * 50


def test_the_journal_keeps_the_latest(new_fake):
    """As many as the setting says; none are lost before that."""
    fake = new_fake(journal_size=3, token_requests=None)
    for _ in range(5):
        refresh(fake)

    assert (len(fake.journal), fake.journal.total) == (3, 5)
