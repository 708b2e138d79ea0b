"""The device flow: the device, its person, and what passes between them."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import ClientKind, DataCenter, HttpRequest, Secret
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    RefusedError,
    SettingsError,
)
from pytest_catalyst_oauth.engine.grants import (
    DeviceLogin,
    DevicePolling,
    device_code_request,
    read_device_code,
)
from tests.fake.asking import refresh, token_request, works
from tests.fake.browsing import SCOPE, get, press, title

PAGE = "https://accounts.zoho.com/oauth/v3/device"
URN = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def strict(new_fake):
    return new_fake(profile="strict")


def device_client(fake):
    return fake.register_client(kind=ClientKind.DEVICE)


def start(fake, client):
    return fake.send(device_code_request(client, SCOPE)).json()


def poll(fake, client, code, grant_type="device_token", name="code", host=None):
    base = host or client.data_center.accounts_url
    fields = [
        ("grant_type", grant_type),
        (name, code),
        ("client_id", client.client_id),
        ("client_secret", client.client_secret),
    ]
    return fake.send(HttpRequest.post_form(f"{base}/oauth/v3/device/token", fields))


def type_in(fake, user_code):
    return fake.send(HttpRequest.post_form(PAGE, [("user_code", user_code)]))


def polling(fake, clock):
    client = device_client(fake)
    reply = fake.send(device_code_request(client, SCOPE))
    device = read_device_code(reply, asked_at=clock(), home=client.data_center)
    return DevicePolling.start(client, device, now=clock())


def follow(fake, clock, step):
    """Poll when it is due, once."""
    clock.advance(seconds=max(0, step.wait_until - clock()))
    return step.read(fake.send(step.request()), asked_at=clock(), now=clock())


def test_a_device_is_told_in_milliseconds(fake):
    """Members, their order and their unit are Zoho's."""
    answer = start(fake, device_client(fake))

    assert list(answer) == [
        "user_code",
        "device_code",
        "interval",
        "verification_uri_complete",
        "expires_in",
        "verification_url",
    ]
    assert (answer["interval"], answer["expires_in"]) == (30_000, 300_000)
    assert answer["verification_url"] == PAGE
    assert answer["verification_uri_complete"] == (
        f"{PAGE}/setCode?devcode={answer['user_code']}"
    )
    assert answer["device_code"].startswith("1004.fa4e")


def test_the_engine_follows_a_login_to_its_end(fake, clock):
    """Pending, then tokens that work; a device always gets a refresh token."""
    step = polling(fake, clock)

    step = follow(fake, clock, step)
    fake.approve_device(step.device.user_code.lower())
    login = follow(fake, clock, step)

    assert isinstance(login, DeviceLogin)
    assert works(fake, login.token.access_token)
    reply = refresh(fake, login.token.refresh_token, client=step.client)
    assert "access_token" in reply.json()


def test_the_engine_hears_that_a_person_refused(fake, clock):
    """`access_denied`, and there is nothing left to poll for."""
    step = polling(fake, clock)
    fake.deny_device(step.device.user_code)

    with pytest.raises(RefusedError) as caught:
        follow(fake, clock, step)

    assert caught.value.error == "access_denied"


def test_the_engine_hears_that_the_codes_ended(fake, clock):
    """After five minutes; a person who confirms then is too late."""
    step = polling(fake, clock)
    clock.advance(minutes=5)

    with pytest.raises(SettingsError, match="of no device that waits"):
        fake.approve_device(step.device.user_code)
    with pytest.raises(LoginNeededError) as caught:
        follow(fake, clock, step)
    assert caught.value.error == "expired"


def test_a_device_of_another_data_centre_goes_on_there(fake, clock):
    """With the same code; both tokens work there."""
    step, eve = polling(fake, clock), fake.add_user("Eve", location="eu")
    fake.enable(step.client, "eu")
    fake.approve_device(step.device.user_code, user=eve)

    step = follow(fake, clock, step)
    login = follow(fake, clock, step)

    assert step.client.data_center == DataCenter.parse("eu")
    assert login.data_center == DataCenter.parse("eu")
    assert login.token.api_domain == "https://www.zohoapis.eu"


