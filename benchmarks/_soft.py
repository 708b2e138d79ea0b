"""The token still lives but is due for renewal: who has to wait for it?"""

from __future__ import annotations

import asyncio
import tempfile
import time
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING

from ._peers import PEERS, google
from ._stage import Got, together
from ._table import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import AsyncCredentials, Credentials

    from ._stage import Stage

    Crowd = Callable[[Stage, int, float], tuple[list[Got], int]]

# Seconds: before the end of our token's life, and of google-auth's.
_DUE, _LIFE = 300.0, 120.0


def measure(stage: Stage, *, quick: bool) -> Part:
    """Let a crowd ask while a renewal would take long."""
    part = Part(name="soft", title="the slowest caller while a renewal takes long")
    callers, slow, repeats = (8, 0.3, 1) if quick else (64, 2.0, 7)
    with tempfile.TemporaryDirectory() as folder:
        for name, crowd in _crowds(folder, part).items():
            crowds = [crowd(stage, callers, slow) for _ in range(repeats)]
            waits = [max(one.seconds for one in got) * 1e3 for got, _ in crowds]
            part.rows.append(
                {
                    "client": name,
                    "slowest caller, ms": median(waits),
                    "in the best crowd": min(waits),
                    "in the worst crowd": max(waits),
                    "x the server's time": median(waits) / slow / 1e3,
                    "token requests per crowd": sum(n for _, n in crowds) / repeats,
                }
            )
    part.remarks.append(
        f"{callers} threads or tasks; the server takes {slow} s for a token"
    )
    return part


def _crowds(folder: str, part: Part) -> dict[str, Crowd]:
    file = f"{folder}/tokens.db"
    crowds = {
        "ours, SQLite store": _threads(lambda stage: _due(stage, file).token),
        "ours, memory store": _threads(lambda stage: _due(stage, "memory:").token),
    }
    if find_spec("httpx") is None:
        part.remarks.append("asyncio: httpx is not installed")
    else:
        crowds["ours, asyncio, SQLite store"] = _tasks(file)
        crowds["ours, asyncio, memory store"] = _tasks("memory:")
    if PEERS[0].version is None:
        part.remarks.append("google-auth is not installed")
    else:
        crowds["google-auth"] = _threads(_google)
        crowds["google-auth, non-blocking refresh"] = _threads(_google_apart)
    return crowds


def _threads(build: Callable[[Stage], Callable[[], object]]) -> Crowd:
    """Return a crowd of threads: what they got, and what the server saw."""

    def crowd(stage: Stage, callers: int, slow: float) -> tuple[list[Got], int]:
        call = build(stage)
        before = stage.asked
        with stage.slow(slow):
            got = together(callers, call)
            _wait_for(stage, before)
        assert not any(isinstance(one.outcome, Exception) for one in got)
        time.sleep(slow + 0.1)  # a renewal that nobody waited for is at its end
        return got, stage.asked - before

    return crowd


def _tasks(store: str) -> Crowd:
    """Return a crowd of tasks in one event loop, which renews in between."""

    def crowd(stage: Stage, callers: int, slow: float) -> tuple[list[Got], int]:
        held = _due(stage, store)
        before = stage.asked
        with stage.slow(slow):
            got = asyncio.run(_ask_in_tasks(stage, held, callers, slow))
        return got, stage.asked - before

    return crowd


async def _ask_in_tasks(
    stage: Stage, held: Credentials, callers: int, slow: float
) -> list[Got]:
    import httpx

    from pytest_catalyst_oauth.adapters import AsyncHttpxTransport
    from pytest_catalyst_oauth.engine import AsyncCredentials

    before = stage.asked
    async with httpx.AsyncClient(trust_env=False) as client:
        credentials = AsyncCredentials(held, AsyncHttpxTransport(client))
        start = time.perf_counter()
        got = await asyncio.gather(*(_ask(credentials, start) for _ in range(callers)))
        await asyncio.to_thread(_wait_for, stage, before)
        await asyncio.sleep(slow + 0.1)  # as for threads
    return got


async def _ask(credentials: AsyncCredentials, start: float) -> Got:
    # From the moment at which all ask: a loop that is busy keeps everybody waiting.
    token = await credentials.token()
    return Got(token, time.perf_counter() - start)


def _wait_for(stage: Stage, before: int) -> None:
    """Wait until the renewal in the background has reached the server."""
    for _ in range(1000):
        if stage.asked > before:
            return
        time.sleep(0.01)
    raise RuntimeError("nobody asked for a new token")


def _due(stage: Stage, store: str) -> Credentials:
    """Return credentials whose token still lives, but is due for renewal."""
    held = stage.ours(store, background=True)
    clock = stage.server.fake.clock
    # Not what an earlier crowd left: that may be due already, and be renewed meanwhile.
    due = held.refresh().expires_at.timestamp() - _DUE
    clock.advance(seconds=due - clock())
    return held


def _google(stage: Stage) -> Callable[[], object]:
    from google.auth.transport.requests import Request

    held, carry = google(stage, _LIFE), Request()
    return lambda: held.before_request(carry, "GET", "https://www.example", {})


def _google_apart(stage: Stage) -> Callable[[], object]:
    from google.auth.transport.requests import Request

    held, carry = google(stage, _LIFE), Request()
    held.with_non_blocking_refresh()
    return lambda: held.before_request(carry, "GET", "https://www.example", {})
