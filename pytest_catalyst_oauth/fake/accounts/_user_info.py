"""Who a token's user is, in Zoho's words and in OpenID's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import Scope, Secret
from pytest_catalyst_oauth.fake._answer import json_answer

from ._openid import OPENID, claims_of

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply, ScopeSet
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall

_AUTHORIZATION = re.compile(r"(?:Zoho-oauthtoken|Bearer) (\S+)\Z", re.IGNORECASE)
_PROFILE = Scope("AaaServer.profile.READ")
_NO_TOKEN, _NO_SCOPE = (
    {"response": "error", "cause": cause}
    for cause in ("INVALID_OAUTHTOKEN", "INVALID_OAUTHSCOPE")
)


def user_info(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/user/info`.

    Source: zoho-protocol.md 8.
    """
    found = _presented(call)
    if found is None:
        return json_answer(_NO_TOKEN, 401)
    user, scope = found
    if not scope.grants(_PROFILE):
        return json_answer(_NO_SCOPE, 401)
    return json_answer(
        {
            "First_Name": user.first_name,
            "Email": user.email,
            "Last_Name": user.last_name,
            "Display_Name": user.display_name,
            "ZUID": user.zuid,
        }
    )


def openid_user_info(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/v2/userinfo`. How Zoho refuses here is not recorded.

    Source: OpenID Connect Core 1.0, section 5.3.
    """
    found = _presented(call)
    if found is None:
        return json_answer(_NO_TOKEN, 401)
    user, scope = found
    if not scope.grants(OPENID):
        return json_answer(_NO_SCOPE, 401)
    return json_answer(claims_of(user, scope))


def _presented(call: AccountsCall) -> tuple[User, ScopeSet] | None:
    """Return whose token it is, and what it grants; None if it is nobody's."""
    found = _AUTHORIZATION.match(call.request.header("Authorization") or "")
    access = call.server.vault.access(Secret(found[1])) if found else None
    if access is None or access.consent.user is None:
        return None
    return access.consent.user, access.scope
