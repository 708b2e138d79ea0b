"""`HttpxTransport` and its sibling for asyncio: one exchange, on real sockets."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from pytest_catalyst_oauth.adapters import (
    AsyncHttpxTransport,
    AsyncRetryingTransport,
    CatalystHttpxAuth,
    HttpxTransport,
    HttpxTransportAdapter,
    RetryPolicy,
    Timeouts,
)
from pytest_catalyst_oauth.engine import AsyncCredentials, HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import OAuthError, TransportError
from tests.adapters.callers import eavesdropping, held_for
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
from tests.engine.doubles import (
    CLIENT,
    CODE,
    REFRESH,
    START,
    THROTTLED,
    Server,
    StillClock,
    credentials,
    token_reply,
)

# Each is short where the test is about it; elsewhere a busy machine needs its time.
UNCONNECTED = Timeouts(connect=0.2)
UNHEARD = Timeouts(read=0.3)
UNFINISHED = Timeouts(total=0.3)


def send(kind, request, *, client=None, **more):
    """Send with a client of a kind; return the reply or the error."""
    options = {"trust_env": False, "follow_redirects": True, **(client or {})}
    try:
        if kind == "httpx":
            with httpx.Client(**options) as opened:
                return HttpxTransport(opened, **more).send(request)

        async def main():
            async with httpx.AsyncClient(**options) as opened:
                return await AsyncHttpxTransport(opened, **more).send(request)

        return asyncio.run(main())
    except OAuthError as error:
        return error


def posted(url):
    return HttpRequest.post_form(f"{url}/oauth/v2/token", [("code", "1000.invented")])


pytestmark = pytest.mark.parametrize("kind", ["httpx", "async httpx"])


def test_a_request_arrives_and_a_reply_comes_back(kind):
    """Byte for byte, repeated headers included."""
    answer = reply(b'{"a":1}', "201 Created", "Set-Cookie: a=1", "Set-Cookie: b=2")
    with Listener(saying(answer)) as server:
        got = send(kind, posted(server.url))

    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /oauth/v2/token HTTP/1.1")
    assert b"application/x-www-form-urlencoded" in head
    assert body == b"code=1000.invented"
    assert (got.status, got.body) == (201, b'{"a":1}')
    cookies = [value for name, value in got.headers if name == "Set-Cookie"]
    assert cookies == ["a=1", "b=2"]


def test_what_belongs_to_the_client_is_left_out(kind):
    """Its auth, its cookies and its headers are for its own requests."""
    client = {
        "auth": CatalystHttpxAuth(credentials(Server())),
        "cookies": {"session": "mine"},
        "headers": {"X-Mine": "1"},
        "params": {"mine": "1"},
    }
    with Listener(saying(reply(b"{}"))) as server:
        send(kind, posted(server.url), client=client)

    assert b"mine" not in server.heard[0].lower()
    assert b"authorization" not in server.heard[0].lower()


@pytest.mark.parametrize("status", ["302 Found", "307 Moved"])
def test_a_redirect_is_an_answer(kind, status):
    """A token request reaches its own endpoint only."""
    heard = []
    with Listener(eavesdropping(heard)) as elsewhere:
        moved = reply(b"", status, f"Location: {elsewhere.url}/")
        with Listener(saying(moved)) as server:
            got = send(kind, posted(server.url))

    assert got.status == int(status[:3])
    assert heard == []


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (resetting, "the connection broke"),
        (closing_after(b""), "the connection broke"),
        (closing_after(reply(b"half")[:-2]), "the connection broke"),
        (saying(reply(b" " * 2000)), "the answer is too large"),
        (
            saying(reply(b"x", "200 OK", "Content-Encoding: gzip")),
            "the answer is compressed, for which nobody asked",
        ),
    ],
)
def test_no_good_answer_is_an_error(kind, talk, reason):
    """It says what happened, and that the request may have arrived."""
    with Listener(talk) as server:
        got = send(kind, posted(server.url), largest_reply=1000)

    assert isinstance(got, TransportError)
    assert (got.host, got.reason, got.sent) == (server.url, reason, True)
    assert got.__suppress_context__


def test_a_silent_server_is_given_up(kind):
    """It may have heard the request, and nobody waits for ever."""
    with Listener(silent) as server:
        got = send(kind, posted(server.url), timeouts=UNHEARD)

    assert got.reason == "no complete answer within 0.3 s"
    assert got.sent is True


def test_a_dripping_answer_ends(kind):
    """However often a byte comes: the whole attempt has its time."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"
    with Listener(dripping(head)) as server:
        got = send(kind, posted(server.url), timeouts=UNFINISHED)

    assert got.reason == "no complete answer within 0.3 s"


