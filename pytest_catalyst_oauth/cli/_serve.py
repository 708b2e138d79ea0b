"""`catalyst-oauth serve`: the fake for any program in any language."""

from __future__ import annotations

import shlex
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import DataCenter

if TYPE_CHECKING:
    import argparse

    from pytest_catalyst_oauth.engine import Journal

# Seconds between two looks at the journal.
_PAUSE = 0.2


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "serve",
        help="serve the fake on 127.0.0.1",
        description="Serve the fake of Zoho Accounts and Catalyst on 127.0.0.1 until "
        "interrupted, and print each exchange without its secrets.",
    )
    parser.add_argument(
        "--port", type=int, default=0, help="default: a free one", metavar="PORT"
    )
    parser.add_argument(
        "--data-center", default="us", help="whose rules (default: us)", metavar="NAME"
    )
    parser.add_argument(
        "--env-file",
        type=Path,
        help="write the variables that aim clients at the fake (mode 0600)",
        metavar="FILE",
    )
    parser.add_argument(
        "--lenient-double-slash",
        action="store_true",
        help="serve //oauth/v2/token, as Zoho's Python SDK asks for it; Zoho does not",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted.

    Raises:
        SettingsError: The port, the data centre or the file cannot be used.
    """
    from pytest_catalyst_oauth.adapters import write_private_file
    from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings

    settings = FakeSettings(
        data_center=DataCenter.parse(options.data_center),
        lenient_double_slash=options.lenient_double_slash,
    )
    with FakeServer(FakeCatalyst(settings=settings), port=options.port) as server:
        if options.env_file is not None:
            lines = (f"{n}={shlex.quote(v)}\n" for n, v in server.env.items())
            write_private_file(options.env_file, "".join(lines))
        print(f"listening on {server.accounts_url}; stop with Ctrl+C", flush=True)
        _follow(server.fake.journal)
    return 0


def _follow(journal: Journal) -> None:
    seen = 0
    try:
        while not Event().wait(_PAUSE):
            exchanges = journal.exchanges[seen:]
            seen += len(exchanges)
            for exchange in exchanges:
                print(exchange, flush=True)
    except KeyboardInterrupt:
        print()
