"""The authorization endpoint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import ClientKind
from pytest_catalyst_oauth.engine._value import Value

from ._consent import ask, present
from ._error import AccountsError
from ._front_channel import (
    asked_scope,
    check_response_type,
    home_of,
    is_known,
    known_client,
    refused,
)
from ._holdings import Code
from ._implicit import implicit
from ._pages import paged
from ._redirect import way_back

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply, ScopeSet, Secret
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall
    from ._redirect import WayBack

# RFC 7636, section 4.2.
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


@final
class CodeWish(Value):
    """A client that wants a code.

    Attributes:
        client: Who asks.
        scope: What for.
        back: Where the code goes.
        redirect_uri: What the exchange must repeat; None if it was not said.
        offline: Whether the code shall bring a refresh token.
        challenge: Of the proof key; None without one.
        challenge_method: `S256` or `plain`.
        nonce: To be repeated in an ID token; None without one.
        of_organization: Whether it is meant for everybody there.
    """

    client: Client
    scope: ScopeSet
    back: WayBack
    redirect_uri: str | None
    offline: bool = False
    challenge: Secret | None = None
    challenge_method: str = "plain"
    nonce: Secret | None = None
    of_organization: bool = False

    @property
    def question(self) -> str:
        """What the person is asked."""
        if self.of_organization:
            return "would like to do this for everybody in your organization:"
        return "would like to do this in your name:"

    @property
    def note(self) -> str:
        """How long."""
        return "It may do so even while you are away." if self.offline else ""

    def accept(self, call: AccountsCall, user: User) -> HttpReply:
        """Issue a code, and remember the consent."""
        reply = self.code(call, user, offline=self.offline)
        call.server.people.remember(self.client, user, self.scope)
        return reply

    def reject(self, call: AccountsCall) -> HttpReply:
        """Say so."""
        return self.back.error(call, "access_denied")

    def code(self, call: AccountsCall, user: User, *, offline: bool) -> HttpReply:
        """Send the person back with a code of the data centre where the account is.

        Raises:
            PageError: The client is not enabled there.

        Source: zoho-protocol.md 3.1 and 4.5.
        """
        home = home_of(call, self.client, user)
        if not call.server.people.may_grant(self.client):
            return self.back.error(call, "access_denied", "Too many codes.")
        code = home.server.vault.add_code(
            Code(
                client_id=self.client.client_id,
                scope=self.scope,
                redirect_uri=self.redirect_uri,
                ends_at=call.server.clock() + call.server.settings.code_lifetime,
                offline=offline,
                user=user,
                challenge=self.challenge,
                challenge_method=self.challenge_method,
                nonce=self.nonce,
            )
        )
        return self.back.reply(
            call,
            ("code", code.reveal()),
            ("location", user.location),
            ("accounts-server", home.base),
        )


@paged
def auth(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/v2/auth`: ask the person, or send the person back at once.

    Source: zoho-protocol.md 2.2, 3 and 14; RFC 6749, sections 4.1.1 and 4.2.1.
    """
    client = known_client(call)
    if call.plain("response_type") == "token":
        return implicit(call, client)
    back = way_back(call, client)
    try:
        wish = code_wish(call, client, back)
    except AccountsError as error:
        return refused(call, back, error)
    user = present(call)
    if call.plain("prompt") != "consent" and is_known(call, client, user, wish.scope):
        # Nobody is asked again, and nobody gets a second refresh token.
        return wish.code(call, user, offline=False)
    return ask(call, wish)


def code_wish(
    call: AccountsCall, client: Client, back: WayBack, *, of_organization: bool = False
) -> CodeWish:
    """Read what a client asks for.

    Raises:
        AccountsError: It is nothing that a person could be asked.
    """
    check_response_type(call, "code")
    challenge, method = _proof(call, client)
    return CodeWish(
        client=client,
        scope=asked_scope(call),
        back=back,
        redirect_uri=call.plain("redirect_uri"),
        offline=call.plain("access_type") == "offline",
        challenge=challenge,
        challenge_method=method,
        nonce=call.given.get("nonce"),
        of_organization=of_organization,
    )


def _proof(call: AccountsCall, client: Client) -> tuple[Secret | None, str]:
    """Return challenge and method of the proof key.

    Raises:
        AccountsError: Strict only: the key is malformed, or missing where it must not
            be.

    Source: zoho-protocol.md 2.2 and 8; RFC 7636, sections 4.3 and 4.4.1.
    """
    challenge = call.given.get("code_challenge")
    method = call.plain("code_challenge_method") or "plain"
    is_needed = client.kind is ClientKind.MOBILE
    is_good = (
        method in ("S256", "plain") and bool(_CHALLENGE.match(challenge.reveal()))
        if challenge
        else not is_needed
    )
    if call.server.settings.is_strict and not is_good:
        raise AccountsError(
            "Invalid Request",
            "invalid_request",
            description="A code challenge of method S256 or plain is needed.",
        )
    return challenge, method
