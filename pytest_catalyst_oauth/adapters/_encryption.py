"""Encryption of what a store keeps, by the `cryptography` library."""

from __future__ import annotations

import os
from base64 import b64decode
from typing import TYPE_CHECKING, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._private_file import check_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEY_SIZE = 32
# Random for each write. A key would have to write 2 ** 32 times before two of them
# are likely enough to be equal to matter; a store writes some times an hour.
_NONCE_SIZE = 12
_URL_SAFE = str.maketrans("-_", "+/")


@final
class AesGcmSeal:
    """AES-256 in Galois/Counter Mode, with a fresh nonce for each text.

    Args:
        key: 32 bytes in base64.
        origin: Where it came from, for the error.

    Raises:
        SettingsError: The key is no such text.

    Source: NIST SP 800-38D, sections 5.2 and 8.2.2.
    """

    def __init__(self, key: Secret, origin: str) -> None:
        cipher = _cipher(key)
        if cipher is None:
            raise SettingsError(
                origin,
                "does not hold a key: expected 32 bytes in base64",
                "make one with: openssl rand -base64 32",
            )
        self._cipher = cipher

    def close(self, clear: bytes, about: bytes) -> bytes:
        """Encrypt `clear`, bound to `about`."""
        nonce = os.urandom(_NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, clear, about)

    def open(self, sealed: bytes, about: bytes) -> bytes | None:
        """Decrypt; None if another key wrote it, or it was changed."""
        nonce, rest = sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:]
        try:
            return self._cipher.decrypt(nonce, rest, about)
        except (InvalidTag, ValueError):
            return None


def seal_from_file(path: Path) -> AesGcmSeal:
    """Take the key from a file that is ours alone.

    Raises:
        SettingsError: It cannot be read, or holds no key.
        StoreError: Others may read it.
    """
    try:
        with path.open("rb") as file:
            check_private(path, os.fstat(file.fileno()))
            return AesGcmSeal(Secret(_text(file.read(4096))), f"key file {path}")
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    raise SettingsError(
        f"key file {path}",
        f"cannot be read: {reason}",
        f"make one with: (umask 077; openssl rand -base64 32 > {path})",
    )


def seal_from_environment(name: str, environ: Mapping[str, str]) -> AesGcmSeal:
    """Take the key from a variable of the environment.

    Raises:
        SettingsError: It is not set, or holds no key.
    """
    if not environ.get(name):
        raise SettingsError(
            f"environment variable {name}",
            "is not set, but the token store's key should be in it",
            f"set it with: export {name}=$(openssl rand -base64 32)",
        )
    return AesGcmSeal(Secret(environ[name]), f"environment variable {name}")


def _text(data: bytes) -> str:
    # A secret is never empty; this is no key either.
    return data.decode("ascii", "replace").strip() or "empty"


def _cipher(key: Secret) -> AESGCM | None:
    try:
        data = b64decode(key.reveal().translate(_URL_SAFE), validate=True)
    except ValueError:
        return None
    return AESGCM(data) if len(data) == _KEY_SIZE else None
