"""Our `auth` in clients of `requests` and `httpx`: the same for all kinds."""

from __future__ import annotations

import asyncio
from threading import Barrier, Event, Thread

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.adapters import (
    CatalystAuth,
    CatalystHttpxAuth,
    RetryPolicy,
    Timeouts,
    connect,
)
from pytest_catalyst_oauth.engine import MemoryStore
from pytest_catalyst_oauth.engine.errors import (
    OAuthError,
    RefusedError,
    ReplyError,
    SettingsError,
    ThrottledError,
    TransportError,
)
from pytest_catalyst_oauth.fake import FakeServer
from tests.adapters.callers import (
    HTTPX,
    KINDS,
    NO_SCOPE,
    STALE,
    Site,
    call,
    eavesdropping,
    held_for,
    issuing,
    token_body,
)
from tests.adapters.loopback import (
    Listener,
    reply,
    saying,
    silent,
    unused_url,
)
from tests.engine.doubles import CLIENT, THROTTLED, Server, StillClock, credentials

OK = {"status": "success"}
ONCE = RetryPolicy(attempts=1)


@pytest.fixture
def server():
    with FakeServer() as server:
        yield server


def connected(server, refresh_token=None):
    """Return credentials for the fake; `requests` uses their transport."""
    return connect(
        server.client,
        refresh_token=refresh_token or server.fake.refresh_token,
        store=MemoryStore(),
        retry=ONCE,
    )


