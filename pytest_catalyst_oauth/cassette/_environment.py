"""The secrets of the environment, which a recording must not hold either."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine import Secret

from ._names import looks_random
from ._stand_ins import SHORTEST

if TYPE_CHECKING:
    from collections.abc import Mapping

_TELLING = re.compile(
    r"SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|(?:^|_)(?:PASS|PWD|PAT|(?:API|AUTH"
    r"|ACCESS|PRIVATE|SIGNING|ENCRYPTION)?_?KEY)(?:_|$)"
)
# It leads to a secret, or tells something about one.
_ABOUT_ONE = re.compile(
    r"_(?:FILE|PATH|DIR|HOME|SOCK|URL|URI|HOST|ID|NAME|USER|TYPE|TTL|AGE)$|^(?:OLD)?PWD$"
)
# A path, an address, a host, a number, a version.
_NO_SECRET = re.compile(
    r"[./~\\].*|[A-Za-z]:[\\/].*|\w+://.*|[\d.,:]+|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?::\d+)?"
)
_DIGIT = re.compile(r"\d")


def environment_secrets(environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """Return the values of variables whose names speak of a secret.

    Only those that cannot be an ordinary word or address, since each is replaced
    wherever it stands. The scanner, which has rules of its own, refuses the others.

    Args:
        environ: Variables.
    """
    # Shells keep a line feed that a file ended with, and clients send none.
    stripped = ((name, value.strip()) for name, value in environ.items())
    found = (value for name, value in stripped if _is_secret(name, value))
    return tuple(map(Secret, dict.fromkeys(found)))


def _is_secret(name: str, value: str) -> bool:
    return (
        len(value) >= SHORTEST
        and _TELLING.search(name.upper()) is not None
        and not _ABOUT_ONE.search(name.upper())
        and not _NO_SECRET.fullmatch(value)
        and looks_random(value)
        and _DIGIT.search(value) is not None
    )
