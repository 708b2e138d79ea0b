"""What an accounts server keeps: codes, consents and access tokens."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, NamedTuple, final

from pytest_catalyst_oauth.engine._value import Value

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import ScopeSet, Secret
    from pytest_catalyst_oauth.fake._users import User


@final
class Code(Value):
    """A grant token that nobody has exchanged yet.

    Attributes:
        client_id: Who may exchange it.
        scope: What the user consented to.
        redirect_uri: What the exchange has to repeat; None for a self client.
        ends_at: Seconds since the epoch.
        offline: Whether it brings a refresh token.
        user: Who consented; None for nobody.
        challenge: Of the proof key; None without one.
        challenge_method: `S256` or `plain`.
        nonce: To be repeated in an ID token; None without one.
    """

    client_id: str
    scope: ScopeSet
    redirect_uri: str | None
    ends_at: float
    offline: bool
    user: User | None = None
    challenge: Secret | None = None
    challenge_method: str = "plain"
    nonce: Secret | None = None


@final
class Consent:
    """What stands behind a refresh token, or behind an access token without one.

    Attributes:
        client_id: Who may use it.
        scope: What the user consented to.
        user: Who consented; None for nobody, as with client credentials.
        refresh_token: The one that works now; None without one.
        live: Its access tokens, the oldest first.
        asked: When it was used, in seconds since the epoch, inside the window.
        spent: The code, and the refresh tokens before this one.
    """

    __slots__ = (
        "asked",
        "client_id",
        "live",
        "refresh_token",
        "scope",
        "spent",
        "user",
    )

    def __init__(
        self, *, client_id: str, scope: ScopeSet, user: User | None = None
    ) -> None:
        self.client_id = client_id
        self.scope = scope
        self.user = user
        self.refresh_token: Secret | None = None
        self.live: OrderedDict[Secret, None] = OrderedDict()
        self.asked: deque[float] = deque()
        self.spent: deque[Secret] = deque()


@final
class Access(NamedTuple):
    """What an access token opens.

    Attributes:
        scope: What it grants.
        ends_at: Seconds since the epoch.
        consent: Where it came from.
    """

    scope: ScopeSet
    ends_at: float
    consent: Consent