def guests(server):
    return f"{server.api_url}/baas/v1/project/{server.fake.project_id}/table/Guests/row"


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    @pytest.mark.parametrize("scheme", ["Zoho-oauthtoken", "Bearer"])
    def test_a_request_brings_the_token(self, kind, scheme, server):
        """In either scheme of Zoho's; one token serves many requests."""
        url = guests(server)

        got = call(kind, connected(server), url, url, url, scheme=scheme)

        assert [one.status for one in got] == [200] * 3
        assert [row["Name"] for row in got[0].body["data"]] == ["Ada", "Grace"]
        assert len(server.fake.journal.token_requests) == 1

    @pytest.mark.parametrize("scheme", ["Zoho-oauthtoken", "Bearer"])
    def test_the_scheme_is_what_was_asked_for(self, kind, scheme):
        """Also when the request is repeated."""
        site = Site(2)
        with Listener(site) as server:
            call(kind, held_for(server.url), f"{server.url}/x", scheme=scheme)

        if kind == "requests":
            assert len(site.headers) == 2
        assert {header.partition(" ")[0] for header in site.headers} == {scheme}

    def test_a_stale_token_is_renewed_and_the_request_repeated(self, kind):
        """Once; the caller sees the second answer, and the first in the history."""
        site, issuer = Site(2), Server()
        with Listener(site) as server:
            held = held_for(server.url, issuer)
            held.token()
            site.issues = lambda connection, *_: connection.sendall(
                reply(token_body(2))
            )
            (got,) = call(
                kind, held, f"{server.url}/x", method="POST", body=b"the body"
            )

        assert (got.status, got.body) == (200, OK)
        assert got.history[-1:] == [200] if kind != "requests" else [401]
        assert 401 in got.history
        assert site.bodies == [b"the body"] * 2
        assert len(issuer.asked) + len(site.token_requests) == 2

    def test_a_request_is_repeated_once(self, kind):
        """A server that rejects every token gets two, not two hundred."""
        site = Site()
        with Listener(site) as server:
            (got,) = call(kind, held_for(server.url), f"{server.url}/x")

        assert got.status == 401
        assert len(site.headers) == 2

    def test_a_missing_scope_is_handed_on(self, kind, server):
        """It is a 401 too, but no refresh cures it."""
        narrow = server.fake.issue_refresh_token("ZohoCatalyst.cache.READ")

        (got,) = call(kind, connected(server, narrow), guests(server))

        assert got.status == 401
        assert got.body["data"]["error_code"] == "OAUTH_SCOPE_MISMATCH"
        assert len(server.fake.journal.token_requests) == 1
        assert len(server.fake.journal) == 2

    @pytest.mark.parametrize("refusal", [NO_SCOPE, b"", b"<html>", b"[" * 100_000])
    def test_another_401_is_handed_on(self, kind, refusal):
        """Only Zoho's words for an invalid token cost a token request."""
        site = Site(refusal=refusal)
        with Listener(site) as server:
            (got,) = call(kind, held_for(server.url), f"{server.url}/x")

        assert got.status == 401
        assert len(site.headers) == 1

    def test_a_foreign_host_gets_no_token(self, kind):
        """Whatever else the client is used for; nor is a token asked for."""
        foreign, issuer = Site(), Server()
        with Listener(foreign) as elsewhere:
            held = held_for("http://127.0.0.1:9", issuer)
            (got,) = call(kind, held, f"{elsewhere.url}/x")

        assert got.status == 401
        assert foreign.headers == [None]
        assert issuer.asked == foreign.token_requests == []

    @pytest.mark.parametrize("status", ["302 Found", "307 Moved"])
    def test_a_redirect_to_a_foreign_host_takes_no_token_along(self, kind, status):
        """Nor does a 401 from there cause a refresh."""
        foreign, home = Site(), Site()
        with Listener(foreign) as elsewhere, Listener(home) as server:
            held = held_for(server.url)
            held.token()
            moved = reply(b"", status, f"Location: {elsewhere.url}/y")
            with Listener(saying(moved)) as moving:
                here = held_for(moving.url)
                here.token()
                (got,) = call(kind, here, f"{moving.url}/x")

        assert got.status == 401
        assert foreign.headers == [None]
        assert foreign.token_requests == []

    def test_a_way_back_from_a_foreign_host_brings_no_token(self, kind):
        """The foreign host chose that request: it is nobody's to authorize."""
        home = Site()

        def start_or_site(connection, server):
            server.hear(connection)
            connection.sendall(reply(b"", "302 Found", f"Location: {elsewhere.url}/y"))
            home(connection, server)

        with Listener(start_or_site) as server:
            back = reply(b"", "302 Found", f"Location: {server.url}/back")
            with Listener(saying(back)) as elsewhere:
                held = held_for(server.url)
                held.token()
                (got,) = call(kind, held, f"{server.url}/x")

        assert got.status == 401
        assert home.headers == [None]
        assert home.token_requests == []

    def test_a_redirect_within_the_host_keeps_the_token(self, kind):
        """And a rejection there is cured there, not at the start."""
        site = Site(2)
        moved = []

        def moving(connection, server):
            if not moved:
                moved.append(server.hear(connection))
                answer = reply(b"", "303 See Other", f"Location: {server.url}/y")
                connection.sendall(answer)
            site(connection, server)

        with Listener(moving) as server:
            held = held_for(server.url)
            held.token()
            site.issues = lambda connection, *_: connection.sendall(
                reply(token_body(2))
            )
            (got,) = call(kind, held, f"{server.url}/x", method="POST", body=b"once")

        assert got.status == 200
        assert b"POST /x" in moved[0]
        assert site.bodies == [b""] * 2

    def test_a_renewal_that_fails_is_the_callers_error(self, kind, server):
        """The throttle is not hidden behind a 401."""
        held = connected(server)
        held.token()
        server.fake.fail("api", status=401, body=STALE.decode())
        server.fake.fail("token", status=400, body=THROTTLED.body.decode())

        with pytest.raises(ThrottledError):
            call(kind, held, guests(server))

    def test_a_bad_scheme_is_named_with_the_good_ones(self, kind):
        """At once, not at the first request."""
        with pytest.raises(SettingsError) as caught:
            call(kind, held_for("http://127.0.0.1:9"), scheme="Basic")

        assert str(caught.value) == (
            "scheme 'Basic': is none that Zoho reads; choose Zoho-oauthtoken or Bearer"
        )


def authorization_at(kind, url):
    """Return the header with which a request to a URL would leave."""
    held = credentials(Server())
    held.token()
    if kind == "requests":
        prepared = requests.Request("GET", url, auth=CatalystAuth(held)).prepare()
        return prepared.headers.get("Authorization")
    sent = []

    def answer(request):
        sent.append(request.headers.get("Authorization"))
        return httpx.Response(200)

    with httpx.Client(
        transport=httpx.MockTransport(answer), auth=CatalystHttpxAuth(held)
    ) as client:
        client.get(url)
    return sent[0]


