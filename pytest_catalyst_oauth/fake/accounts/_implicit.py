"""The implicit grant: a token for a script in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import ClientKind
from pytest_catalyst_oauth.engine._value import Value

from ._consent import ask, present
from ._error import AccountsError
from ._front_channel import asked_scope, home_of, is_known, known_client, refused
from ._pages import paged
from ._redirect import way_back

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply, ScopeSet
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall
    from ._redirect import WayBack


@final
class TokenWish(Value):
    """A client that wants a token at once.

    Attributes:
        client: Who asks.
        scope: What for.
        back: Where the token goes.
    """

    client: Client
    scope: ScopeSet
    back: WayBack
    question: str = "would like to do this in your name, for an hour:"
    note: str = ""

    def accept(self, call: AccountsCall, user: User) -> HttpReply:
        """Issue a token, and remember the consent."""
        reply = self.token(call, user)
        call.server.people.remember(self.client, user, self.scope)
        return reply

    def reject(self, call: AccountsCall) -> HttpReply:
        """Say so."""
        return self.back.error(call, "access_denied")

    def token(self, call: AccountsCall, user: User) -> HttpReply:
        """Send the person back with a token of the data centre of the account.

        Source: zoho-protocol.md 3.2; strict: RFC 6749, section 4.2.2.
        """
        home, settings = home_of(call, self.client, user), call.server.settings
        vault = home.server.vault
        consent = vault.grant(self.client.client_id, self.scope, user, offline=False)
        access = vault.add_access(consent)
        standard = [("token_type", "Bearer"), ("scope", str(self.scope))]
        return self.back.reply(
            call,
            ("access_token", access.reveal()),
            ("expires_in", str(int(settings.access_token_lifetime))),
            ("location", user.location),
            ("api_domain", home.server.center.api_domain),
            *(standard if settings.is_strict else ()),
        )


def implicit(call: AccountsCall, client: Client) -> HttpReply:
    """Answer `GET /oauth/v2/auth` with `response_type=token`.

    Source: zoho-protocol.md 3.2; RFC 6749, section 4.2.
    """
    back = way_back(call, client, in_fragment=True)
    try:
        wish = TokenWish(client=client, scope=asked_scope(call), back=back)
    except AccountsError as error:
        return refused(call, back, error)
    if call.server.settings.is_strict and client.kind is not ClientKind.JAVASCRIPT:
        return back.error(call, "unauthorized_client", "This client gets codes.")
    user = present(call)
    if call.plain("prompt") != "consent" and is_known(call, client, user, wish.scope):
        return wish.token(call, user)
    return ask(call, wish)


@paged
def renew(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/v2/auth/refresh`: a new token, without asking anybody.

    When it says which of its errors is not documented: here, `client_not_granted`
    when the person never consented, `prompt_required` when it was to less, and
    `access_denied` to clients that are no scripts.

    Source: zoho-protocol.md 3.2.
    """
    client = known_client(call)
    back = way_back(call, client, in_fragment=True)
    try:
        wish = TokenWish(client=client, scope=asked_scope(call), back=back)
    except AccountsError as error:
        return refused(call, back, error)
    user = present(call)
    if client.kind is not ClientKind.JAVASCRIPT:
        return back.error(call, "access_denied")
    if not call.server.people.granted(client, user):
        return back.error(call, "client_not_granted")
    if not is_known(call, client, user, wish.scope):
        return back.error(call, "prompt_required")
    return wish.token(call, user)
