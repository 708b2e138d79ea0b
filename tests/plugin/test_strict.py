"""Under strict nothing leaves this machine that was neither faked nor recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import QUIET

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

# An address that no one has (RFC 5737), and a name that no one has (RFC 6761).
CALLS = """
import asyncio, http.client, socket, traceback, urllib.request
import httpx, pytest, requests, urllib3

PLACES = ["192.0.2.1", "nobody.invalid"]

def with_asyncio(host):
    asyncio.run(asyncio.open_connection(host, 80))

def with_async_httpx(host):
    async def main():
        async with httpx.AsyncClient() as client:
            await client.get(f"http://{host}/?token=hush", timeout=1)
    asyncio.run(main())

CALLERS = {
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
}

@pytest.mark.parametrize("host", PLACES)
@pytest.mark.parametrize("caller", CALLERS)
def test_call(FIXTURE, caller, host):
    with pytest.raises(Exception) as caught:
        CALLERS[caller](host)
    # Some wrap what they were told. `httpx` with asyncio tries all addresses of a name,
    # and says of a given one only that all attempts failed.
    told = "".join(traceback.format_exception(caught.value))
    place = "192.0.2.1" if caller == "udp" else host
    if (caller, host) == ("async_httpx", "192.0.2.1"):
        assert "All connection attempts failed" in told
    else:
        assert f"{place} is not faked" in told

def test_here(FIXTURE):
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
"""


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
    pytester.makepyfile(test_calls=CALLS.replace("FIXTURE", fixture))
    if mode == "replay":
        pytester.makepyfile(
            test_calls=CALLS.replace("FIXTURE", fixture)
            + "\npytestmark = pytest.mark.catalyst_oauth(cassette='none.yaml')\n"
        )
        folder = pytester.path / "cassettes"
        folder.mkdir()
        (folder / "none.yaml").write_text("version: 1\ninteractions: []\n")

    # Our own suite's guard would answer first, so this runs in another process.
    pytester.runpytest_subprocess(
        *QUIET, "-p", "no:html", f"--catalyst-oauth={mode}", "--catalyst-oauth-strict"
    ).assert_outcomes(passed=17)


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
