"""VCR.py's file format, without VCR.py.

The format is small, and VCR.py is slow to import: ordinary runs do without it, and
those that only replay what is written here also without a YAML library.
What is written here, plain VCR.py loads; what plain VCR.py wrote, loads here.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

from . import _layout
from ._bombs import LARGEST, bounded
from ._exchange import RecordedExchange
from ._parts import part_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._origin import Origin

    Headers = tuple[tuple[str, str], ...]
    _Part = tuple[tuple[RecordedExchange, ...], dict[str, Any] | None]

_VERSION = 1
# Characters of a cassette up to which it is kept, to be read only once.
_KEPT = 1 << 22
_LISTS = (list, tuple)
_TEXT_ALONE = {str}


class FormatError(ValueError):
    """A text is not a cassette; the message says why and, if known, in which line."""


def dump(exchanges: Iterable[RecordedExchange], origin: Origin | None) -> bytes:
    """Return the file's bytes. No value is scrubbed here."""
    return as_bytes(as_content(exchanges, origin), f"{origin}" if origin else "")


def as_content(
    exchanges: Iterable[RecordedExchange], origin: Origin | None
) -> dict[str, Any]:
    """Return what the file says, as plain values."""
    content: dict[str, Any] = {"version": _VERSION}
    if origin is not None:
        content["recorded_with"] = origin.as_mapping()
    content["interactions"] = [
        {"request": request_out(request), "response": reply_out(reply)}
        for request, reply in exchanges
    ]
    return content


def as_bytes(content: dict[str, Any], told: str) -> bytes:
    """Return a file's bytes; `told` says in its first line where it came from."""
    from ._yaml import written

    text = written(content)
    told = f"{told}. Secrets are replaced." if told else "Origin unknown."
    return f"# {' '.join(told.split())}\n{text}".encode()


def load(text: str, part: str | None = None) -> _Part:
    """Return the exchanges of a file, and its `recorded_with`.

    Args:
        text: The file's.
        part: Whose part of a shared cassette is wanted; None for all.

    Raises:
        FormatError: It is not YAML, needs more than a safe loader, or is no cassette.
        NoPartError: It is shared, but not by that test.
    """
    if len(text) > _KEPT:
        return _part(read(text), part)
    # Tests that share a cassette read it one after the other.
    return _kept_part(text, part)


@lru_cache(maxsize=2)
def _kept_part(text: str, part: str | None) -> _Part:
    return _part(_kept(text), part)


@lru_cache(maxsize=2)
def _kept(text: str) -> dict[str, Any]:
    return read(text)  # for whoever changes nothing of it


def _part(content: dict[str, Any], part: str | None) -> _Part:
    content = part_of(content, part)
    exchanges = tuple(
        bounded(
            _exchange_in(number, one)
            for number, one in enumerate(content["interactions"])
        )
    )
    found = content.get("recorded_with")
    if found is not None and not isinstance(found, dict):
        raise FormatError("has a recorded_with that is not a mapping")
    return exchanges, found


def read(text: str, *, exactly: bool = False) -> dict[str, Any]:
    """Return what a file says, as plain values.

    Args:
        text: The file's.
        exactly: Tell numbers from texts, which takes longer; to write it again.

    Raises:
        FormatError: It is not YAML, needs more than a safe loader, or is no cassette.
    """
    if not text or text.isspace():
        raise FormatError("is empty")
    return _checked(_parse(text, exactly=exactly))


def exchanges_of(content: object) -> tuple[RecordedExchange, ...]:
    """Return the exchanges of what a file says; of a text, or of plain values.

    Raises:
        FormatError: It is no cassette.
    """
    if isinstance(content, str):
        return load(content)[0]
    found = _checked(content)["interactions"]
    return tuple(bounded(_exchange_in(n, one) for n, one in enumerate(found)))


def _checked(content: object) -> dict[str, Any]:
    if not isinstance(content, dict) or not isinstance(
        content.get("interactions"), list
    ):
        raise FormatError("is YAML, but not a VCR.py cassette: no list 'interactions'")
    version = content.get("version")
    # The text of a list may be endlessly longer than what the file has of it.
    shown = "a list" if isinstance(version, dict | list) else str(version)
    if shown != str(_VERSION):
        raise FormatError(f"has version {shown}, expected {_VERSION}")
    return content


def _parse(text: str, *, exactly: bool) -> Any:
    found = None if exactly else _layout.read(text)
    if found is None:
        from ._yaml import parse

        found = parse(text, exactly=exactly)
    return found


def _exchange_in(number: int, found: Any) -> RecordedExchange:
    try:
        asked, answered = found["request"], found["response"]
        request = HttpRequest(
            method=_header_text(asked["method"]).upper(),
            url=_header_text(asked["uri"]),
            headers=_headers_in(asked.get("headers")),
            body=_bytes(asked.get("body")),
            replayable=True,
        )
        reply = HttpReply(
            status=int(answered["status"]["code"]),
            headers=_headers_in(answered.get("headers")),
            body=_bytes((answered.get("body") or {}).get("string")),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        reply = None
    if reply is None:
        raise FormatError(f"has a malformed interaction: number {number + 1}")
    return RecordedExchange(request, reply)


def _headers_in(found: Any) -> Headers:
    pairs = [
        (name, value)
        for name, values in (found or {}).items()
        for value in (values if isinstance(values, _LISTS) else (values,))
    ]
    if set(map(type, chain.from_iterable(pairs))) <= _TEXT_ALONE:
        return tuple(pairs)
    return tuple((_header_text(name), _header_text(value)) for name, value in pairs)


def _header_text(value: Any) -> str:
    if type(value) is str:
        return value
    # The text of a list may be endlessly longer than what the file has of it.
    if isinstance(value, (dict, *_LISTS)):
        raise TypeError
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if body is None or isinstance(body, bytes | str):
        return body.encode() if isinstance(body, str) else body or b""
    # A file or a generator: both give their parts.
    joined = bytearray()
    for part in body:
        if not isinstance(part, bytes | str) or len(joined) > LARGEST:
            raise TypeError
        joined += _bytes(part)
    return bytes(joined)


def request_out(request: HttpRequest) -> dict[str, Any]:
    """Return a request as it is written."""
    return {
        "method": request.method,
        "uri": request.url,
        "body": _text(request.body) if request.body else None,
        "headers": _headers_out(request.headers),
    }


def reply_out(reply: HttpReply) -> dict[str, Any]:
    """Return a reply as it is written."""
    return {
        "status": {"code": reply.status, "message": _phrase(reply.status)},
        "headers": _headers_out(reply.headers),
        "body": {"string": _text(reply.body)},
    }


def _headers_out(headers: Headers) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found


def _text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
