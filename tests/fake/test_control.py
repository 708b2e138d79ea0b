"""The control of a fake over HTTP: what it does, and whom it lets."""

from __future__ import annotations

import json

import pytest

from pytest_catalyst_oauth.engine import ClientKind, HttpRequest, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.asking import START, exchange, new_access, refresh, works

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
        ("POST", "clock", [], 400, "POST clock: must be a mapping, not a list"),
        ("POST", "clock", {}, 400, "POST clock: needs advance or to"),
        ("POST", "clock", {"advance": 1, "to": 0}, 400, "POST clock: needs advance or"),
        ("POST", "clock", {"advnce": 1}, 400, "POST clock, advnce: is unknown; did yo"),
        ("POST", "clock", {"advance": "1"}, 400, "POST clock, advance: must be a num"),
        ("POST", "clock", {"advance": True}, 400, "POST clock, advance: must be a num"),
        ("POST", "clock", {"advance": 1e18}, 400, "POST clock, advance: cannot leave"),
        ("POST", "clock", {"advance": 10**400}, 400, "POST clock, advance: is no numb"),
        (
            "POST",
            "clock",
            {"to": "9999-12-31"},
            400,
            "POST clock, to: cannot leave the",
        ),
        ("POST", "clock", {"to": 10**400}, 400, "POST clock, to: is no number that"),
        ("POST", "clock", {"to": "soon"}, 400, "POST clock, to: must be a moment"),
        (
            "POST",
            "faults",
            {"endpoint": "x"},
            400,
            "POST faults, endpoint: 'x' is unkn",
        ),
        ("POST", "faults", {}, 400, "POST faults: needs endpoint"),
        (
            "POST",
            "faults",
            {"endpoint": "api", "headers": {"Connection": "close"}},
            400,
            "POST faults: header 'Connection' is written by the server itself",
        ),
        ("POST", "slow", {"endpoint": "api"}, 400, "POST slow: needs seconds"),
        ("POST", "slow?a=b", {}, 400, "POST slow: takes no query"),
        ("POST", "codes", {"client_id": "x"}, 400, "POST codes, client_id: is of no c"),
        ("POST", "codes", {"scopes": []}, 400, "POST codes, scopes: is empty"),
        ("POST", "codes", {"offline": 1}, 400, "POST codes, offline: must be true or"),
        ("POST", "seed", {"settings": {}}, 400, "POST seed, settings: come too late"),
        ("POST", "seed", {"tables": 1}, 400, "POST seed, tables: must be a mapping"),
        ("POST", "clients", {"client_id": "a"}, 200, ""),
        ("POST", "clients", {"kind": "x"}, 400, "POST clients, kind: is no choice"),
        ("POST", "revocations", {}, 400, "POST revocations: needs fingerprint or tok"),
        (
            "POST",
            "revocations",
            {"fingerprint": "a", "token": "b"},
            400,
            "POST revocations: needs fingerprint or token",
        ),
        ("POST", "revocations", {"token": ""}, 400, "POST revocations, token: is empt"),
        ("POST", "revocations", {"token": []}, 400, "POST revocations, token: must be"),
        (
            "POST",
            "devices",
            {"user_code": "x", "answer": "approve"},
            400,
            "POST devices, user_code: is of no device that waits",
        ),
        (
            "POST",
            "devices",
            {"user_code": "x", "answer": "approve", "user": "x@example.com"},
            400,
            "POST devices, user: is nobody's email",
        ),
        ("GET", "state?x=1", None, 400, "GET state, x: is unknown"),
        ("GET", "journal?aftr=1", None, 400, "GET journal, aftr: is unknown; did you"),
        ("GET", "journal?after=x", None, 400, "GET journal, after: must be the number"),
        ("GET", "journal?after=", None, 400, "GET journal, after: is empty"),
        ("GET", f"journal?after={'9' * 5000}", None, 400, "GET journal, after: is lo"),
        ("GET", "journal?after=1&after=2", None, 400, "GET journal, after: is there t"),
        ("DELETE", "faults", {"endpoint": "api"}, 400, "DELETE faults: takes no body"),
    ],
)
def test_a_mistake_is_told(ask, fake, method, path, value, status, detail):
    """As problem details with resource and field; and nothing happens."""
    before = fake.state()

    reply = ask(method, path, value)

    if status == 200:
        ok(reply)
    else:
        found = problem(reply)
        assert (found[0], found[1][: len(detail)]) == (status, detail)
        assert fake.state() == before


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://a.example/x",
        "/callback",
        "shop.example/callback",
        "https:///callback",
        "https://",
        "https://shop.example/#part",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://shop.example:x/",
        "https://[::1/",
        "https://caf\u00e9.example/",
    ],
)
def test_an_address_that_no_browser_may_be_led_to_is_refused(ask, uri):
    """A redirect URI is absolute and has no fragment. Source: RFC 6749, 3.1.2."""
    for path, value in {
        "clients": {"redirect_uri": uri},
        "seed": {"clients": [{"redirect_uri": uri}]},
    }.items():
        status, detail = problem(ask("POST", path, value))

        assert status == 400
        assert "redirect_uri: " in detail


