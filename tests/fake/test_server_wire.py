"""What a server does with HTTP that few clients write."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.fake import FakeServer
from pytest_catalyst_oauth.fake.doors._delivery import head
from tests.fake.wire import dial, refresh_octets, speak, until_the_end

GET = b"GET /oauth/v2/token HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


@pytest.fixture
def server(fake):
    with FakeServer(fake, largest_body=100_000) as running:
        yield running


def statuses(octets):
    return [part[:3] for part in octets.split(b"HTTP/1.1 ")[1:]]


def test_the_status_line_has_no_reason(server):
    """As Zoho's; what clients show is their own."""
    assert speak(server, LAST).startswith(b"HTTP/1.1 405 \r\nServer: ZGS\r\n")


def test_requests_may_come_before_their_answers(server):
    """Several in one packet are answered in order, and the last one ends it."""
    octets = GET + refresh_octets(server, headers="") + LAST

    assert statuses(speak(server, octets)) == [b"405", b"200", b"405"]


def test_what_waits_behind_a_slow_answer_comes_after_it(server, fake):
    """Also if it was ready long before, and if there is a lot of it."""
    fake.fail("token", fault="latency", seconds=0.05)
    nothing = GET.replace(b"/oauth/v2/token", b"/nothing")

    found = statuses(speak(server, GET + nothing * 200 + LAST))

    assert found == [b"405", *[b"404"] * 200, b"405"]


def test_a_request_may_come_octet_by_octet(server):
    """Head and body, over one connection that stays."""
    with dial(server) as line:
        for octet in refresh_octets(server):
            line.sendall(bytes([octet]))

        assert b'"access_token"' in until_the_end(line)


def test_a_client_that_waits_for_leave_gets_it(server):
    """`Expect: 100-continue`, as curl sends with large bodies."""
    head, _, body = refresh_octets(
        server, headers="Expect: 100-continue\r\nConnection: close\r\n"
    ).partition(b"\r\n\r\n")
    with dial(server) as line:
        line.sendall(head + b"\r\n\r\n")
        leave = line.recv(100)
        line.sendall(body)

        assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert b'"access_token"' in until_the_end(line)


def test_an_old_client_is_not_told_to_go_on(server):
    """It would take that for the answer (RFC 9110, section 10.1.1)."""
    octets = refresh_octets(server, headers="Expect: 100-continue\r\n")

    answer = speak(server, octets.replace(b"HTTP/1.1", b"HTTP/1.0", 1))

    assert statuses(answer) == [b"200"]


@pytest.mark.parametrize(
    ("request_", "is_closed"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", True),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", True),
    ],
    ids=["1.0", "1.0 kept", "1.1", "1.1 closed"],
)
def test_a_connection_stays_or_ends_as_the_client_wants(server, request_, is_closed):
    """And the answer says so."""
    answer = speak(server, request_ if is_closed else request_ + LAST)

    word = b"close" if is_closed else b"keep-alive"
    assert answer.partition(b"\r\nConnection: ")[2].startswith(word + b"\r\n")
    assert len(statuses(answer)) == (1 if is_closed else 2)


def test_what_follows_the_last_request_is_ignored(server, fake):
    """A client that said it is done is done."""
    assert statuses(speak(server, LAST + GET)) == [b"405"]
    assert len(fake.journal) == 1


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000, b"431"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", b"431"),
        (b"GET /" + b"x" * 400_000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n", b"413"),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"186a1\r\n" + b"x" * 100_001,
            b"413",
        ),
        (b"this is no HTTP\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: one\r\n\r\n", b"400"),
        (b"\0" * 100, b"400"),
        (b"GET [ HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", b"505"),
    ],
    ids=(
        "endless header,many headers,long path,large body,large chunk,no words,"
        "no colon,no number,zeros,no target,version 2"
    ).split(","),
)
def test_what_cannot_be_served_is_refused_in_words(server, fake, octets, status):
    """Too large, or no HTTP; then the connection ends, and the rules saw nothing."""
    answer = speak(server, octets)

    assert statuses(answer) == [status]
    assert b"\r\nConnection: close\r\n" in answer
    assert not fake.journal


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n", b"400"),
        (b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n", b"400"),
        (b"CONNECT accounts.zoho.com:443 HTTP/1.1\r\n", b"400"),
        (b"GET http://accounts.zoho.com/ HTTP/1.1\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost:\r\n", b"404"),
        (b"GET / HTTP/1.0\r\n", b"404"),
    ],
    ids="none two two-1.0 none-connect none-whole-url empty none-1.0".split(),
)
def test_a_request_names_its_host_once(server, fake, head, status):
    """A client that does not would surprise its users elsewhere (RFC 9112, 3.2)."""
    answer = speak(server, head + b"Connection: close\r\n\r\n")

    assert statuses(answer) == [status]
    assert len(fake.journal) == (status == b"404")


