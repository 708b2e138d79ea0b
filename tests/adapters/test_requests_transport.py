"""`RequestsTransport` on real sockets: every way not to get an answer."""

from __future__ import annotations

import gzip
import socket
import traceback

import pytest

from pytest_catalyst_oauth.adapters import RequestsTransport, Timeouts
from pytest_catalyst_oauth.engine import HttpRequest, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError, TransportError
from tests.adapters.loopback import (
    Deaf,
    Listener,
    closing_after,
    dripping,
    reply,
    resetting,
    saying,
    silent,
    unused_url,
)
from tests.adapters.tls import https

SECRET = "invented-and-not-to-be-seen"


def post(url):
    return HttpRequest.post_form(f"{url}/oauth/v2/token", [("token", Secret(SECRET))])


@pytest.fixture
def transport():
    return RequestsTransport()


# Each is short where the test is about it; elsewhere a busy machine needs its time.
UNCONNECTED = Timeouts(connect=0.2)
UNHEARD = Timeouts(read=0.2)
UNFINISHED = Timeouts(total=0.3)
PATIENT = Timeouts()


pytestmark = pytest.mark.usefixtures("bare_environment")


def test_a_request_arrives_and_its_reply_comes_back(transport):
    """Method, path, headers and body, and the reply with all its headers."""
    answer = reply(b'{"a":1}', "200 ", "Set-Cookie: a=1", "Set-Cookie: b=2")
    with Listener(saying(answer)) as server:
        got = transport.send(post(server.url))

    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /oauth/v2/token HTTP/1.1\r\n")
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert body == f"token={SECRET}".encode()
    assert (got.status, got.json()) == (200, {"a": 1})
    assert [v for n, v in got.headers if n == "Set-Cookie"] == ["a=1", "b=2"]


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "503 Busy"])
def test_every_status_is_a_reply(transport, status):
    """What a status means is for the engine to say."""
    with Listener(saying(reply(b"", status))) as server:
        assert transport.send(post(server.url)).status == int(status[:3])


def test_a_compressed_reply_is_unpacked(transport):
    """And no header claims that it is still packed."""
    packed = gzip.compress(b'{"a":1}')
    with Listener(saying(reply(packed, "200 OK", "Content-Encoding: gzip"))) as server:
        got = transport.send(post(server.url))

    assert got.json() == {"a": 1}
    assert got.header("Content-Encoding") is None


def test_a_chunked_reply_is_put_together(transport):
    """Zoho's gateways send both kinds."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = head + b'3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n'
    with Listener(saying(answer)) as server:
        got = transport.send(post(server.url))

    assert got.json() == {"a": 1}
    assert got.header("Transfer-Encoding") is None


def test_a_connection_is_used_again(transport):
    """A refresh an hour later need not, but a retry should."""
    connections = []

    def talk(connection, server):
        connections.append(1)
        saying(reply(b"{}"))(connection, server)

    with Listener(talk) as server:
        transport.send(post(server.url))
        transport.send(post(server.url))

    assert len(server.heard) == 2
    assert len(connections) == 1


def test_a_refused_connection_is_told_apart(transport):
    """Nothing was sent, so even a single-use code may be sent again."""
    url = unused_url()

    with pytest.raises(TransportError, match=r"was refused or the name") as caught:
        transport.send(post(url))

    assert caught.value.host == url
    assert not caught.value.sent


def test_a_connection_that_does_not_stand_in_time_is_given_up():
    """Nothing was sent, and the message says how long it took."""
    transport = RequestsTransport(timeouts=UNCONNECTED)
    with Deaf() as url, pytest.raises(TransportError) as caught:
        transport.send(post(url))

    assert caught.value.reason == "no connection within 0.2 s"
    assert not caught.value.sent


@pytest.mark.parametrize(
    ("talk", "timeouts", "reason"),
    [
        (silent, UNHEARD, "no complete answer within 0.2 s"),
        (resetting, PATIENT, "the connection broke"),
        (closing_after(b""), PATIENT, "the connection broke"),
        (closing_after(b"HTTP/1."), PATIENT, "the connection broke"),
        (closing_after(reply(b"12345")[:-2]), PATIENT, "the connection broke"),
        (saying(b"SSH-2.0-not-http\r\n\r\n"), PATIENT, "the connection broke"),
        (
            saying(reply(b"not gzip at all", "200 OK", "Content-Encoding: gzip")),
            PATIENT,
            "the connection broke",
        ),
        (
            dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
            UNFINISHED,
            "no complete answer within 0.3 s",
        ),
        (
            dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
            UNFINISHED,
            "no complete answer within 0.3 s",
        ),
        (
            dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"),
            UNFINISHED,
            "no complete answer within 0.3 s",
        ),
    ],
    ids="silent reset empty head body ssh gzip drip length chunk".split(),
)
def test_half_an_answer_is_none(talk, timeouts, reason):
    """The server may have acted, so the error says that the request was sent."""
    transport = RequestsTransport(timeouts=timeouts)
    with Listener(talk) as server, pytest.raises(TransportError) as caught:
        transport.send(post(server.url))

    assert caught.value.reason == reason
    assert caught.value.host == server.url
    assert caught.value.sent


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4096,
        reply(b"x" * 4096),
        reply(gzip.compress(b"x" * 1_000_000), "200 OK", "Content-Encoding: gzip"),
    ],
    ids=["endless", "announced", "packed"],
)
def test_a_reply_that_is_too_large_is_refused(answer):
    """A token reply has some hundred bytes; more is somebody else's page."""
    transport = RequestsTransport(largest_reply=1000)
    with Listener(closing_after(answer)) as server, pytest.raises(TransportError) as e:
        transport.send(post(server.url))

    assert e.value.reason == "the answer is too large"


