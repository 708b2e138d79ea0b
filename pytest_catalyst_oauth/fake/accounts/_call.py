"""One call of an accounts server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_catalyst_oauth.engine import DataCenter, HttpRequest, Secret
    from pytest_catalyst_oauth.fake._settings import FakeSettings

    from ._vault import Vault


class AccountsServer(NamedTuple):
    """Zoho Accounts of one data centre: what its rules need to know.

    Attributes:
        center: Which one.
        settings: Of the fake.
        clock: Seconds since the epoch.
        vault: Its clients, codes and tokens.
    """

    center: DataCenter
    settings: FakeSettings
    clock: Callable[[], float]
    vault: Vault


class AccountsCall(NamedTuple):
    """One request to an accounts server.

    Attributes:
        server: Which was asked.
        request: As it came.
        given: Query and form, merged. All values stay hidden, as most are secrets.
    """

    server: AccountsServer
    request: HttpRequest
    given: Mapping[str, Secret]

    @property
    def base(self) -> str:
        """The address under which the client knows the server, without a slash."""
        return self.request.origin

    def plain(self, name: str) -> str | None:
        """Return a parameter that is no secret; None if absent or empty."""
        value = self.given.get(name)
        return value.reveal() if value else None
