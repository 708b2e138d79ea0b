"""Under strict nothing leaves this machine that was neither faked nor recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import QUIET

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

# An address that no one has (RFC 5737), and a name that no one has (RFC 6761).
CALLS = """
import asyncio, contextlib, http.client, socket, traceback, urllib.request
import aiohttp, httpx, pytest, requests, urllib3

PLACES = ["192.0.2.1", "nobody.invalid"]

def with_asyncio(host):
    asyncio.run(asyncio.open_connection(host, 80))

def with_async_httpx(host):
    async def main():
        async with httpx.AsyncClient() as client:
            await client.get(f"http://{host}/?token=hush", timeout=1)
    asyncio.run(main())

def with_aiohttp(host):
    async def main():
        async with aiohttp.ClientSession() as session:
            await session.get(f"http://{host}/?token=hush")
    asyncio.run(main())

def with_datagram(host):
    async def main():
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(host, 9))
    asyncio.run(main())

def with_nonblocking(host):
    with socket.socket() as plain:
        plain.setblocking(False)
        plain.connect_ex(("192.0.2.1", 80))

CALLERS = {
    "aiohttp": with_aiohttp,
    "datagram": with_datagram,
    "nonblocking": with_nonblocking,
    "requests": lambda host: requests.get(f"http://{host}/?token=hush", timeout=1),
    "httpx": lambda host: httpx.get(f"http://{host}/?token=hush", timeout=1),
    "async_httpx": with_async_httpx,
    "urllib3": lambda host: urllib3.PoolManager().request(
        "GET", f"http://{host}/", timeout=1, retries=False),
    "urllib": lambda host: urllib.request.urlopen(f"http://{host}/", timeout=1),
    "http": lambda host: http.client.HTTPConnection(host).request("GET", "/"),
    "asyncio": with_asyncio,
    "udp": lambda host: socket.socket(type=socket.SOCK_DGRAM).sendto(
        b"x", ("192.0.2.1", 9)),
    "sendmsg": lambda host: socket.socket(type=socket.SOCK_DGRAM).sendmsg(
        [b"x"], [], 0, ("192.0.2.1", 9)),
    "ipv6": lambda host: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
    "name": lambda host: socket.gethostbyname(host),
    "name_ex": lambda host: socket.gethostbyname_ex(host),
    "address": lambda host: socket.gethostbyaddr(host),
    "service": lambda host: socket.getnameinfo(("192.0.2.1", 80), 0),
    "bytes": lambda host: socket.getaddrinfo(host.encode(), 80),
    "looks_local": lambda host: socket.getaddrinfo("127." + host, 80),
    "looks_mapped": lambda host: socket.getaddrinfo("::ffff:127.0.0.1." + host, 80),
}
PLACE = dict.fromkeys(["nonblocking", "udp", "sendmsg", "service"], "192.0.2.1")
PLACE["ipv6"] = "2001:db8::1"

@pytest.mark.parametrize("host", PLACES)
@pytest.mark.parametrize("caller", CALLERS)
def test_call(FIXTURE, caller, host):
    with pytest.raises(Exception) as caught:
        CALLERS[caller](host)
    # Some wrap what they were told. `httpx` with asyncio tries all addresses of a name,
    # and says of a given one only that all attempts failed.
    told = "".join(traceback.format_exception(caught.value))
    place = PLACE.get(caller, host)
    if (caller, host) == ("async_httpx", "192.0.2.1"):
        assert "All connection attempts failed" in told
    else:
        assert f"{place} is not faked" in told

@pytest.mark.parametrize("place", [
    "localhost", "LOCALHOST.", "fake.localhost", b"localhost", "", None,
    "127.0.0.1", "127.0.0.2", "127.1", "0.0.0.0",
    "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:0:0:1",
])
def test_here(FIXTURE, place):
    with contextlib.suppress(socket.gaierror):  # not every system knows all of these
        socket.getaddrinfo(place, 80, flags=socket.AI_PASSIVE)

def test_this_machine(FIXTURE):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    one, other = socket.socketpair()
    one.sendall(b"x")

def test_aiohttp_here(FIXTURE):
    async def answer(request):
        return aiohttp.web.Response(text="here")

    async def main():
        import aiohttp.web
        app = aiohttp.web.Application()
        app.router.add_get("/", answer)
        runner = aiohttp.web.AppRunner(app)
        await runner.setup()
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://localhost:{port}/") as reply:
                assert await reply.text() == "here"
        await runner.cleanup()
    asyncio.run(main())

def test_a_child_is_not_heard(FIXTURE):
    import subprocess, sys
    program = "import socket; socket.getaddrinfo('192.0.2.1', 80, flags=4)"
    subprocess.run([sys.executable, "-c", program], check=True)