def test_a_redirect_is_not_followed(transport):
    """The body holds secrets, and belongs to the endpoint that was asked."""
    with Listener(saying(reply(b"{}"))) as elsewhere:
        answer = reply(b"", "307 Moved", f"Location: {elsewhere.url}/oauth/v2/token")
        with Listener(saying(answer)) as server:
            got = transport.send(post(server.url))

    assert got.status == 307
    assert elsewhere.heard == []


def test_the_netrc_file_is_not_read(transport, monkeypatch, tmp_path):
    """Zoho reads no Basic header, and somebody else's password is not for it."""
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Listener(saying(reply(b"{}"))) as server:
        transport.send(post(server.url))

    assert b"authorization" not in server.heard[0].lower()


def test_a_proxy_of_the_environment_is_used(transport, monkeypatch):
    """Who sits behind one has it there already."""
    with Listener(saying(reply(b'{"a":1}'))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        got = transport.send(post("http://accounts.example"))

    assert got.json() == {"a": 1}
    assert proxy.heard[0].startswith(b"POST http://accounts.example/oauth/v2/token ")


def test_a_proxy_may_be_given():
    """It is used instead of what the environment says."""
    with Listener(saying(reply(b"{}"))) as proxy:
        transport = RequestsTransport(proxies={"http": proxy.url})
        transport.send(post("http://accounts.example"))

    assert len(proxy.heard) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "502 Bad Gateway"])
def test_a_proxy_that_refuses_is_named(transport, monkeypatch, status):
    """The request did not get past it."""
    with Listener(closing_after(reply(b"", status))) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(TransportError, match="proxy does not let us") as caught:
            transport.send(post("https://accounts.example"))

    assert not caught.value.sent


def test_a_server_without_a_trusted_certificate_gets_nothing(transport, authority):
    """Nothing was sent, and the message names the server and the cause."""
    talk = authority.over_tls(saying(reply(b"{}")))
    with Listener(talk) as server, pytest.raises(TransportError) as caught:
        transport.send(post(https(server)))

    assert caught.value.host == https(server)
    assert caught.value.reason == (
        "the TLS certificate is not trusted, since nobody here knows who issued it: "
        "name a file with its certificate by verify= or REQUESTS_CA_BUNDLE"
    )
    assert not caught.value.sent
    assert server.heard == []


def test_a_certificate_for_another_name_is_not_trusted(authority):
    """Whoever knows the authority need not talk to all that it vouches for."""
    talk = authority.over_tls(saying(reply(b"{}")), name="accounts.example")
    transport = RequestsTransport(verify=str(authority.bundle))
    with Listener(talk) as server, pytest.raises(TransportError) as caught:
        transport.send(post(https(server)))

    assert "certificate" in caught.value.reason
    assert server.heard == []


