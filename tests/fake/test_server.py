"""The fake on a loopback socket."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from pytest_catalyst_oauth.engine import FORM
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.asking import INVENTED, new_access, token_request
from tests.fake.test_answers import HEADERS
from tests.fake.wire import dial, speak

TOKEN = "/oauth/v2/token"


@pytest.fixture
def server(fake):
    with FakeServer(fake) as running:
        yield running


def connect(server):
    return closing(HTTPConnection(urlsplit(server.accounts_url).netloc, timeout=10))


def ask(server, method, path, body=None, headers=None):
    with connect(server) as connection:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply, reply.read()


def refresh(server, **given):
    fields = {"grant_type": "refresh_token", "refresh_token": server.fake.refresh_token}
    request = token_request(server.client, **(fields | given))
    _, body = ask(server, "POST", TOKEN, request.body, {"Content-Type": FORM})
    return body


def test_a_server_answers_as_its_fake_does(server):
    """Over a real connection, with the fake within reach."""
    assert refresh(server).startswith(b'{"access_token":"1000.fa4e')
    assert refresh(server, client_id="1000.X") == b'{"error":"invalid_client"}'

    assert len(server.fake.journal.token_requests) == 2
    assert {one.origin for one in server.fake.journal} == {server.accounts_url}


def test_the_wire_shows_zohos_headers_in_zohos_order(server):
    """And in Zoho's spelling."""
    reply, body = ask(server, "POST", TOKEN)

    assert (reply.status, body) == (200, b'{"error":"invalid_client"}')
    assert [name for name, _ in reply.getheaders()] == [name for name, _ in HEADERS]


def test_the_client_is_the_fakes_with_the_servers_addresses(server, fake):
    """So an engine can be aimed at it by the usual value."""
    client = server.client

    assert (client.client_id, client.client_secret) == (
        fake.client.client_id,
        fake.client.client_secret,
    )
    assert client.token_url == f"{server.accounts_url}{TOKEN}"
    assert client.data_center.api_url == server.api_url
    assert client.data_center.location == fake.settings.data_center.location


def test_a_token_opens_the_project_url(server, fake):
    """Which is where the tables are."""
    path = urlsplit(f"{server.project_url}/table/Guests/row").path
    authorization = f"Zoho-oauthtoken {new_access(fake).reveal()}"

    reply, _ = ask(server, "GET", path, headers={"Authorization": authorization})

    assert reply.status == 200


def test_the_clock_moves_while_a_client_is_connected(server, fake, clock):
    """The same connection and the same token, an hour later."""
    path = urlsplit(f"{server.project_url}/table").path
    header = {"Authorization": f"Zoho-oauthtoken {new_access(fake).reveal()}"}
    found = []

    with connect(server) as connection:
        for _ in range(2):
            connection.request("GET", path, headers=header)
            reply = connection.getresponse()
            reply.read()
            found.append(reply.status)
            clock.advance(hours=1)

    assert found == [200, 401]


def test_faults_reach_a_connected_client(server, fake):
    """Failures at once, delays in their time."""
    fake.fail("token", status=429, headers={"Retry-After": "7"})
    fake.slow("token", seconds=0.01)

    reply, _ = ask(server, "POST", TOKEN)

    assert (reply.status, reply.getheader("Retry-After")) == (429, "7")
    assert b"access_token" in refresh(server)


def test_a_server_that_has_ended_listens_no_more(fake):
    """Its thread is gone; its address can still be read, and it can start again."""
    # Those of earlier tests may end meanwhile.
    before = set(threading.enumerate())
    server = FakeServer(fake)
    with server:
        assert refresh(server)
        assert set(threading.enumerate()) - before
    address = server.accounts_url

    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        dial(server)
    with server:
        assert refresh(server)
    assert address.startswith("http://127.0.0.1:")


def test_a_server_that_is_not_used_ends_as_well(fake):
    """At once after its start."""
    with FakeServer(fake) as server:
        pass

    with pytest.raises(ConnectionRefusedError):
        dial(server)


def test_a_server_has_no_address_before_it_starts(fake):
    """The error says how to start it."""
    with pytest.raises(SettingsError, match=r"has not started; use it in `with`"):
        _ = FakeServer(fake).accounts_url


def test_a_server_cannot_be_started_twice(server):
    """As happens to those who put `with` around a running fixture."""
    with pytest.raises(SettingsError, match=r"runs already"), server:
        pass

    assert refresh(server)


def test_a_port_can_be_chosen(fake, server):
    """It is taken or free, or there is none; each error says so in one line."""
    port = urlsplit(server.accounts_url).port

    with pytest.raises(SettingsError, match=rf"port {port}: .*in use; .* 0 for a free"):
        FakeServer(fake, port=port).__enter__()
    with pytest.raises(SettingsError, match=r"port 70000: .*ports end at 65535"):
        FakeServer(fake, port=70_000).__enter__()

    server.__exit__()
    with FakeServer(fake, port=port) as other:
        assert other.accounts_url == f"http://127.0.0.1:{port}"


