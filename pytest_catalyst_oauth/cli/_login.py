"""`catalyst-oauth login`: a person consents, and the refresh token is stored."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import (
    ClientKind,
    Limits,
    ScopeCatalogue,
    Secret,
    grants,
    read_token,
    suspect_data_center,
)
from pytest_catalyst_oauth.engine.errors import RefusedError, SettingsError

from ._parser import add_client_options, add_scopes_option, seconds

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Client, Record, ScopeSet, Token

    from ._setup import Setup

    Login = tuple[Client, Token, float]

_REDIRECT_URI = "http://127.0.0.1:8765/callback"
# How many more logins Zoho takes before it ends the oldest refresh token.
_NEAR = 4


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "login",
        help="let a person consent, and store the refresh token",
        description="Log in and store the refresh token, for the other commands, for "
        "pytest --catalyst-oauth=live and for playbooks. Without an option it opens a "
        "browser and listens on 127.0.0.1 until that comes back.",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--self-client",
        action="store_true",
        help="exchange a code of the API console, which is asked for or read from a "
        "pipe",
    )
    way.add_argument(
        "--device",
        action="store_true",
        help="show a code to confirm in a browser anywhere",
    )
    way.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address instead of opening a browser",
    )
    parser.add_argument(
        "--redirect-uri",
        help=f"exactly as registered (default: {_REDIRECT_URI})",
        metavar="URI",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=300.0,
        help="how long to wait for the browser (default: 300)",
        metavar="SECONDS",
    )
    add_scopes_option(parser)
    add_client_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Log in; return the exit code, 0.

    Raises:
        OAuthError: The login failed. What was stored before still is.
    """
    from pytest_catalyst_oauth.adapters import (
        check_login_store,
        keep_login,
        login_key,
    )

    from ._setup import Setup

    setup = Setup.resolve(options)
    kind, way = _way(options)
    client = setup.client(kind, redirect_uri=_redirect_uri(setup, kind))
    store = setup.store()
    check_login_store(store, login_key(client, setup.profile))
    try:
        client, token, asked_at = way(client, setup, options)
    except RefusedError as error:
        _warn(suspect_data_center(error, asked=client.data_center))
        raise
    key = login_key(client, setup.profile)
    old, new = keep_login(store, key, token, asked_at=asked_at)
    _report(setup, client, token, repr(store))
    _warn_about(setup, client, old, new)
    return 0


def _way(
    options: argparse.Namespace,
) -> tuple[ClientKind, Callable[[Client, Setup, argparse.Namespace], Login]]:
    if options.self_client:
        return ClientKind.SELF, _by_code
    if options.device:
        return ClientKind.DEVICE, _by_device
    return ClientKind.SERVER, _by_browser


def _redirect_uri(setup: Setup, kind: ClientKind) -> str | None:
    if kind is not ClientKind.SERVER:
        return None
    return setup.text("redirect_uri") or _REDIRECT_URI


def _by_code(client: Client, setup: Setup, _: argparse.Namespace) -> Login:
    code = setup.secret("code")
    if code is None:
        text = setup.world.ask("Code of the API console: ", piped=True)
        code = Secret(text) if text else None
    if code is None:
        raise SettingsError(
            "code",
            "is missing",
            "generate one in the API console, under Self Client, and paste it here",
        )
    return _exchange(client, grants.SelfClientGrant(code=code), setup)


def _by_browser(client: Client, setup: Setup, options: argparse.Namespace) -> Login:
    from ._listener import Listener

    attempt = grants.LoginAttempt.start(client, _scopes(setup))
    with Listener(client.redirect_uri or "", attempt.owns) as listener:
        if options.no_browser or not setup.world.open_browser(attempt.url):
            print(f"Open this address in a browser:\n{attempt.url}", flush=True)
        else:
            print("Waiting for the browser; stop with Ctrl+C.", flush=True)
        came = listener.wait(options.timeout)
    client, grant = attempt.finish(came.reveal())
    return _exchange(client, grant, setup)


def _by_device(client: Client, setup: Setup, _: argparse.Namespace) -> Login:
    from dataclasses import replace

    from . import _device_login

    transport, world = setup.transport(), setup.world
    polling = _device_login.start(client, _scopes(setup), transport, world)
    device = polling.device
    print(f"Open {device.verification_url}\nand enter {device.user_code}", flush=True)
    if device.verification_url_complete:
        print(f"or open {device.verification_url_complete}", flush=True)
    login, asked_at = _device_login.follow(polling, transport, world)
    return replace(client, data_center=login.data_center), login.token, asked_at


def _exchange(client: Client, grant: grants.Grant, setup: Setup) -> Login:
    asked_at = setup.world.clock()
    reply = setup.transport().send(grant.request(client))
    return client, read_token(reply, asked_at=asked_at), asked_at


def _scopes(setup: Setup) -> ScopeSet:
    scopes = setup.scopes
    if not scopes:
        raise SettingsError(
            "scopes",
            "are missing",
            "give --scopes; catalyst-oauth scopes --for 'GET /table/{t}/row' names "
            "those that calls need",
        )
    for scope, meant in ScopeCatalogue.load().unknown(scopes).items():
        hint = " or ".join(map(str, meant))
        _warn(
            f"scope {scope} is not known here"
            + (f"; did you mean {hint}?" if hint else "; Zoho may know it")
        )
    return scopes


def _report(setup: Setup, client: Client, token: Token, store: str) -> None:
    print(f"Logged in: profile {setup.profile}, client {client.client_id}")
    print(f"Data centre: {client.data_center.location}")
    print(f"Scopes: {token.scope or 'not said'}")
    print(f"The refresh token is in the {store.strip('<>')}.")


def _warn_about(setup: Setup, client: Client, old: Record, new: Record) -> None:
    configured = setup.data_center.location
    if client.data_center.location != configured:
        _warn(
            f"the user lives at {client.data_center.location}, not at {configured}: "
            f"set CATALYST_OAUTH_DATA_CENTER={client.data_center.location}"
        )
    if "refresh_token" in setup.found:
        _warn(
            f"{setup.found['refresh_token'].origin} is set and wins over this login: "
            "unset it"
        )
    if old.revoke_pending:
        _warn(
            "the former refresh token was to be revoked, and is not known here any "
            "more: end it among the connected apps of the user's Zoho account"
        )
    limit = Limits().refresh_tokens
    if new.logins > limit - _NEAR:
        _warn(
            f"{new.logins} refresh tokens were issued for this client and profile; "
            f"Zoho ends the oldest of more than {limit} that live: catalyst-oauth "
            "revoke before the next login"
        )


def _warn(text: str | None) -> None:
    if text:
        sys.stderr.write(f"catalyst-oauth: warning: {text}\n")
