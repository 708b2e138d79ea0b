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
from pytest_catalyst_oauth.engine.errors import OAuthError

from ._peers import PEERS
from ._stage import Got, together
from ._table import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import Credentials

    from ._stage import Stage

_ROOT = Path(__file__).parents[1]
_HANG = 600.0


class Size(NamedTuple):
    """How many ask, and for how many seconds the server is busy."""

    callers: int
    processes: int
    redis: int
    threads: int
    slow: float


_FULL = Size(callers=64, processes=16, redis=8, threads=4, slow=0.3)
_QUICK = Size(callers=8, processes=2, redis=2, threads=2, slow=0.2)


def measure(stage: Stage, *, quick: bool) -> Part:
    """Count what arrives."""
    part = Part(name="herd", title="token requests when many ask at once")
    size = _QUICK if quick else _FULL
    crowd = f"{size.callers} threads"
    with stage.slow(size.slow):
        held = stage.ours()
        _add(part, stage, "ours", crowd, lambda: together(size.callers, held.token))
        _add_tasks(part, stage, size)
        for peer in PEERS:
            if peer.version is None:
                remark = f"{peer.name}: {peer.distribution} is not installed"
                part.remarks.append(remark)
                continue
            call = peer.build(stage, -3600.0)
            _add_crowd(part, stage, peer.name, size, call)
    _add_failures(part, stage, size)
    with stage.slow(size.slow):
        _add_processes(part, stage, size)
    part.remarks.append(
        "msal talks to Microsoft alone: its transport asks this server instead, and "
        "words the answer as Microsoft's"
    )
    return part


def _add_crowd(
    part: Part, stage: Stage, name: str, size: Size, call: Callable[[], object]
) -> None:
    who = f"{size.callers} threads"
    _add(part, stage, name, who, lambda: together(size.callers, call))


def _add(
    part: Part, stage: Stage, name: str, callers: str, ask: Callable[[], list[Got]]
) -> None:
    before, start = stage.asked, time.perf_counter()
    got = ask()
    wall = time.perf_counter() - start
    errors = [one.outcome for one in got if isinstance(one.outcome, Exception)]
    part.rows.append(
        {
            "client": name,
            "callers": callers,
            "token requests": stage.asked - before,
            "served": len(got) - len(errors),
            "errors": len(errors),
            "wall ms": round(wall * 1e3),
        }
    )
    part.remarks += sorted({f"{name}, {callers}: {error}" for error in errors})


def _add_tasks(part: Part, stage: Stage, size: Size) -> None:
    if find_spec("httpx") is None:
        part.remarks.append("asyncio: httpx is not installed")
        return
    held = stage.ours()
    tasks = f"{size.callers} tasks"
    _add(part, stage, "ours, asyncio", tasks, lambda: asyncio.run(_tasks(held, size)))


async def _tasks(held: Credentials, size: Size) -> list[Got]:
    import httpx

    from pytest_catalyst_oauth.adapters import AsyncHttpxTransport
    from pytest_catalyst_oauth.engine import AsyncCredentials

    async with httpx.AsyncClient(trust_env=False) as client:
        credentials = AsyncCredentials(held, AsyncHttpxTransport(client))
        calls = (credentials.token() for _ in range(size.callers))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    return [Got(outcome, 0.0) for outcome in outcomes]


def _add_failures(part: Part, stage: Stage, size: Size) -> None:
    fake = stage.server.fake
    failing = stage.ours()
    fake.fail("token", status=503, times=1000)
    with stage.slow(size.slow):
        _add_crowd(part, stage, "ours, server fails", size, failing.token)
    fake.heal()
    hanging = stage.ours(timeouts=Timeouts(connect=0.5, read=0.5, total=1.0))
    with stage.slow(_HANG):
        _add_crowd(part, stage, "ours, server hangs", size, hanging.token)
    # What is shared by a failed herd is one kind of error, known to this engine.
    assert all(isinstance(_error(one), OAuthError) for one in (failing, hanging))


def _error(held: Credentials) -> object:
    try:
        return held.token()
    except OAuthError as error:
        return error


def _add_processes(part: Part, stage: Stage, size: Size) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        stores = [("ours, SQLite", f"{folder}/tokens.db", size.processes)]
        if shutil.which("redis-server") and find_spec("redis"):
            stack.enter_context(_redis(folder))
            stores.append(("ours, Redis", f"unix://{folder}/redis", size.redis))
        else:
            part.remarks.append("Redis: no redis-server, or no client for it")
        for name, store, processes in stores:
            callers = f"{processes} processes x {size.threads} threads"
            with _children(stage, store, processes, size.threads) as children:
                _add(part, stage, name, callers, lambda c=children: _ask(c))


@contextmanager
def _children(
    stage: Stage, store: str, processes: int, threads: int
) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "benchmarks._child", store, str(threads)]
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
