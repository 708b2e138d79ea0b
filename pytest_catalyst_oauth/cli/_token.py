"""`catalyst-oauth token`: a valid access token for another program."""

from __future__ import annotations

import json
import sys
from datetime import UTC
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import SettingsError

from ._parser import add_client_options, seconds
from ._streams import is_closed

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from pytest_catalyst_oauth.engine import Token

    from ._setup import Setup


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "token",
        help="write a valid access token to a pipe or a file",
        description="Write a valid access token, renewed only if need be, to the "
        "standard output. A terminal gets it with --show only, since what a terminal "
        "shows is kept in its history and seen by others.",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--header",
        action="store_true",
        help="the value of an Authorization header",
    )
    form.add_argument(
        "--json", action="store_true", help="a JSON object with its end and its scopes"
    )
    form.add_argument(
        "--exec-credential",
        action="store_true",
        help="what kubectl expects of a credential plugin",
    )
    parser.add_argument(
        "--min-life",
        type=seconds,
        default=0.0,
        help="how long it must still live; at most five sixths of a new one's life",
        metavar="SECONDS",
    )
    parser.add_argument(
        "--refresh", action="store_true", help="renew it although it lives"
    )
    parser.add_argument(
        "--show", action="store_true", help="also if the output is a terminal"
    )
    add_client_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the token; return the exit code, 0.

    Raises:
        SettingsError: The output is a terminal, or closed.
        OAuthError: There is no living token and none could be obtained.
    """
    if sys.stdout.isatty() and not options.show:
        raise SettingsError(
            "standard output",
            "is a terminal, which would keep the token in its history",
            "send it to a pipe or a file, or add --show",
        )
    if is_closed(sys.stdout):
        raise SettingsError(
            "standard output", "is closed", "send it to a pipe or a file"
        )
    from ._setup import Setup

    setup = Setup.resolve(options)
    token = _token(setup, options)
    life = token.expires_at.timestamp() - setup.world.clock()
    if life < options.min_life:
        sys.stderr.write(f"catalyst-oauth: warning: it lives for {life:.0f} s only\n")
    print(_written(token, life, options))
    return 0


def _token(setup: Setup, options: argparse.Namespace) -> Token:
    client = setup.reader()
    if client.client_secret is None:
        # While a token lives, nobody has to be asked for the client secret.
        held = setup.credentials(client).peek()
        if held is not None and not options.refresh and not options.min_life:
            return held
        client = setup.client()
    credentials = setup.credentials(client)
    if options.refresh:
        return credentials.refresh()
    return credentials.token(min_life=options.min_life)


def _written(token: Token, life: float, options: argparse.Namespace) -> str:
    if options.header:
        return token.authorization
    if options.json:
        return _as_json(token, life)
    if options.exec_credential:
        return _as_exec_credential(token)
    return token.access_token.reveal()


def _as_json(token: Token, life: float) -> str:
    return json.dumps(
        {
            "access_token": token.access_token.reveal(),
            "authorization": token.authorization,
            "expires_at": _timestamp(token.expires_at),
            "expires_in": int(life),
            "scope": [str(scope) for scope in token.scope],
        }
    )


def _as_exec_credential(token: Token) -> str:
    """Return what Kubernetes' clients read.

    Source: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
    """
    return json.dumps(
        {
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential",
            "status": {
                "expirationTimestamp": _timestamp(token.expires_at),
                "token": token.access_token.reveal(),
            },
        }
    )


def _timestamp(moment: datetime) -> str:
    """Return it as RFC 3339 has it, in whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
