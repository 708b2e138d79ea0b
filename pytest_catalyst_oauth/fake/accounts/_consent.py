"""Asking a person, and doing what the person says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from ._pages import PageError, described, page, paged

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply, ScopeSet
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall

PATH = "/oauth/fake/consent"


class Wish(Protocol):
    """What a client wants of a person."""

    @property
    def client(self) -> Client:
        """Who asks."""
        ...

    @property
    def scope(self) -> ScopeSet:
        """What for."""
        ...

    @property
    def question(self) -> str:
        """What the person is asked, after the client's name."""
        ...

    @property
    def note(self) -> str:
        """What else the person should know; empty for nothing."""
        ...

    def accept(self, call: AccountsCall, user: User) -> HttpReply:
        """Do it."""
        ...

    def reject(self, call: AccountsCall) -> HttpReply:
        """Tell the client that the person does not want to."""
        ...


def ask(call: AccountsCall, wish: Wish) -> HttpReply:
    """Show the consent page. Nothing is decided before its form comes back."""
    people = call.server.people
    ticket = people.open_page(wish)
    return page(
        "consent.html",
        wish=wish,
        scopes=described(wish.scope),
        users=people.users,
        chosen=present(call),
        action=PATH,
        ticket=ticket.reveal(),
    )


def present(call: AccountsCall) -> User:
    """Return who sits in front of the page: who is hinted at, or was there last."""
    people = call.server.people
    return people.find(call.plain("login_hint")) or people.present


@paged
def decide(call: AccountsCall) -> HttpReply:
    """Answer the form of a consent page, by whichever way it was opened.

    The form holds nothing but a ticket: what was asked, and by whom, stays here. The
    same form sent again gets the same answer, and consents to nothing more.

    Raises:
        PageError: The form is not one of ours, or is too old.
    """
    if _is_of_another_site(call):
        raise PageError(
            "Not From Here",
            "This form was sent by a page of another site.",
            "Open the consent page itself, and answer there.",
            status=403,
        )
    ticket = call.server.people.page(call.given.get("ticket"))
    if ticket is None:
        raise PageError(
            "Page Expired",
            "This page was open for too long, or never was.",
            "Go back to the application, and begin again.",
        )
    if ticket.reply is None:
        ticket.reply = _decided(call, ticket.wish)
    return ticket.reply


def _decided(call: AccountsCall, wish: Wish) -> HttpReply:
    people = call.server.people
    match call.plain("answer"):
        case "accept":
            people.present = user = _named(call)
            return wish.accept(call, user)
        case "reject":
            return wish.reject(call)
    raise PageError(
        "No Answer", "The form says neither yes nor no.", "Press one of its buttons."
    )


def _named(call: AccountsCall) -> User:
    """Return who answers: whoever the form names, or is signed in.

    Raises:
        PageError: There is no such account.
    """
    people, email = call.server.people, call.plain("user")
    user = people.find(email) if email else people.present
    if user is None:
        raise PageError(
            "Unknown Account",
            "Nobody has an account with this address here.",
            "Go back, and choose one of the page.",
        )
    return user


def _is_of_another_site(call: AccountsCall) -> bool:
    """Tell whether a browser says that a form was sent from elsewhere.

    A ticket cannot be guessed; but one that was fetched could be planted in a form of
    another site. Browsers tell, other programs say nothing.
    """
    origin = call.request.header("Origin")
    if origin is None:
        return call.request.header("Sec-Fetch-Site") in ("cross-site", "same-site")
    ours = (urlsplit(call.base).netloc, call.request.header("Host"))
    _, _, host = origin.partition("://")
    return host not in ours
