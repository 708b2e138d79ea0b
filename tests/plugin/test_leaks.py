"""A recording in which a secret survived."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.engine import Secret

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

LISTING = """
import os

def test_listed(catalyst_session, catalyst_oauth{more}):
    url = f"{{catalyst_oauth.project_url}}/table/Guests/row"
    catalyst_session.get(url, params={{"note": os.environ["NOTE"]}})
"""
# The scrubber was not told of it, and it looks like nothing.
WORDS = "plain-words-of-mine"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("more", ["", ", catalyst_cassette"])
def test_a_secret_of_the_environment_is_replaced_in_an_odd_place(
    pytester: pytest.Pytester,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    more: str,
) -> None:
    """A variable whose name speaks of a token: its value is known, even in base64."""
    value = "inv3nted/and-like-nothing"
    pytester.makepyfile(LISTING.format(more=more))
    monkeypatch.setenv("CATALYST_STAGING_TOKEN", value)
    monkeypatch.setenv("NOTE", base64.b64encode(f"see {value} there".encode()).decode())

    pytester.runpytest_subprocess("--catalyst-oauth=record").assert_outcomes(passed=1)

    (path,) = (pytester.path / "cassettes").rglob("*.yaml")
    assert not scan(path.read_bytes(), known=[Secret(value)])
    note = parse_qs(urlsplit(load(path)["interactions"][1]["request"]["uri"]).query)
    assert base64.b64decode(note["note"][0]) == b"see REDACTED-secret-1 there"


@pytest.mark.parametrize("more", ["", ", catalyst_cassette"])
def test_a_leak_fails_the_test_and_leaves_the_old_cassette(
    pytester: pytest.Pytester,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    more: str,
) -> None:
    """The report names the variable and the place; no file holds the value."""
    pytester.makepyfile(LISTING.format(more=more))
    monkeypatch.setenv("GUESTS_PASSWORD", WORDS)
    monkeypatch.setenv("NOTE", "nothing-to-see")
    pytester.runpytest_subprocess("--catalyst-oauth=record").assert_outcomes(passed=1)
    before = {path: path.read_bytes() for path in pytester.path.rglob("*.yaml")}

    monkeypatch.setenv("NOTE", WORDS)
    result = pytester.runpytest_subprocess("--catalyst-oauth=rewrite")

    text = result.stdout.str()
    after = {path: path.read_bytes() for path in pytester.path.rglob("*.yaml")}
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "interactions[1].request.uri: the value of the environment variable" in text
    assert "GUESTS_PASSWORD" in text
    assert WORDS not in text
    (path,) = before
    assert after == before
    assert [path] == list(path.parent.iterdir())


def test_a_first_recording_that_leaks_leaves_no_file(
    pytester: pytest.Pytester, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor half of one."""
    pytester.makepyfile(LISTING.format(more=""))
    monkeypatch.setenv("GUESTS_PASSWORD", WORDS)
    monkeypatch.setenv("NOTE", WORDS)

    result = pytester.runpytest_subprocess("--catalyst-oauth=record")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert not list((pytester.path / "cassettes").rglob("*.*"))


def test_what_the_list_allows_is_recorded(
    pytester: pytest.Pytester, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long id that is no secret: `cassette lint --allow-value` lets it through."""
    word = "q7Zp2mXw9KfT4vBn8sLd1Rc6"
    pytester.makepyfile(LISTING.format(more=""))
    monkeypatch.setenv("NOTE", word)
    refused = pytester.runpytest_subprocess("--catalyst-oauth=record")

    allowed = pytester.run(
        *(sys.executable, "-m", "pytest_catalyst_oauth"),
        *("cassette", "lint", "--allow-value"),
        stdin=f"{word}\n".encode(),
    )
    result = pytester.runpytest_subprocess("--catalyst-oauth=record")

    assert "lint --allow-value" in refused.stdout.str()
    assert word not in refused.stdout.str()
    assert allowed.ret == 0
    result.assert_outcomes(passed=1)
    assert list((pytester.path / "cassettes").rglob("*.yaml"))
