"""pytest's hooks: options, the marker, and the journal in reports.

Each module that a plugin imports at its start costs everybody half a millisecond, also
who uses none of its fixtures. So what reads settings comes when somebody says one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from pytest_catalyst_oauth import fixtures, hookspecs
from pytest_catalyst_oauth.fixtures import (
    Requested,
    Summary,
    clear_failure,
    end_attempt,
    known_attempt,
    new_attempt,
)

if TYPE_CHECKING:
    from collections.abc import Generator

_HELP = {
    "mode": "where tokens and answers come from (default: fake)",
    "cassettes": "folder of the cassettes (default: cassettes at the rootdir)",
    "max_age": "report replayed cassettes older than this, for example 90d",
    "strict": "old cassettes, unused or missing exchanges and un-faked calls "
    "fail the test",
    "journal": "print the journal of exchanges for these tests (default: failed)",
}
_FLAGS = {
    "mode": "--catalyst-oauth",
    "cassettes": "--catalyst-oauth-cassettes",
    "max_age": "--catalyst-oauth-max-age",
    "strict": "--catalyst-oauth-strict",
    "journal": "--catalyst-oauth-journal",
}
_MODES = ("fake", "replay", "record", "rewrite", "live")
_REPORTS = ("off", "failed", "all")
_CASSETTES = pytest.StashKey[Path]()
_MARKER = (
    "catalyst_oauth(scopes, data_center, profile, mode, cassette, cassettes, max_age, "
    "strict, journal): what this test needs from Zoho Catalyst; "
    "stronger than all options"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each on the command line and in the ini file."""
    group = parser.getgroup("catalyst-oauth", "OAuth tokens for Zoho Catalyst")
    extra: dict[str, dict[str, Any]] = {
        "mode": {"metavar": "MODE", "choices": _MODES},
        "cassettes": {"metavar": "DIR"},
        "max_age": {"metavar": "DURATION"},
        # None, not False: "not given" must stay visible to the environment and the ini.
        "strict": {"action": "store_const", "const": True},
        "journal": {"choices": _REPORTS},
    }
    for name, flag in _FLAGS.items():
        group.addoption(
            flag,
            dest=f"catalyst_oauth_{name}",
            default=None,
            help=_HELP[name],
            **extra[name],
        )
        parser.addini(f"catalyst_oauth_{name}", _HELP[name], default=None)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare our hooks."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures, and refuse wrong options early."""
    config.addinivalue_line("markers", _MARKER)
    config.stash[fixtures.ENVIRONMENT] = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("CATALYST_OAUTH_")
    }
    folder = config.rootpath / "cassettes"
    if _says_something(config):
        folder = fixtures.checked_settings(config).cassettes
    config.stash[_CASSETTES] = folder
    config.pluginmanager.register(fixtures, "catalyst_oauth_fixtures")
    config.pluginmanager.register(Requested(), "catalyst_oauth_requested")
    config.pluginmanager.register(Summary(), "catalyst_oauth_summary")


def pytest_ignore_collect(
    collection_path: Path, config: pytest.Config
) -> Literal[True] | None:
    """Look for no tests among cassettes; there may be thousands of them."""
    if collection_path != config.stash[_CASSETTES] or not collection_path.is_dir():
        return None
    return True if fixtures.holds_only_cassettes(collection_path) else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of pytest-xdist share one token request."""
    fixtures.share_folder(node)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin an attempt at a test; after a failure there may be another."""
    new_attempt(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Write a cassette when nothing of its test can fail any more."""
    yield
    if (attempt := known_attempt(item)) is not None:
        with clear_failure:
            attempt.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test passed, and show its journal in the report."""
    if call.excinfo is not None:
        fixtures.hide_requests(call.excinfo.value)
    report = yield
    if (attempt := known_attempt(item)) is None:
        return report
    if report.when == "call":
        attempt.judge(report, item.session.testsfailed)
    fixtures.show_journal(item, report, attempt)
    if report.when == "teardown":
        if told := attempt.told():
            report.catalyst_oauth = told  # type: ignore[attr-defined]  # for Summary
        end_attempt(item)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Show no token where a call was interrupted; `--full-trace` prints all frames."""
    fixtures.hide_requests(excinfo.value)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Name the mode, unless it is the default."""
    if not _says_something(config):
        return None
    settings = fixtures.checked_settings(config)
    if settings.mode == "fake":
        return None
    return f"catalyst-oauth: mode {settings.mode}, cassettes in {settings.cassettes}"


def _says_something(config: pytest.Config) -> bool:
    """Tell whether the command line, the ini file or the environment name a setting."""
    return any(
        config.getoption(f"catalyst_oauth_{name}") is not None
        or config.getini(f"catalyst_oauth_{name}")
        for name in _FLAGS
    ) or bool(config.stash[fixtures.ENVIRONMENT])


def __dir__() -> list[str]:
    """Name the hooks alone; pytest looks at each name whether it is a fixture."""
    return [name for name in globals() if name.startswith("pytest_")]
