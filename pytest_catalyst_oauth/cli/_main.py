"""Read the command line, run a sub-command, turn errors into exit codes."""

from __future__ import annotations

import errno
import io
import os
import sys
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.engine import Journal
from pytest_catalyst_oauth.engine.errors import OAuthError, SettingsError, StoreWarning

from ._parser import Parser, refuse_secrets
from ._streams import fill, silence
from ._world import World

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

_INTERRUPTED = 130
# A disk, a quota or a file at its end.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_COMMANDS = "demo serve login token status revoke scopes doctor cassette".split()


def main(arguments: Sequence[str] | None = None, *, world: World | None = None) -> int:
    """Run the command.

    Args:
        arguments: Without the program's name; None takes the process's.
        world: What it touches outside itself; None is the real one.

    Returns:
        The exit code: 0, 2 for a wrong command line, 130 for an interrupt, or the
        error's `exit_code`.
    """
    fill()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a question mark.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    journal = Journal()
    verbose = False
    try:
        given = sys.argv[1:] if arguments is None else arguments
        refuse_secrets(given)
        with _kept(), _plain_warnings():
            options = _parser(given[:1]).parse_args(given)
            options.world, options.journal = world or World(), journal
            # Nothing of this process comes after it.
            options.owns_process = arguments is None
            verbose = getattr(options, "verbose", False)
            return int(options.run(options))
    except OAuthError as error:
        sys.stderr.write(f"catalyst-oauth: {error}{_next_try(error)}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as `| head` does. Nothing is left to say.
        silence()
        return 0
    finally:
        if verbose:
            sys.stderr.writelines(f"{exchange}\n" for exchange in journal)


@contextmanager
def _kept() -> Iterator[None]:
    """See to it that what is printed arrives.

    Raises:
        SettingsError: It does not: a disk is full, or the like.
    """
    try:
        try:
            yield
        except SystemExit:
            # After a help text, which is no success either if nobody gets it.
            sys.stdout.flush()
            raise
        # Here, since nobody would hear of it at the interpreter's end.
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in _FULL:
            raise
        reason = os.strerror(error.errno)
    else:
        return
    silence()
    raise SettingsError("standard output", f"cannot be written: {reason}")


def _parser(wanted: Sequence[str]) -> argparse.ArgumentParser:
    """Read all sub-commands for a help text or a mistake, and else the wanted one."""
    parser = Parser(
        prog="catalyst-oauth",
        description="OAuth tokens for Zoho Catalyst: get, fake and inspect them.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in wanted if wanted and wanted[0] in _COMMANDS else _COMMANDS:
        import_module(f"._{name}", __package__).add_parser(subparsers)
    return parser


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Show warnings of ours as one line, without the place in our code."""

    def show(message: Warning | str, *_: object) -> None:
        sys.stderr.write(f"catalyst-oauth: warning: {message}\n")

    with warnings.catch_warnings():
        warnings.simplefilter("always", StoreWarning)
        warnings.showwarning = show  # type: ignore[assignment]  # takes what it is given
        yield


def _next_try(error: OAuthError) -> str:
    if error.retry_at is None:
        return ""
    clock = f"{datetime.fromtimestamp(error.retry_at, UTC):%H:%M:%S} UTC"
    return "" if clock in str(error) else f"; next try at {clock}"
