"""Recordings that hold no secret, in VCR.py's file format.

Our own traffic is recorded and replayed by transports, so nothing is patched. VCR.py
and YAML are imported when a name that needs them is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors

if TYPE_CHECKING:
    from ._age import read_age
    from ._allowed import Allowed
    from ._any_client import answer_any_client, record_any_client, replay_any_client
    from ._cassette import Cassette
    from ._drift import Drift, find_drift
    from ._environment import environment_secrets
    from ._exchange import RecordedExchange
    from ._guard import Memory, guard
    from ._lint import RULES, Linter, Problem, cassette_files, clashes
    from ._origin import Origin
    from ._orphans import Tests
    from ._premises import Premises
    from ._recorder import Recorder, Tape
    from ._replay import Replay
    from ._scanner import Finding, scan
    from ._scrubber import Scrubbed, Scrubber

__all__ = [
    "RULES",
    "Allowed",
    "Cassette",
    "Drift",
    "Finding",
    "Linter",
    "Memory",
    "Origin",
    "Premises",
    "Problem",
    "RecordedExchange",
    "Recorder",
    "Replay",
    "Scrubbed",
    "Scrubber",
    "Tape",
    "Tests",
    "answer_any_client",
    "cassette_files",
    "clashes",
    "environment_secrets",
    "errors",
    "find_drift",
    "guard",
    "read_age",
    "record_any_client",
    "replay_any_client",
    "scan",
]

_LATE = {
    "RULES": "_lint",
    "Allowed": "_allowed",
    "Cassette": "_cassette",
    "Drift": "_drift",
    "Finding": "_scanner",
    "Linter": "_lint",
    "Memory": "_guard",
    "Origin": "_origin",
    "Premises": "_premises",
    "Problem": "_lint",
    "RecordedExchange": "_exchange",
    "Recorder": "_recorder",
    "Replay": "_replay",
    "Scrubbed": "_scrubber",
    "Scrubber": "_scrubber",
    "Tape": "_recorder",
    "Tests": "_orphans",
    "answer_any_client": "_any_client",
    "cassette_files": "_lint",
    "clashes": "_lint",
    "environment_secrets": "_environment",
    "find_drift": "_drift",
    "guard": "_guard",
    "record_any_client": "_any_client",
    "replay_any_client": "_any_client",
    "read_age": "_age",
    "scan": "_scanner",
}


def __getattr__(name: str) -> Any:
    """Import what a third-party library stands behind."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f".{_LATE[name]}", __name__), name)
    globals()[name] = found
    return found
