"""Stores by their addresses."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_catalyst_oauth.engine import Store

    from ._envelope import Seal

_Options = dict[str, str]
_SEAL = frozenset({"key_file", "key_env"})


def open_store(address: str | os.PathLike[str] | None = None) -> Store:
    """Return the store at an address. Nothing is opened before it is used.

    | address | what |
    |---|---|
    | None | the SQLite file in the platform's state folder |
    | a path, `sqlite:PATH` | a SQLite file |
    | `memory:` | this process only |
    | `json:FOLDER` | a file for each key, also for network file systems |
    | `keyring:`, `keyring:SERVICE` | the operating system's keyring |
    | `redis://USER:PASSWORD@HOST:PORT/DB` | a Redis or Valkey server |
    | `rediss://...`, `unix:///PATH?db=DB` | the same by TLS, or by a socket |

    Options follow a question mark, joined by `&`. Times are in seconds.

    | option | of | what |
    |---|---|---|
    | `key_file` | json, redis | encrypt with the key in this 0600 file |
    | `key_env` | json, redis | encrypt with the key in this variable |
    | `lease` | json, redis | a holder loses the lock after so long a silence: 20 |
    | `timeout` | keyring, redis | wait so long for an answer: 15, or 3 |
    | `prefix` | redis | begins the names of keys; `catalyst-oauth:` |
    | `password_env` | redis | the variable that holds the password |
    | `ca_file` | rediss | certificates to check the server with |

    Raises:
        SettingsError: The address has an unknown scheme or option, names an unknown
            user, a key that is not there, or a library that is not installed.
        StoreError: Others may read the key's file.
    """
    if address is None:
        import platformdirs

        return _sqlite(
            str(platformdirs.user_state_path("catalyst-oauth") / "tokens.db")
        )
    text = os.fspath(address)
    if not text:
        raise SettingsError(
            "token store ''",
            "names nothing",
            "give a path, or None for the file in the platform's state folder",
        )
    scheme, colon, rest = text.partition(":")
    # One letter is a drive of Windows.
    if not colon or len(scheme) == 1 or "/" in scheme:
        return _sqlite(_without_options(address))
    if scheme == "memory":
        if rest:
            raise SettingsError(
                "token store memory:", "has no options and no name", "write memory:"
            )
        from pytest_catalyst_oauth.engine import MemoryStore

        return MemoryStore()
    if scheme == "sqlite" and rest:
        return _sqlite(_without_options(rest))
    opener, known = _OPENERS.get(scheme, (None, frozenset()))
    if opener is None or not (rest or scheme == "keyring"):
        raise SettingsError(
            f"token store {scheme + ':'!r}",
            "is of an unknown kind, or names nothing",
            "give a path, sqlite:PATH or memory:, or else json:FOLDER, keyring:, "
            "redis://HOST, rediss://HOST or unix:///PATH",
        )
    place, _, query = text.partition("?")
    return opener(place, _read_options(scheme, query, known))


def _without_options(path: str | os.PathLike[str]) -> str:
    """Return a file's path; a `Path` may have any sign, a text no options."""
    text = os.fspath(path)
    if isinstance(path, str) and "=" in text.partition("?")[2]:
        raise SettingsError(
            f"token store {text.partition('?')[0]}",
            "is a SQLite file, which has no options",
            "leave out what follows the question mark; or give a pathlib.Path, "
            "if the file is called so",
        )
    return text


def _sqlite(path: str) -> Store:
    from ._sqlite_store import SqliteStore

    expanded = os.path.expanduser(path)  # noqa: PTH111  no pathlib: decision 8
    if expanded.startswith("~"):
        raise _unknown_home(path)
    return SqliteStore(expanded)


def _json(place: str, options: _Options) -> Store:
    from ._json_store import JsonStore

    return JsonStore(
        _expanded(place.removeprefix("json:")),
        seal=_seal(options),
        **_seconds(options, "lease"),
    )


def _keyring(place: str, options: _Options) -> Store:
    module = _library("_keyring_store", "keyring", "keyring")
    import platformdirs

    service = place.removeprefix("keyring:") or "catalyst-oauth"
    if not all(one.isalnum() or one in "-_." for one in service):
        raise SettingsError(
            f"keyring service {service!r}", "is no name", "use letters, digits, - _ ."
        )
    folder = platformdirs.user_state_path("catalyst-oauth") / f"keyring-{service}"
    store: Store = module.KeyringStore(
        folder, service=service, **_seconds(options, "timeout")
    )
    return store


def _redis(place: str, options: _Options) -> Store:
    from ._redis_address import RedisAddress

    parsed = RedisAddress.parse(place, options, os.environ)
    module = _library("_redis_store", "redis", "redis")
    ca_file = options.get("ca_file")
    more: dict[str, Any] = {"prefix": options["prefix"]} if "prefix" in options else {}
    store: Store = module.RedisStore(
        parsed,
        seal=_seal(options),
        ca_file=str(_expanded(ca_file)) if ca_file else None,
        **_seconds(options, "lease"),
        **_seconds(options, "timeout"),
        **more,
    )
    return store


_REDIS = _SEAL | {"lease", "timeout", "prefix", "password_env"}
# How each scheme is opened, and its options.
_OPENERS: dict[str, tuple[Callable[[str, _Options], Store], frozenset[str]]] = {
    "json": (_json, _SEAL | {"lease"}),
    "keyring": (_keyring, frozenset({"timeout"})),
    "redis": (_redis, _REDIS),
    "rediss": (_redis, _REDIS | {"ca_file"}),
    "unix": (_redis, _REDIS | {"db"}),
}


def _read_options(scheme: str, query: str, known: frozenset[str]) -> _Options:
    from urllib.parse import parse_qsl

    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        pairs = [("", "")]
    options = {name: value for name, value in pairs if value}
    if len(options) < len(pairs) or not known.issuperset(options):
        # What was given is not repeated: it may be the end of a password.
        raise SettingsError(
            f"options of token store {scheme}",
            "are malformed, empty, given twice or unknown",
            f"write ?NAME=VALUE&NAME=VALUE with names from {', '.join(sorted(known))}",
        )
    return options


def _seconds(options: _Options, name: str) -> dict[str, float]:
    if name not in options:
        return {}
    try:
        seconds = float(options[name])
    except ValueError:
        seconds = 0.0
    if not 0.01 <= seconds <= 86_400.0:
        raise SettingsError(
            f"{name} of a token store", "is no number of seconds, from 0.01 to a day"
        )
    return {name: seconds}


def _seal(options: _Options) -> Seal | None:
    if not _SEAL & options.keys():
        return None
    if options.keys() >= _SEAL:
        raise SettingsError(
            "key_file and key_env of a token store", "were both given", "give one"
        )
    module = _library("_encryption", "cryptography", "encryption")
    if "key_file" in options:
        path = _expanded(options["key_file"])
        seal: Seal = module.seal_from_file(path)
    else:
        seal = module.seal_from_environment(options["key_env"], os.environ)
    return seal


def _library(module: str, library: str, extra: str) -> Any:
    """Import a module of ours that needs a library that may not be there."""
    try:
        return import_module(f".{module}", __package__)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != library:
            raise
    raise SettingsError(
        f"the Python library {library!r}",
        "is not installed, but the token store needs it",
        f"pip install 'pytest-catalyst-oauth[{extra}]'",
    )


def _expanded(path: str) -> Path:
    from pathlib import Path

    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise _unknown_home(path) from None


def _unknown_home(path: str) -> SettingsError:
    return SettingsError(
        f"token store {path}", "names an unknown user's home", "write it in full"
    )
