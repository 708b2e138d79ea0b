"""Signing ID tokens; the one place that needs PyJWT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine import Secret

from ._error import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_KEY_ID = "fa4e-signing-key"
_BITS = 2048


@final
class SigningKey:
    """A pair of RSA keys, made when first used. Its repr shows nothing of it."""

    __slots__ = ("_pair",)

    def __init__(self) -> None:
        self._pair: RSAPrivateKey | None = None

    def sign(self, claims: Mapping[str, object]) -> Secret:
        """Return claims as a JWT.

        Raises:
            NotInstalledError: PyJWT, or what it signs with, is missing.

        Source: RFC 7515; RS256 of RFC 7518, section 3.3.
        """
        pair = self._made()
        import jwt

        text = jwt.encode(
            dict(claims), pair, algorithm="RS256", headers={"kid": _KEY_ID}
        )
        return Secret(text)

    def public(self) -> dict[str, Any]:
        """Return the half that everybody may have.

        Raises:
            NotInstalledError: PyJWT, or what it signs with, is missing.

        Source: RFC 7517, section 4.
        """
        pair = self._made()
        from jwt.algorithms import RSAAlgorithm

        key = RSAAlgorithm.to_jwk(pair.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": _KEY_ID,
            "n": key["n"],
            "e": key["e"],
        }

    def _made(self) -> RSAPrivateKey:
        try:
            import jwt  # noqa: F401
            from cryptography.hazmat.primitives.asymmetric.rsa import (
                generate_private_key,
            )
        except ModuleNotFoundError:
            raise NotInstalledError("PyJWT and cryptography", "openid") from None
        if self._pair is None:
            self._pair = generate_private_key(public_exponent=65_537, key_size=_BITS)
        return self._pair
