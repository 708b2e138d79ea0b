"""One call of the Catalyst API, and the scope that it needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from ._value import Value

if TYPE_CHECKING:
    from ._scope import Scope

_PROJECT = "/baas/v1/project/{project}"


@final
class ApiCall(Value):
    """One documented call.

    Attributes:
        method: Upper-case verb.
        path: From `/baas/` on, with names in braces for what varies.
        narrowest: The narrowest scope that somebody has said to be enough.
        scope: What to ask for: `narrowest` if Zoho documents it, or else the `.ALL`
            of the same resource if Zoho documents that.

    Source: zoho-protocol.md 9 and 10.
    """

    method: str
    path: str
    narrowest: Scope
    scope: Scope

    def is_of(self, method: str, path: str) -> bool:
        """Tell whether a request is this call; `path` as `full_path` returns it."""
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.path))
        return method.upper() == self.method and bool(re.fullmatch(pattern, path))


def full_path(text: str) -> str | None:
    """Return a path from `/baas/` on, of a path or of a whole URL; None for none.

    A path that begins elsewhere counts from the project's.
    """
    try:
        path = urlsplit(text).path.rstrip("/")
    except ValueError:
        return None
    return path if path.startswith("/baas/") else f"{_PROJECT}{path}"
