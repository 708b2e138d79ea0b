"""Failures and delays on demand."""

from __future__ import annotations

from contextlib import suppress

import pytest

from pytest_catalyst_oauth.engine.errors import SettingsError, TransportError
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


def test_a_failure_lasts_until_it_is_ended(fake):
    """If it is told no number of times; `*` means every endpoint."""
    token = new_access(fake)
    fake.fail("*", times=None)

    assert [refresh(fake).status for _ in range(3)] == [503] * 3
    assert (call(fake, "/table", token).status, revoke(fake, token).status) == (
        503,
        503,
    )

    fake.heal()
    assert works(fake, token)


def test_chance_is_the_same_in_every_run_with_a_seed(new_fake):
    """Another seed fails other requests; about half of them all the same."""

    def struck(seed):
        fake = new_fake(token_requests=1000)
        fake.fail("token", times=None, chance=0.5, seed=seed)
        return [refresh(fake).status == 503 for _ in range(60)]

    assert struck(1) == struck(1) != struck(2)
    assert 15 < sum(struck(1)) < 45


def test_a_revoked_token_dies_before_its_request(fake):
    """The refresh token of a refresh, the access token of a call."""
    token = new_access(fake, "ZohoCatalyst.tables.rows.READ")
    fake.fail("api", fault="revoked")
    fake.fail("token", fault="revoked")

    assert call(fake, "/table/Guests/row", token).status == 401
    assert refresh(fake).json() == {"error": "invalid_code"}
    assert refresh(fake).json() == {"error": "invalid_code"}


def test_the_throttles_answer_is_zohos(new_fake):
    """With the status of the settings; nothing is issued."""
    fake = new_fake(throttle_status=200)
    fake.fail("token", fault="throttle")

    reply = refresh(fake)

    assert (reply.status, reply.json()["error"]) == (200, "Access Denied")
    assert "access_token" in refresh(fake).json()


def test_the_date_can_be_wrong(fake):
    """By an hour, unless another number of seconds is given."""
    fake.fail("token", fault="clock_skew")
    fake.fail("token", fault="clock_skew", seconds=-60)

    dates = [refresh(fake).header("Date") for _ in range(3)]

    assert [date[-12:-4] for date in dates] == ["09:00:00", "07:59:00", "08:00:00"]


@pytest.mark.parametrize(
    ("fault", "outcome", "status"),
    [
        ("reset_before", "reset_before", None),
        ("reset_after", "reset_after: access token issued", None),
        ("timeout", "timeout", None),
        ("truncated", "truncated: access token issued", 200),
        ("malformed", "malformed: access token issued", 200),
        ("html", "html: not JSON", 200),
        ("throttle", "throttle: Access Denied", 400),
        ("revoked", "revoked: invalid_code", 200),
        ("status", "not JSON", 503),
    ],
)
def test_the_journal_names_the_fault(fake, fault, outcome, status):
    """And what had come of the request, also if the client never heard."""
    fake.fail("token", fault=fault)

    with suppress(TransportError):
        refresh(fake)

    assert [(one.status, one.outcome) for one in fake.journal] == [(status, outcome)]


@pytest.mark.parametrize(
    "fault", ["reset_before", "reset_after", "timeout", "truncated"]
)
def test_an_engine_is_told_that_the_request_may_have_arrived(fake, fault):
    """It cannot know; so a code is not sent again, and a refresh is."""
    fake.fail("token", fault=fault)

    with pytest.raises(TransportError) as caught:
        refresh(fake)

    assert caught.value.sent
    assert "access_token" in refresh(fake).json()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"fault": "meltdown"}, r"'meltdown'.*unknown.*reset_after"),
        ({"times": 0}, r"times 0.*heal"),
        ({"chance": 0}, r"chance 0.*above 0"),
        ({"chance": 1.5}, r"chance 1.5.*at most 1"),
        ({"fault": "latency", "seconds": -1}, r"-1 seconds"),
    ],
    ids=["kind", "times", "never", "too likely", "time"],
)
def test_a_fault_that_cannot_be_is_refused(fake, arguments, words):
    """At once, in words."""
    with pytest.raises(SettingsError, match=words):
        fake.fail("token", **arguments)


@pytest.mark.parametrize("name", ["", "a b", "X:", "X\r\nY", "\u00e4", "X\x00", "(x)"])
def test_a_header_that_has_no_name_is_refused(fake, name):
    """Nobody could read it. Source: RFC 9110, section 5.1."""
    with pytest.raises(SettingsError, match=r"^header '.*': has a name that cannot"):
        fake.fail("token", headers={name: "y"})


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\n", "\r", "\x00", "\x7f", "\u20ac"])
def test_a_header_that_cannot_be_written_is_refused(fake, value):
    """A line break would start another one. Source: RFC 9110, section 5.5."""
    with pytest.raises(SettingsError, match=r"^header 'X-Note': has a value that cann"):
        fake.fail("token", headers={"X-Note": value})


@pytest.mark.parametrize(
    "name", ["Content-Length", "transfer-encoding", "CONNECTION", "Upgrade", "Trailer"]
)
def test_a_header_that_frames_the_answer_is_refused(fake, name):
    """A second one would break the answers after it; the error tells the fault."""
    with pytest.raises(SettingsError, match=rf"^header '{name}': .*truncated"):
        fake.fail("token", headers={name: "1"})


@pytest.mark.parametrize("value", ["\t a", "caf\u00e9", "", 7])
def test_all_other_headers_are_sent(fake, value):
    """As they were given."""
    fake.fail("token", headers={"X-Note": value})

    assert refresh(fake).header("X-Note") == str(value)


@pytest.mark.parametrize("seconds", [1e18, float("nan"), float("inf"), -1, 86_401])
@pytest.mark.parametrize("fault", ["latency", "drip", "status"])
def test_a_time_that_nobody_waits_for_is_refused(fake, fault, seconds):
    """At once; the server would break when it waits. A day is the most."""
    words = r"seconds: cannot be waited for; choose 0 to 86400"
    with pytest.raises(SettingsError, match=words):
        fake.fail("token", fault=fault, seconds=seconds)
    with pytest.raises(SettingsError, match=words):
        fake.slow("token", seconds=seconds)
    assert fake.state()["faults"] == []
    assert fake.state()["slow"] == {}


@pytest.mark.parametrize("seconds", [1e18, -1e18, float("nan"), float("-inf")])
def test_a_skew_without_a_date_is_refused(fake, seconds):
    """The Date of such an answer could not be written."""
    with pytest.raises(SettingsError, match=r"seconds: .*thirty years"):
        fake.fail("token", fault="clock_skew", seconds=seconds)


@pytest.mark.parametrize(
    "arguments",
    [{"body": "\ud800"}, {"chance": float("nan")}, {"times": 1.5}, {"status": 200.5}],
)
def test_what_cannot_be_sent_or_counted_is_refused(fake, arguments):
    """The error names the argument."""
    (name,) = arguments
    with pytest.raises(SettingsError, match=rf"^{name}\b"):
        fake.fail("token", **arguments)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_brings_none(fake, status):
    """A client would take it for the next answer. Source: RFC 9110, section 6.4.1."""
    fake.fail("token", status=status)

    reply = refresh(fake)

    assert (reply.body, reply.header("Content-Length")) == (b"", "0")


def test_a_negative_delay_is_refused(fake):
    """At once, not when the next request comes."""
    with pytest.raises(SettingsError, match=r"-1 seconds: cannot be waited for"):
        fake.slow("token", seconds=-1)