@pytest.mark.parametrize(
    "uri",
    [
        "https://shop.example/callback?a=b",
        "http://127.0.0.1:8000/callback",
        "http://[::1]/",
        "com.example.app:/callback",
        "shop-app://callback",
    ],
)
def test_an_address_of_a_page_or_an_app_is_taken(ask, uri):
    """Apps have schemes of their own. Source: RFC 8252, 7.1."""
    assert ok(ask("POST", "clients", {"redirect_uri": uri}))["redirect_uri"] == uri


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
@pytest.mark.parametrize(
    "value", ["a\nb", "a b", "\x00", "a\x7f", "\u00e4", "x" * 1001]
)
def test_an_id_that_no_form_can_hold_is_refused(ask, name, value):
    """Ids and secrets are visible ASCII. Source: RFC 6749, appendix A.1."""
    status, detail = problem(ask("POST", "clients", {name: value}))

    assert status == 400
    assert detail.startswith(f"POST clients, {name}: ")
    assert value not in detail


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("devices", {"user_code": "a\nb", "answer": "deny"}),
        ("slow", {"endpoint": "api\n", "seconds": 1}),
        ("faults", {"endpoint": "x" * 1001}),
        ("seed", {"users": [{"first_name": "A\x00"}]}),
        ("seed", {"tables": {"A\nB": {}}}),
        ("seed", {"segments": {"A\x1b": {}}}),
    ],
)
def test_a_name_of_more_than_a_line_is_refused(ask, path, given):
    """It would break pages, headers and logs."""
    status, detail = problem(ask("POST", path, given))

    assert status == 400
    assert "\n" not in detail


@pytest.mark.parametrize(
    "method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
)
@pytest.mark.parametrize(
    "path", "seed clients codes refresh-tokens revocations clock slow devices".split()
)
def test_another_method_is_told_which_there_is(ask, method, path):
    """405 with `Allow`. Source: RFC 9110, section 15.5.6."""
    for name in (path, f"{path}/"):
        reply = ask(method, name)

        assert problem(reply) == (405, "there is POST")
        assert reply.header("Allow") == "POST"


def test_what_can_be_read_can_be_asked_for_its_head(ask):
    """And `Allow` says so. Source: RFC 9110, section 9.3.2."""
    reply = ask("HEAD", "state")

    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.header("Content-Length")) > 100
    assert ask("POST", "state", {}).header("Allow") == "GET, HEAD"
    assert ask("PUT", "journal", {}).header("Allow") == "GET, HEAD, DELETE"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "the body is no JSON: "),
        (b"\xff", "the body is no JSON: it is not UTF-8"),
        (b'{"advance": NaN}', "the body is no JSON: it has NaN"),
        (b'{"advance": -Infinity}', "the body is no JSON: it has -Infinity"),
        (b'{"advance": 1, "advance": 2}', "the body is no JSON: it has a name twice"),
        (b'{"advance": 1e999}', "POST clock, advance: is no number that"),
        (b'{"advance": ' + b"9" * 5000 + b"}", "the body is no JSON: "),
        (b'{"\\ud800": 1}', "POST clock: has a name with half of a character"),
        (b'{"to": "\\ud800"}', "POST clock, to: must be a moment"),
        (b"[" * 100_000, "the body is no JSON: it has values inside values"),
        (b'{"x":' * 100_000, "the body is no JSON: it has values inside values"),
        (b'{"' + b"x" * 100_000 + b'": 1}', "POST clock, xxxxx"),
        (b'"advance"', "POST clock: must be a mapping, not a text"),
        (b"advance=1", "the body is no JSON: "),
        (b"null", "POST clock: must be a mapping, not nothing"),
    ],
)
def test_a_body_that_is_no_json_is_refused(fake, control, body, told):
    """In words that repeat little of it."""
    request = HttpRequest(
        method="POST",
        url=f"http://{HOST}/.catalyst-oauth/clock",
        headers=(("Host", HOST), ("Authorization", f"Bearer {control.token.reveal()}")),
        body=body,
    )

    status, detail = problem(fake.send(request))

    assert status == 400
    assert detail.startswith(told)
    assert len(detail) < 300
    assert fake.clock() == START


@pytest.mark.parametrize("deep", ["[", '{"a":'])
def test_values_inside_values_are_refused(ask, deep):
    """Below the depth that JSON itself refuses, too."""
    for depth in (100, 300, 900):
        value = 1
        for _ in range(depth):
            value = [value] if deep == "[" else {"a": value}

        reply = ask("POST", "seed", {"crons": [{"cron_name": value}]})

        assert problem(reply)[0] == 400


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""],
)
def test_a_body_of_another_type_is_refused(ask, fake, kind):
    """With the type that is taken, so that nothing is read as what it is not."""
    reply = ask("POST", "clock", {"advance": 60}, Content_Type=kind)

    assert problem(reply) == (415, "send JSON: Content-Type: application/json")
    assert reply.header("Accept-Post") == "application/json"
    assert fake.clock() == START


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON;charset=UTF-8"])
def test_json_is_taken_however_it_is_spelled(ask, kind):
    """Without any type, too, as some programs send it."""
    ok(ask("POST", "clock", {"advance": 60}, Content_Type=kind))


@pytest.mark.parametrize(
    "given",
    [
        None,
        "Bearer",
        "Bearer fa4e-another",
        "Basic fa4e-another",
        "Bearer \u00e4",
        "Bearer " + "x" * 60_000,
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
        {"Host": "evil.example@127.0.0.1"},
        {"Host": "127.0.0.1/evil.example"},
        {"Host": "127.0.0.1#evil.example"},
        {"Host": "127.0.0.1:x"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": "http://["},
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
        assert "fa4efa4e" not in repr(server.control_token)
    with FakeServer() as server:
        assert not [name for name in server.env if "CONTROL" in name]
        with pytest.raises(SettingsError, match="control=True"):
            server.control_page()


def test_faults_do_not_reach_the_control(ask, fake):
    """Or nobody could heal them."""
    fake.fail("*", times=None)

    ok(ask("DELETE", "faults"))

    assert refresh(fake).status == 200
