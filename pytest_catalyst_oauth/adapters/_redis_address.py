"""Where a Redis or Valkey server is, read from an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final
from urllib.parse import unquote, urlsplit

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

_FORM = "redis://USER:PASSWORD@HOST:PORT/DB, rediss:// likewise, or unix:///PATH?db=DB"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """A server, and how to log in there.

    Attributes:
        scheme: `redis`, `rediss` (TLS) or `unix` (a socket's path).
        host: Name or address; empty with `unix`.
        port: Likewise; 0 with `unix`.
        path: The socket; empty without `unix`.
        db: Number of the database.
        username: None for the server's default user.
        password: None to log in without.
    """

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    db: int = 0
    username: str | None = None
    password: Secret | None = None

    def __str__(self) -> str:
        """Return it without user and password."""
        if self.scheme == "unix":
            return f"unix://{self.path}?db={self.db}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}/{self.db}"

    @classmethod
    def parse(
        cls, url: str, options: Mapping[str, str], environ: Mapping[str, str]
    ) -> RedisAddress:
        """Read a URL without its query, and the options from there.

        Args:
            url: May hold a password, which no error repeats.
            options: `db`, for a socket, and `password_env`, the name of a variable
                with the password; others are left alone.
            environ: Where that variable is.

        Raises:
            SettingsError: It has not the form of an address, or there is no such
                variable.
        """
        scheme = url.partition(":")[0]
        address = _read(url, options)
        if address is None:
            # None of it is repeated: in a password that was not written with %XX
            # anything may look like a host or a path.
            raise SettingsError(
                f"token store {scheme}",
                f"is malformed: expected {_FORM}",
                "write special characters of the password as %XX, or keep it in an "
                "environment variable: ?password_env=NAME",
            )
        name = options.get("password_env")
        if name is None:
            return address
        if not environ.get(name):
            raise SettingsError(
                f"environment variable {name}",
                f"is not set, but the password of {address} should be in it",
            )
        return cls(
            scheme=address.scheme,
            host=address.host,
            port=address.port,
            path=address.path,
            db=address.db,
            username=address.username,
            password=Secret(environ[name]),
        )


def _read(url: str, options: Mapping[str, str]) -> RedisAddress | None:
    try:
        parts = urlsplit(url)
        if parts.fragment or "@" in parts.path:
            return None
        return _of_socket(parts, options) if parts.scheme == "unix" else _of_host(parts)
    except ValueError:
        return None


def _of_socket(parts: SplitResult, options: Mapping[str, str]) -> RedisAddress | None:
    if parts.hostname or not parts.path.strip("/"):
        return None
    return RedisAddress(
        scheme=parts.scheme,
        path=unquote(parts.path),
        db=int(options.get("db", "0")),
        username=_unquoted(parts.username),
        password=_secret(parts.password),
    )


def _of_host(parts: SplitResult) -> RedisAddress | None:
    if not parts.hostname:
        return None
    return RedisAddress(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or 6379,
        db=int(parts.path.strip("/") or "0"),
        username=_unquoted(parts.username),
        password=_secret(parts.password),
    )


def _unquoted(text: str | None) -> str | None:
    return unquote(text) if text else None


def _secret(text: str | None) -> Secret | None:
    return Secret(unquote(text)) if text else None
