"""`DevicePolling`: what to ask next, and not before when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import DataCenter, HttpReply, Secret
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    OAuthError,
    RefusedError,
    ReplyError,
    ThrottledError,
)
from pytest_catalyst_oauth.engine.grants import DeviceCode, DeviceLogin, DevicePolling
from tests.engine.doubles import (
    NO_ANSWER,
    START,
    THROTTLED,
    UNREACHED,
    Server,
    StillClock,
    token_reply,
)
from tests.engine.grants.frames import shown
from tests.engine.grants.people import EU, SECRET, STAND_IN, US, client

DEVICE_CODE = "1004.invented-device-code"
ACCESS = "1000.invented-access"
REFRESH = "1000.invented-refresh"
DEVICE = DeviceCode(
    device_code=Secret(DEVICE_CODE),
    user_code="FAKE-1234",
    verification_url="https://accounts.zoho.com/oauth/v3/device",
    interval=30.0,
    expires_at=START + 300,
)
GRANTED = token_reply(ACCESS, refresh_token=REFRESH)


def said(error, status=200, **more):
    return HttpReply.of_json(status, {**more, "error": error})


PENDING = said("authorization_pending")
SLOW_DOWN = said("slow_down")


def waiting(data_center=US, device=DEVICE):
    return DevicePolling.start(client("device", data_center), device, now=START)


def follow(server, clock, polling):
    """Drive a polling to its end as a door would, without a moment of sleep."""
    times = []
    while isinstance(polling, DevicePolling):
        clock.now = max(clock.now, polling.wait_until)
        times.append(clock.now - START)
        try:
            reply = server.send(polling.request())
        except OAuthError as error:
            polling = polling.retry(error, now=clock.now)
        else:
            polling = polling.read(reply, asked_at=clock.now, now=clock.now)
    return polling, times


def polled(*answers, polling=None):
    server = Server(*answers)
    login, times = follow(server, StillClock(), polling or waiting())
    return login, times, server


def failed(*answers, kind=OAuthError, polling=None):
    server = Server(*answers, *[PENDING] * 50)
    with pytest.raises(kind) as caught:
        follow(server, StillClock(), polling or waiting())
    return caught.value, server


def test_a_poll_sends_exactly_its_fields():
    """Zoho's names for them; the code must not be sent again behind our back."""
    request = waiting().request()

    assert (request.method, request.url) == (
        "POST",
        "https://accounts.zoho.com/oauth/v3/device/token",
    )
    assert request.body == (
        b"grant_type=device_token&code=1004.invented-device-code"
        b"&client_id=1000.INVENTEDCLIENT&client_secret=invented-client-secret"
    )
    assert not request.replayable


def test_a_confirmed_login_is_a_token_and_its_data_centre():
    """The token of a poll lives for seconds, not for milliseconds."""
    login, times, _ = polled(PENDING, PENDING, GRANTED)

    assert times == [30, 60, 90]
    assert isinstance(login, DeviceLogin)
    assert login.data_center == US
    assert login.token.access_token == Secret(ACCESS)
    assert login.token.refresh_token == Secret(REFRESH)
    assert login.token.expires_at == datetime.fromtimestamp(
        START + 90, UTC
    ) + timedelta(hours=1)


def test_life_counts_from_the_request():
    """The server may have started counting then."""
    login = waiting().read(GRANTED, asked_at=START + 30, now=START + 45)

    assert login.token.expires_at.timestamp() == START + 30 + 3600


def test_slow_down_makes_all_later_polls_rarer():
    """Five seconds for good, each time: RFC 8628, section 3.5."""
    _, times, _ = polled(PENDING, SLOW_DOWN, PENDING, SLOW_DOWN, PENDING, GRANTED)

    assert times == [30, 60, 95, 130, 170, 210]


@pytest.mark.parametrize("reply", [SLOW_DOWN, said("slow_down", 400)])
def test_slow_down_ends_nothing(reply):
    """Zoho says it to its own command line all the time."""
    login, _, _ = polled(reply, GRANTED)

    assert login.token.access_token == Secret(ACCESS)


def test_the_standards_status_is_understood():
    """RFC 8628 has HTTP 400 where Zoho has 200."""
    login, times, _ = polled(said("authorization_pending", 400), GRANTED)

    assert times == [30, 60]
    assert isinstance(login, DeviceLogin)


@pytest.mark.parametrize("answer", [NO_ANSWER, UNREACHED, HttpReply(status=503)])
def test_polls_without_an_answer_get_rarer(answer):
    """Each pause is twice the one before, until somebody answers again."""
    long = replace(DEVICE, interval=5.0, expires_at=START + 1000)

    _, times, _ = polled(
        *(answer, answer, answer, PENDING, answer, GRANTED),
        polling=waiting(device=long),
    )

    assert times == [5, 15, 35, 75, 80, 90]


def test_a_long_pause_is_cut_at_the_end_of_the_codes():
    """The last chance to hear of a consent is not slept through."""
    _, times, _ = polled(NO_ANSWER, NO_ANSWER, NO_ANSWER, GRANTED)

    assert times == [30, 90, 210, 300]


@pytest.mark.parametrize(
    ("answer", "kind"), [(NO_ANSWER, type(NO_ANSWER)), (HttpReply(status=503),) * 2]
)
def test_a_network_that_never_answers_is_named_at_the_end(answer, kind):
    """Not as codes that ended: the network is what somebody can look after."""
    wanted = ReplyError if kind is answer else kind

    error, server = failed(*[answer] * 50, kind=wanted)

    assert type(error) is wanted
    assert len(server.asked) == 4


