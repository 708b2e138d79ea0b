"""Reading the token endpoint: every answer becomes a token or one of our errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import (
    HttpReply,
    ScopeSet,
    Secret,
    is_throttle,
    read_token,
)
from pytest_catalyst_oauth.engine._reply import read_revocation
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    OAuthError,
    RefusedError,
    ReplyError,
    ThrottledError,
)
from tests.engine.doubles import START, THROTTLED, token_reply

ACCESS = "1000.invented-access"
NOON = datetime.fromtimestamp(START, UTC)
LEAKY = "1000.0badc0de0badc0de.0badc0de0badc0de"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["Bearer", "failure", "success", "3600", ACCESS, "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)
answers = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        "access_token refresh_token scope api_domain token_type expires_in "
        "expires_in_sec error error_description status".split(),
        json_values,
    ),
)
bodies = st.binary() | (answers | json_values).map(lambda v: json.dumps(v).encode())


def read(reply, **more):
    return read_token(reply, asked_at=START, **more)


def life(**fields):
    token = read(token_reply(ACCESS, **fields))
    return (token.expires_at - NOON).total_seconds()


def test_a_token_reply_is_read():
    """All that the server says ends up in the token."""
    token = read(token_reply(ACCESS, refresh_token="1000.invented-refresh"))

    assert token.access_token == Secret(ACCESS)
    assert token.refresh_token == Secret("1000.invented-refresh")
    assert token.expires_at == NOON + timedelta(hours=1)
    assert token.scope == ScopeSet.parse("ZohoCatalyst.tables.rows.READ")
    assert token.api_domain == "https://www.zohoapis.eu"
    assert token.authorization == f"Zoho-oauthtoken {ACCESS}"


def test_freshness_has_a_leeway():
    """A token that ends within the leeway counts as stale."""
    token = read(token_reply(ACCESS))

    assert token.is_fresh(NOON + timedelta(minutes=59))
    assert not token.is_fresh(NOON + timedelta(minutes=59, seconds=30))
    assert token.is_fresh(NOON + timedelta(minutes=59, seconds=30), leeway=timedelta())


@pytest.mark.parametrize("missing", ["scope", "api_domain", "token_type"])
def test_what_old_replies_lack_is_not_needed(missing):
    """Recorded replies lack these fields; the token works without them."""
    answer = token_reply(ACCESS).json()
    del answer[missing]

    token = read(HttpReply.of_json(200, answer))

    assert token.access_token == Secret(ACCESS)
    assert not (token.scope if missing == "scope" else None)


@pytest.mark.parametrize("brought", [{}, {"refresh_token": ""}, {"refresh_token": 7}])
def test_a_refresh_token_that_is_not_repeated_is_kept(brought):
    """Zoho's answer to a refresh never names the refresh token again."""
    known = Secret("1000.invented-refresh")

    token = read(token_reply(ACCESS, **brought), refresh_token=known)

    assert token.refresh_token == known


def test_a_new_refresh_token_replaces_the_old_one():
    """Should the server rotate it, the new one is the one that works."""
    reply = token_reply(ACCESS, refresh_token="1000.invented-new")

    token = read(reply, refresh_token=Secret("1000.invented-old"))

    assert token.refresh_token == Secret("1000.invented-new")


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"expires_in": 3600}, 3600),
        ({"expires_in": "3600"}, 3600),
        ({"expires_in": 3600.5}, 3600.5),
        ({"expires_in": 3_600_000}, 3600),
        ({"expires_in": 3_600_000, "expires_in_sec": 3600}, 3600),
        ({"expires_in": 3600, "expires_in_sec": 1800}, 1800),
        ({"expires_in": 3600, "expires_in_sec": None}, 3600),
        ({"expires_in": 86_400}, 86_400),
        ({"expires_in": 10**400}, 3600),
        ({"expires_in": 1e300}, 86_400),
        ({"expires_in": float("inf")}, 86_400),
        ({"expires_in": float("nan")}, 3600),
        ({"expires_in": -1}, 0),
        ({"expires_in": 0}, 0),
        ({"expires_in": None}, 3600),
        ({"expires_in": True}, 3600),
        ({"expires_in": "soon"}, 3600),
        ({"expires_in": []}, 3600),
    ],
)
def test_the_life_is_read_in_every_unit(fields, seconds):
    """Seconds, text, or the milliseconds of old replies: the life is the same."""
    assert life(**fields) == seconds


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("invalid_client", RefusedError),
        ("invalid_client_secret", RefusedError),
        ("invalid_redirect_uri", RefusedError),
        ("missing_org_info", RefusedError),
        ("invalid_code", LoginNeededError),
        ("invalid_grant", LoginNeededError),
        ("never heard of", RefusedError),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_an_error_is_read_under_every_status(error, kind, status):
    """Zoho says no with HTTP 200, so the body decides."""
    with pytest.raises(RefusedError) as caught:
        read(HttpReply.of_json(status, {"error": error}))

    assert type(caught.value) is kind
    assert (caught.value.error, caught.value.status) == (error, status)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500, 503])
@pytest.mark.parametrize(
    ("error", "detail"),
    [
        ("Access Denied", "You have made too many requests continuously."),
        ("访问被拒绝", "您连续发出的请求过多。请稍后再试。"),
    ],
)
def test_the_throttle_is_known_by_its_shape(status, error, detail):
    """Its texts are localized and its status varies."""
    answer = {"error_description": detail, "error": error, "status": "failure"}

    with pytest.raises(ThrottledError, match="wait ten minutes") as caught:
        read(HttpReply.of_json(status, answer))

    assert is_throttle(answer)
    assert caught.value.detail == detail
    assert caught.value.status == status


