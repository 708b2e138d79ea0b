"""Many processes, each with many threads, that ask for a token at the same moment.

Run as a script, it is one of the processes: it takes its parts from the environment,
answers each line on stdin, which is a moment in seconds since the epoch, with one line
that says what its threads got.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from threading import Barrier, Thread
from typing import Self

THREADS = 4


class Crowd:
    """Processes that share a store, started together and asked together."""

    def __init__(self, processes: int, store: object, env: dict[str, str]) -> None:
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.flows.crowd", str(store)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, **env},
            )
            for _ in range(processes)
        ]
        # Importing takes longer than asking: nobody asks before all are ready.
        for process in self._processes:
            assert process.stdout.readline() == "ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.stdin.close()
            process.wait()
            process.stdout.close()

    def ask(self, now: float) -> list[object]:
        """Let all threads of all processes ask at `now`; return what they got."""
        for process in self._processes:
            process.stdin.write(f"{now}\n")
        for process in self._processes:
            process.stdin.flush()
        got: list[object] = []
        for process in self._processes:
            got += json.loads(process.stdout.readline())
        return got


def main() -> None:
    from pytest_catalyst_oauth.adapters import RetryPolicy, connect
    from pytest_catalyst_oauth.engine import Client, DataCenter, Secret
    from pytest_catalyst_oauth.engine.errors import OAuthError

    now = [0.0]
    env = os.environ
    center = DataCenter(location="us", accounts_url=env["CATALYST_OAUTH_ACCOUNTS_URL"])
    credentials = connect(
        Client(
            client_id=env["CATALYST_OAUTH_CLIENT_ID"],
            client_secret=Secret(env["CATALYST_OAUTH_CLIENT_SECRET"]),
            data_center=center,
        ),
        refresh_token=Secret(env["CATALYST_OAUTH_REFRESH_TOKEN"]),
        store=sys.argv[1],
        retry=RetryPolicy(attempts=1),
        clock=lambda: now[0],
    )

    def ask(ready: Barrier, got: list[object]) -> None:
        ready.wait()
        try:
            got.append(credentials.token().access_token.digest())
        except OAuthError as error:
            got.append([type(error).__name__, *error.args])

    print("ready", flush=True)
    for line in sys.stdin:
        now[0] = float(line)
        ready, got = Barrier(THREADS), []
        threads = [Thread(target=ask, args=(ready, got)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps(got), flush=True)


if __name__ == "__main__":
    main()
