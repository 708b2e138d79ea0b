"""Faults on the wire, as clients of each door meet them."""

from __future__ import annotations

import json
import socket

import httpx
import pytest
import requests

from pytest_catalyst_oauth.engine import FORM
from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.asking import token_request
from tests.fake.wire import dial, refresh_octets, speak

GONE = {
    "reset_before": (requests.ConnectionError, httpx.ReadError),
    "reset_after": (requests.ConnectionError, httpx.ReadError),
    "timeout": (requests.ReadTimeout, httpx.ReadTimeout),
    "truncated": (requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError),
}
# Seconds; far more than anything here takes.
PATIENCE = 60
# What a client that reads JSON, and nothing but JSON, does not mind.
HARMLESS = (
    "latency drip clock_skew content_type gzip chunked duplicate_keys huge".split()
)


@pytest.fixture
def form(fake):
    request = token_request(
        fake.client, grant_type="refresh_token", refresh_token=fake.refresh_token
    )
    return request.body.decode()


@pytest.fixture
def server(fake, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with FakeServer(fake) as running:
        yield running


@pytest.fixture
def posts(fake, server, form):
    """How each kind of client asks for a token, and returns the body's octets."""
    headers, zohos = {"Content-Type": FORM}, fake.client.token_url
    ours = server.client.token_url

    def by_responses(_):
        with fake.in_process():
            return requests.post(zohos, form, headers=headers).content

    def by_transport(_):
        with httpx.Client(transport=fake.httpx_transport()) as client:
            return client.post(zohos, content=form, headers=headers).content

    def by_socket(patience):
        return requests.post(ours, form, headers=headers, timeout=patience).content

    def by_socket_with_httpx(patience):
        return httpx.post(ours, content=form, headers=headers, timeout=patience).content

    return {
        "responses": by_responses,
        "transport": by_transport,
        "socket": by_socket,
        "httpx": by_socket_with_httpx,
    }


DOORS = pytest.mark.parametrize("door", ["responses", "transport", "socket", "httpx"])


@DOORS
@pytest.mark.parametrize("fault", GONE)
def test_a_client_meets_what_its_library_raises(fake, posts, door, fault):
    """The same without a network as with one; the next request is served."""
    fake.fail("token", fault=fault)
    expected = GONE[fault][door in ("transport", "httpx")]

    with pytest.raises(expected):
        posts[door](0.2 if fault == "timeout" else PATIENCE)

    assert "access_token" in json.loads(posts[door](PATIENCE))


@DOORS
@pytest.mark.parametrize("fault", HARMLESS)
def test_a_patient_client_gets_its_token(fake, posts, door, fault):
    """Late, slowly, packed or with other headers."""
    fake.fail("token", fault=fault, seconds=0.01)

    assert "access_token" in json.loads(posts[door](PATIENCE))


@DOORS
def test_json_can_be_broken(fake, posts, door):
    """Cut off, or behind a mark of byte order."""
    fake.fail("token", fault="malformed")
    fake.fail("token", fault="bom")

    with pytest.raises(ValueError, match=r"Unterminated|delimiter|Expecting"):
        json.loads(posts[door](PATIENCE))
    assert posts[door](PATIENCE).startswith(b"\xef\xbb\xbf{")


def test_a_reset_is_one_on_the_wire(server, fake):
    """Not a mere end of the connection."""
    fake.fail("token", fault="reset_after")

    with pytest.raises(ConnectionResetError):
        speak(server, refresh_octets(server))

    assert [one.outcome for one in fake.journal] == ["reset_after: access token issued"]


def test_half_a_body_has_the_length_of_a_whole_one(server, fake):
    """Which is how a client can tell."""
    fake.fail("token", fault="truncated")

    head, _, body = speak(server, refresh_octets(server)).partition(b"\r\n\r\n")

    told = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
    assert len(body) == told // 2


def test_silence_lasts_until_the_client_gives_up(server, fake):
    """The connection stays, and nothing comes."""
    fake.fail("token", fault="timeout")

    with dial(server) as line:
        line.sendall(refresh_octets(server))
        line.settimeout(0.05)
        with pytest.raises(TimeoutError):
            line.recv(1)

    assert speak(server, refresh_octets(server)).startswith(b"HTTP/1.1 200 ")


def test_an_answer_can_come_in_drops(server, fake):
    """Each is a packet of its own, and together they are the answer."""
    fake.fail("token", fault="drip", seconds=0.5)

    with dial(server) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(refresh_octets(server))
        # Whoever is held up for a moment finds several at once, but not all.
        drops = list(iter(lambda: line.recv(65_536), b""))

    assert len(drops) > 5
    assert min(map(len, drops)) < 100
    assert b'"access_token"' in b"".join(drops)


def test_packing_is_seen_on_the_wire(server, fake):
    """Compressed with its new length; in chunks without one."""
    fake.fail("token", fault="gzip")
    fake.fail("token", fault="chunked")

    packed = speak(server, refresh_octets(server))
    chunked = speak(server, refresh_octets(server))

    assert b"\r\nContent-Encoding: gzip\r\n" in packed
    assert b"access_token" not in packed
    assert b"\r\nTransfer-Encoding: chunked\r\n" in chunked
    assert b"Content-Length" not in chunked
    assert chunked.endswith(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    "kind", "chunked gzip huge bom malformed html status throttle drip".split()
)
def test_no_fault_gives_head_a_body(server, fake, kind):
    """It would be read as the next answer (RFC 9112, section 6.3)."""
    fake.fail("*", fault=kind, times=None, seconds=0.0)
    request = "HEAD /oauth/v2/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    head, _, rest = speak(server, request.encode()).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 ")
    assert rest == b""


def test_an_old_client_gets_no_chunks(server, fake):
    """HTTP/1.0 has none (RFC 9112, section 6.1); the length says where it ends."""
    fake.fail("*", fault="chunked", times=None)

    told = speak(server, refresh_octets(server).replace(b"HTTP/1.1", b"HTTP/1.0", 1))

    head, _, body = told.partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert "access_token" in json.loads(body)


def test_a_fault_meets_who_waits_behind_it(server, fake):
    """Requests that were written before the answer to a slow one came are lost."""
    fake.fail("token", fault="latency", seconds=0.02)
    fake.fail("token", fault="truncated")
    kept = refresh_octets(server, headers="")

    answer = speak(server, kept * 3)

    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert len(fake.journal) == 2