@pytest.mark.parametrize(
    "answer",
    [
        {"error": "invalid_code"},
        {"error": "x", "error_description": "y"},
        {"status": "failure", "error": "x"},
        {"status": "failure", "error_description": "y"},
        ["status", "error", "error_description"],
        None,
    ],
)
def test_other_errors_are_no_throttle(answer):
    """Only the throttle has all three fields."""
    assert not is_throttle(answer)


@pytest.mark.parametrize("body", [b"", b"<html>slow down</html>", b'{"error":"busy"}'])
def test_a_429_is_the_throttle_whatever_it_brings(body):
    """Asking again is what the status forbids (RFC 6585, section 4)."""
    with pytest.raises(ThrottledError):
        read(HttpReply(status=429, body=body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>404</title></html>",
        b"null",
        b"[]",
        b'"access_token"',
        b"{}",
        b'{"access_token":""}',
        b'{"access_token":null}',
        b'{"access_token":7}',
        b'{"access_token":"a\\r\\nb"}',
        b'{"access_token":"\\ud800"}',
        '{"access_token":"töken"}'.encode(),
        b'{"access_token":"a b"}',
        b'{"access_token":"x","token_type":"mac"}',
    ],
)
@pytest.mark.parametrize("status", [200, 404, 502])
def test_anything_else_is_an_unusable_answer(body, status):
    """A proxy's page, half an answer, or a token that no header can carry."""
    with pytest.raises(ReplyError, match=f"HTTP {status}") as caught:
        read(HttpReply(status=status, body=body))

    assert "<html>" not in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_server_is_not_a_refusal(status):
    """A gateway that writes `error` into its JSON still says nothing about us."""
    with pytest.raises(ReplyError, match="server error"):
        read(HttpReply.of_json(status, {"error": "Service Unavailable"}))


def test_a_token_under_an_error_status_is_none():
    """A body that contradicts its status is not trusted."""
    with pytest.raises(ReplyError):
        read(HttpReply(status=400, body=token_reply(ACCESS).body))


@pytest.mark.parametrize("field", ["error", "error_description"])
def test_an_echoed_token_is_not_passed_on(field):
    """Servers repeat what they were sent; messages and stores must not."""
    answer = {"error": "invalid_code", field: f"no such token: {LEAKY}!"}

    with pytest.raises(RefusedError) as caught:
        read(HttpReply.of_json(200, answer))

    assert "0badc0de" not in f"{caught.value} {caught.value.args}"
    assert "no such token: •••!" in str(caught.value)


def test_a_server_cannot_write_to_a_terminal():
    """Control characters and endless texts do not reach the message."""
    answer = {"error": "\x1b[31mred\r\n" + "x " * 500, "error_description": "\ud800"}

    with pytest.raises(RefusedError) as caught:
        read(HttpReply(status=200, body=json.dumps(answer).encode()))

    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@given(bodies, st.integers(min_value=100, max_value=599))
@example(b'{"access_token":"x","expires_in":1e999}', 200)
@example(b'{"access_token":"x","refresh_token":"\\ud800"}', 200)
@example(b'{"access_token":"x","api_domain":"\\ud800"}', 200)
@example(b'{"error":"\\ud800"}', 200)
def test_any_answer_becomes_a_token_or_an_error(body, status):
    """Never another exception, never a life of less than nothing or more than a day.

    What is read can also be written: to a header, a store, a terminal.
    """
    try:
        token = read(HttpReply(status=status, body=body))
    except OAuthError as error:
        str(error).encode()
        return

    assert timedelta() <= token.expires_at - NOON <= timedelta(days=1)
    token.authorization.encode("ascii")
    json.dumps([str(token.scope), token.api_domain], ensure_ascii=False).encode()
    if token.refresh_token is not None:
        token.refresh_token.reveal().encode("ascii")


@given(bodies, st.integers(min_value=100, max_value=599))
def test_any_answer_to_a_revocation_is_read(body, status):
    """Revoked, gone already, or one of our errors."""
    try:
        revoked = read_revocation(HttpReply(status=status, body=body))
    except OAuthError:
        return

    assert isinstance(revoked, bool)


@pytest.mark.parametrize(
    ("reply", "revoked"),
    [
        (HttpReply.of_json(200, {"status": "success"}), True),
        (HttpReply(status=400), False),
        (HttpReply.of_json(400, {"error": "invalid_token"}), False),
        (HttpReply.of_json(200, {"error": "invalid_code"}), False),
    ],
)
def test_a_token_that_is_gone_already_is_no_error(reply, revoked):
    """Giving up twice is as good as once."""
    assert read_revocation(reply) is revoked


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (THROTTLED, ThrottledError),
        (HttpReply.of_json(200, {"error": "invalid_client"}), RefusedError),
        (HttpReply.of_json(200, {"status": "failure"}), ReplyError),
        (HttpReply.of_json(200, {}), ReplyError),
        (HttpReply.of_json(503, {"status": "success"}), ReplyError),
        (HttpReply(status=200, body=b"<html>"), ReplyError),
    ],
)
def test_a_revocation_that_is_not_confirmed_is_an_error(reply, kind):
    """Nobody is told that a token is dead while it may live."""
    with pytest.raises(OAuthError) as caught:
        read_revocation(reply)

    assert type(caught.value) is kind