def test_who_asks_on_at_home_is_sent_abroad_each_time(fake, clock):
    """The answer reads as documented."""
    client, eve = device_client(fake), fake.add_user("Eve", location="eu")
    answer = start(fake, client)
    fake.approve_device(answer["user_code"], user=eve)

    for _ in range(2):
        reply = poll(fake, client, answer["device_code"])
        assert reply.body == b'{"user_location":"eu","error":"other_dc"}'


@pytest.mark.parametrize(
    "kind", [kind for kind in ClientKind if kind is not ClientKind.DEVICE]
)
def test_only_devices_may_start(fake, kind):
    """Every other kind of client is unknown here."""
    client = fake.register_client(kind=kind)

    assert start(fake, client) == {"error": "invalid_client"}


def test_only_devices_may_poll(fake):
    """A code of one client is none of another; other kinds have none."""
    client, other = device_client(fake), device_client(fake)
    code = start(fake, client)["device_code"]

    assert poll(fake, other, code).json() == {"error": "invalid_code"}
    assert poll(fake, fake.client, code).json() == {"error": "invalid_client"}


def test_two_polls_within_the_interval_are_too_many(fake, clock):
    """`slow_down`; but one that comes too early puts off no later one."""
    client = device_client(fake)
    code = start(fake, client)["device_code"]
    answers = []
    for _ in range(4):
        answers.append(poll(fake, client, code).json()["error"])
        clock.advance(seconds=15)

    pending, slow = "authorization_pending", "slow_down"
    assert answers == [pending, slow, pending, slow]


def test_a_device_that_never_slows_down_gets_its_token(fake, clock):
    """Zoho's own command line asks every two seconds."""
    client = device_client(fake)
    answer = start(fake, client)
    poll(fake, client, answer["device_code"])
    fake.approve_device(answer["user_code"])
    for _ in range(15):
        clock.advance(seconds=2)
        reply = poll(fake, client, answer["device_code"])

    assert "access_token" in reply.json()


def test_a_device_code_works_once(fake, clock):
    """Whoever reads it afterwards has nothing."""
    client = device_client(fake)
    answer = start(fake, client)
    fake.approve_device(answer["user_code"])

    assert "refresh_token" in poll(fake, client, answer["device_code"]).json()
    clock.advance(seconds=30)
    reply = poll(fake, client, answer["device_code"])
    assert reply.json() == {"error": "invalid_code"}


def test_errors_are_200(fake):
    """As the token endpoint's are."""
    client = device_client(fake)

    reply = poll(fake, client, start(fake, client)["device_code"])

    assert (reply.status, reply.body) == (200, b'{"error":"authorization_pending"}')


@pytest.mark.parametrize("shown", [str, str.lower, lambda code: code.replace("-", " ")])
def test_a_person_types_in_the_code(fake, shown):
    """Case and punctuation do not matter; then the scopes are shown."""
    client = device_client(fake)
    answer = start(fake, client)

    page = type_in(fake, shown(answer["user_code"]))

    assert title(page) == "Do you agree?"
    assert f"shows {answer['user_code']}" in page.body.decode()
    assert title(press(fake, page)) == "Device allowed"
    assert "access_token" in poll(fake, client, answer["device_code"]).json()


def test_a_person_opens_the_complete_address(fake):
    """There is nothing to type, but still something to compare."""
    client = device_client(fake)
    answer = start(fake, client)

    page = get(fake, answer["verification_uri_complete"])

    assert f"shows {answer['user_code']}" in page.body.decode()
    assert title(press(fake, page, "reject")) == "Device denied"
    reply = poll(fake, client, answer["device_code"])
    assert reply.json() == {"error": "access_denied"}


def test_opening_the_page_allows_nothing(fake):
    """Neither a link nor a typed code is a yes."""
    client = device_client(fake)
    answer = start(fake, client)

    assert title(get(fake, PAGE)) == "Connect a device"
    get(fake, answer["verification_uri_complete"])
    type_in(fake, answer["user_code"])

    reply = poll(fake, client, answer["device_code"])
    assert reply.json() == {"error": "authorization_pending"}


def test_wrong_codes_are_counted(fake, clock):
    """After five of them even the right one has to wait: RFC 8628, section 5.1."""
    client = device_client(fake)
    for _ in range(5):
        page = type_in(fake, "AAAA-0000")
        assert "No device shows this code." in page.body.decode()
    answer = start(fake, client)

    page = type_in(fake, answer["user_code"])
    assert (page.status, title(page)) == (429, "Too Many Wrong Codes")
    linked = get(fake, answer["verification_uri_complete"])
    assert title(linked) == "Too Many Wrong Codes"

    clock.advance(minutes=5)
    answer = start(fake, client)
    assert title(type_in(fake, answer["user_code"])) == "Do you agree?"