"""


# Callers at two places, addresses of this machine, and three tests more.
COUNT = 20 * 2 + 14 + 3


@pytest.mark.parametrize(
    ("mode", "fixture"),
    [
        ("fake", "catalyst_oauth"),
        ("fake", "fake_catalyst"),
        ("replay", "catalyst_oauth"),
    ],
)
def test_strict_refuses_whatever_library_calls(
    pytester: pytest.Pytester, server: FakeServer, mode: str, fixture: str
) -> None:
    """By name and by address, without asking any name server; this machine is fine."""
    strict(pytester, mode, fixture).assert_outcomes(passed=COUNT)


@pytest.mark.parametrize("mode", ["fake", "replay"])
def test_what_no_cassette_answers_is_refused_beside_one(
    pytester: pytest.Pytester, server: FakeServer, mode: str
) -> None:
    """What is no HTTP call passes the tape by; HTTP calls do not, wherever they go."""
    not_http = (
        "datagram or nonblocking or udp or sendmsg or ipv6 or name or address or "
        "service or bytes or looks or this_machine or child"
    )

    done = strict(pytester, mode, "catalyst_cassette", "-k", not_http)

    assert done.ret == 0, done.stdout.str()
    assert done.parseoutcomes()["passed"] >= 20


def strict(
    pytester: pytest.Pytester, mode: str, fixture: str, *arguments: str
) -> pytest.RunResult:
    """Run all calls; our own suite's guard would answer first in this process."""
    marker = "\npytestmark = pytest.mark.catalyst_oauth(cassette='none.yaml')\n"
    pytester.makepyfile(test_calls=CALLS.replace("FIXTURE", fixture) + marker)
    folder = pytester.path / "cassettes"
    folder.mkdir()
    (folder / "none.yaml").write_text("version: 1\ninteractions: []\n")
    return pytester.runpytest_subprocess(
        *(*QUIET, "-p", "no:html", "--catalyst-oauth-strict"),
        *(f"--catalyst-oauth={mode}", *arguments),
    )


def test_strict_ends_with_its_test(
    pytester: pytest.Pytester, server: FakeServer
) -> None:
    """A test of the same session that asks for none of our fixtures is left alone."""
    pytester.makepyfile("""
        import socket

        def test_strict(catalyst_oauth): pass

        def test_other():
            assert socket.getaddrinfo("192.0.2.1", 80, flags=socket.AI_NUMERICHOST)
    """)

    pytester.runpytest_subprocess(
        *QUIET, "-p", "no:html", "--catalyst-oauth-strict"
    ).assert_outcomes(passed=2)


SWALLOWED = """
import pytest, requests
from contextlib import suppress
from pytest_catalyst_oauth.cassette.errors import CassetteMissError

HOST = "https://api.catalyst.zoho.com"

def test_session(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(f"{catalyst_oauth.project_url}/table").ok
    MORE
    with suppress(Exception):
        catalyst_session.get(f"{catalyst_oauth.project_url}/other?code=hush-hush-1")

def test_any_client(catalyst_cassette, catalyst_oauth):
    catalyst_oauth.credentials.token()
    MORE
    with suppress(Exception):
        requests.get(f"{HOST}/other?code=hush-hush-1")
        requests.get(f"{HOST}/other?code=hush-hush-2")

@pytest.mark.catalyst_oauth(strict=False)
def test_expected(catalyst_cassette, catalyst_oauth):
    catalyst_oauth.credentials.token()
    MORE
    with pytest.raises(CassetteMissError):
        requests.get(f"{HOST}/other?code=hush-hush-1")

@pytest.mark.xfail
def test_known(catalyst_session, catalyst_oauth):
    catalyst_oauth.credentials.token()
    MORE
    catalyst_session.get(f"{catalyst_oauth.project_url}/other?code=hush-hush-1")
"""


def test_what_was_not_recorded_is_told_although_nobody_minds(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """In the summary; under strict the test fails, unless it says that it may not."""
    stops = SWALLOWED.replace("MORE", "return")
    pytester.makepyfile(test_it=stops)
    run("--catalyst-oauth=record").assert_outcomes(passed=3, xpassed=1)
    pytester.makepyfile(test_it=SWALLOWED.replace("MORE", ""))

    plain = run("--catalyst-oauth=replay")
    strict = run("--catalyst-oauth=replay", "--catalyst-oauth-strict")

    plain.assert_outcomes(passed=3, xfailed=1)
    (told,) = [x for x in plain.stdout.lines if x.startswith("catalyst-oauth: 3")]
    assert told == (
        "catalyst-oauth: 3 requests that were not recorded are caught by their tests, "
        "first GET https://api.catalyst.zoho.com/other, not in "
        "cassettes/test_it/test_any_client.yaml; record again: "
        "pytest --catalyst-oauth=rewrite test_it.py::test_any_client "
        "test_it.py::test_expected test_it.py::test_session"
    )
    strict.assert_outcomes(passed=3, errors=2, xfailed=1)
    strict.stdout.re_match_lines(
        [
            (
                r"SettingsError: cassette .*test_session\.yaml: has no answer to 1 "
                r"request .*/other was not recorded.*; record it again: pytest --cat"
            )
        ]
    )
    assert "hush" not in f"{plain.stdout}{strict.stdout}"


MOVED = """
import time
import time_machine

def test_later(catalyst_session, catalyst_oauth):
    url = f"{catalyst_oauth.project_url}/table"
    assert catalyst_session.get(url).ok
    MOVE
        assert catalyst_session.get(url).ok
"""


@pytest.mark.parametrize(
    ("move", "told"),
    [
        ("with time_machine.travel(time.time() + 9e6):", "moved by time_machine"),
        ("catalyst_oauth.clock.advance(days=90)\n    if True:", None),
    ],
)
def test_a_token_that_ages_by_another_librarys_time(
    pytester: pytest.Pytester, server: FakeServer, run, move: str, told: str | None
) -> None:
    """In replay time is the recording's; the miss says what moves that."""
    pytester.makepyfile(test_it=MOVED.replace("MOVE", move))
    run("--catalyst-oauth=record").assert_outcomes(passed=1)

    replayed = run("--catalyst-oauth=replay")

    if told is None:
        replayed.assert_outcomes(passed=1)
    else:
        replayed.assert_outcomes(failed=1)
        assert told in replayed.stdout.str()
        assert "move catalyst_oauth.clock instead" in replayed.stdout.str()
