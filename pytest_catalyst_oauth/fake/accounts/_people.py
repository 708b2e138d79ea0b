"""What the accounts servers know about people, and about pages that are open."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._mark import marked
from pytest_catalyst_oauth.fake._users import User

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Client, HttpReply
    from pytest_catalyst_oauth.fake._mark import Back
    from pytest_catalyst_oauth.fake._settings import FakeSettings

    from ._consent import Wish
    from ._device import DeviceLogin

# ZUIDs are numbers of this size; the first one is nobody's.
_FIRST_ZUID = 10_000_001
_TICKET_LIFE = 600
_TICKETS = 1000


@final
class Ticket:
    """A page that waits for an answer.

    Attributes:
        wish: What the person is asked.
        ends_at: Seconds since the epoch.
        reply: What came of the answer; a second click gets the same.
    """

    __slots__ = ("ends_at", "reply", "wish")

    def __init__(self, wish: Wish, ends_at: float) -> None:
        self.wish = wish
        self.ends_at = ends_at
        self.reply: HttpReply | None = None


@final
class People:
    """Users, what they consented to, and the pages that they look at.

    All data centres share it: an account is in one of them, its owner may be sent
    there from any. Not safe between threads by itself, as the vault is not.

    Args:
        settings: Of the fake.
        clock: Seconds since the epoch.

    Attributes:
        present: Who is signed in: whoever consented last.
        devices: Logins on devices by their device code.
        enhancements: What an enhancement token enhances: client id, refresh token,
            and when it ends.
        wrong_codes: When somebody typed in a user code that there is not.
    """

    def __init__(self, settings: FakeSettings, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._clock = clock
        self._users: dict[str, User] = {}
        self._granted: dict[tuple[str, int], ScopeSet] = {}
        self._tickets: dict[Secret, Ticket] = {}
        self._grants: dict[str, deque[float]] = {}
        self.devices: dict[Secret, DeviceLogin] = {}
        self.enhancements: dict[Secret, tuple[str, Secret, float]] = {}
        self.wrong_codes: deque[float] = deque()
        location = settings.data_center.location
        self.present = self.add("Ada", "Example", location=location)

    @property
    def users(self) -> tuple[User, ...]:
        """Everybody, in the order in which they came."""
        return tuple(self._users.values())

    def add(
        self,
        first_name: str,
        last_name: str = "Example",
        *,
        email: str | None = None,
        location: str,
    ) -> User:
        """Open an account.

        Raises:
            SettingsError: The address is taken or malformed.
        """
        name = "".join(filter(str.isalnum, first_name)).lower()
        user = User(
            zuid=_FIRST_ZUID + len(self._users),
            first_name=first_name,
            last_name=last_name,
            email=email or f"{name}@example.com",
            location=location,
        )
        if self.find(user.email):
            raise SettingsError(
                f"user {user.email}", "is there already", "give another email"
            )
        self._users[user.email.lower()] = user
        return user

    def mark(self) -> Back:
        """Return what takes new users back."""
        return marked(self._users)

    def find(self, email: str | None) -> User | None:
        """Return who has an address; None for nobody."""
        return self._users.get(email.lower()) if email else None

    def remember(self, client: Client, user: User, scope: ScopeSet) -> None:
        """Note what a person lets a client do."""
        self._granted[client.client_id, user.zuid] = self.granted(client, user) | scope

    def granted(self, client: Client, user: User) -> ScopeSet:
        """Return what a person lets a client do."""
        return self._granted.get((client.client_id, user.zuid), ScopeSet())

    def allow(self, login: DeviceLogin, user: User) -> None:
        """Let a device go on, and note what its person lets it do."""
        login.user = user
        self.remember(login.client, user, login.scope)

    def may_grant(self, client: Client) -> bool:
        """Count a code for a client; False if it is one too many.

        Source: zoho-protocol.md 4.5.
        """
        asked, now = self._grants.setdefault(client.client_id, deque()), self._clock()
        return counted(
            asked, now, most=self._settings.grants, window=self._settings.grant_window
        )

    def open_page(self, wish: Wish) -> Secret:
        """Return the ticket of a page; with very many open, the oldest ends."""
        ticket = Secret(f"fa4efa4e{os.urandom(16).hex()}")
        self._tickets[ticket] = Ticket(wish, self._clock() + _TICKET_LIFE)
        if len(self._tickets) > _TICKETS:
            del self._tickets[next(iter(self._tickets))]
        return ticket

    def page(self, ticket: Secret | None) -> Ticket | None:
        """Return the page of a ticket; None if it is unknown or too old."""
        found = self._tickets.get(ticket) if ticket else None
        return found if found and self._clock() < found.ends_at else None


def counted(times: deque[float], now: float, *, most: int, window: float) -> bool:
    """Note that something happened; False, and nothing noted, if that is too often."""
    while times and times[0] <= now - window:
        times.popleft()
    if len(times) >= most:
        return False
    times.append(now)
    return True