def test_an_authority_of_your_own_can_be_trusted(authority):
    """That of a test server, or of the office's proxy."""
    talk = authority.over_tls(closing_after(reply(b"{}")))
    with Listener(talk) as server:
        transport = RequestsTransport(verify=str(authority.bundle))
        assert transport.send(post(https(server))).status == 200


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_is_used(
    transport, authority, monkeypatch, variable
):
    """As `requests` does elsewhere in the same program."""
    monkeypatch.setenv(variable, str(authority.bundle))
    with Listener(authority.over_tls(closing_after(reply(b"{}")))) as server:
        assert transport.send(post(https(server))).status == 200


def test_a_given_bundle_counts_before_the_environments(authority, monkeypatch):
    """What the program says is more than what the machine says."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    transport = RequestsTransport(verify=str(authority.bundle))
    with Listener(authority.over_tls(closing_after(reply(b"{}")))) as server:
        assert transport.send(post(https(server))).status == 200


def test_a_tls_connection_that_breaks_may_have_carried_the_request(authority):
    """A single-use code must not be sent again on that guess."""
    talk = authority.over_tls(resetting_without_goodbye)
    transport = RequestsTransport(verify=str(authority.bundle))
    with Listener(talk) as server, pytest.raises(TransportError) as caught:
        transport.send(post(https(server)))

    assert caught.value.sent
    assert len(server.heard) == 1


def resetting_without_goodbye(connection, server):
    """Take the request, and end the TCP connection without TLS's closing alert."""
    server.hear(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n")
    connection.shutdown(socket.SHUT_RDWR)


def test_plain_http_on_a_tls_port_is_an_error(transport):
    """The message does not claim that a certificate was seen."""

    def blunt(connection, _):
        connection.recv(1)
        connection.sendall(reply(b"{}", "400 Bad Request"))

    with Listener(blunt) as server, pytest.raises(TransportError) as caught:
        transport.send(post(https(server)))

    assert caught.value.reason == "TLS failed"


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_an_unusable_bundle_is_named(tmp_path, content):
    """The path is a setting, so the message is about the setting."""
    path = tmp_path / "bundle.pem"
    if content:
        path.write_text(content)

    with pytest.raises(SettingsError, match=r"CA bundle .*bundle\.pem"):
        RequestsTransport(verify=str(path)).send(post("https://127.0.0.1:9"))


def test_an_unusable_bundle_of_the_environment_is_named(transport, monkeypatch):
    """It is a setting too, although not one of ours."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")

    with pytest.raises(SettingsError, match="correct REQUESTS_CA_BUNDLE"):
        transport.send(post("https://127.0.0.1:9"))


def test_a_folder_of_certificates_is_a_bundle(tmp_path):
    """As `c_rehash` makes it."""
    RequestsTransport(verify=str(tmp_path))


@pytest.mark.parametrize(
    ("talk", "timeouts"),
    [
        (silent, UNHEARD),
        (resetting, PATIENT),
        (closing_after(b""), PATIENT),
        (dripping(b"HTTP/1.1 200 OK\r\n\r\n"), UNFINISHED),
    ],
    ids=["silent", "reset", "empty", "drip"],
)
def test_a_traceback_with_locals_shows_no_secret(talk, timeouts):
    """The frames that hold the body in clear are gone when the error arrives."""
    transport = RequestsTransport(timeouts=timeouts)
    with Listener(talk) as server:
        try:
            transport.send(post(server.url))
        except TransportError as error:
            shown = traceback.TracebackException.from_exception(
                error, capture_locals=True
            )

    text = "".join(shown.format())
    assert "TransportError" in text
    assert SECRET not in text


def test_an_unforeseen_error_shows_no_secret_either(transport, monkeypatch):
    """A tool that blocks sockets raises what it likes, from deep inside."""

    class BlockedError(RuntimeError):
        pass

    def blocked(*_, **__):
        raise BlockedError("sockets are off")

    monkeypatch.setattr("socket.create_connection", blocked)
    monkeypatch.setattr("socket.getaddrinfo", blocked)

    try:
        transport.send(post("http://127.0.0.1:9"))
    except BlockedError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)

    text = "".join(shown.format())
    assert "BlockedError: sockets are off" in text
    assert SECRET not in text


def test_a_child_of_fork_opens_connections_of_its_own(transport):
    """Two processes must not write into one connection."""
    with Listener(saying(reply(b"{}"))) as server:
        transport.send(post(server.url))
        mine = transport._session()
        transport._opened = (transport._opened[0] + 1, mine)

        assert transport._session() is not mine
        assert transport.send(post(server.url)).status == 200
