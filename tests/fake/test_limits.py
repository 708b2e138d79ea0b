"""Quotas: zoho-protocol.md 4.4 and 4.5."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import is_throttle
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeSettings
from tests.fake.asking import access_of, refresh, works

THROTTLE = (
    b'{"error_description":"You have made too many requests continuously. '
    b'Please try again after some time.","error":"Access Denied","status":"failure"}'
)

NAN = float("nan")
INFINITY = float("inf")


def test_the_eleventh_token_request_in_ten_minutes_is_throttled(fake):
    """Ten work; then comes the recorded body, which our engine knows."""
    for _ in range(10):
        assert "access_token" in refresh(fake).json()

    reply = refresh(fake)

    assert (reply.status, reply.body) == (400, THROTTLE)
    assert is_throttle(reply.json())


def test_the_throttle_comes_before_all_other_errors(new_fake):
    """Whoever asks too often does not learn what else is wrong."""
    fake = new_fake(token_requests=0)

    replies = [
        refresh(fake, client_id="1000.INVENTED"),
        refresh(fake, client_secret="invented"),
        refresh(fake, grant_type="invented"),
    ]

    assert [reply.body for reply in replies] == [THROTTLE] * 3


@pytest.mark.parametrize("status", [200, 400])
def test_the_throttle_comes_with_either_status(new_fake, status):
    """Reports disagree, so it is a switch."""
    fake = new_fake(token_requests=0, throttle_status=status)

    reply = refresh(fake)

    assert (reply.status, reply.body) == (status, THROTTLE)


def test_the_window_rolls(fake, clock):
    """Each request counts for ten minutes of its own; throttled ones do not count."""
    for _ in range(10):
        refresh(fake)
        clock.advance(minutes=1)
    assert "access_token" in refresh(fake).json(), "the first has left the window"
    for _ in range(3):
        assert is_throttle(refresh(fake).json())

    clock.advance(seconds=59)
    assert is_throttle(refresh(fake).json())

    clock.advance(seconds=1)
    assert "access_token" in refresh(fake).json()


def test_the_throttle_is_per_refresh_token(new_fake):
    """Another refresh token of the same client has a quota of its own."""
    fake = new_fake(token_requests=1)
    refresh(fake)
    assert is_throttle(refresh(fake).json())

    assert "access_token" in refresh(fake, fake.issue_refresh_token()).json()


def test_a_throttled_client_keeps_its_tokens(new_fake):
    """The API does not know of it."""
    fake = new_fake(token_requests=1)
    access = access_of(refresh(fake))
    assert is_throttle(refresh(fake).json())

    assert works(fake, access)


def test_the_eleventh_access_token_ends_the_oldest(new_fake):
    """Of the same refresh token; those of others are left alone."""
    fake = new_fake(token_requests=99)
    neighbour = access_of(refresh(fake, fake.issue_refresh_token()))
    tokens = [access_of(refresh(fake)) for _ in range(11)]

    assert [works(fake, token) for token in tokens] == [False] + [True] * 10
    assert works(fake, neighbour)


def test_the_twenty_first_refresh_token_ends_the_oldest(fake):
    """Silently, with its access tokens; the other twenty work."""
    oldest, access = fake.refresh_token, access_of(refresh(fake))
    others = [fake.issue_refresh_token() for _ in range(19)]
    assert works(fake, access)

    others.append(fake.issue_refresh_token())

    assert not works(fake, access)
    assert refresh(fake, oldest).json() == {"error": "invalid_code"}
    assert all("access_token" in refresh(fake, token).json() for token in others)


def test_the_refresh_tokens_of_two_clients_are_counted_apart(new_fake):
    """Each has twenty, or whatever the settings say."""
    fake = new_fake(refresh_tokens=1)
    other = fake.register_client()

    fake.issue_refresh_token(client=other)

    assert "access_token" in refresh(fake).json()


@pytest.mark.parametrize("name", ["live_access_tokens", "refresh_tokens"])
def test_a_limit_of_no_tokens_is_refused(name):
    """It would mean that nothing ever works; the error names the setting."""
    with pytest.raises(SettingsError, match=rf"{name}: must be at least 1"):
        FakeSettings(**{name: 0})


WRONG_SETTINGS = {
    "code_lifetime": (0, -1, NAN, INFINITY, 1e10, 10**400, "120", None, True),
    "console_code_lifetime": (0, -1),
    "access_token_lifetime": (0, -3600, NAN),
    "token_window": (0, -1, NAN),
    "grant_window": (0, NAN),
    "device_code_lifetime": (0, -1),
    "device_interval": (-1, NAN, INFINITY, 10**400),
    "enhancement_lifetime": (0, -1),
    "live_access_tokens": (0, 1.5, NAN, None, True),
    "refresh_tokens": (0, -1),
    "token_requests": (-1, NAN, 2.5, "10"),
    "grants": (-1, None),
    "device_tries": (-1, NAN),
    "journal_size": (0, -1, NAN, True),
    "largest_file": (-1, 0.5),
    "throttle_status": (0, 99, 199, 600, NAN, 200.5, "400", 10**400),
    "error_page_status": (-200, None),
    "says_scope": (1, None, "yes"),
    "lenient_double_slash": ("",),
    "data_center": ("eu", None),
    "profile": ("lax", None),
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG_SETTINGS.items() for value in values],
)
def test_a_setting_that_makes_no_sense_is_refused(name, value):
    """One error that names it and says what it has to be, whoever gives it."""
    with pytest.raises(SettingsError, match=rf"^{name}.*: (must be|is no|is unknown)"):
        FakeSettings(**{name: value})


@pytest.mark.parametrize(
    "settings",
    [
        {"token_requests": 0, "grants": 0, "device_tries": 0, "device_interval": 0},
        {"token_requests": None, "journal_size": None},
        {"access_token_lifetime": 0.5, "code_lifetime": 1_000_000_000},
        {"throttle_status": 429, "error_page_status": 200},
    ],
)
def test_a_setting_at_its_limit_is_taken(settings):
    """None where there may be no limit; 0 of what may never be."""
    made = FakeSettings(**settings)

    assert {name: getattr(made, name) for name in settings} == settings
