"""`catalyst-oauth doctor`: look at everything that has to be right, say what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.adapters import SECRET_KEYS, VARIABLE_KEYS
from pytest_catalyst_oauth.engine import (
    DataCenter,
    Limits,
    read_server_info,
    server_info_request,
)
from pytest_catalyst_oauth.engine.errors import OAuthError, SettingsError

from ._parser import add_client_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import HttpReply

    from ._setup import Setup

# Seconds by which clocks may differ: the engine's own tolerance.
_TOLERANCE = 60.0
_NEAR = 4


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis.

    Attributes:
        grade: `ok`, `warn` or `fail`.
        text: What was looked at, and what to do next.
        exit_code: Of a failure.
    """

    grade: str
    text: str
    exit_code: int = 0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "doctor",
        help="find out what is wrong",
        description="Look at the configuration, the data centre, the clock, the store "
        "and the token. At most one request is made, to the accounts server, and no "
        "secret is sent. The exit code is that of the first failure.",
    )
    parser.add_argument("--offline", action="store_true", help="make no request at all")
    add_client_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look and tell; return the exit code of the first failure, or 0."""
    from ._setup import Setup

    setup = Setup.resolve(options)
    worst, told = 0, set()
    for look in _looks(offline=options.offline):
        for finding in _safely(look, setup):
            # A store that cannot be used holds no token either.
            text = finding.text.removeprefix("token: ")
            if finding.exit_code and text in told:
                continue
            told.add(text)
            print(f"{finding.grade:<4}  {finding.text}", flush=True)
            worst = worst or finding.exit_code
    return worst


def _looks(*, offline: bool) -> list[Callable[[Setup], Iterator[Finding]]]:
    server = [] if offline else [_server]
    return [_configuration, _data_center, *server, _store, _token]


def _safely(
    look: Callable[[Setup], Iterator[Finding]], setup: Setup
) -> Iterator[Finding]:
    try:
        yield from look(setup)
    except OAuthError as error:
        yield Finding("fail", str(error), error.exit_code)


def _configuration(setup: Setup) -> Iterator[Finding]:
    yield Finding("ok", f"profile {setup.profile}")
    for key in VARIABLE_KEYS:
        found = setup.found.get(key)
        if found is None:
            continue
        # An address may have a password in it.
        hidden = key in SECRET_KEYS or key == "store"
        shown = "set" if hidden else found.value
        yield Finding("ok", f"{key.replace('_', ' ')} {shown}, by {found.origin}")
    if "client_id" not in setup.found:
        problem = "client id is missing: set CATALYST_OAUTH_CLIENT_ID"
        yield Finding("fail", problem, SettingsError.exit_code)
    if "client_secret" not in setup.found:
        yield Finding(
            "warn",
            "client secret is not set: a terminal is asked for it, other runs cannot "
            "renew; set CATALYST_OAUTH_CLIENT_SECRET",
        )


def _data_center(setup: Setup) -> Iterator[Finding]:
    center = setup.data_center
    yield Finding(
        "ok", f"data centre {center.location}, accounts {center.accounts_url}"
    )
    if center.api_url is None:
        yield Finding("warn", f"Catalyst is not offered at {center.location}")
    else:
        yield Finding("ok", f"Catalyst API {center.api_url}")
    known = DataCenter.parse(center.location)
    if center.accounts_url != known.accounts_url:
        yield Finding(
            "warn",
            f"accounts server is not Zoho's {known.accounts_url}: right for a fake or "
            "a proxy only",
        )


def _server(setup: Setup) -> Iterator[Finding]:
    center, clock = setup.data_center, setup.world.clock
    before = clock()
    reply = setup.attempt().send(server_info_request(center))
    yield Finding("ok", f"{center.accounts_url} answers")
    yield _clock(reply, before, clock())
    try:
        info = read_server_info(reply, asked=center)
    except OAuthError as error:
        yield Finding("warn", f"it does not list its data centres: {error}")
        return
    if all(one.accounts_url != center.accounts_url for one in DataCenter.all()):
        # It lists Zoho's own addresses, and is asked all the same.
        count = len(info.data_centers) + len(info.warnings)
        text = f"it lists {count} data centres; this server stands for all of them"
        yield Finding("ok", text)
        return
    for warning in info.warnings:
        yield Finding("warn", f"the server's list of data centres: {warning}")
    if all(one.location != center.location for one in info.data_centers):
        yield Finding("warn", f"it does not list {center.location}: check the name")


def _clock(reply: HttpReply, before: float, after: float) -> Finding:
    """Compare clocks. The server's moment is somewhere between the two of ours."""
    from email.utils import parsedate_to_datetime

    try:
        served = parsedate_to_datetime(reply.header("Date") or "").timestamp()
    except (ValueError, OverflowError):
        return Finding("warn", "the server told no time, so the clock is unchecked")
    # The server's time has whole seconds.
    behind = max(served - after, 0.0)
    ahead = max(before - served - 1.0, 0.0)
    if max(behind, ahead) <= _TOLERANCE:
        return Finding("ok", "the clock agrees with the server's")
    side = f"{behind:.0f} s behind" if behind else f"{ahead:.0f} s ahead of"
    return Finding(
        "fail",
        f"the clock is {side} the server's: set it, or tokens seem to live longer or "
        "shorter than they do",
        SettingsError.exit_code,
    )


def _store(setup: Setup) -> Iterator[Finding]:
    store = setup.store()
    stored = len(tuple(store.keys()))
    known = "1 profile" if stored == 1 else f"{stored} profiles"
    private = ", and nobody else may read it" if _is_a_file(store) else ""
    name = repr(store).strip("<>")
    yield Finding("ok", f"{name} can be read{private}; it knows {known}")


def _is_a_file(store: Any) -> bool:
    return type(store).__name__ in ("SqliteStore", "JsonStore")


def _token(setup: Setup) -> Iterator[Finding]:
    from ._status import one

    given = setup.found.keys()
    if "client_id" not in given:
        return
    if "refresh_token" in given and "client_secret" not in given:
        # Together they tell which record is theirs; and nobody is asked here.
        return
    report = one(setup)
    status, error = report.status, report.error
    if error is not None:
        yield Finding("fail", f"token: {error}", error.exit_code)
    elif report.life:
        yield Finding("ok", f"a token lives for {report.life} s")
    else:
        yield Finding("ok", "no token lives; the next who asks gets one")
    if status.failure is not None and error is None:
        yield Finding("warn", f"the last renewal failed: {status.failure}")
    limits = Limits()
    grade = "ok" if status.requests_left > 1 else "warn"
    yield Finding(
        grade,
        f"{status.requests_left} of {limits.token_requests} token requests left",
    )
    if status.logins > limits.refresh_tokens - _NEAR:
        yield Finding(
            "warn",
            f"{status.logins} refresh tokens were issued; Zoho ends the oldest of more "
            f"than {limits.refresh_tokens} that live: catalyst-oauth revoke before the "
            "next login",
        )
