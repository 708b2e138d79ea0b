"""One recorded request and its reply."""

from __future__ import annotations

from typing import NamedTuple

# At run time too, since a NamedTuple's annotations may be read by tools.
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest  # noqa: TC001


class RecordedExchange(NamedTuple):
    """A request and its reply. Neither repr shows a query, a header or a body."""

    request: HttpRequest
    reply: HttpReply
