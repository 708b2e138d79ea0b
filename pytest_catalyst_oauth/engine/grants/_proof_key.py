"""The proof key: a stolen code is worth nothing without it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import final

from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import SettingsError

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")


@final
class ProofKey(Value):
    """A secret that the one who asked for a code shows when exchanging it.

    Attributes:
        verifier: 43 to 128 unreserved characters, made anew for each login.
        method: `S256`; or `plain`, which shows the verifier to whoever sees the
            authorization request.

    Raises:
        SettingsError: The verifier or the method does not have that form.

    Source: RFC 7636, sections 4.1 and 4.2; zoho-protocol.md 8.
    """

    verifier: Secret
    method: str = "S256"

    def __post_init__(self) -> None:
        if not _VERIFIER.match(self.verifier.reveal()):
            raise SettingsError(
                "code verifier",
                "must be 43 to 128 letters, digits or any of -._~",
                "let ProofKey.new() make one",
            )
        if self.method not in ("S256", "plain"):
            raise SettingsError(
                f"proof key method {self.method!r}", "is unknown", "use S256 or plain"
            )

    @classmethod
    def new(cls, method: str = "S256") -> ProofKey:
        """Make one of 256 random bits.

        Source: RFC 7636, sections 4.1 and 7.1.
        """
        import secrets  # paid for by a login, not by each start of a program

        return cls(verifier=Secret(secrets.token_urlsafe(32)), method=method)

    @property
    def challenge(self) -> str:
        """What the authorization request shows of it.

        Source: RFC 7636, section 4.2 and appendix A.
        """
        if self.method == "plain":
            return self.verifier.reveal()
        digest = sha256(self.verifier.reveal().encode("ascii")).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
