"""Replay: which recorded reply answers which request."""

import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import (
    Cassette,
    RecordedExchange,
    Replay,
    Scrubber,
    _meaning,
)
from pytest_catalyst_oauth.cassette.errors import CassetteMissError
from pytest_catalyst_oauth.engine import (
    FORM,
    Client,
    DataCenter,
    HttpReply,
    HttpRequest,
    ScopeSet,
    Secret,
)
from pytest_catalyst_oauth.engine.grants import (
    RefreshGrant,
    authorization_url,
    read_redirect,
)
from tests.cassette.recordings import (
    ACCOUNTS,
    API,
    COMMAND,
    NEW_TOKEN,
    OLD_TOKEN,
    answers,
    cassette,
    form,
    get,
    refresh,
    replay_of,
    rows,
    shown_token,
)


def test_headers_in_a_list_are_as_good():
    """A transport by hand may not know that they are a tuple of tuples."""
    recorded = refresh(NEW_TOKEN)
    asked = recorded.request
    sent = HttpRequest(
        method=asked.method,
        url=asked.url,
        headers=[list(pair) for pair in asked.headers],
        body=asked.body,
    )

    assert replay_of(recorded).send(sent).status == 200


def test_a_flow_replays_on_another_day_with_other_secrets(tmp_path):
    """Whoever replays has neither the client, nor its secret, nor the clock of then."""
    path = tmp_path / "flow.yaml"
    flow = [refresh(OLD_TOKEN), rows(OLD_TOKEN)]
    cassette(*flow).save(path, scrubber=Scrubber())
    client = Client(
        client_id="replayed",
        client_secret=Secret("replayed-secret"),
        data_center=DataCenter.parse("eu"),
    )
    replay = Replay(Cassette.load(path), command=COMMAND)

    asked = RefreshGrant(refresh_token=Secret("replayed-refresh")).request(client)
    token = replay.send(asked).json()["access_token"]
    reply = replay.send(rows(token).request)

    assert reply.json()["data"][0]["name"] == "Invented Guest"
    assert replay.unused == ()


def test_the_order_of_parameters_is_no_difference():
    """Query, form and JSON are compared by what they mean."""
    body = {"a": 1, "b": {"c": [1, 2], "d": None}}
    request = HttpRequest(
        method="POST",
        url=f"{API}/x?one=1&two=a%20b",
        headers=(("Content-Type", "application/json"),),
        body=json.dumps(body).encode(),
    )
    replay = replay_of((request, HttpReply(status=201)))

    reply = replay.send(
        HttpRequest(
            method="POST",
            url=f"{API.upper().replace('HTTPS', 'https')}:443/%78?two=a+b&one=1",
            headers=(("content-type", "application/json"),),
            body=b'{"b": {"d": null, "c": [1, 2]}, "a": 1}',
        )
    )

    assert reply.status == 201


def test_secrets_in_json_do_not_count():
    """As in a query, a form and a header."""

    def post(secret, scope="a"):
        body = json.dumps({"client_secret": secret, "scope": scope}).encode()
        return HttpRequest(method="POST", url=f"{API}/x", body=body)

    replay = replay_of((post("recorded-secret"), HttpReply(status=200)))

    with pytest.raises(CassetteMissError, match='scope has "b"'):
        replay.send(post("replayed-secret", scope="b"))
    assert replay.send(post("replayed-secret")).status == 200


def test_the_boundary_of_a_form_with_files_is_no_difference():
    """Client libraries invent a new one for each request."""

    def upload(boundary):
        return HttpRequest(
            method="POST",
            url=f"{API}/folder/1/file",
            headers=(("Content-Type", f"multipart/form-data; boundary={boundary}"),),
            body=f"--{boundary}\r\n\r\nfile\r\n--{boundary}--".encode() + b"\xff",
        )

    replay = replay_of((upload("0a1b"), HttpReply(status=201)))

    assert replay.send(upload("2c3d")).status == 201


def test_equal_requests_are_answered_in_the_order_of_the_recording():
    """Each exchange answers once; then there is no more."""
    replay = replay_of(*answers(("/x", 1), ("/y", 2), ("/x", 3)))

    given = [replay.send(get("/x")).json()["answer"] for _ in range(2)]

    assert given == [1, 3]
    assert [one.request.url for one in replay.unused] == [f"{API}/y"]
    with pytest.raises(CassetteMissError, match="recorded 2 times, but asked for once"):
        replay.send(get("/x"))


