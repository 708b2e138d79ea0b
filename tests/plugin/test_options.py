"""Which of several places decides, and what the report says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_catalyst_oauth import plugin
from pytest_catalyst_oauth.fixtures._settings import OPTIONS, JournalReport, Mode
from tests.plugin.conftest import BODY

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

SAYS_MODE = """
import pytest

def test_mode(catalyst_oauth):
    assert catalyst_oauth.mode == "replay", catalyst_oauth.mode
"""


@pytest.mark.parametrize(
    ("marker", "line", "environment", "ini", "expected"),
    [
        ("replay", "fake", "fake", "fake", "replay"),
        (None, "replay", "fake", "fake", "replay"),
        (None, None, "replay", "fake", "replay"),
        (None, None, None, "replay", "replay"),
        (None, None, None, None, "fake"),
        (None, None, "", None, "fake"),
    ],
)
def test_the_strongest_place_decides(
    pytester: pytest.Pytester,
    run,
    monkeypatch: pytest.MonkeyPatch,
    marker: str | None,
    line: str | None,
    environment: str | None,
    ini: str | None,
    expected: str,
) -> None:
    """Marker, then command line, then environment, then ini, then the default."""
    mark = f"@pytest.mark.catalyst_oauth(mode={marker!r})\n" if marker else ""
    pytester.makepyfile(
        f"import pytest\n{mark}"
        "def test_mode(request):\n"
        "    from pytest_catalyst_oauth.fixtures import settings_of\n"
        f"    assert settings_of(request.node).mode == {expected!r}\n"
    )
    if environment is not None:
        monkeypatch.setenv("CATALYST_OAUTH_MODE", environment)
    if ini:
        pytester.makeini(f"[pytest]\ncatalyst_oauth_mode = {ini}\n")

    run(*([f"--catalyst-oauth={line}"] if line else [])).assert_outcomes(passed=1)


def test_the_command_line_offers_all_that_the_settings_know() -> None:
    """What a marker may say, an option may say; pytest's help lists it."""
    assert tuple(Mode) == plugin._MODES
    assert tuple(JournalReport) == plugin._REPORTS
    assert tuple(plugin._FLAGS) == OPTIONS


@pytest.mark.parametrize("name", ["DATA_CENTER", "MODE", "STRICT"])
def test_a_test_changes_the_environment_of_no_other(
    pytester: pytest.Pytester, run, name: str
) -> None:
    """Or the order of the tests would decide what they mean."""
    pytester.makepyfile(f"""
        def test_first(monkeypatch, request):
            monkeypatch.setenv("CATALYST_OAUTH_{name}", "eu")
            assert str(request.getfixturevalue("catalyst_oauth").mode) == "fake"

        def test_second(catalyst_oauth):
            assert catalyst_oauth.client.data_center.location == "us"
            assert catalyst_oauth.mode == "fake"
    """)

    run("-p", "no:randomly").assert_outcomes(passed=2)


def test_the_cassettes_of_a_file_hide_no_tests(pytester: pytest.Pytester, run) -> None:
    """Whoever names a file instead of a folder loses no test without a word."""
    path = pytester.makepyfile(test_one="def test_one(): pass")

    run(f"--catalyst-oauth-cassettes={path.name}").assert_outcomes(passed=1)


def test_the_closest_marker_wins(pytester: pytest.Pytester, run) -> None:
    """A class says something for all its tests, a test says more for itself."""
    pytester.makepyfile("""
        import pytest
        from pytest_catalyst_oauth.fixtures import settings_of

        @pytest.mark.catalyst_oauth(data_center="eu", profile="admin")
        class TestMarked:
            @pytest.mark.catalyst_oauth(data_center="in")
            def test_own(self, request):
                settings = settings_of(request.node)
                assert (settings.data_center, settings.profile) == ("in", "admin")
    """)

    run().assert_outcomes(passed=1)


