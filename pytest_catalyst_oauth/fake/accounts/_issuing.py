"""The answer that brings tokens."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.fake._answer import encoded, text_answer

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply, ScopeSet, Secret

    from ._call import AccountsCall


@final
class _Spelled:
    """Scopes as they are written: equal ones may differ in case."""

    __slots__ = ("scope",)

    def __init__(self, scope: ScopeSet) -> None:
        self.scope = scope

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Spelled) and other.scope is self.scope

    def __hash__(self) -> int:
        return id(self.scope)


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
        _Spelled(scope) if settings.says_scope else None,
        call.server.center.api_domain,
        int(settings.access_token_lifetime),
        is_legacy=settings.legacy_lifetimes,
    )
    return text_answer(text)


@lru_cache(maxsize=256)
def _shared(
    scope: _Spelled | None, api_domain: str, seconds: int, *, is_legacy: bool
) -> str:
    """Return the end of an answer, which has nothing of its own.

    Sorting sixty names, and encoding them, takes longer than all the rest.
    """
    said: dict[str, object] = {}
    if scope is not None:
        said["scope"] = str(scope.scope)
    if is_legacy:
        said["expires_in_sec"] = seconds
    said["api_domain"] = api_domain
    said["token_type"] = "Bearer"
    said["expires_in"] = seconds * (1000 if is_legacy else 1)
    return encoded(said)[1:]
