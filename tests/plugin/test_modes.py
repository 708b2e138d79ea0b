"""One test body, five modes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import BODY, spellings

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

CASSETTE = "cassettes/test_modes_of_a_user/test_guests.yaml"
MODULE = {"test_modes_of_a_user": BODY}


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with one test, whose body names no mode."""
    pytester.makepyfile(**MODULE)
    return pytester


def test_the_fake_needs_nothing(project: pytest.Pytester, run) -> None:
    """Without any option, file or variable the test runs against the fake."""
    run().assert_outcomes(passed=1)

    assert not (project.path / "cassettes").exists()


def test_one_body_passes_faked_recorded_and_replayed(
    project: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """The same test gives the same result in fake, record, and replay offline."""
    run("--catalyst-oauth=fake").assert_outcomes(passed=1)
    asked = len(server.fake.journal)
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    recorded = len(server.fake.journal)
    replayed = apart("--catalyst-oauth=replay")

    replayed.assert_outcomes(passed=1)
    assert (asked, recorded) == (0, 2)
    assert len(server.fake.journal) == recorded
    assert (project.path / CASSETTE).exists()


def test_a_cassette_holds_no_secret_in_any_spelling(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """Neither the secrets that were configured nor the token that came are written."""
    issued = []
    project.makeconftest("""
        def pytest_runtest_teardown(item):
            token = item.funcargs["catalyst_oauth"].credentials.token()
            with open("issued.txt", "w") as file:
                file.write(token.access_token.reveal())
    """)

    run("--catalyst-oauth=record").assert_outcomes(passed=1)

    issued.append((project.path / "issued.txt").read_text())
    issued.append(server.fake.refresh_token.reveal())
    issued.append(server.fake.client.client_secret.reveal())
    issued.append(server.fake.client.client_id)
    text = (project.path / CASSETTE).read_text()
    assert "grant_type" in text
    assert [s for secret in issued for s in spellings(secret) if s in text] == []
    assert "127.0.0.1" not in re.sub(r"(?m)^#.*$", "", text)


def test_replay_works_on_another_day(
    project: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """Recorded tokens do not expire: time is the recording's."""
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    path = project.path / CASSETTE
    path.write_text(re.sub(r"20\d\d-\d\d-\d\d", "2020-02-02", path.read_text()))

    apart("--catalyst-oauth=replay").assert_outcomes(passed=1)


def test_replay_works_in_workers(
    project: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """Under pytest-xdist each worker finds its tests' cassettes."""
    names = ("ada", "grace", "edsger", "barbara")
    bodies = (BODY.replace("test_guests", f"test_{name}") for name in names)
    project.makepyfile(test_modes_of_a_user="\n".join(bodies))
    run("--catalyst-oauth=record").assert_outcomes(passed=4)

    project.runpytest_subprocess(
        "-p", "no:randomly", "--catalyst-oauth=replay", "-n", "2"
    ).assert_outcomes(passed=4)


def test_a_whole_session_records_with_one_token_request(
    project: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """Twelve recorded tests stay within Zoho's quota, and each replays alone."""
    body = BODY.replace("test_guests(", "test_guests(number, ").lstrip()
    project.makepyfile(
        test_modes_of_a_user="import pytest\n"
        f"@pytest.mark.parametrize('number', range(12))\n{body}"
    )

    run("--catalyst-oauth=record").assert_outcomes(passed=12)

    assert len(server.fake.journal.token_requests) == 1
    apart("--catalyst-oauth=replay", "-k", "7").assert_outcomes(passed=1)


def test_a_flow_that_renews_its_token_replays(
    project: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """A test may move the clock past the hour; the renewal is recorded and replayed."""
    project.makepyfile(
        test_modes_of_a_user="""
        def test_guests(catalyst_session, catalyst_oauth):
            url = f"{catalyst_oauth.project_url}/table/Guests/row"
            first = catalyst_oauth.credentials.token()
            assert catalyst_session.get(url).ok

            catalyst_oauth.clock.advance(hours=1)

            assert catalyst_session.get(url).ok
            assert catalyst_oauth.credentials.token() != first
            assert len(catalyst_oauth.journal.token_requests) == 2
        """
    )
    run("--catalyst-oauth=fake").assert_outcomes(passed=1)
    run("--catalyst-oauth=record").assert_outcomes(passed=1)

    apart("--catalyst-oauth=replay").assert_outcomes(passed=1)


def test_record_keeps_what_is_there_and_rewrite_starts_over(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """An existing cassette is replayed by record, and replaced by rewrite."""
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    path = project.path / CASSETTE
    first, asked = path.read_text(), len(server.fake.journal)

    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    kept, asked_again = path.read_text(), len(server.fake.journal)
    run("--catalyst-oauth=rewrite").assert_outcomes(passed=1)

    assert (kept, asked_again) == (first, asked)
    assert path.read_text() != first
    assert len(server.fake.journal) > asked


@pytest.mark.parametrize("mode", ["record", "rewrite"])
def test_a_failing_test_writes_nothing(
    project: pytest.Pytester, server: FakeServer, run, mode: str
) -> None:
    """The old cassette, or none, is what a failing test leaves behind."""
    path = project.path / CASSETTE
    path.parent.mkdir(parents=True)
    if mode == "rewrite":
        path.write_text("# as it was\n")
    project.makepyfile(test_modes_of_a_user=BODY + "    assert False\n")

    run(f"--catalyst-oauth={mode}").assert_outcomes(failed=1)

    left = [file.name for file in path.parent.iterdir()]
    assert left == (["test_guests.yaml"] if mode == "rewrite" else [])
    assert mode == "record" or path.read_text() == "# as it was\n"


def test_live_writes_no_cassette_and_keeps_its_token(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """Two live sessions within the hour cost one token request."""
    run("--catalyst-oauth=live").assert_outcomes(passed=1)
    run("--catalyst-oauth=live").assert_outcomes(passed=1)

    assert len(server.fake.journal.token_requests) == 1
    assert not (project.path / "cassettes").exists()


def test_a_test_without_calls_replays(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """A recorded test that asked nobody anything needs nothing in replay either."""
    pytester.makepyfile("def test_quiet(catalyst_oauth): pass")
    run("--catalyst-oauth=record").assert_outcomes(passed=1)

    apart("--catalyst-oauth=replay").assert_outcomes(passed=1)


def test_a_failing_subtest_writes_nothing(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """Its test goes on and may end well, but it did not pass."""
    project.makepyfile(
        test_modes_of_a_user="""
        import unittest

        def test_guests(catalyst_session, catalyst_oauth, subtests):
            with subtests.test():
                catalyst_session.get(f"{catalyst_oauth.project_url}/table/Guests")
                assert False
        """
    )

    run("--catalyst-oauth=record")

    assert not (project.path / CASSETTE).exists()


def test_a_skipping_test_skips_in_replay(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """It is recorded as far as it came, so that replay finds what it needs."""
    pytester.makepyfile("""
        import pytest

        def test_skipped(catalyst_oauth):
            pytest.skip("not today")
    """)
    run("--catalyst-oauth=record").assert_outcomes(skipped=1)

    apart("--catalyst-oauth=replay").assert_outcomes(skipped=1)


def test_a_project_id_can_come_from_the_environment(
    project: pytest.Pytester, server: FakeServer, run
) -> None:
    """A plain VCR.py cassette does not say it."""
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    path = project.path / CASSETTE
    text = path.read_text()
    start, end = text.index("recorded_with:"), text.index("interactions:")
    path.write_text(text[:start] + text[end:])

    run("--catalyst-oauth=replay").assert_outcomes(passed=1)
