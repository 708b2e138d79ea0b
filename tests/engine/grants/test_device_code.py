"""Starting the device flow: the request, and reading the codes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import DataCenter, HttpReply, ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import (
    OAuthError,
    RefusedError,
    ReplyError,
    SettingsError,
    ThrottledError,
)
from pytest_catalyst_oauth.engine.grants import device_code_request, read_device_code
from tests.engine.doubles import START, THROTTLED
from tests.engine.grants.frames import shown
from tests.engine.grants.people import EU, SCOPES, STAND_IN, US, client

DEVICE_CODE = "1004.invented-device-code"
# zoho-protocol.md 7: the order of the documentation, and milliseconds
ANSWER = {
    "user_code": "FAKE-1234",
    "device_code": DEVICE_CODE,
    "interval": 30000,
    "verification_uri_complete": (
        "https://accounts.zoho.eu/oauth/v3/device/setCode?devcode=FAKE-1234"
    ),
    "expires_in": 300000,
    "verification_url": "https://accounts.zoho.eu/oauth/v3/device",
}


def read(home=EU, **changes):
    answer = {**ANSWER, **changes}
    kept = {name: value for name, value in answer.items() if value is not ...}
    return read_device_code(HttpReply.of_json(200, kept), asked_at=START, home=home)


def test_the_request_sends_exactly_its_fields():
    """No secret is among them; the grant type is Zoho's own."""
    request = device_code_request(client("device"), SCOPES)

    assert (request.method, request.url) == (
        "POST",
        "https://accounts.zoho.com/oauth/v3/device/code",
    )
    assert request.body == (
        b"grant_type=device_request&client_id=1000.INVENTEDCLIENT"
        b"&scope=ZohoCatalyst.cache.READ%2CZohoCatalyst.tables.rows.READ"
        b"&access_type=offline&prompt=consent"
    )


def test_prompting_can_be_left_to_zoho():
    """Then the parameter is absent, not empty."""
    request = device_code_request(
        client("device"), SCOPES, access_type="online", prompt=None
    )

    assert request.body.endswith(b"&access_type=online")


def test_an_empty_scope_is_not_widened():
    """Asking for nothing must not mean asking for all."""
    with pytest.raises(SettingsError, match="scopes: are empty"):
        device_code_request(client("device"), ScopeSet())


def test_a_reply_is_read():
    """With Zoho's names and Zoho's milliseconds."""
    device = read()

    assert device.device_code == Secret(DEVICE_CODE)
    assert device.user_code == "FAKE-1234"
    assert device.verification_url == "https://accounts.zoho.eu/oauth/v3/device"
    assert device.verification_url_complete == ANSWER["verification_uri_complete"]
    assert device.interval == 30
    assert device.expires_at == START + 300


@pytest.mark.parametrize(
    ("interval", "expires_in", "seconds", "life"),
    [
        (30000, 300000, 30, 300),
        ("30000", "300000", 30, 300),
        (5, 1800, 5, 1800),
        (1, 60, 1, 60),
        (..., 1800, 5, 1800),
        (..., 300000, 5, 300),
        (30000, ..., 30, 300),
        (..., ..., 5, 300),
        (0, 0, 5, 300),
        (None, True, 5, 300),
        ("soon", [], 5, 300),
        (-5, -5, 1, 0),
        (10**9, 10**12, 600, 86_400),
    ],
)
def test_lifetimes_are_in_seconds(interval, expires_in, seconds, life):
    """Whether milliseconds, as Zoho's; seconds, as the standard's; or nonsense."""
    device = read(interval=interval, expires_in=expires_in)

    assert device.interval == seconds
    assert device.expires_at == START + life


def test_the_standards_name_is_understood_too():
    """`verification_uri`, where Zoho says `verification_url`."""
    url = "https://accounts.zoho.com/oauth/v3/device"

    assert read(verification_url=..., verification_uri=url).verification_url == url


