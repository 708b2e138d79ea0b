"""Which parameters, JSON keys and headers hold secrets, and what to call them."""

from __future__ import annotations

import re
from functools import lru_cache

_CERTAIN = frozenset(
    "access_token refresh_token id_token token grant_token remote_token jwt_token "
    "auth_token authtoken oauth_token session_token csrf_token xsrf_token "
    "subject_token actor_token "
    "client_id client_secret client_assertion assertion "
    "code_verifier code_challenge device_code user_code devcode "
    "password passwd passphrase secret secret_key private_key api_key apikey "
    "jsessionid".split()
)
_CERTAIN_TAIL = re.compile(
    r"_(?:access_token|refresh_token|id_token|auth_token|cred_token|client_secret"
    r"|secret|secret_key|password|api_key)$"
)
# In a redirect these are secrets; in the JSON of an API they may say that a row lies
# in California or that the token was INVALID_TOKEN.
_AMBIGUOUS = frozenset("code state nonce ticket".split())

_HEADER = re.compile(
    r"(?:^|-)(?:token|secret|password|api-?key|secret-key|cred-token|cookie|ticket)$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = r"(?:[A-Z]?[a-z]+|[A-Z]+)"
_WORDS = re.compile(rf"{_WORD}(?:[-_ .]{_WORD})*")
_DIGIT = re.compile(r"\d")


@lru_cache(1024)
def parameter_kind(name: str) -> str | None:
    """Return what a query or form parameter holds, for example `access-token`."""
    plain = _plain(name)
    return _kind(plain) if plain in _AMBIGUOUS else certain_kind(name)


@lru_cache(1024)
def certain_kind(name: str) -> str | None:
    """Return what a name holds wherever it stands, or None."""
    plain = _plain(name)
    if plain in _CERTAIN or _CERTAIN_TAIL.search(plain):
        return _kind(plain)
    return None


def json_kind(name: str, value: str) -> str | None:
    """Return what a JSON member holds; the value decides when the name cannot."""
    plain = _plain(name)
    if plain in _AMBIGUOUS:
        telling = len(value) >= 8 and _DIGIT.search(value) and " " not in value
        return _kind(plain) if telling else None
    return certain_kind(name)


@lru_cache(1024)
def header_kind(name: str) -> str | None:
    """Return what a header holds, or None; not for Authorization and cookies."""
    plain = name.lower().replace("_", "-")
    return _kind(plain.removeprefix("x-")) if _HEADER.search(plain) else None


def looks_random(value: str) -> bool:
    """Tell whether a value is no mere word, so that it is safe to replace everywhere.

    `accepted` or `SAMEORIGIN` as a cookie's value says nothing about that word
    elsewhere.
    """
    return not _WORDS.fullmatch(value)


def _plain(name: str) -> str:
    return _CAMEL.sub("_", name).lower().replace("-", "_")


def _kind(plain: str) -> str:
    return re.sub(r"[^a-z]+", "-", plain).strip("-") or "secret"
