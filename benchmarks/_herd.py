"""Many ask at the moment at which the token has ended: how many requests is that?"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_catalyst_oauth.adapters import Timeouts

from ._peers import PEERS
from ._stage import Got, together
from ._table import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import Credentials

    from ._stage import Stage

_ROOT = Path(__file__).parents[1]


class Size(NamedTuple):
    """How many ask, and for how many seconds the server is busy."""

    callers: int
    processes: int
    redis: int
    threads: int
    slow: float


class Weather(NamedTuple):
    """What the server does to whoever asks.

    Attributes:
        name: What the rows say of it.
        busy: Seconds before it answers, if not those of the size.
        status: What it answers, if not a token.
        patience: Seconds after which a client gives up.
    """

    name: str
    busy: float | None = None
    status: int | None = None
    patience: float = 30.0


_FULL = Size(callers=64, processes=16, redis=8, threads=4, slow=0.3)
_QUICK = Size(callers=8, processes=2, redis=2, threads=2, slow=0.2)
_SLOW = Weather("slow")
_FAILS = Weather("fails", status=503)
_HANGS = Weather("hangs", busy=600.0, patience=0.5)


def measure(stage: Stage, *, quick: bool) -> Part:
    """Count what arrives."""
    part = Part(name="herd", title="token requests when many ask at once")
    size = _QUICK if quick else _FULL
    for weather in (_SLOW, _FAILS, _HANGS):
        with _server(stage, size, weather):
            _add_threads(part, stage, size, weather)
            _add_tasks(part, stage, size, weather)
            _add_processes(part, stage, size, weather)
    with _server(stage, size, _SLOW):
        _add_peers(part, stage, size)
    part.remarks.append(
        "msal talks to Microsoft alone: its transport asks this server instead, and "
        "words the answer as Microsoft's"
    )
    return part


@contextmanager
def _server(stage: Stage, size: Size, weather: Weather) -> Iterator[None]:
    fake = stage.server.fake
    if weather.status is not None:
        fake.fail("token", status=weather.status, times=1_000_000)
    with stage.slow(size.slow if weather.busy is None else weather.busy):
        yield
    fake.heal()


def _add(
    part: Part, stage: Stage, who: tuple[str, str, str], ask: Callable[[], list[Got]]
) -> None:
    before, start = stage.asked, time.perf_counter()
    got = ask()
    wall = time.perf_counter() - start
    errors = [one.outcome for one in got if isinstance(one.outcome, Exception)]
    client, callers, server = who
    part.rows.append(
        {
            "client": client,
            "callers": callers,
            "server": server,
            "token requests": stage.asked - before,
            "served": len(got) - len(errors),
            "errors": len(errors),
            "wall ms": round(wall * 1e3),
        }
    )
    part.remarks += sorted({f"{client}, server {server}: {error}" for error in errors})


def _add_threads(part: Part, stage: Stage, size: Size, weather: Weather) -> None:
    held = stage.ours(timeouts=_timeouts(weather.patience))
    who = "ours", f"{size.callers} threads", weather.name
    _add(part, stage, who, lambda: together(size.callers, held.token))


def _add_tasks(part: Part, stage: Stage, size: Size, weather: Weather) -> None:
    if find_spec("httpx") is None:
        part.remarks.append("asyncio: httpx is not installed")
        return
    held = stage.ours()
    who = "ours, asyncio", f"{size.callers} tasks", weather.name
    _add(part, stage, who, lambda: asyncio.run(_tasks(held, size, weather)))


async def _tasks(held: Credentials, size: Size, weather: Weather) -> list[Got]:
    import httpx

    from pytest_catalyst_oauth.adapters import AsyncHttpxTransport
    from pytest_catalyst_oauth.engine import AsyncCredentials

    patience = weather.patience
    async with httpx.AsyncClient(trust_env=False, timeout=patience) as client:
        transport = AsyncHttpxTransport(client, timeouts=_timeouts(patience))
        credentials = AsyncCredentials(held, transport)
        calls = (credentials.token() for _ in range(size.callers))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    return [Got(outcome, 0.0) for outcome in outcomes]


def _timeouts(patience: float) -> Timeouts:
    return Timeouts(connect=patience, read=patience, total=2 * patience)


def _add_peers(part: Part, stage: Stage, size: Size) -> None:
    for peer in PEERS:
        if peer.version is None:
            remark = f"{peer.name}: {peer.distribution} is not installed"
            part.remarks.append(remark)
            continue
        call = peer.build(stage, -3600.0)
        who = peer.name, f"{size.callers} threads", _SLOW.name
        _add(part, stage, who, lambda call=call: together(size.callers, call))


def _add_processes(part: Part, stage: Stage, size: Size, weather: Weather) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stores = [("SQLite", f"{folder}/tokens.db", size.processes)]
        if shutil.which("redis-server") and find_spec("redis"):
            stack.enter_context(_redis(folder))
            stores.append(("Redis", f"unix://{folder}/redis", size.redis))
        else:
            part.remarks.append("Redis: no redis-server, or no client for it")
        for name, store, processes in stores:
            callers = f"{processes} processes x {size.threads} threads"
            who = f"ours, {name}", callers, weather.name
            ask = store, str(size.threads), str(weather.patience)
            with _children(stage, ask, processes) as children:
                _add(part, stage, who, lambda c=children: _ask(c))


@contextmanager
def _children(
    stage: Stage, arguments: tuple[str, ...], processes: int
) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "benchmarks._child", *arguments]
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(_ROOT))))
    environment = {**os.environ, **stage.server.env, "PYTHONPATH": path}
    pipe = subprocess.PIPE
    children = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        for _ in range(processes)
    ]
    try:
        # Importing takes longer than asking: nobody asks before all are ready.
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        yield children
    finally:
        for child in children:
            child.communicate()


def _ask(children: list[subprocess.Popen[str]]) -> list[Got]:
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    got: list[Got] = []
    for child in children:
        assert child.stdout is not None
        for answer in json.loads(child.stdout.readline()):
            error = RuntimeError(answer["error"]) if "error" in answer else None
            got.append(Got(error or answer["token"], 0.0))
    return got


@contextmanager
def _redis(folder: str) -> Iterator[None]:
    socket = Path(folder) / "redis"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket)]
    command += ["--save", "", "--dir", folder]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            while not socket.exists():
                assert server.poll() is None, "redis-server does not start"
                time.sleep(0.01)
            yield
        finally:
            server.terminate()
