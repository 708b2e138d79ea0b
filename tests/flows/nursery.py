"""Processes that renew a token and are killed on the way.

Run as a script, it is a process of one thread that has imported everything: each line
on stdin asks it to fork a child and to kill that at a certain moment. A child says on
a pipe what it is about to do, one letter each: `s` sends a request, `r` has its
answer, `w` writes, `d` has written.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Self

MARKS = "srwd"


class Nursery:
    """Children to kill.

    Args:
        env: Whose server they ask; see `FakeServer.env`.
    """

    def __init__(self, env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )
        assert self._process.stdout.readline() == "ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def kill_one(self, mark: str, **asked: object) -> str:
        """Kill a child at a mark; return the last mark that it made.

        Args:
            mark: When.
            asked: `store`, an address; `times`, how often the mark comes before;
                `delay`, seconds after it; `code`, to exchange one, not to refresh.
        """
        self._process.stdin.write(json.dumps({"mark": mark, **asked}) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


class _Marked:
    """Says what passes through it."""

    def __init__(self, inner: object, pipe: int, **marks: str) -> None:
        self._inner, self._pipe, self._marks = inner, pipe, marks

    def __getattr__(self, name: str):
        call, marks = getattr(self._inner, name), self._marks.get(name)
        if marks is None:
            return call

        def marked(*arguments):
            os.write(self._pipe, marks[0].encode())
            result = call(*arguments)
            os.write(self._pipe, marks[1].encode())
            return result

        return marked


def _child(pipe: int, asked: dict[str, object]) -> None:
    from pytest_catalyst_oauth.adapters import (
        RequestsTransport,
        RetryPolicy,
        connect,
        open_store,
    )
    from pytest_catalyst_oauth.engine import Client, DataCenter, Limits, Secret

    env, code = os.environ, asked.get("code")
    center = DataCenter(location="us", accounts_url=env["CATALYST_OAUTH_ACCOUNTS_URL"])
    credentials = connect(
        Client(
            client_id=env["CATALYST_OAUTH_CLIENT_ID"],
            client_secret=Secret(env["CATALYST_OAUTH_CLIENT_SECRET"]),
            data_center=center,
        ),
        code=Secret(str(code)) if code else None,
        store=_Marked(open_store(str(asked["store"])), pipe, compare_and_swap="wd"),
        transport=_Marked(RequestsTransport(), pipe, send="sr"),
        retry=RetryPolicy(attempts=1),
        limits=Limits(token_requests=1_000_000),
        profile=str(asked.get("profile", "default")),
        background=False,
    )
    credentials.token()
    while not code:
        credentials.refresh()


def _kill_one(asked: dict[str, object]) -> str:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            _child(writing, asked)
        finally:
            os._exit(1)
    os.close(writing)
    left, marks = int(str(asked.get("times", 0))), ""
    while mark := os.read(reading, 1).decode():
        marks += mark
        left -= mark == asked["mark"]
        if left < 0:
            break
    end = time.perf_counter() + float(str(asked.get("delay", 0.0)))
    while time.perf_counter() < end:
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reading, 4096).decode():
        marks += more
    os.close(reading)
    return marks[-1:]


def main() -> None:
    import pytest_catalyst_oauth.adapters._json_store
    import pytest_catalyst_oauth.adapters._requests
    import pytest_catalyst_oauth.adapters._sqlite_store
    import pytest_catalyst_oauth.adapters._tenacity  # noqa: F401

    print("ready", flush=True)
    for line in sys.stdin:
        print(_kill_one(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
