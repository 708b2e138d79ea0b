"""Options, files and variables, resolved once: whose token, from whom, kept where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.adapters import PREFIX, Found, read_variables
from pytest_catalyst_oauth.engine import (
    Client,
    ClientKind,
    DataCenter,
    JournalingTransport,
    ScopeSet,
    Secret,
)
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._parser import refuse_password
from ._secrets_file import read_secrets_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from pytest_catalyst_oauth.engine import Credentials, Journal, Store, Transport

    from ._world import World

_TYPED = "client_id data_center accounts_url api_url store scopes redirect_uri".split()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What one run of a sub-command works with.

    Attributes:
        world: What it touches.
        journal: Notes what it asks.
        profile: One of several users.
        found: What was given, the strongest place first: command line, file,
            environment.
    """

    world: World
    journal: Journal
    profile: str
    found: Mapping[str, Found]

    @classmethod
    def resolve(cls, options: argparse.Namespace) -> Setup:
        """Read what was given.

        Raises:
            SettingsError: The secrets file cannot be used, a password was typed, or a
                name is no text.
        """
        world: World = options.world
        typed = {key: getattr(options, key, None) for key in _TYPED}
        refuse_password(typed["store"])
        path = getattr(options, "secrets_file", None)
        file = read_secrets_file(path) if path else {}
        profile = getattr(options, "profile", None)
        variable = PREFIX + "PROFILE"
        profile = profile or file.get(variable) or world.environ.get(variable)
        found = read_variables(world.environ, profile or "default")
        found |= read_variables(file, profile or "default", where=f" in {path}")
        found |= {
            key: Found(value, "--" + key.replace("_", "-"))
            for key, value in typed.items()
            if value
        }
        client_id = found.get("client_id")
        _check_text("profile", profile)
        _check_text("client id", client_id.value if client_id else None)
        return cls(
            world=world,
            journal=options.journal,
            profile=profile or "default",
            found=found,
        )

    def text(self, key: str) -> str | None:
        """Return what was given for a key that is no secret, or None."""
        found = self.found.get(key)
        return found.value if found and isinstance(found.value, str) else None

    def secret(self, key: str) -> Secret | None:
        """Return what was given for a secret key, or None."""
        found = self.found.get(key)
        return found.value if found and isinstance(found.value, Secret) else None

    @property
    def data_center(self) -> DataCenter:
        """The data centre, at the addresses that were given.

        Raises:
            SettingsError: It is unknown, or an address is unfit.
        """
        known = DataCenter.parse(self.text("data_center") or "us")
        accounts_url, api_url = self.text("accounts_url"), self.text("api_url")
        if not accounts_url and not api_url:
            return known
        return DataCenter(
            location=known.location,
            accounts_url=accounts_url or known.accounts_url,
            api_url=api_url or known.api_url,
            console_url=api_url or known.console_url,
        )

    @property
    def scopes(self) -> ScopeSet:
        """What to ask for; empty when nobody said.

        Raises:
            SettingsError: A name is malformed.
        """
        return ScopeSet.parse(self.text("scopes") or "")

    def client(
        self, kind: ClientKind = ClientKind.SELF, *, redirect_uri: str | None = None
    ) -> Client:
        """Return the client, asking a person for its secret if need be.

        Raises:
            SettingsError: Its id or its secret is missing.
        """
        client_id = self._client_id()
        secret = self.secret("client_secret") or self._asked(client_id)
        if secret is None:
            raise SettingsError(
                f"client secret of {client_id}",
                "is missing",
                f"set {PREFIX}CLIENT_SECRET, name a --secrets-file, or run this in a "
                "terminal, where you are asked for it",
            )
        return Client(
            client_id=client_id,
            client_secret=secret,
            kind=kind,
            redirect_uri=redirect_uri,
            data_center=self.data_center,
        )

    def reader(self) -> Client:
        """Return the client for what needs no secret: reading the store, revoking.

        With a refresh token that was given the secret is needed even so: together
        they tell which record is theirs.

        Raises:
            SettingsError: Its id is missing, or its secret beside a refresh token.
        """
        if self.secret("client_secret") or self.secret("refresh_token"):
            return self.client()
        return Client(
            client_id=self._client_id(),
            kind=ClientKind.JAVASCRIPT,
            data_center=self.data_center,
        )

    def store(self) -> Store:
        """Open the store; nothing is read yet.

        Raises:
            SettingsError: Its address is malformed.
        """
        from pytest_catalyst_oauth.adapters import open_store

        return open_store(self.text("store"))

    def credentials(self, client: Client) -> Credentials:
        """Wire the parts; nothing has been asked yet."""
        from pytest_catalyst_oauth.adapters import connect

        return connect(
            client,
            refresh_token=self.secret("refresh_token"),
            store=self.store(),
            profile=self.profile,
            transport=self.world.transport,
            journal=self.journal,
            clock=self.world.clock,
            sleep=self.world.sleep,
            # The process ends before a thread would have an answer.
            background=False,
        )

    def attempt(self) -> Transport:
        """Return what sends one request, once."""
        from pytest_catalyst_oauth.adapters import RequestsTransport

        attempt = self.world.transport or RequestsTransport()
        return JournalingTransport(attempt, self.journal, self.world.clock)

    def transport(self) -> Transport:
        """Return what sends a request, again if that may help."""
        from pytest_catalyst_oauth.adapters import RetryingTransport

        world = self.world
        return RetryingTransport(self.attempt(), sleep=world.sleep, clock=world.clock)

    def _client_id(self) -> str:
        client_id = self.text("client_id")
        if not client_id:
            raise SettingsError(
                "client id",
                "is missing",
                f"set {PREFIX}CLIENT_ID or give --client-id; it is in the API console",
            )
        return client_id

    def _asked(self, client_id: str) -> Secret | None:
        text = self.world.ask(f"Client secret of {client_id}: ", piped=False)
        return Secret(text) if text else None


def _check_text(name: str, text: object) -> None:
    try:
        str(text or "").encode()
    except UnicodeEncodeError:
        # It could be no key in a store.
        problem = "is not UTF-8 text"
    else:
        return
    raise SettingsError(name, problem, "write it again")
