"""Whose request it is: the server's own host, one of Zoho's, or a stranger's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ._http import RefusedRequestError, is_authority

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


class StrangerError(Exception):
    """A request to a host that is not faked.

    Args:
        method: Upper-case verb.
        host: As the client named it.
    """

    def __init__(self, method: str, host: str) -> None:
        super().__init__(method, host)
        self.method = method
        self.host = host

    def __str__(self) -> str:
        found = _AUTHORITY.fullmatch(self.host)
        if found is None:
            return "this is no host that could be faked"
        host = found[1].strip("[]")
        return (
            f"{host} is not faked, and this proxy lets nothing out; "
            f"to go past it set NO_PROXY={host}"
        )


def authority_of(target: str, serves: Callable[[str], bool]) -> str:
    """Return host and port of a CONNECT, without the usual port.

    Raises:
        RefusedRequestError: They are none, or there is only one of them.
        StrangerError: The host is not served.
    """
    found = _AUTHORITY.fullmatch(target)
    port = found[2] if found else None
    if not port or not int(port[1:]) or not is_authority(target.encode()):
        # RFC 9110, section 9.3.6.
        raise RefusedRequestError(400, "CONNECT needs a host and a port")
    if not serves(f"https://{target}"):
        raise StrangerError("CONNECT", target)
    return target.lower().removesuffix(":443")


def url_of(method: str, target: str, origin: str, serves: Callable[[str], bool]) -> str:
    """Return the URL that a request asks for.

    Args:
        method: Upper-case verb.
        target: As in the request line.
        origin: Of the host that was asked, if the target names none.
        serves: Tells whether a URL is at a host that is faked.

    Raises:
        StrangerError: The target names a host that is not served.
    """
    if target.startswith("/"):
        return origin + target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        # `*`, or nothing that means anything, becomes a path that is not found.
        return f"{origin}/{target}"
    scheme, authority, path = absolute.groups()
    authority = authority.rpartition("@")[2].lower()
    found = f"{scheme.lower()}://{authority}"
    if found != origin and not _AUTHORITY.fullmatch(authority):
        raise StrangerError(method, authority)
    if not is_authority(authority.encode("latin-1")):
        raise RefusedRequestError(400, "this is no host that could be asked")
    if found != origin and not serves(found):
        raise StrangerError(method, authority)
    return found + (path if path.startswith("/") else f"/{path}")


def origin_of(
    scheme: str, host: str, origin: str, serves: Callable[[str], bool]
) -> str:
    """Return under which name a client knows this server.

    One of Zoho's, if it was led here by its own means; a name of the loopback; or, for
    whatever else it says, our own.
    """
    if not _AUTHORITY.fullmatch(host):
        return origin
    found = f"{scheme}://{host.lower()}"
    is_loopback = urlsplit(found).hostname in _LOOPBACK
    return found if is_loopback or serves(found) else origin
