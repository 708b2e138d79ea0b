"""A test of any shape is recorded and replayed, whatever runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_catalyst_oauth.cli import main

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

DOCTESTS = {
    "README.md": """
>>> session, handle = getfixture("catalyst_session"), getfixture("catalyst_oauth")
>>> session.get(handle.project_url + "/table").status_code
200
""",
    "helper.py": '''
def tables():
    """
    >>> import requests
    >>> path = getfixture("catalyst_cassette")
    >>> handle = getfixture("catalyst_oauth")
    >>> header = {"Authorization": handle.credentials.authorization()}
    >>> requests.get(handle.project_url + "/table", headers=header).status_code
    200
    """
''',
}
SHAPES = """
import asyncio, unittest
import aiohttp, httpx, pytest, pytest_asyncio, requests, urllib3

def url(handle): return handle.project_url + "/table"
def header(handle): return {"Authorization": handle.credentials.authorization()}
def asked(handle): return {"url": url(handle), "headers": header(handle)}

class TestUnit(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _given(self, catalyst_session, catalyst_oauth):
        self.session, self.handle = catalyst_session, catalyst_oauth

    def setUp(self):
        assert self.session.get(url(self.handle)).ok

    def testCamel(self):
        with self.subTest(number=1):
            self.assertTrue(self.session.get(url(self.handle)).ok)

class TestAsyncUnit(unittest.IsolatedAsyncioTestCase):
    @pytest.fixture(autouse=True)
    def _given(self, catalyst_cassette, catalyst_oauth):
        self.handle = catalyst_oauth

    async def test_it(self):
        async with httpx.AsyncClient() as client:
            self.assertTrue((await client.get(**asked(self.handle))).is_success)

@pytest.mark.asyncio
async def test_session_in_a_loop(catalyst_session, catalyst_oauth):
    assert (await asyncio.to_thread(catalyst_session.get, url(catalyst_oauth))).ok

@pytest.mark.asyncio(loop_scope="module")
class TestLoop:
    async def test_ours(self, catalyst_async_httpx, catalyst_oauth):
        async with catalyst_async_httpx as client:
            assert (await client.get(url(catalyst_oauth))).is_success

    async def test_own(self, catalyst_cassette, catalyst_oauth):
        async with httpx.AsyncClient() as client:
            assert (await client.get(**asked(catalyst_oauth))).is_success

@pytest_asyncio.fixture(loop_scope="session")
async def opened(catalyst_async_httpx):
    async with catalyst_async_httpx as client:
        yield client

@pytest.mark.asyncio(loop_scope="session")
async def test_opened(opened, catalyst_oauth):
    assert (await opened.get(url(catalyst_oauth))).is_success

# Clients that the whole session shares, so that connections outlive a cassette.

@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def shared_async_httpx():
    async with httpx.AsyncClient() as client:
        yield client

@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def shared_aiohttp():
    async with aiohttp.ClientSession() as client:
        yield client

@pytest.fixture(scope="session")
def shared_requests():
    with requests.Session() as client:
        yield client

@pytest.fixture(scope="class")
def shared_httpx():
    with httpx.Client() as client:
        yield client

@pytest.fixture(scope="module")
def shared_pool():
    return urllib3.PoolManager()

@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("number", [1, 2])
async def test_async(
    shared_async_httpx, shared_aiohttp, catalyst_cassette, catalyst_oauth, number
):
    asking = asked(catalyst_oauth)
    assert (await shared_async_httpx.get(**asking)).is_success
    async with shared_aiohttp.get(**asking) as reply:
        assert reply.status == 200

@pytest.mark.parametrize("number", [1, 2])
def test_blocking(
    number, shared_requests, shared_httpx, shared_pool,
    catalyst_cassette, catalyst_oauth,
):
    asking = asked(catalyst_oauth)
    assert shared_requests.get(**asking).ok
    assert shared_httpx.get(**asking).is_success
    assert shared_pool.request("GET", **asking).status == 200
"""
COUNT = 2 + 2 + 1 + 2 + 1 + 2 + 2


def test_all_shapes_are_recorded_and_replayed(
    pytester: pytest.Pytester, server: FakeServer
) -> None:
    """Doctests, unittest, loops of any scope, and clients that outlive their test."""
    for name, text in DOCTESTS.items():
        (pytester.path / name).write_text(text)
    pytester.makepyfile(test_shapes=SHAPES)

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(
            *("-p", "no:randomly", "-p", "no:anyio", "-p", "no:html", "-W", "default"),
            *("-p", "asyncio", "--doctest-modules", "--doctest-glob=*.md", *arguments),
        )

    assert run("--catalyst-oauth=record").parseoutcomes()["passed"] == COUNT

    assert len(server.fake.journal.token_requests) == 2, "asyncio's form is another"
    strict = ("--catalyst-oauth=replay", "--catalyst-oauth-strict")
    for how in ((), ("--import-mode=importlib", "-n", "2", "-p", "randomly")):
        done = run(*strict, *how)
        assert done.ret == 0, done.stdout.str()
        assert done.parseoutcomes()["passed"] == COUNT
    assert list((pytester.path / "cassettes").rglob("*.tmp")) == []
    assert main(["cassette", "lint", *where(pytester)]) == 0


def where(pytester: pytest.Pytester) -> tuple[str, ...]:
    """Return what names the project's cassettes to the command."""
    return (str(pytester.path / "cassettes"), "--rootdir", str(pytester.path))


def test_a_wider_fixture_is_told_why(pytester: pytest.Pytester, run) -> None:
    """Pytest names both; a cassette is one test's."""
    pytester.makepyfile("""
        import pytest

        @pytest.fixture(scope="class")
        def wide(catalyst_session): return catalyst_session

        def test_it(wide): pass
    """)

    result = run()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["ScopeMismatch: *catalyst_session*"])
