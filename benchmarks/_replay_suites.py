"""Suites of tests that do the same, each with another tool; recorded, then replayed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_REQUESTS = """
import requests
URL, FORM = {url!r}, {form!r}
def ask():
    reply = requests.post(URL, data=FORM, timeout=10)
    assert reply.json()["access_token"]
"""
_TOKEN = """
def check(token):
    assert token.access_token
"""
_RESPONSES = "import responses\n"
_MARKED = "import pytest\n"


class Spent(NamedTuple):
    """Milliseconds of a process: on the wall, and of a processor."""

    wall: float
    processor: float


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One file of tests.

    Attributes:
        name: In the table.
        head: What the file starts with.
        test: Each test; `{name}` is its name.
        plugin: Module that pytest loads; None for none.
        record: Arguments that record, if the suite has cassettes.
        replay: Arguments that replay.
        is_configured: Whether the environment says who asks whom.
    """

    name: str
    head: str = ""
    test: str
    plugin: str | None = None
    record: tuple[str, ...] = ()
    replay: tuple[str, ...] = ()
    is_configured: bool = False

    @property
    def is_there(self) -> bool:
        """Whether what it needs is installed."""
        return self.plugin is None or find_spec(self.plugin.split(".")[0]) is not None


_OURS = {
    "plugin": "pytest_catalyst_oauth.plugin",
    "record": ("--catalyst-oauth=record",),
    "replay": ("--catalyst-oauth=replay",),
}
SUITES = (
    Suite(name="empty tests", test="def {name}(): pass"),
    Suite(
        name="responses",
        head=_RESPONSES + _REQUESTS,
        test="@responses.activate\n"
        "def {name}():\n"
        "    responses.post(URL, json={{'access_token': 'invented'}})\n"
        "    ask()",
    ),
    Suite(
        name="ours, catalyst_session",
        head=_TOKEN,
        test="def {name}(catalyst_session, catalyst_oauth):\n"
        "    check(catalyst_oauth.credentials.token())",
        is_configured=True,
        **_OURS,
    ),
    Suite(
        name="ours, catalyst_cassette",
        head=_REQUESTS,
        test="def {name}(catalyst_cassette):\n    ask()",
        **_OURS,
    ),
    Suite(
        name="pytest-recording",
        head=_MARKED + _REQUESTS,
        test="@pytest.mark.vcr\ndef {name}():\n    ask()",
        plugin="pytest_recording.plugin",
        record=("--record-mode=once",),
        replay=("--record-mode=none",),
    ),
    Suite(
        name="pytest-vcr",
        head=_MARKED + _REQUESTS,
        test="@pytest.mark.vcr\ndef {name}():\n    ask()",
        plugin="pytest_vcr",
        record=("--vcr-record=once",),
        replay=("--vcr-record=none",),
    ),
)


class Bench:
    """A suite on disk.

    Args:
        suite: What it is.
        folder: Its own, and empty.
        count: How many tests.
        names: What the heads of suites name: `url` and `form`.
    """

    def __init__(
        self, suite: Suite, folder: Path, count: int, names: Mapping[str, object]
    ) -> None:
        self._suite = suite
        self._folder = folder
        self._names = [f"test_{number:04}" for number in range(count)]
        folder.mkdir()
        (folder / "pytest.ini").write_text("[pytest]\n")
        head = suite.head.format(**names)
        tests = [suite.test.format(name=name) for name in self._names]
        text = "\n\n".join([head, *tests])
        (folder / "test_suite.py").write_text(f"{text}\n")

    def record(self) -> None:
        """Record the first test, and give the others copies of its cassette."""
        if not self._suite.record:
            return
        first = f"test_suite.py::{self._names[0]}"
        self._run(*self._suite.record, first)
        for path in list(self._folder.rglob(f"*{self._names[0]}*.yaml")):
            text = path.read_text()
            for name in self._names[1:]:
                copy = path.with_name(path.name.replace(self._names[0], name))
                copy.write_text(text.replace(self._names[0], name))

    def replay(self) -> Spent:
        """Run all tests; no server is needed."""
        return self._run(*self._suite.replay)

    def _run(self, *arguments: str) -> Spent:
        environment = {
            name: value
            for name, value in os.environ.items()
            if self._suite.is_configured or not name.startswith("CATALYST_OAUTH_")
        }
        plugin = self._suite.plugin
        return run_pytest(
            *(("-p", plugin) if plugin else ()),
            *arguments,
            folder=self._folder,
            environment={
                **written(environment),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
        )


def written(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which bytecode is kept, as for a user's second run."""
    return {k: v for k, v in environment.items() if k != "PYTHONDONTWRITEBYTECODE"}


def run_pytest(*arguments: str, folder: Path, environment: Mapping[str, str]) -> Spent:
    """Run pytest in a process; all tests must pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    start = time.perf_counter()
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} {arguments} failed:\n{said}")
    return Spent(wall * 1e3, (used.ru_utime + used.ru_stime) * 1e3)


def present() -> Iterator[Suite]:
    """The suites whose tool is installed."""
    return (suite for suite in SUITES if suite.is_there)
