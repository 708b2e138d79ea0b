"""`catalyst-oauth demo`: a token's life, against the embedded fake."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_catalyst_oauth.engine import MemoryStore
from pytest_catalyst_oauth.engine.errors import LoginNeededError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import Credentials
    from pytest_catalyst_oauth.fake import FakeServer

# 2027-01-15 09:00:00 UTC: a fixed start makes every run print the same.
_START = 1_800_003_600.0
_SCOPES = "ZohoCatalyst.tables.rows.READ,ZohoCatalyst.cache.READ"


class _Scene(NamedTuple):
    title: str
    # What happened, in words; the exchanges are in the journal.
    act: Callable[[], str]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "demo",
        help="show a token's life against the embedded fake",
        description="Start the embedded fake on a loopback socket, mint a token, use, "
        "outlive, renew and revoke it. Needs no account and no network.",
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Run the demonstration; return the exit code, 0."""
    from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, MovableClock

    fake = FakeCatalyst(clock=MovableClock(start=_START))
    with FakeServer(fake) as server:
        print(f"Zoho Accounts and Catalyst, faked on {server.accounts_url}")
        print("Secrets read •••. The clock is the fake's: nobody waits.")
        seen = 0
        for number, scene in enumerate(_scenes(server), 1):
            print(f"\n{number}. {scene.title}")
            outcome = scene.act()
            for exchange in fake.journal.exchanges[seen:]:
                print("   " + str(exchange).replace(" -> ", "\n            -> "))
            seen = len(fake.journal)
            print(f"   {outcome}")
    print("\nNext: write a test with the fixture catalyst_session, and run pytest.")
    return 0


def _scenes(server: FakeServer) -> Iterator[_Scene]:
    from pytest_catalyst_oauth.adapters import connect

    fake = server.fake
    store = MemoryStore()

    credentials = connect(
        server.client, code=fake.issue_code(_SCOPES), store=store, clock=fake.clock
    )
    refresh_token = credentials.token().refresh_token or fake.refresh_token
    yield _Scene(
        "Mint: the code of a self client becomes an access and a refresh token.",
        lambda: f"It works until {credentials.token().expires_at:%H:%M:%S} UTC.",
    )
    yield _Scene(
        "Call a protected table.",
        lambda: _call(server, credentials, "/table/Guests/row"),
    )
    fake.clock.advance(hours=1)
    yield _Scene(
        "An hour passes. The next call renews the token first.",
        lambda: _call(server, credentials, "/table/Guests/row"),
    )
    yield _Scene(
        "Ask for something that the scopes do not cover. No refresh would cure it.",
        lambda: _call(server, credentials, "/segment"),
    )
    yield _Scene(
        "Revoke.",
        lambda: "Revoked." if credentials.revoke() else "It was gone already.",
    )
    yield _Scene(
        "Somebody kept the refresh token. Zoho refuses it, with HTTP 200.",
        lambda: _refusal(
            connect(
                server.client,
                refresh_token=refresh_token,
                store=store,
                clock=fake.clock,
            )
        ),
    )


def _call(server: FakeServer, credentials: Credentials, path: str) -> str:
    import requests

    from pytest_catalyst_oauth.adapters import CatalystAuth

    url = f"{server.project_url}{path}"
    reply = requests.get(url, auth=CatalystAuth(credentials), timeout=10).json()
    if reply["status"] != "success":
        return f"Refused: {reply['data']['error_code']}."
    names = ", ".join(row["Name"] for row in reply["data"])
    return f"Got {len(reply['data'])} rows: {names}."


def _refusal(credentials: Credentials) -> str:
    try:
        credentials.token()
    except LoginNeededError as error:
        return f"LoginNeededError: {error}."
    return "It still works."
