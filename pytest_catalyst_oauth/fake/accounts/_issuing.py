"""The answer that brings tokens."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import HttpReply
from pytest_catalyst_oauth.fake._answer import JSON, encoded

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import ScopeSet, Secret

    from ._call import AccountsCall

_HEADERS = (("Content-Type", JSON),)


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
    text = f'{{"access_token":{encoded(access_token.reveal())},'
    if refresh_token is not None:
        text += f'"refresh_token":{encoded(refresh_token.reveal())},'
    if id_token is not None:
        text += f'"id_token":{encoded(id_token.reveal())},'
    settings = call.server.settings
    text += _shared(
        scope if settings.says_scope else None,
        call.server.center.api_domain,
        int(settings.access_token_lifetime),
        is_legacy=settings.legacy_lifetimes,
    )
    return HttpReply(status=200, headers=_HEADERS, body=text.encode())


@lru_cache(maxsize=256)
def _shared(
    scope: ScopeSet | None, api_domain: str, seconds: int, *, is_legacy: bool
) -> str:
    """Return the end of an answer, which has nothing of its own.

    Sorting sixty names, and encoding them, takes longer than all the rest.
    """
    said: dict[str, object] = {}
    if scope is not None:
        said["scope"] = str(scope)
    if is_legacy:
        said["expires_in_sec"] = seconds
    said["api_domain"] = api_domain
    said["token_type"] = "Bearer"
    said["expires_in"] = seconds * (1000 if is_legacy else 1)
    return encoded(said)[1:]