def test_nobody_home_is_an_error(kind):
    """The request cannot have arrived."""
    got = send(kind, posted(unused_url()))

    assert got.reason == "the connection was refused or the name is unknown"
    assert got.sent is False


def test_a_connection_that_does_not_come_about_is_an_error(kind):
    """The request cannot have arrived either."""
    with Deaf() as url:
        got = send(kind, posted(url), timeouts=UNCONNECTED)

    assert got.reason == "no connection within 0.2 s"
    assert got.sent is False


def test_a_certificate_that_nobody_trusts_is_refused(kind, authority):
    """Nothing was sent, and one error of ours names the server and the cause."""
    talk = authority.over_tls(saying(reply(b"{}")))
    with Listener(talk) as server:
        got = send(kind, posted(https(server)))

    assert isinstance(got, TransportError)
    assert got.host == https(server)
    assert got.reason == (
        "the TLS certificate is not trusted, since nobody here knows who issued it: "
        "give the client verify=ssl.create_default_context(cafile=PATH), or name the "
        "file by SSL_CERT_FILE"
    )
    assert got.sent is False
    assert got.__suppress_context__
    assert server.heard == []


def test_a_certificate_for_another_name_is_refused(kind, authority):
    """Whoever knows the authority need not talk to all that it vouches for."""
    talk = authority.over_tls(saying(reply(b"{}")), name="accounts.example")
    with Listener(talk) as server:
        got = send(kind, posted(https(server)), client={"verify": authority.context()})

    assert "it is for another name" in got.reason
    assert got.sent is False
    assert server.heard == []


def test_an_authority_of_the_client_is_trusted(kind, authority):
    """That of a test server, or of the office's proxy."""
    with Listener(authority.over_tls(closing_after(reply(b'{"a":1}')))) as server:
        got = send(kind, posted(https(server)), client={"verify": authority.context()})

    assert got.json() == {"a": 1}
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("variable", "is_read"), [("SSL_CERT_FILE", True), ("REQUESTS_CA_BUNDLE", False)]
)
@pytest.mark.usefixtures("bare_environment")
def test_the_environment_counts_as_for_any_client(
    kind, authority, monkeypatch, variable, is_read
):
    """By httpx's variable, not that of `requests`; `trust_env=False` ignores both."""
    monkeypatch.setenv(variable, str(authority.bundle))
    with Listener(authority.over_tls(closing_after(reply(b"{}")))) as server:
        ignored = send(kind, posted(https(server)))
        got = send(kind, posted(https(server)), client={"trust_env": True})

    assert isinstance(ignored, TransportError)
    assert isinstance(got, HttpReply) is is_read
    assert len(server.heard) == is_read


@pytest.mark.parametrize("talk", [closing_after(b""), resetting])
def test_a_tls_connection_that_breaks_may_have_carried_the_request(
    kind, authority, talk
):
    """A single-use code must not be sent again on that guess."""
    with Listener(authority.over_tls(talk)) as server:
        got = send(kind, posted(https(server)), client={"verify": authority.context()})

    assert got.reason == "the connection broke"
    assert got.sent is True
    assert len(server.heard) == 1


def test_a_closed_client_is_a_bug_of_its_owner(kind):
    """No failing network, so nothing for a retry."""

    async def closed():
        async with httpx.AsyncClient() as client:
            pass
        await AsyncHttpxTransport(client).send(posted(unused_url()))

    def closed_too():
        with httpx.Client() as client:
            pass
        HttpxTransport(client).send(posted(unused_url()))

    with pytest.raises(RuntimeError, match="closed"):
        closed_too() if kind == "httpx" else asyncio.run(closed())


