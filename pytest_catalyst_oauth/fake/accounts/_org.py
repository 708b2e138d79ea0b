"""Consent for a whole organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._auth import code_wish
from ._consent import ask
from ._error import AccountsError
from ._front_channel import known_client, refused
from ._pages import paged
from ._redirect import way_back

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import AccountsCall


@paged
def org_auth(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/v2/org/auth`; an administrator is asked each time.

    Source: zoho-protocol.md 4.5 and 8.
    """
    client = known_client(call)
    back = way_back(call, client)
    try:
        return ask(call, code_wish(call, client, back, of_organization=True))
    except AccountsError as error:
        return refused(call, back, error)
