"""The text that a store keeps for one key: readable outside, sealed inside if asked."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, final

from pytest_catalyst_oauth.engine import StoreKey

from ._record_format import from_plain, to_plain

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Record

_FORMAT = 1


class Seal(Protocol):
    """Encrypts what a store keeps."""

    def close(self, clear: bytes, about: bytes) -> bytes:
        """Encrypt `clear`, bound to `about`."""
        ...

    def open(self, sealed: bytes, about: bytes) -> bytes | None:
        """Decrypt; None if another key wrote it, or it was changed."""
        ...


@final
@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text cannot be read. Returned, since a traceback would show the text.

    Attributes:
        problem: What is wrong.
        hint: What to do next.
        is_damaged: Whether no version and no key of ours wrote it.
    """

    problem: str
    hint: str
    is_damaged: bool = False


_DAMAGED = Unreadable("is damaged", "remove it to log in afresh", is_damaged=True)
_OTHER_VERSION = Unreadable("was written by another version", "name another store")
_SEALED = Unreadable(
    "is encrypted", "add ?key_file=PATH or ?key_env=NAME with the key that wrote it"
)
_NOT_SEALED = Unreadable(
    "is not encrypted", "read it without a key, or remove it to log in afresh"
)
_WRONG_KEY = Unreadable(
    "cannot be decrypted: another key wrote it, or somebody changed it",
    "give the key that wrote it, or remove it to log in afresh",
)


@final
class Envelope:
    """Write and read the text of one record.

    Args:
        seal: Encrypts the record; None leaves it in clear. Whose it is and its
            generation are in clear always, and bound to what is sealed.
    """

    def __init__(self, seal: Seal | None = None) -> None:
        self._seal = seal

    def pack(self, key: StoreKey, generation: int, record: Record) -> str:
        """Return the text; a secret unless it is sealed."""
        return json.dumps(
            {
                "format": _FORMAT,
                "profile": key.profile,
                "accounts_url": key.accounts_url,
                "client_id": key.client_id,
                "generation": generation,
                **self._content(key, generation, record),
            },
            separators=(",", ":"),
        )

    def unpack(self, key: StoreKey, text: str | bytes) -> Record | Unreadable:
        """Read the record of `key`."""
        try:
            return self._unpack(key, text)
        except (TypeError, ValueError, KeyError, RecursionError):
            return _DAMAGED

    def _content(
        self, key: StoreKey, generation: int, record: Record
    ) -> dict[str, Any]:
        if self._seal is None:
            return {"record": to_plain(record)}
        sealed = self._seal.close(
            json.dumps(to_plain(record)).encode(), _about(key, generation)
        )
        return {"sealed": b64encode(sealed).decode()}

    def _unpack(self, key: StoreKey, text: str | bytes) -> Record | Unreadable:
        found = json.loads(text)
        if found["format"] != _FORMAT:
            return _OTHER_VERSION
        generation = found["generation"]
        # A copied file must not hand one user's token to another.
        if _whose(found) != key or type(generation) is not int:
            return _DAMAGED
        if self._seal is None:
            if "sealed" in found:
                return _SEALED
            return from_plain(found["record"], generation)
        # Whoever can write to the store could plant it, if it were read.
        if "sealed" not in found:
            return _NOT_SEALED
        clear = self._seal.open(
            b64decode(found["sealed"], validate=True), _about(key, generation)
        )
        return (
            _WRONG_KEY if clear is None else from_plain(json.loads(clear), generation)
        )


def whose(text: str | bytes) -> StoreKey | None:
    """Tell whose record a text holds; None if it is none of ours."""
    try:
        return _whose(json.loads(text))
    except (TypeError, ValueError, KeyError, RecursionError):
        return None


def _whose(found: dict[str, Any]) -> StoreKey:
    names = (found["profile"], found["accounts_url"], found["client_id"])
    profile, accounts_url, client_id = map(str, names)
    return StoreKey(profile=profile, accounts_url=accounts_url, client_id=client_id)


def _about(key: StoreKey, generation: int) -> bytes:
    return f"catalyst-oauth:{_FORMAT}:{key.digest}:{generation}".encode()
