"""`catalyst-oauth cassette serve`: a recording for any program in any language."""

from __future__ import annotations

import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from ._env_file import env_file
from ._parser import file_path
from ._serve import add_tls, follow, say, signals

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_catalyst_oauth.cassette._player import Player
    from pytest_catalyst_oauth.fake import FakeServer

_NOT_AS_RECORDED = 1


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    serve = commands.add_parser(
        "serve",
        help="replay a cassette on 127.0.0.1",
        description="Replay a cassette on 127.0.0.1 until interrupted or terminated, "
        "for programs in any language, and print each exchange without its secrets. "
        "A request is answered as the recorded host was whose path it asks for; one "
        "without an answer gets the status 501, and is explained.",
    )
    serve.add_argument("path", type=file_path, help="a cassette", metavar="FILE")
    serve.add_argument(
        "--port", type=int, default=0, help="default: a free one", metavar="PORT"
    )
    serve.add_argument(
        "--env-file",
        type=file_path,
        help="write the variables that aim clients at it (mode 0600); it is removed at "
        "the end",
        metavar="VARIABLES",
    )
    serve.add_argument(
        "--repeat",
        action="store_true",
        help="let exchanges answer again, in order, when all that fit were used "
        "(default: each answers once)",
    )
    serve.add_argument(
        "--strict",
        action="store_true",
        help="end with 1 if a request had no answer, or an exchange was not asked for",
    )
    serve.add_argument(
        "--quiet", action="store_true", help="do not print exchanges, for many requests"
    )
    add_tls(serve)
    serve.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Replay until a signal asks for the end.

    Raises:
        CassetteMissError: There is no such file.
        SettingsError: It is no cassette, or the port or a file cannot be used.
    """
    from pytest_catalyst_oauth.cassette import Cassette
    from pytest_catalyst_oauth.cassette._player import Player

    player = Player(Cassette.load(options.path), repeat=options.repeat)
    server = _server(player, options)
    ends = signals(options.owns_process)
    with suppress(KeyboardInterrupt), ends, server, ExitStack() as stack:
        fake = server.fake
        known = player.known(fake.client, fake.refresh_token, fake.project_id)
        journal = stack.enter_context(
            server.answering(
                player, hosts=player.hosts, known=known, source=player.source
            )
        )
        if options.env_file is not None:
            stack.enter_context(env_file(options.env_file, server.env))
        is_heard = say(*_told(options, server))
        follow(journal, is_quiet=options.quiet or not is_heard)
    return _ended(player, options)


def _server(player: Player, options: argparse.Namespace) -> FakeServer:
    from pytest_catalyst_oauth.engine import DataCenter
    from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings

    center = DataCenter.parse(player.premises.location)
    return FakeServer(
        FakeCatalyst(settings=FakeSettings(data_center=center)),
        port=options.port,
        https=options.https,
        proxy=options.proxy,
        ca=options.ca,
    )


def _told(options: argparse.Namespace, server: FakeServer) -> Iterator[str]:
    path: Path = options.path
    yield f"replaying {path} on {server.accounts_url}; stop with Ctrl+C"
    if options.proxy:
        yield f"proxy for the recorded addresses: {server.proxy}"
    if options.proxy or options.https:
        yield f"clients have to trust {server.ca_file}"


def _ended(player: Player, options: argparse.Namespace) -> int:
    """Tell what was not as recorded; return the exit code."""
    told = [f"not asked for: {one}" for one in player.unused]
    if player.misses:
        told.append(f"not answered: {player.misses}, see above")
    if told and not options.strict:
        say(*told)
    elif told:
        with suppress(OSError):
            sys.stderr.writelines(f"catalyst-oauth: {line}\n" for line in told)
    return _NOT_AS_RECORDED if told and options.strict else 0
