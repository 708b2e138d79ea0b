"""`catalyst-oauth revoke`: give a token up, at Zoho and in the store."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import OAuthError

from ._parser import add_client_options

if TYPE_CHECKING:
    import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "revoke",
        help="give a token up",
        description="Revoke the refresh token, and with it all of its access tokens, "
        "and forget them. Doing it again is no error.",
    )
    parser.add_argument(
        "--access-token",
        action="store_true",
        help="the access token instead; Zoho says that this ends its refresh token too",
    )
    add_client_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Revoke; return the exit code, 0.

    Raises:
        OAuthError: The server did not confirm.
    """
    from ._setup import Setup

    setup = Setup.resolve(options)
    credentials = setup.credentials(setup.reader())
    what = "access token" if options.access_token else "refresh token"
    try:
        revoked = credentials.revoke(what.replace(" ", "_"))
    except OAuthError:
        if credentials.status().revoke_pending:
            sys.stderr.write(
                "catalyst-oauth: the revocation is pending: no token is handed out "
                "until catalyst-oauth revoke has been confirmed\n"
            )
        raise
    if not revoked:
        print(f"There was no {what} to revoke; no token is stored any more.")
        return 0
    print(f"The {what} is revoked, and no token is stored any more.")
    return 0
