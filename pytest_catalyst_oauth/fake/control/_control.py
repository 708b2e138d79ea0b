"""The control of a fake over HTTP, below one reserved path."""

from __future__ import annotations

from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import HttpReply

from . import PATH, _api
from ._guard import Guard
from ._problem import ProblemError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpRequest, Secret

    from ._inside import Inside

_HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
# What browsers ask for; the page and its templates are imported when one does.
_PAGES = frozenset({"", "enter", "live", "do"})


@final
class Control:
    """Answers requests about a fake itself: as JSON, and as a page for people.

    Who may ask is on this machine, and has the token, or came by a page's address.
    """

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._guard = Guard()

    @property
    def token(self) -> Secret:
        """For programs: the bearer token of the JSON interface."""
        return self._guard.token

    def page_path(self) -> str:
        """Return path and query that open the page in one browser, once."""
        return f"{PATH}?ticket={self._guard.ticket().reveal()}"

    def answer(self, request: HttpRequest) -> HttpReply | None:
        """Answer a request; None if it is not about the control."""
        path = urlsplit(request.url).path
        if not path.startswith(PATH):
            return None
        reply = self._answer(path.removeprefix(PATH), request)
        length = (("Content-Length", str(len(reply.body))),)
        return HttpReply(
            status=reply.status,
            headers=(*reply.headers, *_HEADERS, *length),
            body=b"" if request.method == "HEAD" else reply.body,
        )

    def _answer(self, path: str, request: HttpRequest) -> HttpReply:
        try:
            self._guard.check_origin(request)
            if path in _PAGES:
                from ._page import answer

                return answer(self._inside, self._guard, path, request)
            self._guard.check_bearer(request)
            return _api.answer(self._inside, path, request)
        except ProblemError as error:
            return error.reply()
