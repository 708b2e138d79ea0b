"""The control of a fake over HTTP: what it does, and whom it lets."""

from __future__ import annotations

import json

import pytest

from pytest_catalyst_oauth.engine import ClientKind, HttpRequest, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.asking import exchange, new_access, refresh, works

HOST = "127.0.0.1:8080"


@pytest.fixture
def control(fake):
    return fake.open_control()


@pytest.fixture
def ask(fake, control):
    """Send a request to the control, as a program that has the token does."""

    def ask(method, path, value=None, **headers):
        given = {"Host": HOST, "Authorization": f"Bearer {control.token.reveal()}"}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        return fake.send(
            HttpRequest(
                method=method,
                url=f"http://{HOST}/.catalyst-oauth/{path}",
                headers=tuple((n, v) for n, v in given.items() if v is not None),
                body=b"" if value is None else json.dumps(value).encode(),
            )
        )

    return ask


def ok(reply):
    assert reply.status == 200, reply.body
    return reply.json()


def problem(reply):
    """What a refusal says. Source: RFC 9457, section 3."""
    assert reply.header("Content-Type") == "application/problem+json"
    told = reply.json()
    assert told.keys() == {"title", "status", "detail"}
    assert told["status"] == reply.status
    return reply.status, told["detail"]


def test_without_being_asked_for_there_is_no_control(fake):
    """The path is one like any other that Zoho does not have."""
    request = HttpRequest(method="GET", url=f"http://{HOST}/.catalyst-oauth/state")

    assert fake.send(request).status == 404
    assert len(fake.journal) == 1


def test_the_state_is_told(ask, fake):
    """As the handle in Python tells it."""
    assert ok(ask("GET", "state")) == fake.state()


def test_clients_codes_and_refresh_tokens_are_made(ask, fake):
    """And they work."""
    made = ok(ask("POST", "clients", {"redirect_uri": "https://app.example/callback"}))
    code = ok(ask("POST", "codes", {"client_id": made["client_id"]}))["code"]
    token = ok(
        ask("POST", "refresh-tokens", {"scopes": "ZohoCatalyst.tables.rows.READ"})
    )["refresh_token"]

    given = {"client_id": made["client_id"], "client_secret": made["client_secret"]}
    redirect = {"redirect_uri": made["redirect_uri"]}
    assert "refresh_token" in exchange(fake, Secret(code), **given, **redirect).json()
    assert refresh(fake, Secret(token)).json()["scope"] == (
        "ZohoCatalyst.tables.rows.READ"
    )


def test_the_clock_is_moved(ask, fake):
    """By seconds, or to a moment; so a token ends without waiting."""
    access = new_access(fake)

    assert ok(ask("POST", "clock", {"advance": 3600})) == {
        "now": "2027-01-15T09:00:00+00:00"
    }
    assert not works(fake, access)
    assert ok(ask("POST", "clock", {"to": "2027-01-15T08:00:00Z"})) == {
        "now": "2027-01-15T08:00:00+00:00"
    }


def test_faults_are_set_and_healed(ask, fake):
    """With the arguments of `fail` and `slow`."""
    fault = {"endpoint": "token", "status": 502, "times": 2, "headers": {"X": "y"}}

    assert ok(ask("POST", "faults", fault))["faults"] == [
        {"endpoint": "token", "fault": "status", "times": 2}
    ]
    assert refresh(fake).status == 502
    slow = ok(ask("POST", "slow", {"endpoint": "api", "seconds": 2.5}))
    assert slow == {"slow": {"api": 2.5}}
    ok(ask("DELETE", "faults"))
    assert refresh(fake).status == 200
    assert fake.state()["slow"] == {}


def test_the_journal_is_read_from_a_number_on_and_cleared(ask, fake):
    """The control's own requests are not in it, and no secret is."""
    refresh(fake)
    refresh(fake, client_id="1000.INVENTED")

    told = ok(ask("GET", "journal?after=1"))

    assert (told["total"], told["forgotten"], told["most_at_once"]) == (2, 0, 1)
    (one,) = told["exchanges"]
    assert (one["number"], one["outcome"]) == (2, "invalid_client")
    assert ["refresh_token", "•••"] in one["parameters"]
    ok(ask("DELETE", "journal"))
    assert ok(ask("GET", "journal"))["exchanges"] == []
    assert problem(ask("GET", "journal?after=x"))[0] == 422


