"""What a request means, so that two spellings of one request compare equal."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final
from urllib.parse import parse_qsl, unquote, urlsplit

from pytest_catalyst_oauth.engine import FORM

from ._names import certain_kind, header_kind, json_kind, parameter_kind
from ._stand_ins import stand_ins_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from urllib.parse import SplitResult

    from pytest_catalyst_oauth.engine import HttpRequest

    Pairs = tuple[tuple[str, str], ...]

# So begin gzip and UTF-16.
_DISGUISED = (b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]+)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}+@(?:[A-Za-z0-9-]{1,63}+\.)++[A-Za-z]{2,}"
)
_FORM_LIKE = re.compile(rb"[\w.\-\[\]]+=[^\s{}<>]*")


@final
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Meaning:
    """A request without its accidents: the order of parameters, random boundaries.

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

    @property
    def without_secrets(self) -> tuple[str, str, str, Pairs, Pairs]:
        """What must be equal in any case."""
        return self.method, self.origin, self.path, self.query, self.body

    @property
    def stand_ins(self) -> dict[str, str]:
        """The stand-ins at places of secrets, by place; other values are left out."""
        found = {place: stand_ins_in(value) for place, value in self.secrets}
        return {place: " ".join(names) for place, names in found.items() if names}


def meaning(request: HttpRequest) -> Meaning:
    """Return what a request means."""
    parts = urlsplit(request.url)
    open_query, closed_query = _sorted_out("query", _pairs(parts.query))
    open_body, closed_body = _body(request)
    return Meaning(
        method=request.method.upper(),
        origin=_origin(parts),
        path=_without_addresses(unquote(parts.path)) or "/",
        query=open_query,
        body=open_body,
        secrets=tuple(sorted((*closed_query, *closed_body, *_headers(request)))),
    )


def _origin(parts: SplitResult) -> str:
    try:
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        port = None
    return f"{parts.scheme}://{parts.hostname or ''}:{port}"


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True) if text else []


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
    return _ADDRESS.sub("redacted@example.com", text)


def _body(request: HttpRequest) -> tuple[Pairs, Pairs]:
    content_type = (request.header("Content-Type") or "").lower()
    body = request.body
    if body[:2] in _DISGUISED or request.header("Content-Encoding"):
        from ._content import decoded, undisguised

        body = undisguised(decoded(request.headers, body)[1])
    if not body:
        return (), ()
    if FORM in content_type or (not content_type and _FORM_LIKE.fullmatch(body)):
        return _sorted_out("form", _pairs(body.decode("utf-8", "replace")))
    leaves = _json_leaves(body)
    if leaves is not None:
        return leaves
    if found := _BOUNDARY.search(request.header("Content-Type") or ""):
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