def test_a_wrong_code_is_shown_to_be_corrected_and_escaped(fake):
    """The field keeps it; the page is not written by it."""
    text = type_in(fake, '"><script>x').body.decode()

    assert "<script" not in text
    assert 'role="alert"' in text


def test_an_answered_page_cannot_be_answered_otherwise(fake):
    """Whoever was asked twice has answered once."""
    answer = start(fake, device_client(fake))
    first, second = (type_in(fake, answer["user_code"]) for _ in range(2))
    press(fake, first, "reject")

    assert title(press(fake, second)) == "Invalid Code"


def test_a_page_that_was_open_too_long_allows_nothing(fake, clock):
    """The device has given up by then."""
    answer = start(fake, device_client(fake))
    page = type_in(fake, answer["user_code"])
    clock.advance(minutes=5)

    assert title(press(fake, page)) == "Invalid Code"
    assert title(get(fake, answer["verification_uri_complete"])) == "Invalid Code"


def test_user_codes_differ(fake):
    """Two devices that wait at once are told apart."""
    client = device_client(fake)

    codes = {start(fake, client)["user_code"] for _ in range(50)}

    assert len(codes) == 50


@pytest.mark.parametrize("path", ["code", "token"])
def test_devices_post(fake, path):
    """Nothing secret belongs into an address."""
    assert get(fake, f"{PAGE}/{path}").status == 405


def test_strict_speaks_as_the_standard_does(strict):
    """Names and seconds of RFC 8628, section 3.2; no grant type starts it."""
    client = device_client(strict)
    request = HttpRequest.post_form(
        f"{PAGE}/code", [("client_id", client.client_id), ("scope", str(SCOPE))]
    )

    answer = strict.send(request).json()

    assert (answer["interval"], answer["expires_in"]) == (30, 300)
    assert answer["verification_uri"] == PAGE
    assert answer["user_code"] in answer["verification_uri_complete"]


def test_strict_takes_the_standard_grant(strict, clock):
    """And its words: RFC 8628, sections 3.4 and 3.5."""
    client = device_client(strict)
    code = Secret(start(strict, client)["device_code"])

    def ask():
        return poll(strict, client, code, URN, "device_code").json()

    assert ask()["error"] == "authorization_pending"
    assert ask()["error"] == "slow_down"
    clock.advance(seconds=30)
    # Each `slow_down` adds five seconds for good.
    assert ask()["error"] == "slow_down"
    clock.advance(minutes=5)
    assert ask()["error"] == "expired_token"
    assert ask()["error"] == "invalid_grant"


def test_strict_takes_the_standard_grant_at_the_token_endpoint(strict):
    """Where RFC 8628, section 3.4, has it; Zoho does not know it there."""
    client = device_client(strict)
    answer = start(strict, client)
    strict.approve_device(answer["user_code"])

    reply = strict.send(
        token_request(client, grant_type=URN, device_code=answer["device_code"])
    )

    assert reply.status == 200
    assert "refresh_token" in reply.json()


def test_devices_that_never_come_back_do_not_fill_the_memory(fake):
    """The oldest of very many is forgotten; a new one always works."""
    client = device_client(fake)
    oldest = start(fake, client)
    for _ in range(1000):
        newest = start(fake, client)

    reply = poll(fake, client, oldest["device_code"])
    assert reply.json() == {"error": "invalid_code"}
    reply = poll(fake, client, newest["device_code"])
    assert reply.json() == {"error": "authorization_pending"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "1000.INVENTED"}, "invalid_client"),
        ({"client_secret": "invented"}, "invalid_client_secret"),
        ({}, "general_error"),
    ],
)
def test_a_poll_is_read_from_the_client_on(fake, change, error):
    """Id, secret, then what is asked for: as at the token endpoint."""
    client = device_client(fake)
    fields = {
        "client_id": client.client_id,
        "client_secret": client.client_secret.reveal(),
        "grant_type": "invented",
        **change,
    }
    url = f"{client.data_center.accounts_url}/oauth/v3/device/token"

    reply = fake.send(HttpRequest.post_form(url, fields.items()))

    assert (reply.status, reply.json()) == (200, {"error": error})
