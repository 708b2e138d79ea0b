"""The answer that brings tokens."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.fake._answer import json_answer

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply, ScopeSet, Secret

    from ._call import AccountsCall


def issued(
    call: AccountsCall,
    scope: ScopeSet,
    *,
    access_token: Secret,
    refresh_token: Secret | None = None,
    id_token: Secret | None = None,
) -> HttpReply:
    """Answer with tokens, in the order in which Zoho names them.

    Source: zoho-protocol.md 4.1.
    """
    settings = call.server.settings
    seconds = int(settings.access_token_lifetime)
    said: dict[str, object] = {"access_token": access_token.reveal()}
    if refresh_token is not None:
        said["refresh_token"] = refresh_token.reveal()
    if id_token is not None:
        said["id_token"] = id_token.reveal()
    if settings.says_scope:
        said["scope"] = _spoken(scope)
    if settings.legacy_lifetimes:
        said["expires_in_sec"] = seconds
    said["api_domain"] = call.server.center.api_domain
    said["token_type"] = "Bearer"
    said["expires_in"] = seconds * (1000 if settings.legacy_lifetimes else 1)
    return json_answer(said)


@lru_cache(maxsize=256)
def _spoken(scope: ScopeSet) -> str:
    # Sorting sixty names takes longer than all the rest of an answer.
    return str(scope)