def test_tokens_are_revoked_by_fingerprint_or_text(ask, fake):
    """The fingerprint is the one that the state tells."""
    access = new_access(fake)
    (mark,) = [
        one["fingerprint"] for one in fake.state()["tokens"] if one["kind"] == "access"
    ]

    assert ok(ask("POST", "revocations", {"fingerprint": mark})) == {"revoked": True}
    assert not works(fake, access)
    assert ok(ask("POST", "revocations", {"fingerprint": mark})) == {"revoked": False}
    token = fake.refresh_token.reveal()
    assert ok(ask("POST", "revocations", {"token": token})) == {"revoked": True}


@pytest.mark.parametrize(("answer", "outcome"), [("approve", True), ("deny", False)])
def test_devices_are_answered(ask, fake, answer, outcome):
    """As a person does who types in the code."""
    device = fake.register_client(kind=ClientKind.DEVICE)
    fields = {"grant_type": "device_request", "client_id": device.client_id}
    fields |= {"scope": "ZohoCatalyst.tables.rows.READ", "access_type": "offline"}
    url = f"{device.data_center.accounts_url}/oauth/v3/device/code"
    user_code = fake.send(HttpRequest.post_form(url, fields.items())).json()[
        "user_code"
    ]

    ok(ask("POST", "devices", {"user_code": user_code, "answer": answer}))

    (login,) = fake.state()["devices"]
    assert login["answer"] == ("approved" if outcome else "denied")


def test_it_is_seeded(ask, fake):
    """With a mapping in the form of a seed file."""
    ok(ask("POST", "seed", {"tables": {"Rooms": {"rows": [{"Name": "Attic"}]}}}))

    assert fake.state()["tables"]["Rooms"] == 1


@pytest.mark.parametrize(
    ("method", "path", "value", "status", "detail"),
    [
        ("GET", "nothing", None, 404, "there is state, seed, clients"),
        ("PUT", "clock", {}, 405, "there is POST"),
        ("POST", "clock", [], 400, "the body must be a JSON object"),
        ("POST", "clock", {"advnce": 1}, 422, "advnce: is unknown; did you mean"),
        ("POST", "clock", {"advance": "1"}, 422, "advance: must be a number, not a"),
        ("POST", "faults", {"endpoint": "x"}, 422, "endpoint 'x': is unknown"),
        ("POST", "slow", {"endpoint": "api"}, 422, "the seed: needs seconds"),
        ("POST", "codes", {"client_id": "x"}, 422, "client_id: is of no client"),
        ("POST", "seed", {"settings": {}}, 422, "settings: come too late"),
        ("POST", "clients", {"client_id": "a"}, 200, ""),
        (
            "POST",
            "devices",
            {"user_code": "x", "answer": "approve"},
            422,
            "user code: is of no device that waits",
        ),
    ],
)
def test_a_mistake_is_told(ask, method, path, value, status, detail):
    """As problem details, with what was expected."""
    reply = ask(method, path, value)

    if status == 200:
        ok(reply)
    else:
        found = problem(reply)
        assert found[0] == status
        assert found[1].startswith(detail)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "Bearer",
        "Bearer fa4e-another",
        "Basic fa4e-another",
    ],
)
def test_nobody_without_the_token_gets_in(ask, fake, given):
    """401 and the way to ask; nothing happens."""
    reply = ask("POST", "clock", {"advance": 60}, Authorization=given)

    assert problem(reply)[0] == 401
    assert reply.header("WWW-Authenticate") == "Bearer"
    assert fake.state()["now"] == "2027-01-15T08:00:00+00:00"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "accounts.zoho.com"},
        {"Host": "192.0.2.1:80"},
        {"Host": "["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
    ],
)
def test_pages_of_other_sites_are_kept_out(ask, headers):
    """Even with the token: against names that lead to 127.0.0.1, and cross requests."""
    assert problem(ask("GET", "state", **headers))[0] == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "[::1]:80", HOST])
def test_this_machine_has_several_names(ask, host):
    """All of them are loopback."""
    ok(ask("GET", "state", Host=host))


def test_over_a_socket_with_variables_for_programs():
    """The server names address and token; without being asked, it has neither."""
    with FakeServer(control=True) as server:
        env = server.env
        assert env["CATALYST_OAUTH_FAKE_CONTROL_URL"] == server.control_url
        assert server.control_url == f"{server.accounts_url}/.catalyst-oauth/"
        assert env["CATALYST_OAUTH_FAKE_CONTROL_TOKEN"] == server.control_token.reveal()
        assert "fa4e" not in repr(server.control_token)
    with FakeServer() as server:
        assert not [name for name in server.env if "CONTROL" in name]
        with pytest.raises(SettingsError, match="control=True"):
            server.control_page()


def test_faults_do_not_reach_the_control(ask, fake):
    """Or nobody could heal them."""
    fake.fail("*", times=None)

    ok(ask("DELETE", "faults"))

    assert refresh(fake).status == 200
