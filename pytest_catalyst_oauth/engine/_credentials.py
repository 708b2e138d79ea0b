"""The one object that people hold."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, final

from ._keeper import PATIENCE, Keeper

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._client import Client
    from ._http import Transport
    from ._quota import Limits
    from ._status import Status
    from ._steps import Steps, T
    from ._store import Store
    from ._token import Token
    from .grants import Grant


@final
class Credentials:
    """A valid token whenever you ask, with as few requests as possible.

    Threads of one process and processes that share a store cause one token request
    together, and share its failure too. Does no I/O of its own.

    Args:
        client: Whose token.
        transport: Carries the requests; brings its own time-outs and retries.
        store: Keeps the token; shared with other processes if it can be.
        grant: How to get the first token; None uses what is stored.
        clock: Seconds since the epoch.
        profile: Tells apart several users of one client in one store.
        patience: Seconds to wait for a sibling's renewal; longer than the transport
            may take.
        limits: What Zoho allows; more is refused here, before Zoho blocks everybody.
        jitter: How much earlier than others a token is due, as a share of the window;
            None draws it below a tenth.
        background: Runs a renewal that nobody has to wait for; None lets the first
            who asks do it.
        sleep: Waits for some seconds.

    Attributes:
        client: As given.
        keeper: What drivers for other ways of waiting share with this one.
    """

    def __init__(
        self,
        client: Client,
        *,
        transport: Transport,
        store: Store,
        grant: Grant | None = None,
        clock: Callable[[], float] = time.time,
        profile: str = "default",
        patience: float = PATIENCE,
        limits: Limits | None = None,
        jitter: float | None = None,
        background: Callable[[Callable[[], object]], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = client
        self._clock = clock
        self._transport = transport
        self._background = background
        self._sleep = sleep
        self.keeper = Keeper(
            client,
            store=store,
            grant=grant,
            clock=clock,
            profile=profile,
            patience=patience,
            limits=limits,
            jitter=jitter,
            goes_apart=background is not None,
        )

    def __repr__(self) -> str:
        return f"<credentials of {self.client.client_id}>"

    def token(self, *, min_life: float = 0.0) -> Token:
        """Return a token that works now: held, stored, or renewed.

        A renewal that fails while the token still lives is kept for `status`.

        Args:
            min_life: Seconds that it must still live. Five sixths of a new token's
                life are enough for any number, since more would cost a request with
                each call.

        Raises:
            SettingsError: `min_life` is no finite number, or is negative.
            OAuthError: There is no living token and none could be obtained.
        """
        held = self.keeper.held
        # `Keeper.at_hand` begins with the same; here it costs half as much.
        if (
            held is not None
            and not min_life
            and held.start <= self._clock() < held.soft
        ):
            return held.token
        token = None if min_life else self.keeper.at_hand()
        return token or self._do(self.keeper.token(min_life))

    def authorization(self) -> str:
        """Return the value of an `Authorization` header; it is a secret.

        Raises:
            OAuthError: As for `token`.
        """
        held = self.keeper.held
        if held is not None and held.start <= self._clock() < held.soft:
            # `Token.authorization`, written out: it would cost as much as all the rest.
            return f"Zoho-oauthtoken {held.token.access_token.reveal()}"
        return self.token().authorization

    def refresh(self) -> Token:
        """Return a newer token than anybody has had so far.

        Callers at the same time share one request.

        Raises:
            OAuthError: None could be obtained. The old token stays in use.
        """
        return self._do(self.keeper.refresh())

    def replace(self, rejected: Token) -> Token:
        """Return another token than `rejected`, which the API did not accept.

        However many threads come with the same rejected token, one request is made;
        none if a newer token is known already.

        Raises:
            OAuthError: None could be obtained.
        """
        return self._do(self.keeper.replace(rejected))

    def revoke(
        self,
        token_type: str = "refresh_token",  # noqa: S107  the name of a kind
        *,
        cascades: bool = True,
    ) -> bool:
        """Give a token up, and forget what ends with it.

        Args:
            token_type: `refresh_token` (or else the access token), or `access_token`.
            cascades: Whether the end of an access token ends its refresh token too, as
                Zoho's current page says; its older one is silent.

        Returns:
            Whether the server revoked something; False when it was gone already.

        Raises:
            OAuthError: The server did not confirm. If it could not be reached,
                `status` says that the revocation is pending, and no token is handed
                out until another call has been confirmed.

        Source: RFC 7009, sections 2.1 and 2.2.1; zoho-protocol.md 4.6.
        """
        return self._do(self.keeper.revoke(token_type, cascades=cascades))

    def peek(self) -> Token | None:
        """Return the stored token if it lives, without asking the server.

        Raises:
            StoreError: The store cannot be read.
        """
        return self.keeper.peek()

    def status(self) -> Status:
        """Tell what is known, without asking the server.

        Raises:
            StoreError: The store cannot be read.
        """
        return self.keeper.status()

    def _do(self, steps: Steps[T]) -> T:
        from ._steps import drive

        return drive(
            steps, send=self._transport.send, sleep=self._sleep, apart=self._background
        )
