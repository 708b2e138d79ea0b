"""Replacing every secret of a recording by a readable stand-in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import Secret

from ._content import decoded, with_true_length
from ._exchange import RecordedExchange
from ._headers import walk_header
from ._hosts import Hosts
from ._names import looks_random
from ._stand_ins import SHORTEST, StandIns
from ._walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._walk import Visitor

# Kinds whose values may be plain words, which are not replaced everywhere then.
_MAYBE_WORDS = frozenset("code state nonce ticket cookie password secret token".split())

# Values that give themselves away, wherever they stand (zoho-protocol.md 2.1 and 4.1).
_SHAPES = (
    ("token", re.compile(r"\b100\d\.[0-9a-f]{32}\.[0-9a-f]{32}\b")),
    ("client-id", re.compile(r"\b100\d\.[0-9A-Z]{30}\b")),
    ("client-secret", re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{42}(?![0-9A-Za-z])")),
    ("jwt", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scrubbed:
    """What a scrubber made of a recording.

    Attributes:
        exchanges: Without the secrets, with bodies decoded.
        secrets: What was given and what was found, so that a scan can look for it.
    """

    exchanges: tuple[RecordedExchange, ...]
    secrets: tuple[Secret, ...]


@final
class Scrubber:
    """Replaces secrets, the same one by the same stand-in throughout a recording.

    It works twice: by place (parameters, JSON keys, headers and cookies whose names
    say that they hold a secret) and by value (what was given, found by place, or looks
    like a token of Zoho's is replaced wherever it appears and however it is encoded).

    Args:
        secrets: Known beforehand. Values of fewer than 8 characters are replaced by
            place only.
        hosts: Start of a URL as used, to the start to write in its place; for example
            `{"http://127.0.0.1:4242": "https://accounts.zoho.com"}`. The longest that
            fits wins, so one server can become two: add the paths.
    """

    def __init__(
        self,
        secrets: Iterable[Secret] = (),
        hosts: Mapping[str, str] | None = None,
    ) -> None:
        self._given = tuple(secrets)
        self._hosts = Hosts(hosts or {})

    def scrub(self, exchanges: Iterable[tuple[HttpRequest, HttpReply]]) -> Scrubbed:
        """Return the recording without its secrets. Scrubbing it again changes nothing.

        Three rounds, since a token may appear before the reply that gives it away:
        names by place, then what is left by shape, then the replacing.
        """
        plain = [self._prepared(*exchange) for exchange in exchanges]
        names = StandIns(text for one in plain for text in _texts(one))
        _each(plain, _Places(names))
        self._add_given(names)
        _each(plain, _Shapes(names))
        scrubbed = _each(plain, _Replacing(names))
        return Scrubbed(
            exchanges=tuple(scrubbed),
            secrets=(*self._given, *map(Secret, names.everywhere)),
        )

    def _add_given(self, names: StandIns) -> None:
        for secret in self._given:
            if len(secret.reveal()) >= SHORTEST:
                names.name("secret", secret.reveal())

    def _prepared(self, request: HttpRequest, reply: HttpReply) -> RecordedExchange:
        public = self._hosts
        asked_headers, asked_body = decoded(request.headers, request.body)
        headers, body = decoded(reply.headers, reply.body)
        host = urlsplit(request.url).netloc
        asked = replace(
            request,
            url=public.rewrite(request.url),
            headers=public.headers(asked_headers, host, request.url),
            body=_rewritten(asked_body, public.rewrite),
        )
        answered = replace(
            reply,
            headers=public.headers(headers, host, request.url),
            body=_rewritten(body, public.rewrite),
        )
        return RecordedExchange(asked, answered)


def _each(
    exchanges: Iterable[RecordedExchange], visitor: Visitor
) -> list[RecordedExchange]:
    return [_visited(request, reply, visitor) for request, reply in exchanges]


def _visited(
    request: HttpRequest, reply: HttpReply, visitor: Visitor
) -> RecordedExchange:
    url = walk(request.url, visitor)
    asked_headers = _headers(request, visitor)
    asked = _rewritten(request.body, lambda text: walk(text, visitor))
    headers = _headers(reply, visitor)
    answered = _rewritten(reply.body, lambda text: walk(text, visitor))
    if request.method != "HEAD":  # whose answer tells the length of another one
        headers = with_true_length(headers, answered)
    asked_headers = with_true_length(asked_headers, asked)
    return RecordedExchange(
        replace(request, url=url, headers=asked_headers, body=asked),
        replace(reply, headers=headers, body=answered),
    )


def _headers(
    message: HttpRequest | HttpReply, visitor: Visitor
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, walk_header(name, value, visitor)) for name, value in message.headers
    )


def _rewritten(body: bytes, rewrite: Callable[[str], str]) -> bytes:
    try:
        return rewrite(body.decode()).encode()
    except UnicodeDecodeError:
        # Latin-1 gives every byte a character and takes it back.
        return rewrite(body.decode("latin-1")).encode("latin-1")


def _texts(exchange: RecordedExchange) -> Iterator[str]:
    yield exchange.request.url
    for message in exchange:
        yield from (value for _, value in message.headers)
        yield message.body.decode("latin-1")


class _Places:
    """Gives names to what stands at places that give it away."""

    def __init__(self, names: StandIns) -> None:
        self._names = names

    def at_place(self, kind: str, value: str) -> str:
        self._names.name(kind, value, everywhere=_is_telling(kind, value))
        return value

    def anywhere(self, text: str) -> str:
        return text


class _Shapes:
    """Gives names to what looks like a secret and has none yet."""

    def __init__(self, names: StandIns) -> None:
        self._names = names

    def at_place(self, kind: str, value: str) -> str:  # noqa: ARG002  all have names
        return value

    def anywhere(self, text: str) -> str:
        for kind, shape in _SHAPES:
            for found in shape.findall(text):
                self._names.name(kind, found)
        return text


class _Replacing:
    """Replaces what has a name."""

    def __init__(self, names: StandIns) -> None:
        self._names = names
        self._replace = names.replacer()

    def at_place(self, kind: str, value: str) -> str:
        return self._names.name(kind, value, everywhere=_is_telling(kind, value))

    def anywhere(self, text: str) -> str:
        return self._replace(text)


def _is_telling(kind: str, value: str) -> bool:
    return kind not in _MAYBE_WORDS or looks_random(value)
