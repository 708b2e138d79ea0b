"""The proof key, on the server's side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import ClientKind

from ._error import AccountsError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, Secret

    from ._call import AccountsCall
    from ._holdings import Code


def check_proof(call: AccountsCall, client: Client, code: Code) -> None:
    """Refuse an exchange whose verifier does not fit the challenge of its code.

    Which word Zoho has for that is not recorded.

    Raises:
        AccountsError: It does not fit; or one of them is there without the other
            where it must not be.

    Source: zoho-protocol.md 8; RFC 7636, section 4.6; RFC 9700, section 2.1.1.
    """
    verifier, settings = call.given.get("code_verifier"), call.server.settings
    if code.challenge is None:
        is_missed = client.kind is ClientKind.MOBILE and settings.mobile_needs_proof_key
        if is_missed or (verifier and settings.is_strict):
            raise _unproven("The code was asked for without a code challenge.")
    elif verifier is None:
        raise _unproven("The code verifier is missing.")
    elif not _fits(code, code.challenge, verifier):
        raise _unproven("The code verifier does not fit the code challenge.")


def _fits(code: Code, challenge: Secret, verifier: Secret) -> bool:
    # OpenSSL comes with the first proof, not with each start.
    from base64 import urlsafe_b64encode
    from hashlib import sha256
    from hmac import compare_digest

    shown = verifier.reveal().encode("utf-8", "surrogatepass")
    if code.challenge_method == "S256":
        shown = urlsafe_b64encode(sha256(shown).digest()).rstrip(b"=")
    return compare_digest(shown, challenge.reveal().encode("utf-8", "surrogatepass"))


def _unproven(text: str) -> AccountsError:
    return AccountsError("invalid_code", "invalid_grant", description=text)
