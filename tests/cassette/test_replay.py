"""Replay: which recorded reply answers which request."""

import json
import threading

import pytest

from pytest_catalyst_oauth.cassette import (
    Cassette,
    RecordedExchange,
    Recorder,
    Replay,
    Scrubber,
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
from pytest_catalyst_oauth.engine.errors import TransportError
from pytest_catalyst_oauth.engine.grants import (
    RefreshGrant,
    authorization_url,
    read_redirect,
)
from tests.cassette.recordings import (
    ACCOUNTS,
    API,
    NEW_TOKEN,
    OLD_TOKEN,
    PROJECT,
    cassette,
    form,
    refresh,
    rows,
)

COMMAND = "pytest --catalyst-oauth=rewrite tests/test_guests.py"


def replay_of(*exchanges):
    scrubbed = Scrubber().scrub(exchanges).exchanges
    return Replay(cassette(*scrubbed), command=COMMAND)


def answers(*pairs):
    """A recording of GET requests to paths, each with a reply of its own."""
    return [
        RecordedExchange(
            HttpRequest(method="GET", url=f"{API}{path}"),
            HttpReply.of_json(200, {"answer": answer}),
        )
        for path, answer in pairs
    ]


def get(path, **fields):
    return HttpRequest(method="GET", url=f"{API}{path}", **fields)


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


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (get("/x?a=1", body=b"b"), "body field as a whole is new"),
        (get("/x"), "query parameter a is missing (recorded: '1')"),
        (get("/x?a=2"), "query parameter a has another value (recorded: '1')"),
        (get("/x?a=1&b=3"), "query parameter b is new"),
        (get("/x?a=1&scope=S.a.READ"), "query parameter scope is new ('S.a.READ')"),
        (get("/y?a=1"), "another path (recorded: /x)"),
        (
            HttpRequest(method="GET", url="https://api.test/x?a=1"),
            "another host (recorded: https://api.catalyst.zoho.eu:443)",
        ),
        (
            HttpRequest(method="DELETE", url=f"{API}/x?a=1"),
            "another method (recorded: GET)",
        ),
    ],
)
def test_a_miss_says_what_is_different(other, difference):
    """It names the nearest exchange, the difference and the command that cures it."""
    replay = replay_of(*answers(("/x?a=1", 1), ("/far/away", 2)))

    with pytest.raises(CassetteMissError) as caught:
        replay.send(other)

    text = str(caught.value)
    assert f"nearest is exchange 1 of 2 (GET {API}/x), but with {difference}" in text
    assert text.endswith(f"record it with: {COMMAND}")


def test_a_changed_json_value_is_named_by_its_path():
    """Deep in a body, too."""

    def insert(name):
        return HttpRequest(
            method="POST", url=f"{API}/x", body=json.dumps([{"name": name}]).encode()
        )

    replay = replay_of((insert("Ada"), HttpReply(status=200)))

    with pytest.raises(CassetteMissError, match=r"body field \[0\].name has another"):
        replay.send(insert("Grace"))


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
        replay.send(rows("REDACTED-access-token-7").request)

    assert (
        "header Authorization has REDACTED-access-token-7 "
        "(recorded: REDACTED-access-token-1)"
    ) in str(caught.value)


def test_a_token_that_the_recording_does_not_tell_apart_does_not_count():
    """A test that refreshes first still finds its rows."""
    replay = replay_of(refresh(OLD_TOKEN), rows(OLD_TOKEN))

    assert replay.send(rows("REDACTED-access-token-7").request).status == 200


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
    assert redirect.code == Secret("REDACTED-code-1")


SECRETS = {
    "query": "quer1-secret-c4n4ry",
    "form": "form1-secret-c4n4ry",
    "odd": "odd11-secret-c4n4ry",
    "path": "path1-secret-c4n4ry",
    "header": "head1-secret-c4n4ry",
    "name": "name1-secret-c4n4ry",
}