@pytest.mark.parametrize("word", ["expired", "expired_token"])
def test_codes_that_ended_need_a_new_login(word):
    """Zoho's word for it and the standard's."""
    error, server = failed(PENDING, said(word), kind=LoginNeededError)

    assert error.error == word
    assert "start the login again" in str(error)
    assert len(server.asked) == 2


def test_nobody_asks_after_the_deadline():
    """Even if the server says `pending` for ever."""
    error, server = failed(kind=LoginNeededError)

    assert (error.error, error.status) == ("expired", 0)
    assert len(server.asked) == 10


def test_a_person_may_say_no():
    """That ends the polling at once."""
    error, server = failed(said("access_denied"), kind=RefusedError)

    assert error.error == "access_denied"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (said("invalid_client"), RefusedError, "invalid_client"),
        (said("invalid_client_secret"), RefusedError, "invalid_client_secret"),
        (said("invalid_code"), LoginNeededError, "invalid_code"),
        (said("new_in_2031"), RefusedError, "new_in_2031"),
        (THROTTLED, ThrottledError, "Access Denied"),
    ],
)
def test_any_other_refusal_ends_the_polling(reply, kind, code):
    """Asking on would not change it."""
    error, server = failed(reply)

    assert type(error) is kind
    assert error.error == code
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        HttpReply(status=200, body=b"<html>"),
        HttpReply(status=404, body=b"<html>"),
        HttpReply.of_json(200, {}),
        token_reply(ACCESS, token_type="mac"),
    ],
)
def test_an_answer_that_is_none_ends_the_polling(reply):
    """Somebody else is listening there."""
    error, server = failed(reply, kind=ReplyError)

    assert len(server.asked) == 1
    assert ACCESS not in shown(error)


def test_a_person_who_lives_elsewhere_is_followed():
    """The same code, at the accounts server of the centre that was named."""
    moved = said("other_dc", user_location="eu")

    login, times, server = polled(PENDING, moved, PENDING, GRANTED)

    assert login.data_center == EU
    assert times == [30, 60, 90, 120]
    assert [request.origin for request in server.asked] == [
        *["https://accounts.zoho.com"] * 2,
        *["https://accounts.zoho.eu"] * 2,
    ]
    assert len({request.body for request in server.asked}) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"user_location": "mars"},
        {"user_location": "accounts.evil.example"},
        {"user_location": "https://evil.example"},
        {"user_location": None},
        {"user_location": ["eu"]},
        {"dc": "eu"},
    ],
)
def test_nobody_is_followed_to_a_stranger(more):
    """The code and the secret go to hosts of our own list only."""
    error, server = failed(said("other_dc", **more), kind=RefusedError)

    assert error.error == "other_dc"
    assert "is unknown" in str(error)
    assert "at the data centre where the user lives" in str(error)
    assert len(server.asked) == 1


def test_two_centres_that_point_at_each_other_end_with_the_codes():
    """Each of them costs an interval, so there is no endless loop."""
    there = [said("other_dc", user_location=one) for one in ("eu", "us") * 10]

    _, server = failed(*there, kind=LoginNeededError)

    assert len(server.asked) == 10


def test_a_stand_in_keeps_the_code():
    """A fake on this machine may play all of Zoho; nothing leaves it."""
    moved = said("other_dc", user_location="eu")

    login, _, server = polled(moved, GRANTED, polling=waiting(STAND_IN))

    assert login.data_center.location == "eu"
    assert {request.origin for request in server.asked} == {STAND_IN.accounts_url}


def test_nothing_of_it_shows_a_secret():
    """Neither the polling, nor the login, nor what is raised."""
    login, _, _ = polled(GRANTED)
    polling = waiting()
    secrets = (DEVICE_CODE, SECRET, ACCESS, REFRESH)
    errors = [
        failed(answer)[0]
        for answer in (
            NO_ANSWER,
            said("access_denied", leak=ACCESS),
            said("other_dc", user_location=f"{ACCESS}0badc0de0badc0de"),
            token_reply(ACCESS, token_type="mac"),
        )
    ]

    seen = f"{polling} {polling!r} {login} {login!r} {''.join(map(shown, errors))}"
    assert [one for one in secrets if one in seen] == []


HOSTS = {center.accounts_url for center in DataCenter.all()}
words = st.sampled_from(
    "authorization_pending slow_down other_dc expired access_denied odd".split()
)
places = st.sampled_from(["eu", "us", "mars", "https://evil.example", ""]) | st.text()
errors = st.builds(
    lambda word, place: {"error": word, "user_location": place}, words, places
)
odd = st.none() | st.integers() | st.text() | st.lists(errors, max_size=1)
replies = st.builds(
    lambda value, status: HttpReply(status=status, body=json.dumps(value).encode()),
    errors | errors | odd | st.just(GRANTED.json()),
    st.sampled_from([200, 200, 200, 400, 429, 503]),
) | st.builds(lambda body: HttpReply(status=200, body=body), st.binary())
happenings = st.lists(
    replies | st.sampled_from([NO_ANSWER, PENDING, PENDING, SLOW_DOWN]), max_size=30
)


@given(happenings, st.integers(1, 60))
def test_polls_are_never_too_early_too_late_or_for_a_stranger(answers, interval):
    """Whatever is answered: the gaps, the deadline and the hosts are kept."""
    device = replace(DEVICE, interval=float(interval))
    server, clock = Server(*answers, *[PENDING] * 400), StillClock()
    times = [START]
    send = server.send

    def noted(request):
        times.append(clock.now)
        return send(request)

    server.send = noted
    try:
        login, _ = follow(server, clock, waiting(device=device))
    except OAuthError:
        pass
    else:
        assert login.data_center.accounts_url in HOSTS

    assert all(after - before >= interval for before, after in pairwise(times))
    assert times[-1] <= device.expires_at
    assert {request.origin for request in server.asked} <= HOSTS
