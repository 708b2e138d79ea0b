"""Old cassettes and left-over exchanges: told once, and mended by one command."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.plugin.conftest import BODY

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_catalyst_oauth.fake import FakeServer

NAMES = ("ada", "grace", "edsger")
MODULE = "\n".join(BODY.replace("test_guests", f"test_{name}") for name in NAMES)


def age(path: Path, days: int) -> None:
    """Let a cassette have been recorded days ago."""
    then = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    text = re.sub(r"recorded_at: .*", f"recorded_at: '{then}'", path.read_text())
    path.write_text(text)


def lines(result: pytest.RunResult) -> list[str]:
    """Return what the terminal summary says of ours."""
    return [x for x in result.stdout.lines if re.match(r"catalyst-oauth: \d", x)]


@pytest.fixture
def folder(pytester: pytest.Pytester, server: FakeServer, run) -> Path:
    """Three cassettes, of 200 and 100 days ago and of today."""
    pytester.makepyfile(test_guests=MODULE)
    run("--catalyst-oauth=record").assert_outcomes(passed=3)
    folder = pytester.path / "cassettes/test_guests"
    age(folder / "test_ada.yaml", 100)
    age(folder / "test_grace.yaml", 200)
    return folder


@pytest.mark.parametrize("workers", ["0", "2"])
def test_old_cassettes_are_counted_in_one_line(
    pytester: pytest.Pytester, folder: Path, run, workers: str
) -> None:
    """With the oldest of them, and the command that records just those again."""
    replay = ("--catalyst-oauth=replay", "-n", workers)

    result = run(*replay, "--catalyst-oauth-max-age=90d")

    result.assert_outcomes(passed=3)
    (line,) = lines(result)
    assert line.startswith(
        "catalyst-oauth: 2 cassettes are older than 90d, the oldest "
        "cassettes/test_guests/test_grace.yaml of 20"
    )
    assert line.endswith("pytest --catalyst-oauth=rewrite --catalyst-oauth-max-age=90d")
    if workers == "0":
        assert lines(run(*replay, "--catalyst-oauth-max-age=1000d")) == []


MANY = """
import pytest

@pytest.mark.parametrize("number", range(14))
def test_many(number, catalyst_token): pass
"""
OLD = "--catalyst-oauth-max-age=90d"
FILTER = "::pytest_catalyst_oauth.fixtures.OldCassetteWarning"


@pytest.fixture
def many(pytester: pytest.Pytester, server: FakeServer, run) -> Path:
    """Fourteen cassettes of 100 to 113 days ago."""
    pytester.makepyfile(test_many=MANY)
    run("--catalyst-oauth=record").assert_outcomes(passed=14)
    for number, path in enumerate((pytester.path / "cassettes/test_many").iterdir()):
        age(path, 100 + number)
    return pytester.path / "cassettes/test_many"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_oldest_are_listed_and_nobody_warns_as_well(
    many: Path, run, workers: str
) -> None:
    """Ten with their ages, in one place; pytest's summary of warnings has none."""
    result = run("--catalyst-oauth=replay", OLD, "-n", workers)

    result.assert_outcomes(passed=14, warnings=0)
    listed = [x for x in result.stdout.lines if re.match(r" +\d+ days  ", x)]
    assert [int(x.split()[0]) for x in listed] == list(range(113, 103, -1))
    assert {x.split()[-1] for x in listed} <= {
        f"cassettes/test_many/{path.name}" for path in many.iterdir()
    }
    assert "  and 4 more; -v lists them all" in result.stdout.lines
    if workers == "0":
        verbose = run("--catalyst-oauth=replay", OLD, "-v").stdout.lines
        assert len([x for x in verbose if re.match(r" +\d+ days  ", x)]) == 14


def test_a_filter_makes_an_old_cassette_fail_or_keeps_it_quiet(many: Path, run) -> None:
    """By the category, as for any other warning; in one sentence, each test."""
    failed = run("--catalyst-oauth=replay", OLD, "-W", f"error{FILTER}")

    failed.assert_outcomes(errors=14)
    assert "which is more than 90 days" in failed.stdout.str()
    assert "Traceback" not in failed.stdout.str()
    quiet = run("--catalyst-oauth=replay", OLD, "-W", f"ignore{FILTER}")
    quiet.assert_outcomes(passed=14)
    assert lines(quiet) == []


def test_the_command_chooses_the_tests_that_were_chosen(many: Path, run) -> None:
    """Others may be old as well; nobody looked at them."""
    chosen = ("-k", "test_many and not 13", "test_many.py")

    (line,) = lines(run("--catalyst-oauth=replay", OLD, *chosen))

    assert line.endswith(f"{OLD} -k 'test_many and not 13' test_many.py")