HOME = ("accounts.zoho.eu", "api.catalyst.zoho.eu", "console.catalyst.zoho.eu")
FOREIGN = (
    *("accounts.zoho.com", "zoho.eu", "api.catalyst.zoho.eu.evil.example"),
    *("evil.example", "xapi.catalyst.zoho.eu", "api.catalyst.zoho.eu.", "127.0.0.1"),
    "api.catalyst.zoho.eu@evil.example",
)


@given(
    kind=st.sampled_from(["requests", "httpx"]),
    scheme=st.sampled_from(["http", "https", "HTTPS"]),
    host=st.sampled_from([*HOME, *FOREIGN]),
    port=st.sampled_from(["", ":443", ":80", ":8443"]),
    path=st.sampled_from(["", "/baas/v1/x", "/?next=https://api.catalyst.zoho.eu"]),
)
def test_the_token_goes_to_its_data_centre_over_tls_only(
    kind, scheme, host, port, path
):
    """Whatever the URL looks like, and never in the clear."""
    header = authorization_at(kind, f"{scheme}://{host}{port}{path}")

    fits = scheme != "http" and host in HOME and port in ("", ":443")
    assert (header is not None) == fits


def stream(kind):
    """Return a body that can be read once, for a client of this kind."""

    async def async_parts():
        for part in parts:
            yield part

    parts = (b"the ", b"body")
    return iter(parts) if kind == "httpx" else async_parts()