@pytest.mark.parametrize(
    "host",
    ["a b", "[::1", "[", "a:99999999", "a:65536", "a:b", "a/b", "a@b", "\xe9", ":1:2"],
)
def test_what_is_no_host_is_refused(server, fake, host):
    """Nobody can tell whom the client means (RFC 9112, section 3.2)."""
    answer = speak(server, LAST.replace(b"Host: x", f"Host: {host}".encode("latin-1")))

    assert statuses(answer) == [b"400"]
    assert b"\r\n\r\nthe Host header is no host\n" in answer
    assert not fake.journal


def test_the_largest_file_fits_into_a_request(fake):
    """With what stands around it in the form."""
    size = fake.settings.largest_file + 100_000
    head = f"Host: x\r\nContent-Length: {size}\r\nExpect: 100-continue\r\n\r\n"
    with FakeServer(fake) as server, dial(server) as line:
        line.sendall(b"POST / HTTP/1.1\r\n" + head.encode())

        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_refusal_reaches_a_client_that_still_sends(server):
    """It is not lost in a reset."""
    with dial(server) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
        line.sendall(b"x" * 500_000)

        assert statuses(until_the_end(line)) == [b"413"]


def test_who_hangs_holds_up_nobody(server):
    """Half a request, and nothing at all, while others are served."""
    with dial(server) as silent, dial(server) as half:
        half.sendall(GET[:20])

        assert statuses(speak(server, LAST)) == [b"405"]
        half.sendall(LAST[20:])
        assert statuses(until_the_end(half)) == [b"405"]
        silent.sendall(LAST)
        assert statuses(until_the_end(silent)) == [b"405"]


@pytest.mark.parametrize("said", [b"", GET[:20], GET + GET[:20]])
def test_who_says_nothing_more_is_dropped(fake, said):
    """Half a request, or none at all, keeps no connection open for ever."""
    with FakeServer(fake, longest_silence=0.4) as server, dial(server) as line:
        line.sendall(said)

        assert statuses(until_the_end(line)) == [b"405"] * said.count(b"\r\n\r\n")


def test_who_waits_for_an_answer_is_not_dropped(fake):
    """However silent both are."""
    fake.fail("token", fault="latency", seconds=1.0)
    with FakeServer(fake, longest_silence=0.4) as server:
        assert b'"access_token"' in speak(server, refresh_octets(server))


def test_a_server_ends_with_connections_open(fake):
    """Idle, in the middle of a request, or waiting for an answer: all are told."""
    fake.fail("token", fault="timeout", times=None)
    with FakeServer(fake) as server:
        idle, half, waiting = (dial(server) for _ in range(3))
        half.sendall(GET[:20])
        waiting.sendall(GET)
        speak(server, LAST.replace(b"/oauth/v2/token", b"/nothing"))

    for line in (idle, half, waiting):
        with line:
            assert line.recv(1) == b""


def test_a_whole_url_is_served_like_a_path(server, fake):
    """The server's own, and those of Zoho's hosts, as one sends them to a proxy."""
    own = f"{server.accounts_url}/oauth/v2/token"
    zohos = "http://accounts.zoho.com/oauth/v2/token"

    answers = [speak(server, refresh_octets(server, target)) for target in (own, zohos)]

    assert all(b'"access_token"' in answer for answer in answers)
    assert [one.origin for one in fake.journal] == [
        server.accounts_url,
        "http://accounts.zoho.com",
    ]


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("accounts.zoho.eu", "http://accounts.zoho.eu"),
        ("localhost:{port}", "http://localhost:{port}"),
        ("elsewhere.example", "http://127.0.0.1:{port}"),
        ("[::1]:{port}", "http://[::1]:{port}"),
        ("a_b-c.example:", "http://127.0.0.1:{port}"),
        ("%41.example:65535", "http://127.0.0.1:{port}"),
        ("", "http://127.0.0.1:{port}"),
    ],
)
def test_a_server_goes_by_the_name_that_it_is_called(server, fake, host, origin):
    """If it is one of its own, or one of Zoho's; nobody else lends it a name."""
    port = server.accounts_url.rpartition(":")[2]
    named = f"Host: {host.format(port=port)}\r\n".encode()

    speak(server, LAST.replace(b"Host: x\r\n", named))

    assert [one.origin for one in fake.journal] == [origin.format(port=port)]


def test_a_clients_line_break_starts_no_header():
    """Even if one gets into an answer that repeats a client's words."""
    words = (("X-Note", "one\r\nX-Other: two"),)

    assert b"\r\nX-Note: one  X-Other: two\r\n" in head(200, words, closes=False)
