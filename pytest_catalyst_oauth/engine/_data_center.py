"""Zoho's data centres: three hosts each."""

from __future__ import annotations

from typing import final

from ._value import Value
from .errors import SettingsError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Of these a host is made about which nobody can disagree.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")
_ALIASES = {"uae": "ae", "com": "us"}

# location -> domain that follows "accounts." and "api.catalyst."; the pages of
# Catalyst's OAuth documentation misprint three of them (zoho-protocol.md 6.1).
_CATALYST = {
    "us": "zoho.com",
    "eu": "zoho.eu",
    "in": "zoho.in",
    "au": "zoho.com.au",
    "jp": "zoho.jp",
    "ca": "zohocloud.ca",
    "sa": "zoho.sa",
    "ae": "zoho.ae",
}
_ACCOUNTS_ONLY = {"cn": "zoho.com.cn", "uk": "zoho.uk", "sg": "zoho.sg"}


def _checked(what: str, url: str) -> str:
    """Return `url` without a trailing slash, refusing what tokens must not meet."""
    if not _is_fit_for_tokens(url):
        raise SettingsError(
            what,
            "is not a URL that tokens may be sent to",
            "use https://host, or http:// with a loopback host for a fake",
        )
    if "?" in url or "#" in url:
        raise SettingsError(what, "must not have a query or a fragment")
    return url.rstrip("/")


def _is_fit_for_tokens(url: str) -> bool:
    if _is_plainly_fit(url):
        return True
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    # Libraries disagree about where a host ends if these are around.
    if not host or "@" in parts.netloc or any(map(_is_ambiguous, url)):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _is_plainly_fit(url: str) -> bool:
    """Tell whether it is a scheme, a host, maybe a port, and nothing to be parsed."""
    scheme, _, rest = url.partition("://")
    host, colon, port = rest.partition(":")
    if not host or not _PLAIN.issuperset(host) or (colon and not _is_port(port)):
        return False
    return scheme == "https" or (scheme == "http" and host in _LOOPBACK)


def _is_port(text: str) -> bool:
    is_number = text.isascii() and text.isdecimal() and len(text) < 6
    return is_number and int(text) < 65_536


def _is_ambiguous(one: str) -> bool:
    return one.isspace() or one == "\\" or one < " " or one == "\x7f"


@final
class DataCenter(Value):
    """One of Zoho's regions, or a stand-in for one on your own machine.

    Attributes:
        location: Zoho's short name, as in a redirect's `location`.
        accounts_url: Base of the OAuth endpoints, without a trailing slash.
        api_url: Base of the Catalyst API; None where Catalyst is not offered.
        console_url: Base of the Catalyst console; None likewise.

    Raises:
        SettingsError: A URL is malformed, or plain http to another machine.

    Source: zoho-protocol.md 6.1.
    """

    location: str
    accounts_url: str
    api_url: str | None = None
    console_url: str | None = None

    def __post_init__(self) -> None:
        for name in ("accounts_url", "api_url", "console_url"):
            url = getattr(self, name)
            if url is not None:
                object.__setattr__(self, name, _checked(name, url))

    @classmethod
    def parse(cls, name: str) -> DataCenter:
        """Return the data centre of a short name; case does not matter.

        Raises:
            SettingsError: There is none of that name.
        """
        location = name.strip().lower()
        location = _ALIASES.get(location, location)
        if location in _CATALYST:
            domain = _CATALYST[location]
            return cls(
                location=location,
                accounts_url=f"https://accounts.{domain}",
                api_url=f"https://api.catalyst.{domain}",
                console_url=f"https://console.catalyst.{domain}",
            )
        if location in _ACCOUNTS_ONLY:
            domain = _ACCOUNTS_ONLY[location]
            return cls(location=location, accounts_url=f"https://accounts.{domain}")
        raise SettingsError(
            f"data centre {name!r}",
            "is unknown",
            f"choose one of {', '.join((*_CATALYST, *_ACCOUNTS_ONLY))}",
        )

    @classmethod
    def all(cls) -> tuple[DataCenter, ...]:
        """Return every data centre that `parse` knows, Catalyst's first."""
        return tuple(cls.parse(name) for name in (*_CATALYST, *_ACCOUNTS_ONLY))

    @property
    def api_domain(self) -> str:
        """The generic API host that token replies name; never Catalyst's."""
        extension = self.location if self.location != "us" else "com"
        if self.location in ("au", "cn"):
            extension = f"com.{self.location}"
        return f"https://www.zohoapis.{extension}"