def test_the_token_decides_between_equal_requests():
    """Refused with the old token, served with the new one, in whatever order."""
    flow = [
        refresh(OLD_TOKEN),
        rows(OLD_TOKEN, status=401),
        refresh(NEW_TOKEN),
        rows(NEW_TOKEN),
    ]
    replay = replay_of(*flow)

    old, new = (
        replay.send(refresh("any").request).json()["access_token"] for _ in "ab"
    )

    assert replay.send(rows(new).request).status == 200
    assert replay.send(rows(old).request).status == 401
    with pytest.raises(CassetteMissError, match="recorded once"):
        replay.send(rows(new).request)


def test_a_third_token_is_a_miss_that_names_the_tokens():
    """Their stand-ins, which say nothing."""
    replay = replay_of(
        refresh(OLD_TOKEN), rows(OLD_TOKEN), refresh(NEW_TOKEN), rows(NEW_TOKEN)
    )

    with pytest.raises(CassetteMissError) as caught:
        replay.send(rows(shown_token(7)).request)

    assert (
        f"header Authorization has {shown_token(7)} (recorded: {shown_token(2)})"
    ) in str(caught.value)


def test_a_token_that_the_recording_does_not_tell_apart_does_not_count():
    """A test that refreshes first still finds its rows."""
    replay = replay_of(refresh(OLD_TOKEN), rows(OLD_TOKEN))

    assert replay.send(rows(shown_token(7)).request).status == 200


def test_the_state_of_this_run_comes_back_in_the_redirect():
    """A client compares it, and each run has a new one."""
    client = Client(
        client_id="invented",
        client_secret=Secret("invented-secret"),
        kind="server",
        redirect_uri="https://app.test/cb",
        data_center=DataCenter.parse("eu"),
    )

    def ask(state):
        scopes = ScopeSet.parse("ZohoCatalyst.tables.rows.READ")
        url = authorization_url(client, scopes, state=state)
        return HttpRequest(method="GET", url=url)

    location = f"https://app.test/cb?state=then-1&code={OLD_TOKEN}&location=eu&"
    recorded = HttpReply(status=302, headers=(("Location", location),))
    replay = replay_of((ask("then-1"), recorded))

    reply = replay.send(ask("now/2+="))

    redirect = read_redirect(reply.header("Location"), state="now/2+=")
    assert redirect.code == Secret(shown_token(1))


def test_a_form_without_a_content_type_is_still_a_form():
    """Some clients forget the header."""
    replay = replay_of((form(a="1", b="2"), HttpReply(status=200)))

    request = HttpRequest(
        method="POST", url=f"{ACCOUNTS}/oauth/v2/token", body=b"b=2&a=1"
    )

    assert replay.send(request).status == 200
    assert FORM not in repr(request)


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest(method="POST", url="http://api.test:99999/x", body=b"{broken"),
        HttpRequest(method="POST", url=f"{API}/x", body=b'["list", {}, [], 1.5, null]'),
    ],
)
def test_odd_requests_match_themselves(request_):
    """A port that is none, JSON that is none, and JSON with everything in it."""
    replay = replay_of((request_, HttpReply(status=200)))

    assert replay.send(request_).status == 200


def test_a_file_that_was_read_before_is_replayed_from_its_start(tmp_path):
    """What one test has used up is there again for the next, until it is rewritten."""
    path = tmp_path / "some.yaml"
    request = HttpRequest(method="GET", url="https://api.test/x")

    def written(status):
        exchanges = (RecordedExchange(request, HttpReply(status=status)),)
        Cassette(exchanges=exchanges).save(path, scrubber=Scrubber())

    written(201)
    first, second = (Replay(Cassette.load(path), command="none") for _ in range(2))
    assert first.send(request).status == 201
    assert second.send(request).status == 201
    assert first.unused == second.unused == ()

    written(202)
    assert Replay(Cassette.load(path), command="none").send(request).status == 202


@given(st.text("ab=&;%+é 41 ", max_size=30) | st.text(max_size=30))
def test_parameters_are_read_as_by_the_library(text):
    """The quick way for those without escapes finds the same names and values."""
    assert _meaning._pairs(text) == parse_qsl(text, keep_blank_values=True)
