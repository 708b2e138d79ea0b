"""The server that everybody is measured against, and our own client of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.adapters import RetryPolicy, connect
from pytest_catalyst_oauth.engine import Limits
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import Credentials

# Far more than any part makes: what is measured is the clients' own restraint.
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Got:
    """What one of many callers got.

    Attributes:
        outcome: A value or an error.
        seconds: How long it took.
    """

    outcome: object
    seconds: float


class Stage:
    """A loopback server, counted.

    Attributes:
        server: Its address, its faults, its clock.
    """

    def __init__(self, server: FakeServer) -> None:
        self.server = server

    @property
    def token_url(self) -> str:
        """The token endpoint."""
        return f"{self.server.accounts_url}/oauth/v2/token"

    @property
    def form(self) -> dict[str, str]:
        """A refresh request, for clients that have to be told."""
        client = self.server.client
        assert client.client_secret is not None
        return {
            "grant_type": "refresh_token",
            "client_id": client.client_id,
            "client_secret": client.client_secret.reveal(),
            "refresh_token": self.server.fake.refresh_token.reveal(),
        }

    @property
    def asked(self) -> int:
        """How many token requests have arrived so far."""
        return len(self.server.fake.journal.token_requests)

    def ours(self, store: str = "memory:", **options: Any) -> Credentials:
        """Return credentials of our own, with nothing held yet."""
        return connect(
            self.server.client,
            refresh_token=self.server.fake.refresh_token,
            store=store,
            clock=options.pop("clock", self.server.fake.clock),
            limits=Limits(token_requests=_MANY),
            retry=options.pop("retry", RetryPolicy(attempts=1)),
            **options,
        )

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Let the token endpoint take its time."""
        self.server.fake.slow("token", seconds=seconds)
        try:
            yield
        finally:
            self.server.fake.slow("token", seconds=0)


@contextmanager
def stage() -> Iterator[Stage]:
    """Serve a fake that refuses nobody for asking often."""
    settings = FakeSettings(
        token_requests=_MANY,
        live_access_tokens=_MANY,
        refresh_tokens=_MANY,
        lenient_double_slash=True,  # the SDK for Python writes one
    )
    with FakeServer(FakeCatalyst(settings=settings)) as server:
        yield Stage(server)


def together(count: int, call: Callable[[], object]) -> list[Got]:
    """Call from many threads at the same moment."""
    ready, got = Barrier(count), []

    def run() -> None:
        ready.wait()
        start = time.perf_counter()
        try:
            outcome = call()
        except Exception as error:  # noqa: BLE001  whatever a peer raises is counted
            outcome = error
        got.append(Got(outcome, time.perf_counter() - start))

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got
