"""One call of an accounts server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.engine._value import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_catalyst_oauth.engine import HttpRequest, Secret
    from pytest_catalyst_oauth.fake._settings import FakeSettings
    from pytest_catalyst_oauth.fake._users import User

    from ._people import People
    from ._signing import SigningKey
    from ._vault import Vault

_HOMES = frozenset(center.accounts_url for center in DataCenter.all())


class AccountsServer(NamedTuple):
    """Zoho Accounts of one data centre: what its rules need to know.

    Attributes:
        center: Which one.
        settings: Of the fake.
        clock: Seconds since the epoch.
        vault: Its clients, codes and tokens.
        people: Users and their consents, of all data centres.
        abroad: Returns the server of another data centre.
        key: What ID tokens are signed with.
    """

    center: DataCenter
    settings: FakeSettings
    clock: Callable[[], float]
    vault: Vault
    people: People
    abroad: Callable[[str], AccountsServer]
    key: SigningKey


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

    def is_home_of(self, user: User) -> bool:
        """Whether the server is the one where a person's account is."""
        return self.server.center.location == user.location

    def at(self, location: str) -> Self:
        """Return the same call to another data centre.

        A stand-in stands for all of them: who is asked remains the same.
        """
        if location == self.server.center.location or self.base not in _HOMES:
            return self
        server = self.server.abroad(location)
        url = urlsplit(self.request.url)
        home = urlsplit(server.center.accounts_url)
        moved = url._replace(scheme=home.scheme, netloc=home.netloc).geturl()
        return self._replace(server=server, request=replace(self.request, url=moved))
