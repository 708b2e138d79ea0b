"""A credential that does not show itself."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, NoReturn, final

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self


@cache
def _comparing() -> Callable[[bytes, bytes], bool]:
    """Return what compares in constant time; imported with the first comparison."""
    from hmac import compare_digest

    return compare_digest


# Random per process: the tag below tells equal secrets apart from unequal ones
# inside one run, and tells nobody anything across runs.
_RUN_KEY = os.urandom(16)


@final
class Secret:
    """A credential whose text leaves only through `reveal`.

    Rendering shows a tag, never the text. Within one process equal secrets share
    a tag, so that a failed assertion stays readable.

    Not a dataclass on purpose: `dataclasses.asdict` would unpack it.

    Args:
        text: The credential; not empty.

    Raises:
        EmptySecretError: `text` is empty; it is a `ValueError`, too.
    """

    __slots__ = ("_digest", "_text")

    def __init__(self, text: str) -> None:
        if not text:
            from .errors import EmptySecretError

            raise EmptySecretError(
                "secret", "cannot be empty", "set what it comes from, or leave it out"
            )
        self._text = text
        self._digest = ""

    def reveal(self) -> str:
        """Return the text. Call it inside an expression; never name the result."""
        return self._text

    def digest(self) -> str:
        """Return a SHA-256 of the text, for comparing with what a store remembers.

        Only for values with far more entropy than a password, which Zoho's tokens
        and client secrets are (128 bits and more).
        """
        if not self._digest:
            from hashlib import sha256

            framed = b"pytest-catalyst-oauth\0" + self._bytes()
            self._digest = sha256(framed).hexdigest()
        return self._digest

    def _bytes(self) -> bytes:
        # A variable of the environment may be no Unicode; the exception about it
        # would carry the text.
        return self._text.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        from hashlib import blake2b

        tag = blake2b(self._bytes(), key=_RUN_KEY, digest_size=3)
        return f"<secret {tag.hexdigest()}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return other is self or _comparing()(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")
