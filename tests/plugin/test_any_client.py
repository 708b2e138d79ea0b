"""`catalyst_cassette`: all HTTP calls of a test, by any library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_catalyst_oauth.cassette import Cassette

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

BODY = """
import os, pytest
import httpx, requests

HOST = {"record": os.environ.get("CATALYST_OAUTH_ACCOUNTS_URL"), "replay": ZOHO}
FORM = dict(grant_type="refresh_token", client_id="x", client_secret="hush-hush-4711")

@pytest.mark.parametrize("post", [requests.post, httpx.post])
def test_own_client(catalyst_cassette, post, request):
    mode = request.config.getoption("catalyst_oauth_mode")

    reply = post(HOST[mode] + "/oauth/v2/token", data=FORM)

    assert reply.json() == {"error": "invalid_client"}
    assert catalyst_cassette.name.startswith("test_own_client")
""".replace("ZOHO", repr("https://accounts.zoho.com"))


def test_any_library_is_recorded_and_replayed(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """requests and httpx alike, scrubbed, and without network afterwards."""
    pytester.makepyfile(BODY)

    run("--catalyst-oauth=record").assert_outcomes(passed=2)

    written = list((pytester.path / "cassettes").rglob("*.yaml"))
    assert len(written) == 2
    assert "hush-hush" not in "".join(path.read_text() for path in written)
    apart("--catalyst-oauth=replay").assert_outcomes(passed=2)


def test_it_joins_the_session_on_one_tape(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """The session's calls and those of other libraries land in one cassette."""
    pytester.makepyfile("""
        import httpx

        def test_both(catalyst_session, catalyst_oauth, catalyst_cassette):
            url = f"{catalyst_oauth.project_url}/table/Guests/row"
            header = {"Authorization": catalyst_oauth.credentials.authorization()}

            first = catalyst_session.get(url).json()["data"]
            second = httpx.get(url, headers=header).json()["data"]

            assert first == second
    """)

    run("--catalyst-oauth=record").assert_outcomes(passed=1)

    asked = [exchange.path for exchange in server.fake.journal]
    assert len(asked) == 3
    apart("--catalyst-oauth=replay", "--catalyst-oauth-strict").assert_outcomes(
        passed=1
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_many_tests_share_one_token_request(
    pytester: pytest.Pytester, server: FakeServer, run, apart, workers: str
) -> None:
    """Zoho allows ten in ten minutes; yet each cassette has one, and replays alone."""
    pytester.makepyfile("""
        import pytest, requests

        @pytest.mark.parametrize("number", range(14))
        def test_many(catalyst_cassette, catalyst_oauth, number):
            header = {"Authorization": catalyst_oauth.credentials.authorization()}
            url = f"{catalyst_oauth.project_url}/table"
            assert requests.get(url, headers=header).ok
    """)

    run("--catalyst-oauth=record", "-n", workers).assert_outcomes(passed=14)

    assert len(server.fake.journal.token_requests) == 1
    for path in (pytester.path / "cassettes").rglob("*.yaml"):
        assert [
            exchange.request.url.rpartition("/")[2]
            for exchange in Cassette.load(path).exchanges
        ] == ["token", "table"]
    apart("--catalyst-oauth=replay", "--catalyst-oauth-strict").assert_outcomes(
        passed=14
    )


def test_nobody_needs_a_client_to_record(
    pytester: pytest.Pytester, server: FakeServer, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code that brings its own credentials is recorded without any configuration."""
    monkeypatch.delenv("CATALYST_OAUTH_CLIENT_ID")
    pytester.makepyfile(BODY)

    run("--catalyst-oauth=record").assert_outcomes(passed=2)


@pytest.mark.parametrize("mode", ["fake", "live"])
def test_without_cassettes_it_is_none(
    pytester: pytest.Pytester, server: FakeServer, run, mode: str
) -> None:
    """The modes that write nothing give no path."""
    pytester.makepyfile(
        "def test_none(catalyst_cassette): assert not catalyst_cassette"
    )

    run(f"--catalyst-oauth={mode}").assert_outcomes(passed=1)
