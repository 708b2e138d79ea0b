"""Read the command line, run a sub-command, turn errors into exit codes."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import TYPE_CHECKING

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.engine.errors import OAuthError

from . import _demo, _serve

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Without the program's name; None takes the process's.

    Returns:
        The exit code: 0, 2 for a wrong command line, 130 for an interrupt, or the
        error's `exit_code`.
    """
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a question mark.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return int(options.run(options))
    except OAuthError as error:
        sys.stderr.write(f"catalyst-oauth: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader went away, as `| head` does. Nothing is left to say, also not
        # by the interpreter when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="catalyst-oauth",
        description="OAuth tokens for Zoho Catalyst: try, fake and inspect them.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (_demo, _serve):
        module.add_parser(subparsers)
    return parser
