"""`catalyst-oauth status`: what is known about stored tokens, without them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine import TokenState
from pytest_catalyst_oauth.engine.errors import LoginNeededError, ThrottledError

from ._parser import add_client_options

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from pytest_catalyst_oauth.engine import Status, StoreKey
    from pytest_catalyst_oauth.engine.errors import OAuthError

    from ._setup import Setup

_WORDS = {
    TokenState.FRESH: "a token is at hand",
    TokenState.SOFT: "a token is at hand, and due for renewal",
    TokenState.HARD: "the next who asks renews it",
    TokenState.COOLING: "the last renewal failed, and nobody asks again yet",
    TokenState.DEAD: "a person has to act",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "status",
        help="tell what is known about a token, without it",
        description="Tell what the store knows about a token. Nobody is asked. The "
        "exit code is what `catalyst-oauth token` would have: 0 if a token can be "
        "had, 7 if somebody has to log in.",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="every profile, client and data centre in the store; the exit code is "
        "the largest",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_client_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tell; return the exit code that `token` would have.

    Raises:
        OAuthError: The store cannot be read, or nobody said whose token.
    """
    from ._setup import Setup

    setup = Setup.resolve(options)
    found = _all(setup) if options.all else [one(setup)]
    if options.json:
        plain = [report.plain() for report in found]
        print(json.dumps(plain if options.all else plain[0], indent=2))
    elif not found:
        print(f"Nothing is stored in the {repr(setup.store()).strip('<>')}.")
    else:
        print("\n\n".join("\n".join(report.lines()) for report in found))
    return max((report.exit_code for report in found), default=0)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known about one key.

    Attributes:
        key: Whose.
        status: As the engine has it.
        now: Seconds since the epoch.
        renewable: Whether there is anything to renew it with.
    """

    key: StoreKey
    status: Status
    now: float
    renewable: bool

    @property
    def error(self) -> OAuthError | None:
        """What `token` would say now; None if it would give one."""
        status = self.status
        if status.state is TokenState.DEAD:
            return self._login_needed()
        if status.state is not TokenState.COOLING:
            return None
        failure = status.failure
        if failure is not None and (failure.retry_at or 0.0) > self.now:
            return failure
        return ThrottledError("quota", 0, "the quota of token requests is used up")

    def _login_needed(self) -> OAuthError:
        if self.status.revoke_pending:
            return LoginNeededError("revoke_pending", 0, "a revocation is pending")
        if isinstance(self.status.failure, LoginNeededError):
            return self.status.failure
        if self.renewable:
            return LoginNeededError("revoked", 0)
        detail = f"nothing is stored for profile {self.key.profile!r}"
        return LoginNeededError("no_token", 0, detail)

    @property
    def exit_code(self) -> int:
        """What `token` would leave with."""
        return self.error.exit_code if self.error else 0

    @property
    def life(self) -> int:
        """Seconds that the token still lives; 0 without one."""
        end = self.status.expires_at
        return max(int(end.timestamp() - self.now), 0) if end else 0

    def plain(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        status, error = self.status, self.error
        return {
            "profile": self.key.profile,
            "client_id": self.key.client_id,
            "accounts_url": self.key.accounts_url,
            "state": str(status.state),
            "exit_code": self.exit_code,
            "error": str(error) if error else None,
            "expires_at": _iso(status.expires_at),
            "expires_in": self.life,
            "has_refresh_token": self.renewable,
            "scope": [str(scope) for scope in status.scope],
            "failure": str(status.failure) if status.failure else None,
            "retry_at": _iso(status.retry_at),
            "requests_left": status.requests_left,
            "logins": status.logins,
            "revoke_pending": status.revoke_pending,
        }

    def lines(self) -> list[str]:
        """Return everything in words, a line for each."""
        status, error = self.status, self.error
        rows = {
            "profile": self.key.profile,
            "client": self.key.client_id,
            "accounts": self.key.accounts_url,
            "state": f"{status.state}: {_WORDS[status.state]}",
            "lives": f"{self.life} s, until {_moment(status.expires_at)}"
            if self.life
            else "",
            "refresh token": "known" if self.renewable else "none",
            "scopes": str(status.scope) or "not said",
            "quota": f"{status.requests_left} token requests left in this window",
            "logins": f"{status.logins} known here",
            "revocation": "pending: revoke again" if status.revoke_pending else "",
            "failure": str(status.failure) if status.failure else "",
            "next try": _moment(status.retry_at) if status.retry_at else "",
            "next step": str(error) if error and error != status.failure else "",
        }
        return [f"{name + ':':15}{text}" for name, text in rows.items() if text]


def one(setup: Setup) -> Report:
    """Return the report about the key that was asked for.

    Raises:
        OAuthError: The store cannot be read, or nobody said whose token.
    """
    from pytest_catalyst_oauth.adapters import login_key

    client = setup.reader()
    status = setup.credentials(client).status()
    return Report(
        key=login_key(client, setup.profile),
        status=status,
        now=setup.world.clock(),
        renewable=status.has_refresh_token or "refresh_token" in setup.found,
    )


def _all(setup: Setup) -> list[Report]:
    store, now = setup.store(), setup.world.clock()
    return [_of(key, setup, now) for key in tuple(store.keys())]


def _of(key: StoreKey, setup: Setup, now: float) -> Report:
    from pytest_catalyst_oauth.adapters import connect
    from pytest_catalyst_oauth.engine import Client, ClientKind, DataCenter

    client = Client(
        client_id=key.client_id,
        kind=ClientKind.JAVASCRIPT,
        data_center=DataCenter(location="stored", accounts_url=key.accounts_url),
    )
    status = connect(
        client,
        store=setup.store(),
        profile=key.profile,
        clock=setup.world.clock,
        background=False,
    ).status()
    return Report(key=key, status=status, now=now, renewable=status.has_refresh_token)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "unknown"


def _iso(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None
