"""What a test does at Zoho Accounts: in the API console, and as a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import ClientKind, DataCenter, ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError

from .accounts import Code, World, waiting
from .catalyst import ALL_SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from threading import RLock

    from pytest_catalyst_oauth.engine import Client
    from pytest_catalyst_oauth.engine.grants import ProofKey

    from ._clock import MovableClock
    from ._settings import FakeSettings
    from ._users import User
    from .accounts._device import DeviceLogin


class AccountsSide:
    """The methods of a fake that are about clients, users and their tokens."""

    client: Client

    def __init__(
        self, settings: FakeSettings, clock: MovableClock, lock: RLock
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._lock = lock
        self._world = World(settings, clock)

    @property
    def user(self) -> User:
        """Who is signed in: whoever consented last."""
        return self._world.people.present

    def add_user(
        self,
        first_name: str,
        last_name: str = "Example",
        *,
        email: str | None = None,
        location: str | None = None,
    ) -> User:
        """Open an account, in another data centre if you like.

        Raises:
            SettingsError: The address is taken, or there is no such data centre.
        """
        center = DataCenter.parse(location) if location else self.settings.data_center
        with self._lock:
            return self._world.people.add(
                first_name, last_name, email=email, location=center.location
            )

    def register_client(
        self,
        *,
        redirect_uri: str | None = None,
        kind: ClientKind | None = None,
        multi_dc: bool = False,
    ) -> Client:
        """Register a client, as in the API console.

        Args:
            redirect_uri: Makes it a client of kind `server`.
            kind: Another kind; one of kind `javascript` has no secret.
            multi_dc: Whether all data centres know it, with the same secret.
        """
        usual = ClientKind.SERVER if redirect_uri else ClientKind.SELF
        with self._lock:
            client = self._world.register(kind or usual, redirect_uri)
            for center in DataCenter.all() if multi_dc else ():
                if center.location != client.data_center.location:
                    self._world.enable(client, center.location)
        return client

    def enable(self, client: Client, location: str) -> None:
        """Let a client also serve the users of another data centre.

        Raises:
            SettingsError: There is no such data centre.
        """
        with self._lock:
            self._world.enable(client, DataCenter.parse(location).location)

    def issue_code(
        self,
        scopes: str | Iterable[str] | None = None,
        *,
        client: Client | None = None,
        offline: bool = True,
        proof_key: ProofKey | None = None,
        nonce: Secret | None = None,
    ) -> Secret:
        """Issue a code, as after a person's consent.

        Args:
            scopes: What was consented to; None for all that the fake serves.
            client: For whom; a self client's code is one of the API console.
            offline: Whether the code brings a refresh token.
            proof_key: Whose challenge was shown when the code was asked for.
            nonce: To be repeated in an ID token.
        """
        client, settings = client or self.client, self.settings
        of_console = client.redirect_uri is None
        life = settings.console_code_lifetime if of_console else settings.code_lifetime
        code = Code(
            client_id=client.client_id,
            scope=_scopes(scopes),
            redirect_uri=client.redirect_uri,
            ends_at=self.clock() + life,
            offline=offline or of_console,
            user=self.user,
            challenge=Secret(proof_key.challenge) if proof_key else None,
            challenge_method=proof_key.method if proof_key else "plain",
            nonce=nonce,
        )
        with self._lock:
            return self._world.home.add_code(code)

    def issue_refresh_token(
        self,
        scopes: str | Iterable[str] | None = None,
        *,
        client: Client | None = None,
    ) -> Secret:
        """Issue a refresh token, as after a consent and an exchange."""
        client_id = (client or self.client).client_id
        with self._lock:
            return self._world.home.add_consent(client_id, _scopes(scopes), self.user)

    def revoke(self, token: Secret) -> bool:
        """End a token, as its user can at any time; tell whether there was one."""
        with self._lock:
            return self._world.end(token)

    def approve_device(self, user_code: str, *, user: User | None = None) -> None:
        """Let a device go on, as a person does who types in its code.

        Raises:
            SettingsError: No device waits with this code.
        """
        with self._lock:
            self._world.people.allow(self._device(user_code), user or self.user)

    def deny_device(self, user_code: str) -> None:
        """Tell a device to stop.

        Raises:
            SettingsError: No device waits with this code.
        """
        with self._lock:
            self._device(user_code).is_denied = True

    def _device(self, user_code: str) -> DeviceLogin:
        login = waiting(self._world.people, user_code, self.clock())
        if login is None:
            raise SettingsError(
                "user code", "is of no device that waits", "start a device login first"
            )
        return login


def _scopes(scopes: str | Iterable[str] | None) -> ScopeSet:
    return ALL_SCOPES if scopes is None else ScopeSet.parse(scopes)
