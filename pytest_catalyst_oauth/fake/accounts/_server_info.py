"""Which data centres there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.fake._answer import json_answer

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import AccountsCall

_LOCATIONS = {one.location: one.accounts_url for one in DataCenter.all()}


def server_info(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/serverinfo`; nobody has to log in for it.

    Who is asked stands for his own data centre, under the address that was asked. The
    order, and the word for success, are not recorded.

    Source: zoho-protocol.md 6.2.
    """
    here = {call.server.center.location: call.base}
    return json_answer({"result": "success", "locations": {**_LOCATIONS, **here}})
