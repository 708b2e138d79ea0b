"""The token still lives but is due for renewal: who has to wait for it?"""

from __future__ import annotations

import tempfile
import time
from statistics import median
from typing import TYPE_CHECKING

from ._peers import PEERS, google
from ._stage import together
from ._table import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._stage import Stage

    Build = Callable[[Stage], Callable[[], object]]

# Seconds: before the end of our token's life, and of google-auth's.
_DUE, _LIFE = 300.0, 120.0


def measure(stage: Stage, *, quick: bool) -> Part:
    """Let a crowd ask while a renewal would take long."""
    part = Part(name="soft", title="the slowest caller while a renewal takes long")
    callers, slow, repeats = (8, 0.3, 1) if quick else (64, 2.0, 7)
    with tempfile.TemporaryDirectory() as folder:
        for name, build in _builds(folder, part).items():
            crowds = [_crowd(stage, build, callers, slow) for _ in range(repeats)]
            waits, requests = zip(*crowds, strict=True)
            part.rows.append(
                {
                    "client": name,
                    "slowest caller, ms": median(waits),
                    "in the best crowd": min(waits),
                    "in the worst crowd": max(waits),
                    "x the server's time": median(waits) / slow / 1e3,
                    "token requests per crowd": sum(requests) / repeats,
                }
            )
    part.remarks.append(f"{callers} threads; the server takes {slow} s for a token")
    return part


def _builds(folder: str, part: Part) -> dict[str, Build]:
    builds: dict[str, Build] = {
        "ours, SQLite store": lambda stage: _ours(stage, f"{folder}/tokens.db"),
        "ours, memory store": lambda stage: _ours(stage, "memory:"),
    }
    if PEERS[0].version is None:
        part.remarks.append("google-auth is not installed")
    else:
        builds["google-auth"] = _google
        builds["google-auth, non-blocking refresh"] = _google_apart
    return builds


def _crowd(stage: Stage, build: Build, callers: int, slow: float) -> tuple[float, int]:
    """Return what the slowest waited, in milliseconds, and what the server saw."""
    call = build(stage)
    before = stage.asked
    with stage.slow(slow):
        got = together(callers, call)
        _wait_for(stage, before)
    assert not any(isinstance(one.outcome, Exception) for one in got)
    time.sleep(slow + 0.1)  # a renewal that nobody waited for is at its end
    return max(one.seconds for one in got) * 1e3, stage.asked - before


def _wait_for(stage: Stage, before: int) -> None:
    """Wait until the renewal in the background has reached the server."""
    for _ in range(1000):
        if stage.asked > before:
            return
        time.sleep(0.01)
    raise RuntimeError("nobody asked for a new token")


def _ours(stage: Stage, store: str) -> Callable[[], object]:
    held = stage.ours(store, background=True)
    clock = stage.server.fake.clock
    due = held.token().expires_at.timestamp() - _DUE
    clock.advance(seconds=due - clock())
    return held.token


def _google(stage: Stage) -> Callable[[], object]:
    from google.auth.transport.requests import Request

    held, carry = google(stage, _LIFE), Request()
    return lambda: held.before_request(carry, "GET", "https://www.example", {})


def _google_apart(stage: Stage) -> Callable[[], object]:
    from google.auth.transport.requests import Request

    held, carry = google(stage, _LIFE), Request()
    held.with_non_blocking_refresh()
    return lambda: held.before_request(carry, "GET", "https://www.example", {})
