"""What a request means, so that two spellings of one request compare equal."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from pytest_catalyst_oauth.engine import FORM

from ._names import certain_kind, header_kind, json_kind, parameter_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_catalyst_oauth.engine import HttpRequest

Pairs = tuple[tuple[str, str], ...]
# So begin gzip, zlib, and UTF-16 with a mark; without one it begins with a zero.
_DISGUISED = frozenset(
    (b"\x1f\x8b", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"\xff\xfe", b"\xfe\xff")
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LARGEST_KEPT = 1 << 12
# Compiled when they are needed, which is seldom.
_BOUNDARY = r"(?i)boundary=\"?([^\";,\s]+)"
_ADDRESS = r"(?<![\w.+-])[\w.+-]{1,64}+@(?:[A-Za-z0-9-]{1,63}+\.)++[A-Za-z]{2,}"
_FORM_LIKE = rb"[\w.\-\[\]]+=[^\s{}<>]*"


class Meaning(NamedTuple):
    """A request without its accidents: the order of parameters, random boundaries.

    Its repr shows none of it.

    Attributes:
        method: Upper-case verb.
        origin: Scheme, host and port, none of them implied.
        path: Percent-decoded.
        query: Parameters that are no secrets, sorted.
        body: Fields or JSON leaves that are no secrets, sorted; or one entry with the
            whole body.
        secrets: Places of secrets and what stands there.
    """

    method: str
    origin: str
    path: str
    query: Pairs
    body: Pairs
    secrets: Pairs

    def __repr__(self) -> str:
        return "<meaning>"

    @property
    def without_secrets(self) -> tuple[object, ...]:
        """What must be equal in any case."""
        return self[:-1]

    @property
    def stand_ins(self) -> dict[str, str]:
        """The stand-ins at places of secrets, by place; other values are left out."""
        from ._stand_ins import stand_ins_in

        found = {place: stand_ins_in(value) for place, value in self.secrets}
        return {place: " ".join(names) for place, names in found.items() if names}


def meaning(request: HttpRequest) -> Meaning:
    """Return what a request means."""
    body = request.body
    try:
        # Other octets than those of ASCII may be packed, and far more than it seems.
        is_kept = len(body) <= _LARGEST_KEPT and body.isascii()
        return (_kept if is_kept else _read)(request)
    except TypeError:  # of headers in lists, which cannot be kept
        return _read(request)


def _read(request: HttpRequest) -> Meaning:
    origin, path, open_query, closed_query = _address(request.url)
    open_body, closed_body = _body(request)
    return Meaning(
        method=request.method.upper(),
        origin=origin,
        path=path,
        query=open_query,
        body=open_body,
        secrets=tuple(sorted((*closed_query, *closed_body, *_headers(request)))),
    )


# Each test asks for a token as the test before it did, and so do their cassettes.
_kept = lru_cache(maxsize=64)(_read)


@lru_cache(maxsize=64)  # tests ask few addresses, and each of them often
def _address(url: str) -> tuple[str, str, Pairs, Pairs]:
    """Return origin, path, and the query's parameters that are no secrets, and are."""
    parts = urlsplit(url)
    try:
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        port = None
    origin = f"{parts.scheme}://{parts.hostname or ''}:{port}"
    path = _without_addresses(unquote(parts.path)) or "/"
    return origin, path, *_sorted_out("query", _pairs(parts.query))


def _pairs(text: str) -> list[tuple[str, str]]:
    if "%" in text or "+" in text:
        return parse_qsl(text, keep_blank_values=True)
    # As most are, and the library looks at each name and value for escapes.
    parts = (one.partition("=") for one in text.split("&") if one)
    return [(name, value) for name, _, value in parts]


def _sorted_out(where: str, pairs: Iterable[tuple[str, str]]) -> tuple[Pairs, Pairs]:
    plain, secret = [], []
    for name, value in pairs:
        if parameter_kind(name):
            secret.append((f"{where} {name}", value))
        else:
            plain.append((name, _without_addresses(value)))
    return tuple(sorted(plain)), tuple(secret)


def _without_addresses(text: str) -> str:
    """Leave out who is meant: the recording has a stand-in, the client an address."""
    if "@" not in text:
        return text
    return re.sub(_ADDRESS, "redacted@example.com", text)


def _body(request: HttpRequest) -> tuple[Pairs, Pairs]:
    content_type = (request.header("Content-Type") or "").lower()
    body = request.body
    begin = body[:2]
    if begin in _DISGUISED or 0 in begin or request.header("Content-Encoding"):
        from ._content import decoded, undisguised

        body = undisguised(decoded(request.headers, body)[1])
    if not body:
        return (), ()
    if FORM in content_type or (not content_type and re.fullmatch(_FORM_LIKE, body)):
        return _sorted_out("form", _pairs(body.decode("utf-8", "replace")))
    leaves = _json_leaves(body)
    if leaves is not None:
        return leaves
    if found := re.search(_BOUNDARY, request.header("Content-Type") or ""):
        body = body.replace(found[1].encode(), b"boundary")
    return (("", body.decode("utf-8", "backslashreplace")),), ()


def _json_leaves(body: bytes) -> tuple[Pairs, Pairs] | None:
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        found = list(_leaves(json.loads(body), "", ""))
    except (ValueError, RecursionError):
        return None
    plain = [(path, value) for path, value, is_secret in found if not is_secret]
    secret = [(f"JSON {path}", value) for path, value, is_secret in found if is_secret]
    return tuple(sorted(plain)), tuple(secret)


def _leaves(value: Any, path: str, name: str) -> Iterator[tuple[str, str, bool]]:
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _leaves(child, f"{path}.{key}".lstrip("."), key)
    elif isinstance(value, list) and value:
        for number, child in enumerate(value):
            yield from _leaves(child, f"{path}[{number}]", name)
    elif isinstance(value, str) and json_kind(name, value):
        yield path, value, True
    elif type(value) is int and certain_kind(name):
        yield path, str(value), True
    else:
        shown = json.dumps(value, ensure_ascii=False)
        yield path, _without_addresses(shown), False


def _headers(request: HttpRequest) -> Iterator[tuple[str, str]]:
    # Cookies stay out: the jar of a client may hold what another test left there.
    for name, value in request.headers:
        if name.lower() == "authorization" or (
            header_kind(name) and name.lower() != "cookie"
        ):
            yield f"header {name.title()}", value
