"""Which parameters, JSON keys and headers hold secrets, and what to call them."""

from __future__ import annotations

import re
from functools import lru_cache

_CERTAIN = frozenset(
    "access_token refresh_token id_token token grant_token remote_token jwt_token "
    "auth_token authtoken oauth_token session_token csrf_token xsrf_token iamcsrcoo "
    "subject_token actor_token bearer_token id_token_hint logout_token "
    "tokens access_tokens refresh_tokens api_keys passwords secrets "
    "client_id client_secret client_assertion assertion samlresponse samlrequest "
    "code_verifier code_challenge device_code user_code devcode auth_code "
    "authorization_code verification_code otp totp passcode "
    "password passwd passphrase pwd secret secret_key private_key signing_key "
    "encryption_key access_key api_key apikey zapikey authkey auth_key "
    "authenticity_token request_verification_token csrfmiddlewaretoken session_state "
    "passwort kennwort mot_de_passe contrasena senha wachtwoord "
    "password_confirmation password_confirm password_repeat password_again "
    "password1 password2 new_password1 new_password2 "
    "totp_seed recovery_codes backup_codes recovery_code backup_code sms_code "
    "pgpassword security_answer password_hash secret_hash secret_string "
    "auth_req_id oob_code binding_code session_code appsecret_proof signed_request "
    "access_key_id private_key_pem secret_binary db_pass tls_key "
    "iamcsr zcsr_tmp castgc samlart service_ticket "
    "jsessionid phpsessid sessionid session_id oauth_verifier oauth_token_secret "
    "oauth_signature amz_signature amz_credential amz_security_token "
    "goog_signature goog_credential "
    # Of people. Source: GET /oauth/user/info, and OpenID Connect Core, section 5.1.
    "email e_mail email_id email_address emailaddress login_hint login_id "
    "first_name last_name full_name given_name family_name middle_name "
    "preferred_username zuid phone phone_number mobile mobile_number birthdate".split()
)
_CERTAIN_TAIL = re.compile(
    r"_(?:access_token|refresh_token|id_token|auth_token|cred_token|session_token"
    r"|client_secret|secret|secret_key|private_key|access_key|password|api_key)$"
    r"|(?:^|_)(?:subscription|master|shared|account|consumer|ssh)_key$"
)
# All but those that say where one is in a list, and those that are counted.
_TOKEN = re.compile(r"(?:^|_)([a-z]+)_token$")
_NO_TOKEN = frozenset(
    "next page prev previous continuation sync cursor pagination skip start resume "
    "list delta change scroll input output total max min num per stop bos eos pad unk "
    "sep mask cls special invalid unexpected missing expired idempotency".split()
)
# In a redirect these are secrets; in the JSON of an API they may say that a row lies
# in California or that the token was INVALID_TOKEN.
_AMBIGUOUS = frozenset("code state nonce ticket pass csrf xsrf".split())
# Of a URL that is signed for who gets it; elsewhere anybody may check a signature.
_OF_PARAMETERS = frozenset("sig signature".split())
# Secrets only if the value looks like one: these words have other meanings, too.
_ISSUED = frozenset(
    "session client_info s_ft s_ctx canary hmac accessor secret_id jwt bearer "
    "session_info remember_me credential credentials pat ticket_id "
    "connection_string".split()
)
# In JSON these are names of anything.
_ISSUED_PARAMETERS = frozenset(("key", "auth", "appid"))
# Where it is no header, it may say that one is required.
_OF_JSON = frozenset(["authorization"])
# What else says who somebody is, where a text is about a person.
_OF_PERSON = frozenset(
    "sub jti sid nonce at_hash c_hash s_hash name display_name nickname username "
    "user_name profile picture gender website address formatted street_address "
    "photo_url".split()
)

_HEADER = re.compile(
    r"(?:^|-)(?:token|secret|passw(?:or)?d|pwd|authorization|apikey|cookie|ticket"
    r"|(?<!idempotency-)(?<!websocket-)(?<!surrogate-)(?<!cache-)(?<!public-)"
    r"(?<!primary-)(?<!partition-)(?<!sort-)(?<!foreign-)key"
    r"|session-id|session|jwt(?:-assertion)?|bearer|csrftoken|oidc-data|client-id"
    r"|hmac(?:-sha-?\d+)?|signature(?:-\d+)?|auth|authentication|credentials?"
    r"|sid|pat|[cx]srf|dpop)$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = r"(?:[A-Z]?[a-z]+|[A-Z]+)"
_WORDS = re.compile(rf"{_WORD}(?:[-_ .]{_WORD})*")
_DIGIT = re.compile(r"\d")


@lru_cache(1024)
def parameter_kind(name: str) -> str | None:
    """Return what a query or form parameter holds, for example `access-token`."""
    plain = _plain(name)
    if plain in _AMBIGUOUS or plain in _OF_PARAMETERS:
        return _kind(plain)
    return certain_kind(name)


@lru_cache(1024)
def certain_kind(name: str) -> str | None:
    """Return what a name holds wherever it stands, or None."""
    plain = _plain(name)
    if plain in _CERTAIN or _CERTAIN_TAIL.search(plain):
        return _kind(plain)
    found = None if "." in name else _TOKEN.search(plain)  # of a program's object
    return _kind(plain) if found and found[1] not in _NO_TOKEN else None


@lru_cache(1024)
def issued_kind(name: str, *, in_url: bool = False) -> str | None:
    """Return what a name holds if its value looks like a secret, or None."""
    plain = _plain(name)
    if plain in _ISSUED or (in_url and plain in _ISSUED_PARAMETERS):
        return _kind(plain)
    return None


@lru_cache(1024)
def person_kind(name: str) -> str | None:
    """Return what a name holds in what tells about a person, or None."""
    plain = _plain(name)
    return _kind(plain) if plain in _OF_PERSON else None


def json_kind(name: str, value: str) -> str | None:
    """Return what a JSON member holds; the value decides when the name cannot."""
    plain = _plain(name)
    kind = certain_kind(name)
    if kind is not None or len(value) < 8 or " " in value or not _DIGIT.search(value):
        return kind
    if plain in _AMBIGUOUS or plain in _OF_JSON:
        return _kind(plain)
    return header_kind(name) if "-" in name else None


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
    plain = _CAMEL.sub("_", name).lower().replace("-", "_").replace(".", "_")
    return plain.lstrip("_").removeprefix("data_").removeprefix("x_")


def _kind(plain: str) -> str:
    return re.sub(r"[^a-z]+", "-", plain).strip("-") or "secret"