def test_what_a_marker_allows_does_not_widen_the_command(
    pytester: pytest.Pytester, folder: Path, run
) -> None:
    """A test with an age of its own has it also in the command."""
    module = MODULE.replace(
        "def test_ada", "@pytest.mark.catalyst_oauth(max_age='5d')\ndef test_ada"
    )
    pytester.makepyfile(test_guests="import pytest\n" + module)
    age(folder / "test_ada.yaml", 300)
    age(folder / "test_edsger.yaml", 100)

    (line,) = lines(run("--catalyst-oauth=replay", "--catalyst-oauth-max-age=150d"))

    assert "2 cassettes are older than they may be" in line
    before = (folder / "test_edsger.yaml").read_text()
    command = shlex.split(line.rpartition("again: ")[2])
    run(*command[1:]).assert_outcomes(passed=3)
    assert (folder / "test_edsger.yaml").read_text() == before


def test_the_command_rewrites_just_the_old_ones(
    pytester: pytest.Pytester, server: FakeServer, folder: Path, run
) -> None:
    """What is young enough is replayed; afterwards nothing is old."""
    before = {path.name: path.read_text() for path in folder.iterdir()}
    (line,) = lines(run("--catalyst-oauth=replay", "--catalyst-oauth-max-age=90d"))
    command = shlex.split(line.rpartition("again: ")[2])

    run(*command[1:]).assert_outcomes(passed=3)

    changed = {x.name for x in folder.iterdir() if before[x.name] != x.read_text()}
    assert changed == {"test_ada.yaml", "test_grace.yaml"}
    assert lines(run("--catalyst-oauth=replay", "--catalyst-oauth-max-age=90d")) == []


def test_a_max_age_of_the_ini_file_narrows_no_rewrite(
    pytester: pytest.Pytester, server: FakeServer, folder: Path, run
) -> None:
    """It is there for replay; who says `rewrite` alone means all."""
    before = {path.name: path.read_text() for path in folder.iterdir()}
    pytester.makeini("[pytest]\ncatalyst_oauth_max_age = 90d\n")

    run("--catalyst-oauth=rewrite").assert_outcomes(passed=3)

    assert all(before[path.name] != path.read_text() for path in folder.iterdir())


def test_parts_of_a_shared_cassette_age_each_for_themselves(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """A narrowed rewrite replaces the old part only."""
    marker = (
        "import pytest\npytestmark = pytest.mark.catalyst_oauth(cassette='s.yaml')\n"
    )
    pytester.makepyfile(test_guests=marker + MODULE)
    run("--catalyst-oauth=record").assert_outcomes(passed=3)
    path = pytester.path / "cassettes/s.yaml"
    # The first after `recorded_with` is the first part's.
    then = (datetime.now(UTC) - timedelta(days=200)).isoformat()
    dates = re.findall(r"recorded_at: '(.*)'", path.read_text())
    path.write_text(path.read_text().replace(dates[1], then))
    old = ("--catalyst-oauth-max-age=90d",)
    (line,) = lines(run("--catalyst-oauth=replay", *old))
    assert "1 cassette is older than 90d" in line

    run("--catalyst-oauth=rewrite", *old).assert_outcomes(passed=3)

    after = re.findall(r"recorded_at: '(.*)'", path.read_text())
    assert [x for x in after[1:] if x in dates] == sorted(
        set(dates[1:]) - {dates[1]}, key=after.index
    )
    assert lines(run("--catalyst-oauth=replay", *old)) == []


def test_a_reporter_that_keeps_no_reports_tells_it_too(
    pytester: pytest.Pytester, folder: Path, run
) -> None:
    """Some forget a report once its letter is printed."""
    pytester.makeconftest(
        """
        def pytest_runtest_logfinish():
            for reports in reporter.stats.values():
                reports.clear()

        def pytest_sessionstart(session):
            global reporter
            reporter = session.config.pluginmanager.getplugin("terminalreporter")
        """
    )

    result = run("--catalyst-oauth=replay", "--catalyst-oauth-max-age=90d")

    assert "2 cassettes are older" in "".join(lines(result))


def test_unused_exchanges_are_told_without_strict(
    pytester: pytest.Pytester, server: FakeServer, folder: Path, run
) -> None:
    """How many, in which cassette, and the command; a failing test counts for none."""
    pytester.makepyfile(
        test_guests="""
        def test_ada(catalyst_token): pass
        def test_grace(catalyst_oauth): assert False
        """
    )

    for workers in ("0", "2"):
        result = run("--catalyst-oauth=replay", "-n", workers)
        result.assert_outcomes(passed=1, failed=1)
        (line,) = lines(result)
        assert line == (
            "catalyst-oauth: 1 recorded exchange is not asked for, 1 of them in "
            "cassettes/test_guests/test_ada.yaml; record again: "
            "pytest --catalyst-oauth=rewrite test_guests.py::test_ada"
        )
    strict = run("--catalyst-oauth=replay", "--catalyst-oauth-strict")
    strict.assert_outcomes(passed=1, errors=1, failed=1)
    assert "holds 1 exchange that the test did not make" in strict.stdout.str()