def test_two_servers_know_nothing_of_each_other(server):
    """Each has its fake, its clients and its tokens."""
    with FakeServer() as other:
        refresh(other)
        token = other.fake.refresh_token

        assert b"invalid_code" in refresh(server, refresh_token=token)


def test_32_threads_get_32_tokens(new_fake):
    """None is lost, none is given twice, and all are noted."""
    fake = new_fake(token_requests=32, live_access_tokens=32)

    with FakeServer(fake) as server, ThreadPoolExecutor(32) as pool:
        bodies = list(pool.map(lambda _: refresh(server), range(32)))

    assert all(b"access_token" in body for body in bodies)
    assert len(set(bodies)) == 32
    assert len(fake.journal.token_requests) == 32


def test_threads_share_one_quota(new_fake):
    """The eleventh is throttled, whoever comes eleventh."""
    fake = new_fake()

    with FakeServer(fake) as server, ThreadPoolExecutor(16) as pool:
        bodies = list(pool.map(lambda _: refresh(server), range(16)))

    assert sum(b"access_token" in body for body in bodies) == 10
    assert sum(b"Access Denied" in body for body in bodies) == 6


def test_a_chunked_body_is_read(server):
    """As the SDK for JavaScript sends it, its parameters in the query.

    `http.client` writes chunks when it cannot know the length.
    """
    request = token_request(
        server.client,
        grant_type="refresh_token",
        refresh_token=server.fake.refresh_token,
    )
    path = f"{TOKEN}?{request.body.decode()}"
    headers = {"Content-Type": "application/json"}

    _, body = ask(server, "POST", path, iter([b'{"your":', b'"data"}']), headers)

    assert b"access_token" in body


def test_a_large_body_is_read_whole(server, fake):
    """Many packets, and an answer of as many."""
    path = urlsplit(f"{server.project_url}/table/Guests/row").path
    header = {"Authorization": f"Bearer {new_access(fake).reveal()}"}
    rows = [{"Name": f"{number}{'x' * 200}"} for number in range(4000)]

    reply, body = ask(server, "POST", path, json.dumps(rows), header)

    assert reply.status == 200
    assert [row["Name"] for row in json.loads(body)["data"]] == [
        row["Name"] for row in rows
    ]


def test_head_gets_no_body(server):
    """Only its length."""
    reply, body = ask(server, "HEAD", TOKEN)

    assert int(reply.getheader("Content-Length")) > 0
    assert body == b""


@pytest.mark.parametrize("target", ["/nothing", "*"])
def test_whatever_is_no_path_is_not_found(server, target):
    """A strange target gets an answer like any other."""
    line = f"OPTIONS {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    answer = speak(server, line.encode())

    assert answer.startswith(b"HTTP/1.1 404 ")


def test_rubbish_ends_one_connection_only(server):
    """The next client is served."""
    answer = speak(server, b"\x16\x03\x01 this is no HTTP\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert refresh(server)


def test_a_websocket_is_answered_like_any_other_request(server):
    """Whatever libraries are installed beside."""
    answer = speak(
        server,
        b"GET /oauth/v2/token HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: aW52ZW50ZWQtaW52ZW50ZQ==\r\n\r\n",
    )

    assert answer.startswith(b"HTTP/1.1 405 ")


def test_half_a_request_is_no_request(fake, caplog):
    """A client that hangs up in the middle of its code has not used it up."""
    with FakeServer(fake) as server:
        with dial(server) as line:
            line.sendall(
                b"POST /oauth/v2/token HTTP/1.1\r\nHost: x\r\n"
                b"Content-Length: 1000\r\n\r\ngrant_type=refresh_token"
            )
        assert refresh(server)

    assert len(fake.journal) == 1
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


def test_a_client_may_give_up_on_a_slow_answer(fake, caplog):
    """Nothing is left of it, neither an error nor a wait at the end."""
    fake.slow("token", seconds=3600)
    with FakeServer(fake) as server:
        with dial(server) as line:
            line.sendall(b"POST /oauth/v2/token HTTP/1.1\r\nHost: x\r\n\r\n")
        ask(server, "GET", "/nothing")

    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


def test_the_servers_repr_and_log_show_no_secret(server, caplog):
    """Neither of what is sent nor of what is answered."""
    caplog.set_level(logging.DEBUG)

    refresh(server)
    refresh(server, refresh_token=INVENTED)

    secrets = (server.fake.refresh_token, server.client.client_secret, INVENTED)
    shown = f"{server!r} {server.client!r} {caplog.text}"
    assert not [secret for secret in secrets if secret.reveal() in shown]