class Api:
    """An `httpx` double: a token endpoint that waits for a gate, and an API."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.token_requests = 0
        self.headers = []
        self.gate = Event()
        self.gate.set()

    def __call__(self, request):
        return self._token() if self._asks(request) else self._api(request)

    async def serve(self, request):
        if not self._asks(request):
            return self._api(request)
        await asyncio.sleep(0)
        self.token_requests += 1
        while not self.gate.is_set():
            await asyncio.sleep(0.001)
        self.token_requests -= 1
        return self._token()

    @staticmethod
    def _asks(request):
        return request.url.path == "/oauth/v2/token"

    def _token(self):
        self.token_requests += 1
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return httpx.Response(200, content=token_body(self.token_requests))

    def _api(self, request):
        self.headers.append(request.headers.get("Authorization"))
        return httpx.Response(200, json=OK)

    def client(self, held, **more):
        transport = httpx.MockTransport(self)
        return httpx.Client(transport=transport, auth=CatalystHttpxAuth(held, **more))

    def async_client(self, held, **more):
        transport = httpx.MockTransport(self.serve)
        return httpx.AsyncClient(
            transport=transport, auth=CatalystHttpxAuth(held, **more)
        )


API = f"{CLIENT.data_center.api_url}/x"
SOFT_AT = 3600 - 600


async def until(condition):
    while not condition():
        await asyncio.sleep(0.001)


async def attempt(client):
    """Return the status of a call, or the error that it raises."""
    try:
        return (await client.get(API)).status_code
    except (OAuthError, httpx.HTTPError) as error:
        return error


class TestHerd:
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (None, int),
            (httpx.Response(503), ReplyError),
            (httpx.Response(200, json={"error": "invalid_client"}), RefusedError),
            (httpx.ConnectError("refused"), TransportError),
            (httpx.ReadTimeout("hanging"), TransportError),
        ],
    )
    def test_sixty_four_tasks_cause_one_token_request(self, answer, kind):
        """Slow, failing, refusing, unreachable or hanging: one outcome for all."""
        api = Api(*[answer] if answer else [])
        api.gate.clear()
        held = credentials(Server())

        async def main():
            async with api.async_client(held, retry=ONCE) as client:
                tasks = [asyncio.create_task(attempt(client)) for _ in range(64)]
                await until(lambda: api.token_requests)
                api.gate.set()
                return await asyncio.gather(*tasks)

        got = asyncio.run(main())
        assert {type(one) for one in got} == {kind}
        assert len({str(one) for one in got}) == 1
        assert len(got) == 64
        assert api.token_requests == 1

    def test_a_server_that_hangs_is_asked_once(self):
        """On real sockets, with real time-outs, by tasks and by threads."""
        site = Site(issues=issuing(silent, silent))
        with Listener(site) as server:
            held = held_for(server.url)
            auth = CatalystHttpxAuth(held, timeouts=Timeouts(read=0.3))
            got = self._by_all(auth, f"{server.url}/x")

        assert {type(one) for one in got} == {TransportError}
        assert {str(one) for one in got} == {
            f"no answer from {server.url}: no complete answer within 0.3 s"
        }
        assert len(got) == 64
        assert len(site.token_requests) == 1

    def test_threads_and_tasks_cause_one_token_request(self):
        """Thirty-two of each, with one `auth`."""
        site = Site(1)
        with Listener(site) as server:
            auth = CatalystHttpxAuth(held_for(server.url))
            got = self._by_all(auth, f"{server.url}/x")

        assert got == [200] * 64
        assert len(site.token_requests) == 1

    @staticmethod
    def _by_all(auth, url):
        got, ready = [], Barrier(33)
        # So many at once take their time on a busy machine.
        options = {"auth": auth, "trust_env": False, "timeout": 60}

        def note(call):
            try:
                got.append(call().status_code)
            except OAuthError as error:
                got.append(error)

        def one():
            with httpx.Client(**options) as client:
                ready.wait()
                note(lambda: client.get(url))

        async def tasks():
            async with httpx.AsyncClient(**options) as client:
                ready.wait()
                calls = [client.get(url) for _ in range(32)]
                done = await asyncio.gather(*calls, return_exceptions=True)
                got.extend(getattr(one, "status_code", one) for one in done)

        threads = [Thread(target=one) for _ in range(32)]
        for thread in threads:
            thread.start()
        asyncio.run(tasks())
        for thread in threads:
            thread.join()
        return got

    def test_a_stale_token_of_all_causes_one_refresh(self):
        """Sixty-four tasks and threads meet the same rejection."""
        site = Site(2)
        with Listener(site) as server:
            held = held_for(server.url)
            held.token()
            site.issues = lambda connection, *_: connection.sendall(
                reply(token_body(2))
            )
            got = self._by_all(CatalystHttpxAuth(held), f"{server.url}/x")

        assert got == [200] * 64
        assert len(site.token_requests) == 1

    def test_nobody_waits_for_a_renewal_ahead_of_time(self):
        """All calls leave with the old token while the request is under way."""
        clock, gate, asked = StillClock(), Event(), Event()
        issuer = Server()

        def slow(_):
            asked.set()
            gate.wait()
            return issuer.issue()

        held = credentials(issuer, clock=clock, background=lambda work: None)
        old = held.token()
        clock.advance(SOFT_AT)
        issuer.answers.append(slow)
        api = Api()

        async def main():
            async with api.async_client(held) as client:
                return await asyncio.gather(*[client.get(API) for _ in range(64)])

        asyncio.run(main())
        with api.client(held) as client:
            client.get(API)

        assert set(api.headers) == {old.authorization}
        assert len(api.headers) == 65
        asked.wait()
        assert len(issuer.asked) == 2
        gate.set()
        while held.peek() == old:
            gate.wait(0.001)
        assert held.token() != old
        assert api.token_requests == 0


class TestCancelling:
    def test_a_waiter_takes_over_from_a_cancelled_call(self):
        """The others get their answers."""
        api = Api()
        api.gate.clear()
        held = credentials(Server())

        async def main():
            async with api.async_client(held) as client:
                leader = asyncio.create_task(client.get(API))
                await until(lambda: api.token_requests)
                waiters = [asyncio.create_task(attempt(client)) for _ in range(8)]
                await asyncio.sleep(0)
                leader.cancel()
                await until(lambda: api.token_requests == 2)
                api.gate.set()
                return await asyncio.gather(*waiters)

        assert asyncio.run(main()) == [200] * 8
        assert held.status().failure is None

    def test_a_cancelled_waiter_leaves_the_others_alone(self):
        """And its own call has left no trace."""
        api = Api()
        api.gate.clear()
        held = credentials(Server())

        async def main():
            async with api.async_client(held) as client:
                leader = asyncio.create_task(attempt(client))
                await until(lambda: api.token_requests)
                waiter = asyncio.create_task(attempt(client))
                await asyncio.sleep(0)
                waiter.cancel()
                api.gate.set()
                return await asyncio.gather(leader, waiter, return_exceptions=True)

        first, second = asyncio.run(main())
        assert first == 200
        assert isinstance(second, asyncio.CancelledError)
        assert api.token_requests == len(api.headers) == 1


def by_httpx(kind, held, url, **options):
    """Call once; return what was seen, or the error."""
    try:
        return call(kind, held, url, **options)[0]
    except OAuthError as error:
        return error


@pytest.mark.parametrize("kind", HTTPX)
class TestTokenRequests:
    def test_they_are_tried_again(self, kind, server):
        """When the server fails; as long as it asks for."""
        server.fake.fail("token", times=2, headers={"Retry-After": "7"})
        slept = []

        got = by_httpx(kind, connected(server), guests(server), sleep=slept.append)

        assert got.status == 200
        assert slept == [pytest.approx(7, abs=1), pytest.approx(7, abs=1)]
        assert min(slept) >= 7
        assert len(server.fake.journal.token_requests) == 3

    def test_an_answer_that_breaks_off_is_tried_again(self, kind):
        """The client's connection is not spoilt by it."""
        half = reply(token_body(1))[:-9]
        site = Site(2, issues=issuing(closing_after_now(half)))
        with Listener(site) as server:
            got = by_httpx(
                kind, held_for(server.url), f"{server.url}/x", sleep=lambda _: None
            )

        assert got.status == 200
        assert len(site.token_requests) == 2

    @pytest.mark.parametrize("status", ["302 Found", "307 Moved", "308 Moved"])
    def test_they_do_not_follow_a_redirect(self, kind, status):
        """No secret goes elsewhere, and no token from there is believed."""
        heard = []
        with Listener(eavesdropping(heard)) as elsewhere:
            moved = reply(b"", status, f"Location: {elsewhere.url}/oauth/v2/token")
            with Listener(saying(moved)) as server:
                got = by_httpx(
                    kind, held_for(server.url), f"{server.url}/x", retry=ONCE
                )

        assert isinstance(got, ReplyError | TransportError)
        assert heard
        assert b"invented" not in b"".join(heard)

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (reply(b" " * 2000), "the answer is too large"),
            (
                reply(b"x", "200 OK", "Content-Encoding: gzip"),
                "the answer is compressed, for which nobody asked",
            ),
        ],
    )
    def test_too_much_is_refused(self, kind, answer, words):
        """And a call afterwards works."""
        site = Site(1, 2, issues=issuing(answer))
        with Listener(site) as server:
            held = held_for(server.url)
            got = by_httpx(
                kind, held, f"{server.url}/x", largest_reply=1000, retry=ONCE
            )
            failure = held.status().failure

        assert isinstance(got, TransportError)
        assert got.reason == words
        assert failure.args == got.args

    def test_nobody_home_is_our_error(self, kind):
        """Not the client's, so that callers need to know one kind only."""
        with Listener(Site()) as server:
            held = held_for(server.url, accounts_url=unused_url())
            got = by_httpx(kind, held, f"{server.url}/x")

        assert isinstance(got, TransportError)
        assert got.sent is False
        assert got.__suppress_context__
        assert held.status().failure is not None
        assert len(server.heard) == 0

    def test_a_connection_that_breaks_is_our_error(self, kind):
        """The request may have arrived."""
        with Listener(Site(issues=issuing(resetting_now))) as server:
            got = by_httpx(kind, held_for(server.url), f"{server.url}/x")

        assert isinstance(got, TransportError)
        assert got.sent is True

    def test_a_living_token_outlives_a_failed_renewal(self, kind):
        """The call that wanted to renew may fail, but no other does."""
        clock = StillClock()
        with Listener(Site(1)) as server:
            held = held_for(server.url, accounts_url=unused_url(), clock=clock)
            held.token()
            clock.advance(SOFT_AT)
            got = [by_httpx(kind, held, f"{server.url}/x") for _ in range(3)]

        assert isinstance(got[0], TransportError)
        assert [one.status for one in got[1:]] == [200, 200]


