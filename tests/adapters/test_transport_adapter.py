"""`TransportAdapter`: our transports in anybody's `requests` session."""

from __future__ import annotations

import io

import pytest
import requests

from pytest_catalyst_oauth.adapters import TransportAdapter
from pytest_catalyst_oauth.engine import HttpReply
from tests.engine.doubles import NO_ANSWER, Server

URL = "https://api.catalyst.zoho.eu/x?a=b"


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def session(server):
    with requests.Session() as session:
        session.mount("https://", TransportAdapter(server))
        yield session


def test_a_reply_is_a_response(session, server):
    """Status, headers, body and URL, as if it had come from the network."""
    server.answers = [
        HttpReply(
            status=404, headers=(("Content-Type", "application/json"),), body=b'{"a":1}'
        )
    ]

    response = session.get(URL, headers={"X-One": "1"})

    assert (response.status_code, response.json()) == (404, {"a": 1})
    assert response.headers["content-type"] == "application/json"
    assert response.url == URL
    assert server.asked[0].url == URL
    assert server.asked[0].header("x-one") == "1"


def test_cookies_are_kept(session, server):
    """All of them, although they share a header's name."""
    server.answers = [
        HttpReply(
            status=200, headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/"))
        )
    ]
    session.get(URL)
    session.get(URL)

    assert server.asked[1].header("Cookie") == "a=1; b=2"


def test_redirects_are_the_sessions_business(session, server):
    """It follows them, and asks us again."""
    server.answers = [
        HttpReply(status=302, headers=(("Location", "/y"),)),
        HttpReply(status=200, body=b"there"),
    ]

    response = session.get(URL)

    assert response.text == "there"
    assert [one.url for one in server.asked] == [URL, URL.replace("/x?a=b", "/y")]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"data": {"a": "1"}}, b"a=1"),
        ({"data": b"raw"}, b"raw"),
        ({"data": "text"}, b"text"),
        ({"json": {"a": 1}}, b'{"a": 1}'),
        ({"data": io.BytesIO(b"line 1\nline 2")}, b"line 1\nline 2"),
        ({"data": iter([b"a", b"b"])}, b"ab"),
        ({}, b""),
    ],
    ids="form bytes text json file generator none".split(),
)
def test_every_kind_of_body_arrives(session, server, given, sent):
    """Whatever `requests` makes of it, we see bytes."""
    session.post(URL, **given)

    assert server.asked[0].body == sent


def test_a_streamed_response_can_be_read_in_pieces(session, server):
    """As from a socket."""
    server.answers = [HttpReply(status=200, body=b"abc")]

    response = session.get(URL, stream=True)

    assert list(response.iter_content(2)) == [b"ab", b"c"]


def test_silence_is_an_error(session, server):
    """It is the one of `requests`, as on a network, with the host and the reason."""
    server.answers = [NO_ANSWER]

    with pytest.raises(requests.ConnectionError, match="the line is cut"):
        session.get(URL)
