"""One process of a herd: says `ready`, asks with its threads when told, and tells."""

from __future__ import annotations

import json
import os
import sys

from pytest_catalyst_oauth.adapters import RetryPolicy, Timeouts, connect
from pytest_catalyst_oauth.engine import Client, DataCenter, Limits, Secret, Token

from ._stage import together


def main(store: str, threads: int, patience: float) -> None:
    """Ask once."""
    env = os.environ
    center = DataCenter(location="us", accounts_url=env["CATALYST_OAUTH_ACCOUNTS_URL"])
    credentials = connect(
        Client(
            client_id=env["CATALYST_OAUTH_CLIENT_ID"],
            client_secret=Secret(env["CATALYST_OAUTH_CLIENT_SECRET"]),
            data_center=center,
        ),
        refresh_token=Secret(env["CATALYST_OAUTH_REFRESH_TOKEN"]),
        store=store,
        limits=Limits(token_requests=1_000_000),
        retry=RetryPolicy(attempts=1),
        timeouts=Timeouts(connect=patience, read=patience, total=2 * patience),
    )
    print("ready", flush=True)
    sys.stdin.readline()
    got = [one.outcome for one in together(threads, credentials.token)]
    answers = [
        {"token": one.access_token.digest()}
        if isinstance(one, Token)
        else {"error": f"{type(one).__name__}: {one}"}
        for one in got
    ]
    print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