def test_the_complete_address_is_not_needed():
    """RFC 8628, section 3.2: it is optional."""
    assert read(verification_uri_complete=...).verification_url_complete is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/oauth/v3/device",
        "https://accounts.zoho.eu.evil.example/device",
        "https://accounts.zoho.eu@evil.example/device",
        "https://evil.example\\@accounts.zoho.eu/device",
        "http://accounts.zoho.eu/oauth/v3/device",
        "https://accounts.zoho.eu:8443/device",
        "http://127.0.0.1:8025/device",
        "javascript:alert(1)",
        "//accounts.zoho.eu/device",
        "https://[::1",
        "",
        7,
        ...,
    ],
)
def test_nobody_is_sent_to_a_stranger(url):
    """A person types a code in there, and maybe a password."""
    with pytest.raises(ReplyError, match="verification URL is not one of Zoho's"):
        read(verification_url=url)

    assert read(verification_uri_complete=url).verification_url_complete is None


def test_a_stand_in_may_send_a_person_to_itself_or_to_zoho():
    """A fake on this machine answers either way."""
    own = f"{STAND_IN.accounts_url}/oauth/v3/device"

    assert read(STAND_IN, verification_url=own).verification_url == own
    assert read(STAND_IN).verification_url == ANSWER["verification_url"]


@pytest.mark.parametrize(
    ("reply", "kind", "match"),
    [
        (HttpReply.of_json(200, {"error": "invalid_client"}), RefusedError, "its type"),
        (HttpReply.of_json(400, {"error": "invalid_scope"}), RefusedError, "spelled"),
        (THROTTLED, ThrottledError, "wait ten minutes"),
        (HttpReply(status=502, body=b"<html>"), ReplyError, "server error"),
        (HttpReply(status=200, body=b"<html>"), ReplyError, "expected JSON"),
        (HttpReply.of_json(200, {}), ReplyError, "neither device_code nor error"),
        (HttpReply.of_json(404, ANSWER), ReplyError, "neither device_code nor error"),
    ],
)
def test_anything_else_is_one_of_our_errors(reply, kind, match):
    """And says what to do, where anybody knows."""
    with pytest.raises(kind, match=match) as caught:
        read_device_code(reply, asked_at=START, home=US)

    assert DEVICE_CODE not in shown(caught.value)


@pytest.mark.parametrize("name", ["device_code", "user_code"])
@pytest.mark.parametrize("value", [..., "", None, 7, "a b", "a\x1b[31m", "ä"])
def test_codes_are_texts_that_can_be_shown(name, value):
    """A person reads the one in a terminal, a form carries the other."""
    with pytest.raises(ReplyError, match="neither device_code nor error"):
        read(**{name: value})


def test_the_device_code_is_not_shown():
    """Nor is the complete address, which may carry it."""
    complete = f"https://accounts.zoho.eu/oauth/v3/device/setCode?devcode={DEVICE_CODE}"
    device = read(verification_uri_complete=complete)

    assert device.verification_url_complete == complete
    assert DEVICE_CODE not in f"{device} {device!r}"
    assert "FAKE-1234" in repr(device)


HOSTS = {center.accounts_url.removeprefix("https://") for center in DataCenter.all()}
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(
        ["https://evil.example/", "https://accounts.zoho.sa/x", "\ud800", *ANSWER]
    )
)
answers = st.builds(
    lambda changes, gone: {
        name: value for name, value in {**ANSWER, **changes}.items() if name not in gone
    },
    st.dictionaries(st.sampled_from([*ANSWER, "verification_uri", "error"]), values),
    st.sets(st.sampled_from(list(ANSWER)), max_size=1),
)
bodies = st.binary() | (answers | values).map(lambda v: json.dumps(v).encode())


@given(bodies, st.sampled_from([200, 200, 302, 400, 429, 500]))
def test_any_reply_is_a_code_or_one_of_our_errors(body, status):
    """There is no third way, no other host, and no time without end."""
    reply = HttpReply(status=status, body=body)
    try:
        device = read_device_code(reply, asked_at=START, home=EU)
    except OAuthError:
        return

    for url in (device.verification_url, device.verification_url_complete):
        assert url is None or url.split("/")[2] in HOSTS
    assert 1 <= device.interval <= 600
    assert START <= device.expires_at <= START + 86_400