def test_cassettes_go_where_they_are_told(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """The folder is relative to the rootdir, and the marker names a file in it."""
    pytester.makepyfile(
        "import pytest\n@pytest.mark.catalyst_oauth(cassette='shared/guests.yaml')\n"
        + BODY.lstrip()
    )

    run("--catalyst-oauth=record", "--catalyst-oauth-cassettes=tapes")

    assert (pytester.path / "tapes/shared/guests.yaml").exists()


def test_names_that_no_file_system_takes_get_a_safe_file(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """Parameters may hold slashes, colons or a thousand letters, and stay apart."""
    values = ["a/b", "a:b", "a b", "..", "x" * 1000, "é", "CON"]
    pytester.makepyfile(
        "import pytest\n"
        f"@pytest.mark.parametrize('value', {values!r})\n"
        + BODY.lstrip().replace("(", "(value, ", 1)
    )

    run("--catalyst-oauth=record").assert_outcomes(passed=len(values))

    files = list((pytester.path / "cassettes").rglob("*.yaml"))
    assert len({str(file).lower() for file in files}) == len(values)
    assert max(len(file.name) for file in files) < 150
    apart("--catalyst-oauth=replay").assert_outcomes(passed=len(values))


@pytest.mark.parametrize(
    ("journal", "shown"),
    [("off", 0), ("failed", 1), ("all", 2), (None, 1)],
)
def test_the_journal_is_printed_for_the_tests_it_was_asked_for(
    pytester: pytest.Pytester, run, journal: str | None, shown: int
) -> None:
    """By default a failing test shows what it exchanged, a passing one does not."""
    pytester.makepyfile(
        BODY + BODY.replace("test_guests", "test_failing") + "    assert False\n"
    )
    option = [f"--catalyst-oauth-journal={journal}"] if journal else []

    result = run("-rA", *option)

    text = result.stdout.str()
    assert text.count("- catalyst-oauth journal -") == shown
    assert text.count("table/Guests/row -> 200 success") == shown


def test_an_old_cassette_is_told_and_fails_under_strict(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """`--catalyst-oauth-max-age` tells how old a recording may be."""
    pytester.makepyfile(BODY)
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    old = ("--catalyst-oauth=replay", "--catalyst-oauth-max-age=0s")

    run("--catalyst-oauth=replay", "--catalyst-oauth-max-age=1d").assert_outcomes(
        passed=1, warnings=0
    )
    told = run(*old)
    failed = run(*old, "--catalyst-oauth-strict")

    told.assert_outcomes(passed=1, warnings=0)
    assert "1 cassette is older than 0s" in told.stdout.str()
    failed.assert_outcomes(errors=1)
    assert "which is more than 0:00:00 ago" in failed.stdout.str()
    assert "pytest --catalyst-oauth=rewrite" in failed.stdout.str()


def test_unused_exchanges_fail_under_strict(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """A recording that says more than the test asks is stale."""
    pytester.makepyfile(BODY.replace("    assert", "    if 1: pass\n    assert"))
    run("--catalyst-oauth=record").assert_outcomes(passed=1)
    pytester.makepyfile("def test_guests(catalyst_oauth): pass")

    run("--catalyst-oauth=replay").assert_outcomes(passed=1)
    strict = run("--catalyst-oauth=replay", "--catalyst-oauth-strict")

    strict.assert_outcomes(passed=1, errors=1)
    assert "holds 2 exchanges that the test did not make" in strict.stdout.str()


def test_strict_refuses_calls_that_nobody_faked(pytester: pytest.Pytester, run) -> None:
    """Under strict a call to a foreign host fails with its name, not with its query."""
    pytester.makepyfile("""
        import pytest, requests

        def test_call(fake_catalyst):
            with pytest.raises(requests.ConnectionError) as caught:
                requests.get("https://example.com/?token=hush")
            assert "https://example.com is not faked" in str(caught.value)
            assert "hush" not in str(caught.value)
    """)

    run("--catalyst-oauth-strict").assert_outcomes(passed=1)


def test_the_header_names_the_mode(pytester: pytest.Pytester, run) -> None:
    """A session that is not faked says so in its first lines."""
    pytester.makepyfile("def test_nothing(): pass")

    assert "catalyst-oauth: mode replay" in run("--catalyst-oauth=replay").stdout.str()
    assert "catalyst-oauth: mode" not in run().stdout.str()


LISTS_FILES = """
from pathlib import Path

def pytest_collect_file(file_path):
    with Path("seen.txt").open("a") as seen:
        print(file_path.name, file=seen)
"""


@pytest.mark.parametrize(
    ("name", "is_visited"),
    [("test_other.yaml", False), ("test_other.py", True), ("test_other.txt", True)],
)
def test_cassettes_are_no_tests(
    pytester: pytest.Pytester, run, name: str, is_visited: bool
) -> None:
    """Thousands of files are not asked about, unless one of them may be a test."""
    pytester.makeconftest(LISTS_FILES)
    pytester.makepyfile("def test_something(): pass")
    folder = pytester.mkdir("cassettes")
    (folder / "inner").mkdir()
    (folder / "test_recorded.yaml").write_text("")
    (folder / "inner" / name).write_text("")

    run().assert_outcomes(passed=1)

    seen = Path("seen.txt").read_text(encoding="utf-8").split()
    assert ("test_recorded.yaml" in seen, name in seen) == (is_visited, is_visited)
