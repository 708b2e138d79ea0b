"""Kinds of secrets, and how to invent one of each."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from typing import NamedTuple

_HEX = "0123456789abcdef"
_WORD = string.ascii_letters + string.digits


class Kind(NamedTuple):
    """A kind of secret.

    Attributes:
        name: For messages.
        parameter: What forms and JSON call it.
        make: Invents one.
        is_long: Whether it is looked for everywhere once it is known.
        is_ambiguous: Whether `parameter` is also the name of harmless things.
        gives_itself_away: Whether its looks are enough.
    """

    name: str
    parameter: str
    make: Callable[[random.Random], str]
    is_long: bool = True
    is_ambiguous: bool = False
    gives_itself_away: bool = False


def _some(signs: str, count: int) -> Callable[[random.Random], str]:
    return lambda chance: "".join(chance.choices(signs, k=count))


def _zoho_token(chance: random.Random) -> str:
    return f"1000.{_some(_HEX, 32)(chance)}.{_some(_HEX, 32)(chance)}"


def _client_id(chance: random.Random) -> str:
    return f"1004.{_some(string.ascii_uppercase + string.digits, 30)(chance)}"


def _jwt(chance: random.Random) -> str:
    def part(value: object) -> str:
        raw = json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    claims = {"iss": "accounts.zoho.eu", "exp": 1795392000, "jti": _word(chance)}
    header = {"alg": "RS256", "kid": "k1"}
    return f"{part(header)}.{part(claims)}.{_some(_WORD, 43)(chance)}"


def _word(chance: random.Random) -> str:
    return f"{_some(_WORD, 39)(chance)}7"


def _user_code(chance: random.Random) -> str:
    consonants = "BCDFGHJKLMNPQRSTVWXZ"
    return f"{_some(consonants, 4)(chance)}-{_some(consonants, 3)(chance)}5"


def _password(chance: random.Random) -> str:
    letters, digits = _some(string.ascii_lowercase, 6), _some(string.digits, 3)
    return f"hÜnt3r/{letters(chance)}+Zebra~{digits(chance)}"


def _email(chance: random.Random) -> str:
    return f"ada.{_some(string.ascii_lowercase, 9)(chance)}@invented-mail.net"


def _full_name(chance: random.Random) -> str:
    names = [_some(string.ascii_lowercase, 7)(chance).title() for _ in range(2)]
    return " ".join(names)


def _first_name(chance: random.Random) -> str:
    return _some(string.ascii_lowercase, 11)(chance).title()


def _zuid(chance: random.Random) -> str:
    return f"6{_some('123456789', 9)(chance)}"


def _verifier(chance: random.Random) -> str:
    return f"{_some(_WORD + '-._~', 62)(chance)}x9"


def _pem(chance: random.Random) -> str:
    lines = "\n".join(_some(_WORD, 64)(chance) for _ in range(3))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"


KINDS = (
    Kind("access token", "access_token", _zoho_token, gives_itself_away=True),
    Kind("refresh token", "refresh_token", _zoho_token, gives_itself_away=True),
    Kind("grant token", "code", _zoho_token, True, True, True),
    Kind("client id", "client_id", _client_id, gives_itself_away=True),
    Kind("client secret", "client_secret", _some(_HEX, 42), gives_itself_away=True),
    Kind("id token", "id_token", _jwt, gives_itself_away=True),
    Kind("opaque token", "token", _word),
    Kind("other provider's access token", "access_token", _word),
    Kind("user code", "user_code", _user_code),
    Kind("short user code", "user_code", _some("123456789", 6), is_long=False),
    Kind("password", "password", _password),
    Kind("session", "session_id", _some(_HEX, 32)),
    Kind("e-mail address", "email", _email, gives_itself_away=True),
    Kind("first name", "first_name", _first_name, is_long=False),
    Kind("full name", "full_name", _full_name),
    Kind("ZUID", "ZUID", _zuid),
    Kind("code verifier", "code_verifier", _verifier),
    Kind("assertion", "client_assertion", _jwt, gives_itself_away=True),
    Kind("private key", "private_key", _pem, gives_itself_away=True),
    Kind("API key", "api_key", _some(_WORD, 32)),
)