def test_a_miss_shows_no_secret_of_what_was_sent():
    """Neither under known names nor under others, in the path or as a name."""
    replay = replay_of(refresh(OLD_TOKEN), rows(OLD_TOKEN))
    request = form(
        f"{ACCOUNTS}/{SECRETS['path']}?code={SECRETS['query']}&x={SECRETS['odd']}"
        f"&{SECRETS['name']}=1",
        headers=(("Authorization", f"Bearer {SECRETS['header']}"),),
        client_secret=SECRETS["form"],
        pin=SECRETS["odd"],
    )

    with pytest.raises(CassetteMissError) as caught:
        replay.send(request)

    ours = [
        repr(entry.frame.f_locals)
        for entry in caught.traceback
        if "pytest_catalyst_oauth" in str(entry.path)
    ]
    shown = f"{caught.value} {caught.value!r}"
    assert [place for place, value in SECRETS.items() if value in shown] == []
    # The repr of a request has the path, and nothing else of it.
    in_frames = [place for place, value in SECRETS.items() if value in "".join(ours)]
    assert in_frames == ["path"]
    assert "body field pin is new" in str(caught.value)


def test_a_plain_cassette_may_hold_secrets_so_its_values_are_not_shown():
    """Nobody scrubbed it."""
    recorded = answers(("/pa1h-canary?x=qu3ry-canary", 1))
    replay = Replay(Cassette(exchanges=tuple(recorded)), command=COMMAND)

    with pytest.raises(CassetteMissError) as caught:
        replay.send(get("/y?x=2"))

    assert "canary" not in str(caught.value)
    assert "query parameter x has another value" in str(caught.value)


def test_an_empty_cassette_says_so():
    """Nothing is near."""
    with pytest.raises(CassetteMissError, match="nothing was recorded"):
        replay_of().send(get("/x"))


class Echo:
    """Answers with the body that it was sent, or not at all."""

    def send(self, request):
        if request.url.endswith("/down"):
            raise TransportError(request.origin, "nobody is there")
        return HttpReply(status=200, body=request.body)


def test_a_recorder_remembers_what_passes_through():
    """In the order in which the replies came, and only what was answered."""
    recorder = Recorder(Echo())

    first = recorder.send(get("/x", body=b"1"))
    with pytest.raises(TransportError):
        recorder.send(get("/down"))
    second = recorder.send(get("/x", body=b"2"))

    assert recorder.exchanges == (
        (get("/x", body=b"1"), first),
        (get("/x", body=b"2"), second),
    )


def test_threads_record_and_replay_together():
    """No exchange is lost or given twice."""
    recorder = Recorder(Echo())
    replayed = []

    def in_threads(work):
        threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    in_threads(
        lambda name: [
            recorder.send(get("/x", body=f"{name}{i}".encode())) for i in range(50)
        ]
    )
    replay = replay_of(*recorder.exchanges)
    in_threads(
        lambda name: [
            replayed.append(replay.send(get("/x", body=f"{name}{i}".encode())).body)
            for i in range(50)
        ]
    )

    assert len(set(replayed)) == len(recorder.exchanges) == 200
    assert replay.unused == ()


def test_a_form_without_a_content_type_is_still_a_form():
    """Some clients forget the header."""
    replay = replay_of((form(a="1", b="2"), HttpReply(status=200)))

    request = HttpRequest(
        method="POST", url=f"{ACCOUNTS}/oauth/v2/token", body=b"b=2&a=1"
    )

    assert replay.send(request).status == 200
    assert FORM not in repr(request)


def test_the_project_in_the_path_counts():
    """A test that talks to another project has another cassette."""
    replay = replay_of(rows(OLD_TOKEN))
    other = rows(OLD_TOKEN).request.url.replace("4000000006007", "4000000009999")

    with pytest.raises(CassetteMissError, match="another path") as caught:
        replay.send(HttpRequest(method="GET", url=other))

    assert PROJECT.removeprefix(API) in str(caught.value)


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
