"""Where a server may send us: from our own list, never to an address of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final
from urllib.parse import urlsplit

from ._data_center import DataCenter
from ._http import HttpRequest
from ._reply import refusal_in
from ._server_words import quotable
from ._value import Value, replace
from .errors import ReplyError, SettingsError

if TYPE_CHECKING:
    from ._http import HttpReply
    from .errors import RefusedError

_SMELLS = frozenset({"invalid_client", "invalid_client_secret", "invalid_code"})
_PORTS = {"http": 80, "https": 443}

Address = tuple[str, str | None, int | None]


@final
class ServerInfo(Value):
    """What `/oauth/serverinfo` said, as far as it agrees with our own list.

    Attributes:
        data_centers: Those that both know, at the addresses that we know.
        warnings: What the server said beyond that, in words; nothing uses it.
    """

    data_centers: tuple[DataCenter, ...]
    warnings: tuple[str, ...]


def server_info_request(data_center: DataCenter) -> HttpRequest:
    """Build the request for the list of data centres; it needs no login.

    Source: zoho-protocol.md 6.2.
    """
    return HttpRequest(
        method="GET",
        url=f"{data_center.accounts_url}/oauth/serverinfo",
        headers=(("Accept", "application/json"),),
    )


def read_server_info(reply: HttpReply, *, asked: DataCenter) -> ServerInfo:
    """Return which data centres there are.

    Args:
        reply: What the server answered.
        asked: Who answered.

    Raises:
        ReplyError: The answer names no locations.
        RefusedError: The server said no.

    Source: zoho-protocol.md 6.2 and 6.3.
    """
    answer = reply.json()
    refusal = refusal_in(answer, reply.status)
    if refusal is not None:
        raise refusal
    locations = answer.get("locations")
    if reply.status != 200 or not isinstance(locations, dict):
        raise ReplyError(reply.status, "expected locations from /oauth/serverinfo")
    known: list[DataCenter] = []
    warnings: list[str] = []
    for location, url in locations.items():
        center = follow(asked, location)
        if center is not None and _is_address_of(center, url):
            known.append(center)
        else:
            warnings.append(_doubt(location, center))
    return ServerInfo(data_centers=tuple(known), warnings=tuple(warnings))


def follow(home: DataCenter | None, location: str) -> DataCenter | None:
    """Return the data centre that a server named; None when nobody knows it.

    A stand-in stands for all of Zoho: whoever points a client at a fake or a proxy
    wants all of its traffic there.

    Args:
        home: Whom the client asks so far; None for no one in particular.
        location: Zoho's short name, as the server wrote it.
    """
    if home is not None and location == home.location:
        return home
    try:
        named = DataCenter.parse(location)
    except SettingsError:
        return None
    if home is None:
        return named
    if named.location == home.location:
        return home
    return replace(home, location=named.location) if _is_stand_in(home) else named


def is_accounts_address(url: str, home: DataCenter) -> bool:
    """Tell whether a URL leads to `home` or to one of Zoho's accounts servers."""
    address = address_of(url)
    centers = (home, *DataCenter.all())
    return address is not None and any(
        address == address_of(center.accounts_url) for center in centers
    )


def address_of(url: str) -> Address | None:
    """Return scheme, host and port; None for what may mean several hosts."""
    if not url.isprintable() or any(char in url for char in " \\"):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if "@" in parts.netloc:
        return None
    return parts.scheme, host, _PORTS.get(parts.scheme) if port is None else port


def suspect_data_center(
    error: RefusedError, *, asked: DataCenter, lives: DataCenter | None = None
) -> str | None:
    """Say why a refusal may be about the data centre; None when it is not.

    Args:
        error: The refusal.
        asked: Whose accounts server refused.
        lives: Where the user is known to live; None when nobody said.

    Source: zoho-protocol.md 4.2 and 6.3.
    """
    where = f"{asked.location} ({asked.accounts_url})"
    if error.error == "invalid_client" and lives is None:
        return (
            f"{where} was asked, and a client that is not enabled there is unknown to "
            "it: name the data centre where the client and its users live"
        )
    if lives is None or error.error not in _SMELLS:
        return None
    if lives.accounts_url == asked.accounts_url:
        return None
    return (
        f"{where} was asked, but the user lives at {lives.location}: ask "
        f"{lives.accounts_url}, and enable the client there in the API console"
    )


def _is_stand_in(center: DataCenter) -> bool:
    return all(center.accounts_url != one.accounts_url for one in DataCenter.all())


def _is_address_of(center: DataCenter, url: Any) -> bool:
    return isinstance(url, str) and url.rstrip("/") == center.accounts_url


def _doubt(location: str, center: DataCenter | None) -> str:
    if center is None:
        return f"location {quotable(location)!r} is unknown here and is not used"
    return (
        f"location {center.location!r} is said to be somewhere else than "
        f"{center.accounts_url}, which is used"
    )
