"""`catalyst_httpx` and `catalyst_async_httpx`: clients that authorize themselves."""

from __future__ import annotations

import pytest

BOTH = """
import asyncio
import pytest

def url(handle):
    return f"{handle.project_url}/table/Guests/row"

def names(reply):
    return [row["Name"] for row in reply.json()["data"]]

def test_sync(catalyst_httpx, catalyst_oauth):
    assert names(catalyst_httpx.get(url(catalyst_oauth))) == ["Ada", "Grace"]
    assert len(catalyst_oauth.journal.token_requests) <= 1

def test_async(catalyst_async_httpx, catalyst_oauth):
    async def main():
        async with catalyst_async_httpx as client:
            calls = [client.get(url(catalyst_oauth)) for _ in range(4)]
            return await asyncio.gather(*calls)

    assert [names(reply) for reply in asyncio.run(main())] == [["Ada", "Grace"]] * 4
    assert len(catalyst_oauth.journal.token_requests) <= 1
"""


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(BOTH)


def test_the_fake_answers_by_default(run) -> None:
    """Nothing has to be configured, and nothing leaves the process."""
    run().assert_outcomes(passed=2)


def test_every_mode_serves_the_same_test_body(run, apart, server) -> None:
    """Live, recorded, and replayed without any network."""
    run("--catalyst-oauth=live").assert_outcomes(passed=2)
    assert len(server.fake.journal.token_requests) == 1
    run("--catalyst-oauth=record").assert_outcomes(passed=2)
    asked = len(server.fake.journal)

    # An event loop needs a pair of sockets to wake itself up.
    apart("--catalyst-oauth=replay", "--allow-unix-socket").assert_outcomes(passed=2)
    run("--catalyst-oauth=replay").assert_outcomes(passed=2)
    assert len(server.fake.journal) == asked


def test_a_failing_fake_is_met_and_no_time_passes(
    pytester: pytest.Pytester, run
) -> None:
    """A pause between two attempts moves the test's clock instead."""
    pytester.makepyfile("""
        import time

        def test_retry(fake_catalyst, catalyst_httpx, catalyst_oauth):
            fake_catalyst.fail("token", times=1, headers={"Retry-After": "25"})
            before, really = catalyst_oauth.clock(), time.time()

            reply = catalyst_httpx.get(f"{catalyst_oauth.project_url}/table/Guests/row")

            assert reply.status_code == 200
            statuses = [exchange.status for exchange in catalyst_oauth.journal]
            assert statuses == [503, 200, 200]
            moved = catalyst_oauth.clock() - before - (time.time() - really)
            assert round(moved) == 25
    """)

    run().assert_outcomes(passed=1)


def test_without_httpx_the_message_says_what_to_do(
    pytester: pytest.Pytester, apart
) -> None:
    """One sentence, no traceback; and only tests that want a client see it."""
    pytester.makeconftest("""
        import importlib.abc, sys

        class Wall(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path=None, target=None):
                if name == "httpx":
                    raise ModuleNotFoundError("No module named 'httpx'", name=name)

        sys.meta_path.insert(0, Wall())

        def pytest_collection_modifyitems(items):
            assert "httpx" not in sys.modules
    """)
    pytester.makepyfile(
        test_session="""
        def test_session(catalyst_session):
            pass
    """
    )

    result = apart()

    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(
        "*the Python library 'httpx'*is not installed*"
        "pip install 'pytest-catalyst-oauth[[]httpx]'*"
    )
    result.stdout.no_fnmatch_line("*Traceback*")
