"""`catalyst-oauth serve`: the fake for any program in any language."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine import DataCenter

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pytest_catalyst_oauth.engine import Journal
    from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer

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
        "--data-center", help="whose rules (default: us)", metavar="NAME"
    )
    parser.add_argument(
        "--profile",
        choices=("faithful", "strict"),
        help="as Zoho does (faithful, the default), or as the standards demand",
    )
    parser.add_argument(
        "--seed",
        type=Path,
        help="YAML with what is there from the start; options win over its settings",
        metavar="FILE",
    )
    parser.add_argument(
        "--env-file",
        type=Path,
        help="write the variables that aim clients at the fake (mode 0600)",
        metavar="FILE",
    )
    parser.add_argument(
        "--control",
        action="store_true",
        help="let a page and programs on this machine watch and steer the fake",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="do not print exchanges, for many requests"
    )
    _add_tls(parser)
    parser.add_argument(
        "--lenient-double-slash",
        action="store_true",
        help="serve //oauth/v2/token, as Zoho's Python SDK asks for it; Zoho does not",
    )
    parser.set_defaults(run=run)


def _add_tls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--https", action="store_true", help="speak https (needs the extra tls)"
    )
    parser.add_argument(
        "--proxy",
        action="store_true",
        help="lead clients here by a proxy, at Zoho's own addresses (needs the extra "
        "tls)",
    )
    parser.add_argument(
        "--ca",
        type=Path,
        help="the authority that signs for --https and --proxy; created if it is not "
        "there (default: a new one in each run)",
        metavar="FILE",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted.

    Raises:
        SettingsError: The port, the data centre or a file cannot be used.
    """
    from pytest_catalyst_oauth.adapters import write_private_file
    from pytest_catalyst_oauth.fake import FakeServer

    server = FakeServer(
        _fake(options),
        port=options.port,
        https=options.https,
        proxy=options.proxy,
        control=options.control,
        ca=options.ca,
    )
    if current_thread() is main_thread():
        # Ends as Ctrl+C does, so that no file stays behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with server:
        if options.env_file is not None:
            lines = (f"{n}={shlex.quote(v)}\n" for n, v in server.env.items())
            write_private_file(options.env_file, "".join(lines))
        for line in _told(options, server):
            print(line, flush=True)
        _follow(server.fake.journal, is_quiet=options.quiet)
    return 0


def _fake(options: argparse.Namespace) -> FakeCatalyst:
    from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings

    changes: dict[str, Any] = {}
    if options.data_center is not None:
        changes["data_center"] = DataCenter.parse(options.data_center)
    if options.profile is not None:
        changes["profile"] = options.profile
    if options.lenient_double_slash:
        changes["lenient_double_slash"] = True
    if options.seed is not None:
        return FakeCatalyst.from_file(options.seed, **changes)
    return FakeCatalyst(settings=FakeSettings(**changes))


def _told(options: argparse.Namespace, server: FakeServer) -> Iterator[str]:
    """Yield what a person has to know. The first line says that the files are there."""
    yield f"listening on {server.accounts_url}; stop with Ctrl+C"
    if options.proxy:
        yield f"proxy for Zoho's own addresses: {server.proxy}"
    if options.proxy or options.https:
        yield f"clients have to trust {server.ca_file}"
    if options.control:
        # A ticket, not the token: whoever reads it in a log later opens nothing.
        yield f"control, for one browser: {server.control_page()}"


def _follow(journal: Journal, *, is_quiet: bool = False) -> None:
    """Print what happens, until interrupted."""
    seen = 0
    try:
        while not Event().wait(_PAUSE):
            news = () if is_quiet else journal.after(seen)
            if news:
                missed = news[0][0] - seen - 1
                lines = [f"... {missed} more"] if missed else []
                lines += [str(exchange) for _, exchange in news]
                print("\n".join(lines), flush=True)
                seen = news[-1][0]
    except KeyboardInterrupt:
        print()