def closing_after_now(answer):
    def talk(connection, listener):
        connection.sendall(answer)

    return talk


def resetting_now(connection, listener):
    import socket
    import struct

    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class TestManners:
    def test_a_failing_api_is_the_clients_own_error(self):
        """With the client's own type, and nothing is held against the token."""
        api_url = unused_url()
        held = held_for(api_url)
        held.token()

        for kind in HTTPX:
            with pytest.raises(httpx.ConnectError):
                call(kind, held, f"{api_url}/x")

        assert held.status().failure is None

    def test_a_call_from_within_a_handler_works(self):
        """Whatever error is being handled meanwhile."""
        api, held = Api(), credentials(Server())

        with api.client(held) as client:
            try:
                raise ZeroDivisionError
            except ZeroDivisionError:
                assert client.get(API).status_code == 200

        assert held.status().failure is None

    def test_a_hook_that_raises_on_failures_is_no_riddle(self):
        """It hears token replies too; what it refuses is an outcome for all."""
        api, held = Api(httpx.Response(503)), credentials(Server())
        with api.client(held) as client:
            client.event_hooks = {"response": [lambda r: r.raise_for_status()]}
            with pytest.raises(TransportError, match="gave up with HTTPStatusError"):
                client.get(API)

        assert held.status().failure is not None

    def test_a_bug_in_a_hook_stays_a_bug(self):
        """It is not dressed up as a failing network."""

        def crash(request):
            raise ZeroDivisionError

        api, held = Api(), credentials(Server())
        with api.client(held) as client:
            client.event_hooks = {"request": [crash]}
            with pytest.raises(ZeroDivisionError):
                client.get(API)

        assert held.status().failure is None

    @pytest.mark.parametrize("kind", HTTPX)
    def test_a_streamed_answer_is_not_read_ahead(self, kind):
        """`stream` keeps its promise for good answers."""
        with Listener(Site(1)) as server:
            auth = CatalystHttpxAuth(held_for(server.url))
            url = f"{server.url}/x"
            if kind == "httpx":
                with (
                    httpx.Client(auth=auth, trust_env=False) as client,
                    client.stream("GET", url) as answer,
                ):
                    assert not answer.is_stream_consumed
                    assert b"".join(answer.iter_raw()) == b'{"status":"success"}'
                return

            async def main():
                async with (
                    httpx.AsyncClient(auth=auth, trust_env=False) as client,
                    client.stream("GET", url) as answer,
                ):
                    assert not answer.is_stream_consumed
                    parts = [part async for part in answer.aiter_raw()]
                    assert b"".join(parts) == b'{"status":"success"}'

            asyncio.run(main())

    @pytest.mark.parametrize("kind", HTTPX)
    def test_a_stream_is_not_sent_again(self, kind):
        """It is empty by then; the caller gets the 401 and can decide."""
        site = Site(2)
        with Listener(site) as server:
            held = held_for(server.url)
            held.token()
            body = stream(kind)
            (got,) = call(kind, held, f"{server.url}/x", method="POST", body=body)

        assert got.status == 401
        assert len(site.headers) == 1
        assert site.token_requests == []

    @pytest.mark.parametrize("kind", HTTPX)
    def test_after_a_refused_stream_the_next_one_gets_through(self, kind):
        """A program that does nothing but upload is not refused until the end."""
        site = Site(2)
        with Listener(site) as server:
            held = held_for(server.url)
            got = []
            for _ in range(3):
                body = stream(kind)
                got += call(kind, held, f"{server.url}/x", method="POST", body=body)

        assert [one.status for one in got] == [401, 200, 200]
        assert len(site.token_requests) == 2

    def test_the_clients_own_token_requests_carry_no_token(self):
        """They go to the data centre too, but prove themselves otherwise."""
        site = Site(1)
        with Listener(site) as server:
            call("httpx", held_for(server.url), f"{server.url}/x")

        assert b"authorization" not in site.token_requests[0].lower()
        assert b"Cookie" not in site.token_requests[0]
