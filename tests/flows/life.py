"""One life of a token, with everything that goes wrong, for whoever looks for leaks."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

from pytest_catalyst_oauth.adapters import CatalystAuth, RetryPolicy, connect
from pytest_catalyst_oauth.engine import Journal, Secret
from pytest_catalyst_oauth.engine.errors import OAuthError
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer


@dataclass
class Life:
    """What is left of it.

    Attributes:
        secrets: All that must not be seen.
        things: All that was held, in order.
        errors: All that was raised.
    """

    secrets: list[Secret] = field(default_factory=list)
    things: list[Any] = field(default_factory=list)
    errors: list[OAuthError] = field(default_factory=list)

    def fail(self, call: Any) -> None:
        """Call what must fail."""
        try:
            call()
        except OAuthError as error:
            self.errors.append(error)
        else:
            raise AssertionError(f"{call} did not fail")

    def hold(self, *tokens: Any) -> None:
        """Remember tokens and what is secret in them."""
        for token in tokens:
            self.things.append(token)
            self.secrets += [token.access_token, token.refresh_token]

    def texts(self) -> set[str]:
        """Return the secrets, and the parts that would give them away."""
        whole = {secret.reveal() for secret in self.secrets}
        return whole | {part for text in whole for part in text.split(".")[1:]}


def lead(folder: Path) -> Life:
    """Log in, renew, call the API, fail in all ways, give up."""
    life = Life()
    with FakeServer(FakeCatalyst()) as server:
        _lead(life, server, folder)
    return life


def _lead(life: Life, server: FakeServer, folder: Path) -> None:
    fake, journal, client = server.fake, Journal(), server.client
    code = fake.issue_code()
    life.secrets += [client.client_secret, code, fake.refresh_token]

    def held(**more: Any) -> Any:
        return connect(
            more.pop("client", client),
            retry=RetryPolicy(attempts=1),
            journal=journal,
            background=False,
            **more,
        )

    path = folder / "tokens.db"
    credentials = held(store=path, code=code)
    auth = CatalystAuth(credentials)
    life.hold(credentials.token(), credentials.refresh())
    with requests.Session() as session:
        session.auth = auth
        response = session.get(f"{server.project_url}/table", timeout=10)
        assert response.status_code == 200
        # The refresh token that the reply repeats, as careless servers do.
        token = credentials.token()
        said = {"error": "invalid_client", "error_description": _spoken(token)}
        fake.revoke(token.access_token)
        fake.fail("token", status=200, body=json.dumps(said))
        life.fail(lambda: session.get(f"{server.project_url}/table", timeout=10))
    for how in ({"status": 503}, {"status": 200, "body": "<html>"}, {"status": 429}):
        fake.fail("token", **how)
        life.fail(held(store="memory:", refresh_token=fake.refresh_token).token)
    center = replace(client.data_center, accounts_url=f"http://127.0.0.1:{_closed()}")
    nowhere = replace(client, data_center=center)
    life.fail(
        held(client=nowhere, store="memory:", refresh_token=fake.refresh_token).token
    )
    other = replace(client, client_secret=Secret("invented-wrong-client-secret"))
    life.secrets.append(other.client_secret)
    life.fail(
        held(client=other, store="memory:", refresh_token=fake.refresh_token).token
    )
    broken = folder / "broken.db"
    broken.write_bytes(b"no database " * 100)
    broken.chmod(0o600)
    life.fail(held(store=broken, refresh_token=fake.refresh_token).token)
    wanderer = held(store=folder / "other.db", refresh_token=fake.refresh_token)
    life.hold(wanderer.token())
    fake.fail("revoke", status=503)
    life.fail(wanderer.revoke)
    assert wanderer.revoke()
    life.fail(wanderer.token)
    life.things += [client, other, fake, server, journal, credentials, auth, wanderer]
    life.things += [credentials.keeper, credentials.keeper.held, credentials.status()]
    life.things += [response, *journal]


def _spoken(token: Any) -> str:
    return f"the token {token.refresh_token.reveal()} is not yours"


def _closed() -> int:
    """Return a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
