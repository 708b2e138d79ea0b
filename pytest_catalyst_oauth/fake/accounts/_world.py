"""The accounts servers of all data centres, which share their people."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import Client, ClientKind, DataCenter, Secret
from pytest_catalyst_oauth.engine._value import replace

from ._call import AccountsServer
from ._people import People
from ._signing import SigningKey
from ._vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.fake._mark import Back
    from pytest_catalyst_oauth.fake._settings import FakeSettings

# In Zoho's form, and visibly nobody's.
_CLIENT_ID = "FAKECLIENT" * 3
_CLIENT_SECRET = "fa4e" * 10 + "fa"
_OF_SERIES_1004 = (ClientKind.MOBILE, ClientKind.DEVICE)


@final
class World:
    """Each data centre has its own codes and tokens, and knows its own clients.

    Not safe between threads by itself, as a vault is not.

    Args:
        settings: Of the fake.
        clock: Seconds since the epoch.

    Attributes:
        people: Everybody, wherever their accounts are.

    Source: zoho-protocol.md 2.1 and 6.3.
    """

    def __init__(self, settings: FakeSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._key = SigningKey()
        self._servers: dict[str, AccountsServer] = {}
        self._count = 0
        self.people = People(settings, clock)

    def server(self, location: str) -> AccountsServer:
        """Return the server of a data centre.

        Raises:
            SettingsError: There is no such data centre.
        """
        found = self._servers.get(location)
        if found is None:
            home = self._settings.data_center
            center = home if location == home.location else DataCenter.parse(location)
            found = self._servers[location] = AccountsServer(
                center=center,
                settings=self._settings,
                clock=self._clock,
                vault=Vault(self._settings, self._clock),
                people=self.people,
                abroad=self.server,
                key=self._key,
            )
        return found

    @property
    def home(self) -> Vault:
        """What the data centre of the settings has issued."""
        return self.server(self._settings.data_center.location).vault

    def mark(self) -> Back:
        """Return what takes clients, users and refresh tokens back that come now."""
        count, backs = self._count, (self.home.mark(), self.people.mark())

        def back() -> None:
            self._count = count
            for one in backs:
                one()

        return back

    def end(self, token: Secret) -> bool:
        """End a token, wherever it was issued; tell whether there was one."""
        return any(one.vault.end(token) for one in self._servers.values())

    def register(self, kind: ClientKind, redirect_uri: str | None) -> Client:
        """Register a client at home."""
        number = f"{self._count:02d}" if self._count else ""
        series = "1004" if kind in _OF_SERIES_1004 else "1000"
        name = _CLIENT_ID[: len(_CLIENT_ID) - len(number)]
        secret = Secret(_CLIENT_SECRET[: len(_CLIENT_SECRET) - len(number)] + number)
        client = Client(
            client_id=f"{series}.{name}{number}",
            client_secret=None if kind is ClientKind.JAVASCRIPT else secret,
            kind=kind,
            redirect_uri=redirect_uri,
            data_center=self._settings.data_center,
        )
        self._count += 1
        self.home.clients[client.client_id] = client
        return client

    def enable(self, client: Client, location: str) -> None:
        """Let a client serve the users of another data centre, with the same secret.

        Raises:
            SettingsError: There is no such data centre.
        """
        server = self.server(location)
        abroad = replace(client, data_center=server.center)
        server.vault.clients[client.client_id] = abroad