def test_a_hanging_server_is_asked_once(kind):
    """Sixty-four tasks share its time-out, with whichever transport."""
    with Listener(silent) as server:
        held = held_for(server.url)

        async def main():
            async with httpx.AsyncClient(trust_env=False) as client:
                transport = AsyncHttpxTransport(client, timeouts=UNHEARD)
                waiting = AsyncCredentials(held, transport)
                calls = [waiting.token() for _ in range(64)]
                return await asyncio.gather(*calls, return_exceptions=True)

        got = asyncio.run(main())

    assert {str(one) for one in got} == {
        f"no answer from {server.url}: no complete answer within 0.3 s"
    }
    assert len(server.heard) == 1


class Echo:
    """One of our transports, that says what it got."""

    def send(self, request):
        return HttpReply(
            status=418,
            headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
            body=request.body + request.url.encode() + request.method.encode(),
        )


def test_a_client_can_speak_through_our_transports(kind):
    """Streams and cookies work as on a wire."""
    adapter, url = HttpxTransportAdapter(Echo()), "https://api.example/x?y=%2F"
    if kind == "httpx":
        with httpx.Client(transport=adapter) as client:
            got = client.post(url, content=iter([b"a", b"b"]))
            cookies = dict(client.cookies)
    else:

        async def body():
            yield b"ab"

        async def main():
            async with httpx.AsyncClient(transport=adapter) as client:
                got = await client.post(url, content=body())
                return got, dict(client.cookies)

        got, cookies = asyncio.run(main())

    assert got.status_code == 418
    assert got.content == b"ab" + url.encode() + b"POST"
    assert cookies == {"a": "1", "b": "2"}


@pytest.mark.parametrize("sent", [True, False])
def test_a_transport_that_gets_no_answer_fails_as_a_network_does(kind, sent):
    """Callers catch what they catch elsewhere; a token request keeps the reason."""
    problem = TransportError("https://accounts.example", "the line is cut", sent)
    adapter = HttpxTransportAdapter(Server(problem, problem))
    held = held_for("https://api.example")

    async def main(auth):
        async with httpx.AsyncClient(transport=adapter, auth=auth) as client:
            await client.get("https://api.example/x")

    def call(auth):
        if kind != "httpx":
            return asyncio.run(main(auth))
        with httpx.Client(transport=adapter, auth=auth) as client:
            return client.get("https://api.example/x")

    with pytest.raises(httpx.TransportError, match="the line is cut") as caught:
        call(None)
    assert isinstance(caught.value, httpx.ReadError if sent else httpx.ConnectError)
    with pytest.raises(TransportError) as refused:
        call(CatalystHttpxAuth(held))
    assert refused.value.args == problem.args


class AsyncDouble:
    """A `Server` for asyncio."""

    def __init__(self, *answers):
        self.inner = Server(*answers)

    async def send(self, request):
        return self.inner.send(request)


@pytest.mark.parametrize(
    ("answers", "grant", "asked"),
    [
        ([HttpReply(status=503)] * 2, REFRESH, 3),
        ([HttpReply(status=503)] * 9, REFRESH, 4),
        ([THROTTLED], REFRESH, 1),
        ([HttpReply(status=503)], CODE, 1),
        ([TransportError("h", "r", True)], CODE, 1),
        ([TransportError("h", "r", False)], CODE, 2),
    ],
)
def test_asyncio_tries_again_as_threads_do(kind, answers, grant, asked):
    """The same policy decides; a code is not sent twice."""
    server, slept = AsyncDouble(*answers), []

    async def sleep(seconds):
        slept.append(seconds)

    transport = AsyncRetryingTransport(server, sleep=sleep)

    async def main():
        try:
            return await transport.send(grant.request(CLIENT))
        except TransportError as error:
            return error

    asyncio.run(main())
    assert len(server.inner.asked) == asked
    assert len(slept) == asked - 1


@pytest.mark.parametrize("value", ["7", "Fri, 15 Jan 2027 08:00:07 GMT"])
def test_asyncio_respects_the_servers_wish(kind, value):
    """`Retry-After` in seconds or as a date."""
    busy = HttpReply(status=503, headers=(("Retry-After", value),))
    issued, clock, slept = token_reply("1000.invented"), StillClock(), []
    assert clock() == START

    async def sleep(seconds):
        slept.append(seconds)
        clock.advance(seconds)

    transport = AsyncRetryingTransport(
        AsyncDouble(busy, issued), RetryPolicy(first=0), sleep=sleep, clock=clock
    )

    assert asyncio.run(transport.send(REFRESH.request(CLIENT))) == issued
    assert slept == [7]
