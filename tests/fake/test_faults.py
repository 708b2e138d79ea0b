"""Failures and delays on demand."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.fake.asking import (
    call,
    new_access,
    refresh,
    revoke,
    token_request,
    works,
)


def test_the_next_request_fails_and_the_one_after_works(fake):
    """The failed one costs nothing of the quota."""
    fake.fail("token")

    assert refresh(fake).status == 503
    assert all("access_token" in refresh(fake).json() for _ in range(10))


def test_failures_come_in_the_order_in_which_they_were_asked_for(fake):
    """Each as often as it was asked for, with its own headers and body."""
    fake.fail("token", status=500, times=2)
    fake.fail("token", status=429, headers={"Retry-After": "1"}, body="{}")

    replies = [refresh(fake) for _ in range(4)]

    assert [reply.status for reply in replies] == [500, 500, 429, 200]
    assert replies[0].header("Content-Type") == "text/html;charset=UTF-8"
    assert replies[2].header("Retry-After") == "1"
    assert replies[2].body == b"{}"


def test_a_failure_can_have_another_content_type(fake):
    """Once, however it is spelled, and in its usual place."""
    fake.fail("token", headers={"content-type": "text/plain", "Retry-After": 1})

    reply = refresh(fake)

    names = [name.lower() for name, _ in reply.headers]
    assert names.count("content-type") == 1
    assert reply.headers[2] == ("Content-Type", "text/plain")
    assert reply.headers[-1] == ("Retry-After", "1")


def test_each_endpoint_fails_for_itself(fake):
    """The token endpoint, the revocation endpoint and the API."""
    token = new_access(fake)
    for endpoint, status in (("token", 500), ("revoke", 502), ("api", 504)):
        fake.fail(endpoint, status=status)

    assert call(fake, "/table", token).status == 504
    assert works(fake, token)
    assert revoke(fake, token).status == 502
    assert revoke(fake, token).status == 200
    assert refresh(fake).status == 500


def test_all_failures_and_delays_can_be_ended(fake):
    """By one call."""
    fake.fail("token", times=5)
    fake.slow("token", seconds=3600)

    fake.heal()

    decision = fake.decide(token_request(fake.client))
    assert (decision.reply.status, decision.delay) == (200, 0)


def test_a_slow_endpoint_answers_all_the_same(fake):
    """The answer is made at once, and handed over later."""
    fake.slow("token", seconds=0.001)

    assert "access_token" in refresh(fake).json()
    assert fake.decide(token_request(fake.client)).delay == 0.001


@pytest.mark.parametrize("ask", ["fail", "slow"])
def test_an_unknown_endpoint_is_refused(fake, ask):
    """The error names those that there are."""
    arguments = {"seconds": 1} if ask == "slow" else {}

    with pytest.raises(SettingsError, match=r"'tokens'.*token.*revoke.*api"):
        getattr(fake, ask)("tokens", **arguments)


@pytest.mark.parametrize("status", [0, 100, 600])
def test_a_status_that_ends_no_request_is_refused(fake, status):
    """A client would wait for ever."""
    with pytest.raises(SettingsError, match=rf"status {status}: .*200 to 599"):
        fake.fail("token", status=status)


def test_a_negative_delay_is_refused(fake):
    """At once, not when the next request comes."""
    with pytest.raises(SettingsError, match=r"-1 seconds: cannot be waited for"):
        fake.slow("token", seconds=-1)
