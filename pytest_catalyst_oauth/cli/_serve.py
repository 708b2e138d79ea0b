"""`catalyst-oauth serve`: the fake for any program in any language."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, current_thread, main_thread
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine import DataCenter

from ._parser import file_path
from ._streams import silence

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
        "interrupted or terminated, and print each exchange without its secrets.",
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
        type=file_path,
        help="YAML with what is there from the start; options win over its settings",
        metavar="FILE",
    )
    parser.add_argument(
        "--env-file",
        type=file_path,
        help="write the variables that aim clients at the fake (mode 0600); it is "
        "removed at the end",
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
    add_tls(parser)
    parser.add_argument(
        "--lenient-double-slash",
        action="store_true",
        help="serve //oauth/v2/token, as Zoho's Python SDK asks for it; Zoho does not",
    )
    parser.set_defaults(run=run)


def add_tls(parser: argparse.ArgumentParser) -> None:
    """Add what servers with certificates need."""
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
        type=file_path,
        help="the authority that signs for --https and --proxy; created if it is not "
        "there (default: a new one in each run)",
        metavar="FILE",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until a signal asks for the end, which is then no failure.

    Raises:
        SettingsError: The port, the data centre or a file cannot be used.
    """
    from pytest_catalyst_oauth.fake import FakeServer

    server = FakeServer(
        _fake(options),
        port=options.port,
        https=options.https,
        proxy=options.proxy,
        control=options.control,
        ca=options.ca,
    )
    ends = signals(options.owns_process)
    with suppress(KeyboardInterrupt), ends, server, ExitStack() as files:
        if options.env_file is not None:
            from ._env_file import env_file

            files.enter_context(env_file(options.env_file, server.env))
        is_heard = say(*_told(options, server))
        follow(server.fake.journal, is_quiet=options.quiet or not is_heard)
    return 0


@contextmanager
def signals(owns_process: bool) -> Iterator[None]:
    """Let what ends a server end it as Ctrl+C does, so that no file stays behind.

    Args:
        owns_process: Whether the process does nothing else. Who has asked for its end
            is not heard again then: a second signal makes no failure of its last
            moments.
    """
    if current_thread() is not main_thread():
        yield
        return
    is_asked = False

    def stop(*_: object) -> None:
        nonlocal is_asked
        is_asked = True
        for number in before:
            # A second one must not disturb the tidying up. One that came together with
            # the first finds a handler: Python complains of what is ignored by then.
            signal.signal(number, lambda *_: None)
        raise KeyboardInterrupt

    # What is ignored stays so: `nohup`, and Ctrl+C for what a script started with `&`.
    before = {
        number: handler
        for name in ("SIGINT", "SIGTERM", "SIGHUP")
        if (number := getattr(signal, name, None)) is not None
        and (handler := signal.getsignal(number)) != signal.SIG_IGN
    }
    try:
        for number in before:
            signal.signal(number, stop)
        yield
    finally:
        is_over = owns_process and is_asked
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if is_over else handler)


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


def say(*lines: str) -> bool:
    """Print; return whether anybody may still read it.

    Who serves others goes on without readers, and without room for a log.
    """
    try:
        print("\n".join(lines), flush=True)
    except BrokenPipeError:
        pass
    except OSError as error:
        problem = f"cannot be written: {os.strerror(error.errno or 0)}"
        with suppress(OSError):
            sys.stderr.write(
                f"catalyst-oauth: warning: standard output {problem}; "
                "it serves on, and prints no more\n"
            )
    else:
        return True
    silence()
    return False


def follow(journal: Journal, *, is_quiet: bool = False) -> None:
    """Print what happens, until interrupted."""
    news, is_heard = _News(journal), not is_quiet
    try:
        while not Event().wait(_PAUSE):
            is_heard = is_heard and news.tell()
    except KeyboardInterrupt:
        say("")
        # What came since the last look.
        if is_heard:
            news.tell()


@final
class _News:
    """What a journal has that nobody was told of yet."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._seen = 0

    def tell(self) -> bool:
        """Print it; return whether anybody may still read it."""
        news = self._journal.after(self._seen)
        if not news:
            return True
        missed = news[0][0] - self._seen - 1
        lines = [f"... {missed} more"] if missed else []
        lines += [str(exchange) for _, exchange in news]
        # Before, since an interrupt while it is printed would print it once more.
        self._seen = news[-1][0]
        return say(*lines)
