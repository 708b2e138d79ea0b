"""An access token and what the server said about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, final

from ._scope import ScopeSet
from ._value import Value

if TYPE_CHECKING:
    from datetime import datetime

    from ._secret import Secret


@final
class Token(Value):
    """An access token and what the server said about it.

    Attributes:
        access_token: The bearer string.
        expires_at: Moment it stops working, timezone-aware, UTC.
        refresh_token: Present only when one is known.
        scope: Granted scopes; empty when the server did not say.
        api_domain: Zoho's generic API host; never the Catalyst API's.

    Source: RFC 6749, section 5.1; zoho-protocol.md 4.1.
    """

    access_token: Secret
    expires_at: datetime
    refresh_token: Secret | None = None
    scope: ScopeSet = ScopeSet()
    api_domain: str | None = None

    def is_fresh(
        self, now: datetime, *, leeway: timedelta = timedelta(seconds=30)
    ) -> bool:
        """Tell whether the token still works `leeway` after `now`."""
        return now + leeway < self.expires_at

    @property
    def authorization(self) -> str:
        """The value of an `Authorization` header, which is a secret itself.

        Source: zoho-protocol.md 8.1.
        """
        return f"Zoho-oauthtoken {self.access_token.reveal()}"
