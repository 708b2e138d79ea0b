"""A cassette under any name: hosts, redirects, lengths, and what is asked again."""

from __future__ import annotations

import gzip

import pytest

from pytest_catalyst_oauth.cassette import Cassette, RecordedExchange
from pytest_catalyst_oauth.cassette._player import Player
from pytest_catalyst_oauth.cassette.errors import CassetteMissError
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.cassette.recordings import OLD_TOKEN, cassette, refresh, rows

HERE = "http://127.0.0.1:4242"


def get(url, method="GET"):
    return HttpRequest(method=method, url=url)


def recorded(url, *, status=200, headers=(), body=b"", method="GET"):
    reply = HttpReply(status=status, headers=headers, body=body)
    return RecordedExchange(get(url, method), reply)


def test_a_path_leads_to_the_host_that_was_recorded():
    """A client that comes to one address reaches accounts and API."""
    player = Player(cassette(refresh(OLD_TOKEN), rows(OLD_TOKEN)))
    asked = rows(OLD_TOKEN)[0]
    path = asked.url.partition("catalyst.zoho.eu")[2]

    assert player.send(get(HERE + path)).status == 200
    assert [one.partition(" ")[0] for one in player.unused] == ["POST"]
    assert player.premises.project_id == "4000000006007"


def test_two_hosts_with_one_path_answer_in_turn():
    """As two data centres do; each exchange answers once."""
    player = Player(
        cassette(
            recorded("https://one.example/a", body=b"1"),
            recorded("https://two.example/a", body=b"2"),
        )
    )

    bodies = [player.send(get(f"{HERE}/a")).body for _ in range(2)]

    assert bodies == [b"1", b"2"]
    with pytest.raises(CassetteMissError, match="asked for once more"):
        player.send(get(f"{HERE}/a"))
    assert player.misses == 1


def test_a_recorded_name_means_that_host_alone():
    """By a proxy, a client reaches each under its own name."""
    player = Player(
        cassette(
            recorded("https://one.example/a", body=b"1"),
            recorded("https://two.example:443/a", body=b"2"),
        )
    )

    assert player.send(get("https://two.example/a")).body == b"2"
    with pytest.raises(CassetteMissError):
        player.send(get("https://two.example/a"))
    assert player.hosts == {"one.example", "two.example"}


def test_what_was_used_answers_again_if_that_is_wanted():
    """From the first one on, each kind of request for itself."""
    player = Player(
        cassette(
            recorded("https://one.example/a", body=b"1"),
            recorded("https://one.example/a", body=b"2"),
            recorded("https://one.example/b", body=b"3"),
        ),
        repeat=True,
    )

    bodies = [player.send(get(f"{HERE}/{name}")).body for name in "aabaab"]

    assert b"".join(bodies) == b"123123"
    with pytest.raises(CassetteMissError, match="was not recorded"):
        player.send(get(f"{HERE}/c"))


def test_a_redirect_leads_back_to_this_server():
    """Or a client would leave for Zoho; a stranger's address stays what it is."""
    player = Player(
        cassette(
            recorded(
                "https://one.example/a",
                status=302,
                headers=(("Location", "https://one.example/b?c=1"),),
            ),
            recorded(
                "https://one.example/b",
                status=302,
                headers=(("location", "https://app.example/callback"),),
            ),
        )
    )

    assert player.send(get(f"{HERE}/a")).header("Location") == f"{HERE}/b?c=1"
    other = player.send(get(f"{HERE}/b")).header("Location")
    assert other == "https://app.example/callback"


def test_headers_are_true_of_this_connection():
    """What was compressed or in chunks is neither, and has its own length."""
    headers = (
        ("Transfer-Encoding", "chunked"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", "7"),
        ("Connection", "close"),
        ("X-Kept", "yes"),
    )
    player = Player(
        cassette(
            recorded(
                "https://one.example/a", headers=headers, body=gzip.compress(b"a")
            ),
            recorded("https://one.example/a", headers=headers, method="HEAD"),
            recorded("https://one.example/b", status=204, headers=headers),
        )
    )

    assert player.send(get(f"{HERE}/a")) == HttpReply(
        status=200,
        headers=(
            ("X-Kept", "yes"),
            ("Content-Length", "1"),
            ("Connection", "keep-alive"),
        ),
        body=b"a",
    )
    assert player.send(get(f"{HERE}/a", "HEAD")).header("Content-Length") == "7"
    assert player.send(get(f"{HERE}/b")).header("Content-Length") is None


def test_what_no_server_can_say_is_refused_at_once():
    """Not when a client waits for it."""
    with pytest.raises(
        SettingsError, match="has a status that no answer has: number 1"
    ):
        Player(cassette(recorded("https://one.example/a", status=101)))


def test_an_empty_cassette_answers_nothing():
    """And says so."""
    player = Player(Cassette(exchanges=()))

    with pytest.raises(CassetteMissError, match="nothing was recorded"):
        player.send(get(f"{HERE}/a"))
