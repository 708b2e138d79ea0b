"""A person at a browser, played by a test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError

from .accounts import CONSENT_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import HttpReply

    from ._users import User

_TICKET = re.compile(r'name="ticket" value="(\w+)"')
_TITLE = re.compile(r"<h1>(.*?)</h1>\s*<p>(.*?)</p>", re.DOTALL)


def consent(
    send: Callable[[HttpRequest], HttpReply], url: str, user: User, *, accept: bool
) -> str:
    """Open a consent page, press a button, and return where that leads.

    Raises:
        SettingsError: There is no consent page, but one about a mistake.
    """
    reply = send(HttpRequest(method="GET", url=url))
    ticket = _TICKET.search(reply.body.decode())
    if ticket is not None:
        reply = _pressed(send, url, ticket[1], user, accept=accept)
    location = reply.header("Location")
    if location is None:
        said = _TITLE.search(reply.body.decode())
        text = f"{said[1]}: {said[2]}" if said else f"HTTP {reply.status}"
        from html import unescape

        raise SettingsError("consent", f"led to no redirect, but to: {unescape(text)}")
    return location


def _pressed(
    send: Callable[[HttpRequest], HttpReply],
    url: str,
    ticket: str,
    user: User,
    *,
    accept: bool,
) -> HttpReply:
    page = urlsplit(url)._replace(path=CONSENT_PATH, query="", fragment="")
    fields = {
        "ticket": ticket,
        "user": user.email,
        "answer": "accept" if accept else "reject",
    }
    return send(HttpRequest.post_form(page.geturl(), fields.items()))
