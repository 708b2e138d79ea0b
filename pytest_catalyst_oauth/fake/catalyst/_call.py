"""One call of the Catalyst API."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpRequest
    from pytest_catalyst_oauth.fake._users import User

    from ._project import Project


class Call(NamedTuple):
    """One call of the API, after its token was checked.

    Attributes:
        request: As it came.
        project: The one that the path names.
        parts: What the path's pattern captured, in order.
        now: Seconds since the epoch.
        user: Who consented to the token; the organisation's owner if nobody did.
    """

    request: HttpRequest
    project: Project
    parts: tuple[str, ...]
    now: float
    user: User

    @property
    def accept(self) -> str:
        """Which version of the answers the client wants."""
        return self.request.header("Accept") or ""

    def query(self, name: str) -> str | None:
        """Return a query parameter; None if absent or empty."""
        return parse_qs(urlsplit(self.request.url).query).get(name, [None])[0]
