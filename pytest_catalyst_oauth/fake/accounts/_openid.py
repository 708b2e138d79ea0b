"""OpenID Connect: who the person is, signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import Scope
from pytest_catalyst_oauth.fake._answer import json_answer

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply, ScopeSet, Secret
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall
    from ._holdings import Consent

OPENID = Scope("openid")
_EMAIL, _PROFILE = Scope("email"), Scope("profile")


def id_token(
    call: AccountsCall, consent: Consent, nonce: Secret | None
) -> Secret | None:
    """Return a signed statement of who consented; None if nobody asked for one.

    Raises:
        NotInstalledError: There is nothing to sign it with.

    Source: OpenID Connect Core 1.0, section 2; zoho-protocol.md 4.1.
    """
    if OPENID not in consent.scope.scopes or consent.user is None:
        return None
    now = int(call.server.clock())
    claims = {
        "iss": call.base,
        "aud": consent.client_id,
        "iat": now,
        "exp": now + int(call.server.settings.access_token_lifetime),
        **claims_of(consent.user, consent.scope),
    }
    if nonce is not None:
        claims["nonce"] = nonce.reveal()
    return call.server.key.sign(claims)


def claims_of(user: User, scope: ScopeSet) -> dict[str, object]:
    """Return what the scopes let a client know of a person.

    Source: OpenID Connect Core 1.0, sections 5.1 and 5.4.
    """
    claims: dict[str, object] = {"sub": str(user.zuid)}
    if _EMAIL in scope.scopes:
        claims |= {"email": user.email, "email_verified": True}
    if _PROFILE in scope.scopes:
        claims |= {
            "name": user.display_name,
            "given_name": user.first_name,
            "family_name": user.last_name,
        }
    return claims


def configuration(call: AccountsCall) -> HttpReply:
    """Answer `GET /.well-known/openid-configuration`.

    Source: OpenID Connect Discovery 1.0, section 3; zoho-protocol.md 1 and 8.
    """
    return json_answer(_metadata(call))


def metadata(call: AccountsCall) -> HttpReply:
    """Answer `GET /.well-known/oauth-authorization-server`; Zoho has no such page.

    Source: RFC 8414, sections 2 and 3; RFC 9207, section 3.
    """
    base = call.base
    return json_answer(
        {
            **_metadata(call),
            "device_authorization_endpoint": f"{base}/oauth/v3/device/code",
            "authorization_response_iss_parameter_supported": True,
        }
    )


def keys(call: AccountsCall) -> HttpReply:
    """Answer `GET /oauth/v2/keys`.

    Raises:
        NotInstalledError: There are none without the library.

    Source: RFC 7517, section 5.
    """
    return json_answer({"keys": [call.server.key.public()]})


def _metadata(call: AccountsCall) -> dict[str, object]:
    base, is_strict = call.base, call.server.settings.is_strict
    methods = ["client_secret_post"]
    grants = ["authorization_code", "refresh_token", "client_credentials"]
    if is_strict:
        methods += ["client_secret_basic", "none"]
        grants.append("urn:ietf:params:oauth:grant-type:device_code")
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/v2/auth",
        "token_endpoint": f"{base}/oauth/v2/token",
        "revocation_endpoint": f"{base}/oauth/v2/token/revoke",
        "userinfo_endpoint": f"{base}/oauth/v2/userinfo",
        "jwks_uri": f"{base}/oauth/v2/keys",
        "scopes_supported": ["openid", "email", "profile"],
        "response_types_supported": ["code", "token"],
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256", "plain"],
        "claims_supported": ["sub", "email", "name", "given_name", "family_name"],
    }
