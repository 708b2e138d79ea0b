"""Replacing every secret of a recording by a readable stand-in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import Secret

from ._bytes import content_of
from ._content import decoded, with_true_length
from ._exchange import RecordedExchange
from ._headers import walk_header
from ._hosts import Hosts
from ._jwt import claims_of
from ._looks import numbers_in
from ._names import looks_random
from ._shapes import shapes_in
from ._stand_ins import SHORTEST, StandIns, is_encodable
from ._walk import edits, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

    from ._edits import Edit
    from ._place import Visitor

# Kinds whose values may be plain words, which are not replaced everywhere then.
_MAYBE_WORDS = frozenset(
    "code state nonce ticket cookie password passwords pwd passphrase secret secrets "
    "csrf xsrf auth authentication credential credentials pass password-confirmation "
    "sig signature session-state "
    "token tokens otp sub username user-name gender website "
    "first-name last-name given-name family-name middle-name nickname".split()
)

# So many secrets one inside the other are looked at.
_DEEPEST = 3

# Replies that tell who somebody is (zoho-protocol.md 8, and OpenID Connect).
_ABOUT_A_PERSON = re.compile(r"/(?:user/?info|me)/?$", re.IGNORECASE)


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
        names = StandIns()
        found = _Finding()
        _each(plain, found)
        found.tell(names, [one.reveal() for one in self._given])
        visitor = _Replacing(names)
        names.rewrite_claims = lambda text: walk(text, visitor, person=True)
        scrubbed = _each(plain, visitor)
        return Scrubbed(
            exchanges=tuple(scrubbed),
            secrets=(*self._given, *map(Secret, names.everywhere)),
        )

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
    walked = _Memory(visitor)
    return [_visited(request, reply, walked) for request, reply in exchanges]


def _visited(
    request: HttpRequest, reply: HttpReply, walked: _Memory
) -> RecordedExchange:
    person = bool(_ABOUT_A_PERSON.search(urlsplit(request.url).path))
    url = walked.text(request.url)
    asked_headers = _headers(request, walked)
    asked = _rewritten(request.body, walked.text)
    headers = _headers(reply, walked)
    answered = _rewritten(reply.body, partial(walked.text, person=person))
    if request.method != "HEAD":  # whose answer tells the length of another one
        headers = with_true_length(headers, answered)
    asked_headers = with_true_length(asked_headers, asked)
    return RecordedExchange(
        replace(request, url=url, headers=asked_headers, body=asked),
        replace(reply, headers=headers, body=answered),
    )


def _headers(
    message: HttpRequest | HttpReply, walked: _Memory
) -> tuple[tuple[str, str], ...]:
    return tuple((name, walked.header(name, value)) for name, value in message.headers)


def _rewritten(body: bytes, rewrite: Callable[[str], str]) -> bytes:
    content = content_of(body)
    new = rewrite(content.text)
    return body if new == content.text else content.encode(new)


class _Memory:
    """Walks texts, each once: most headers of a recording are the same."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._known: dict[tuple[str, str | bool], str] = {}

    def text(self, text: str, *, person: bool = False) -> str:
        if (text, person) not in self._known:
            self._known[text, person] = walk(text, self._visitor, person=person)
        return self._known[text, person]

    def header(self, name: str, value: str) -> str:
        if (value, name) not in self._known:
            self._known[value, name] = walk_header(name, value, self._visitor)
        return self._known[value, name]


class _Finding:
    """Collects what stands at places that give it away, and what looks like a secret.

    What was found by place is named first, since places have the better names.
    """

    def __init__(self) -> None:
        self._placed: dict[tuple[str, str], None] = {}
        self._shaped: dict[tuple[str, str], None] = {}
        self._in_use: set[tuple[str, int]] = set()
        self._depth = 0

    def at_place(self, kind: str, value: str) -> str:
        if (kind, value) not in self._placed:
            self._placed[kind, value] = None
            if self._depth < _DEEPEST:
                # A secret may hold others, as a JSON Web Token does.
                self._depth += 1
                edits(claims_of(value) or value, self, 1, person=kind == "id-token")
                self._depth -= 1
        return value

    def anywhere(self, text: str) -> list[Edit]:
        self._in_use.update(numbers_in(text))
        self._shaped.update(dict.fromkeys(shapes_in(text)))
        return []

    def known(self, text: str) -> list[Edit]:  # noqa: ARG002  of a protocol
        return []

    def tell(self, names: StandIns, given: Iterable[str]) -> None:
        for counter, number in self._in_use:
            names.reserve(counter, number)
        for kind, value in self._placed:
            names.name(kind, value, everywhere=_is_telling(kind, value))
        for raw in given:
            bare = raw.strip()  # as clients send what a file ended
            value = bare if len(bare) >= SHORTEST else raw
            if len(value) >= SHORTEST:
                names.name("secret", value)
        for kind, value in self._shaped:
            names.name(kind, value)


class _Replacing:
    """Replaces what has a name."""

    def __init__(self, names: StandIns) -> None:
        self._names = names

    def at_place(self, kind: str, value: str) -> str:
        return self._names.name(kind, value, everywhere=_is_telling(kind, value))

    def anywhere(self, text: str) -> list[Edit]:
        return self._names.edits(text)

    known = anywhere


def _is_telling(kind: str, value: str) -> bool:
    if not is_encodable(value):
        return False
    return kind not in _MAYBE_WORDS or looks_random(value)
