"""Values that look like secrets and are none; kept as hashes."""

from __future__ import annotations

import re
from hashlib import scrypt
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine.errors import SettingsError

from . import _file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Self

_HEAD = (
    "# What `catalyst-oauth cassette lint` and recording pass over, as salted hashes.\n"
    "# To take one back, delete its line.\n"
)
_LINE = re.compile(r"\s*(?:(salt|value)\s+([0-9a-f]{32,64}))?\s*(?:#.*)?")


@final
class Allowed:
    """The values that may stand in cassettes.

    A hash of a short value can be guessed, so each guess is made to cost some 50 ms.

    Args:
        path: The file; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._salt, self._hashes = b"", set[str]()
        self._known: dict[bytes, bool] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a list; an empty one if there is no file.

        Raises:
            SettingsError: It cannot be read, or a line is malformed.
        """
        allowed = cls(path)
        for number, line in enumerate((_file.read(path) or "").splitlines(), 1):
            found = _LINE.fullmatch(line)
            if found is None:
                raise SettingsError(
                    f"{path}, line {number}",
                    "is neither a comment nor `salt` or `value` with a hash",
                    "mend it, or let `catalyst-oauth cassette lint --allow` write it",
                )
            if found[1] == "salt":
                allowed._salt = bytes.fromhex(found[2])
            elif found[1]:
                allowed._hashes.add(found[2])
        return allowed

    def __call__(self, value: bytes) -> bool:
        """Tell whether a value is allowed."""
        if not self._hashes:
            return False
        if value not in self._known:
            self._known[value] = self._hash(value) in self._hashes
        return self._known[value]

    def add(self, found: Iterable[tuple[bytes, str]], salt: bytes) -> int:
        """Add values with a comment each, and write the file; return how many are new.

        Args:
            found: Values and comments.
            salt: Random bytes, for a new file.

        Raises:
            SettingsError: It cannot be written.
        """
        lines = []
        text = _file.read(self._path) or _HEAD
        if not self._salt:
            self._salt = salt
            lines.append(f"salt {salt.hex()}")
        for value, comment in found:
            digest = self._hash(value)
            if digest not in self._hashes:
                self._hashes.add(digest)
                lines.append(f"value {digest}  # {comment}")
        whole = "\n".join((text.rstrip("\n"), *lines, ""))
        _file.write(self._path, whole.encode())
        self._known.clear()
        return sum(line.startswith("value") for line in lines)

    def _hash(self, value: bytes) -> str:
        return scrypt(value, salt=self._salt, n=1 << 14, r=8, p=1, dklen=24).hex()
