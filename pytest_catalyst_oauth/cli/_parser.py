"""The command line: options that sub-commands share, and what must not be typed."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import SupportsWrite

# Tokens, codes and client secrets are made of long runs of hexadecimal digits.
_RUN = re.compile(r"[0-9a-f.]{16,}+", re.IGNORECASE)
_LONGEST = 86_400.0
_VISIBLE = "a command line is visible to every user of the machine"
_INSTEAD = {
    "--client-secret": "set CATALYST_OAUTH_CLIENT_SECRET, or put it in a 0600 file "
    "and name that with --secrets-file; and make a new secret in the API console",
    "--refresh-token": "set CATALYST_OAUTH_REFRESH_TOKEN, or put it in a 0600 file "
    "and name that with --secrets-file; one that was typed should be revoked",
    "--code": "use login --self-client, which asks for it, or set CATALYST_OAUTH_CODE",
}


def _hidden(run: re.Match[str]) -> str:
    return "•••" if any(len(part) >= 16 for part in run[0].split(".")) else run[0]


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Return argparse's own, as wide as it would be.

    argparse makes one for each option, and asks `shutil` for the width, which imports
    three compressions: a twentieth of a start.
    """
    try:
        columns = int(os.environ.get("COLUMNS", "")) or _columns()
    except ValueError:
        columns = _columns()
    return argparse.HelpFormatter(prog, width=columns - 2)


def _columns() -> int:
    try:
        stdout = sys.__stdout__.fileno() if sys.__stdout__ else -1
        return os.get_terminal_size(stdout).columns or 80
    except (ValueError, OSError):
        # No terminal, or a closed one.
        return 80


class Parser(argparse.ArgumentParser):
    """A parser whose complaints do not repeat what may be a secret."""

    def __init__(self, **options: Any) -> None:
        # An abbreviation would be a promise, and `--client-s` a surprise.
        super().__init__(allow_abbrev=False, formatter_class=_formatter, **options)

    def error(self, message: str) -> NoReturn:
        """Show the usage and the message; leave with 2."""
        super().error(_RUN.sub(_hidden, message))

    def _print_message(
        self, message: str, file: SupportsWrite[str] | None = None
    ) -> None:
        if file is not None and file is sys.stdout:
            # argparse would say nothing of a text that nobody gets.
            file.write(message)
        else:
            super()._print_message(message, file)


def refuse_secrets(arguments: Sequence[str]) -> None:
    """Refuse secrets on the command line, without repeating them.

    Raises:
        SettingsError: There is one.
    """
    for argument in arguments:
        name = argument.partition("=")[0]
        if name in _INSTEAD:
            raise SettingsError(name, f"is no option: {_VISIBLE}", _INSTEAD[name])


def refuse_password(store: str | None) -> None:
    """Refuse a store's address that was typed with a password in it.

    Raises:
        SettingsError: It has one.
    """
    try:
        has_password = bool(store and urlsplit(store).password)
    except ValueError:
        has_password = False
    if has_password:
        raise SettingsError(
            "--store",
            f"has a password in it, but {_VISIBLE}",
            "set CATALYST_OAUTH_STORE instead, or add ?password_env=NAME",
        )


def seconds(text: str) -> float:
    """Read a number of seconds."""
    number = float(text)
    if not 0.0 <= number <= _LONGEST:
        raise ValueError
    return number


def file_path(text: str) -> Path:
    """Read a path; an empty text would mean the folder that one is in."""
    if not text:
        raise argparse.ArgumentTypeError("an empty text names no file")
    return Path(text)


# argparse names the type in its complaint.
seconds.__name__ = "number of seconds"


def add_client_options(parser: argparse.ArgumentParser) -> None:
    """Add what says whose token it is, and where it is kept."""
    group = parser.add_argument_group(
        "whose token",
        "Each has a variable: CATALYST_OAUTH_CLIENT_ID and so on. The client secret "
        "and the refresh token come from CATALYST_OAUTH_CLIENT_SECRET and "
        "CATALYST_OAUTH_REFRESH_TOKEN, from --secrets-file, or are asked for.",
    )
    group.add_argument("--client-id", help="from the API console", metavar="ID")
    group.add_argument(
        "--data-center", help="where client and user live (default: us)", metavar="NAME"
    )
    group.add_argument(
        "--accounts-url", help="another server than the data centre's", metavar="URL"
    )
    group.add_argument("--api-url", help="likewise", metavar="URL")
    group.add_argument(
        "--profile", help="one of several users (default: default)", metavar="NAME"
    )
    group.add_argument(
        "--secrets-file",
        type=file_path,
        help="NAME=value lines, as serve --env-file writes them; only you may read it",
        metavar="FILE",
    )
    add_store_option(group)
    add_verbosity(parser)


def add_store_option(parser: argparse._ActionsContainer) -> None:
    """Add where tokens are kept."""
    parser.add_argument(
        "--store",
        help="where tokens are kept: a path, json:FOLDER, keyring:, redis://HOST "
        "(default: a file in the state folder)",
        metavar="ADDRESS",
    )


def add_scopes_option(parser: argparse._ActionsContainer) -> None:
    """Add what a login asks for."""
    parser.add_argument(
        "--scopes",
        help="what to ask for, joined by commas; see catalyst-oauth scopes",
        metavar="SCOPES",
    )


def add_verbosity(parser: argparse._ActionsContainer) -> None:
    """Add the journal."""
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="print each request on stderr, without its secrets",
    )
