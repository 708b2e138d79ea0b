"""Several hundred exchanges, each with one invented secret that nothing else holds.

Half of them hold the secret at a place whose name gives it away; the others hold it
once at such a place and once more somewhere innocent, encoded in some way.
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from tests.cassette import corpus_places as places
from tests.cassette.corpus_kinds import KINDS
from tests.cassette.corpus_spellings import (
    BODIES,
    GLUING,
    SPELLINGS,
    is_possible,
    spell,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = "https://api.catalyst.zoho.eu"
_TELLING_BODY = "access_token"


class Placement(NamedTuple):
    """A secret somewhere in an exchange.

    Attributes:
        name: Says kind, place and spelling, for messages.
        secret: As the server and the client know it.
        request: Its URL starts with `BASE` and the number of the placement.
        reply: With the body as it is on the wire.
        wire: How the reply is sent, beside its header: `chunked`, or nothing.
    """

    name: str
    secret: str
    request: HttpRequest
    reply: HttpReply
    wire: str = ""


def placements() -> list[Placement]:
    """Return all of them, the same in every run."""
    chance = random.Random(20261123)
    found = [
        *_by_place(chance),
        *_spelled_at_their_place(chance),
        *_by_value(chance),
        *_in_bodies(chance),
    ]
    assert len({one.name for one in found}) == len(found)
    return [_numbered(number, one) for number, one in enumerate(found)]


def _by_place(chance: random.Random) -> Iterator[Placement]:
    """Each kind at each place that can hold it."""
    for kind in KINDS:
        for place in places.NAMED:
            secret = kind.make(chance)
            if place.holds(kind, secret):
                yield _placed(f"{kind.name} in {place.name}", secret, kind, place)


def _spelled_at_their_place(chance: random.Random) -> Iterator[Placement]:
    """Each spelling at each place that can hold it, the kinds in turn."""
    number = 0
    for place in places.NAMED:
        for spelling in SPELLINGS:
            number += 1
            kind = KINDS[number % len(KINDS)]
            secret = kind.make(chance)
            written = spell(secret, spelling)
            if not is_possible(secret, spelling) or not place.holds(kind, written):
                continue
            name = f"{kind.name}, {spelling}, in {place.name}"
            yield _placed(name, secret, kind, place, written)


def _by_value(chance: random.Random) -> Iterator[Placement]:
    """Each spelling, and many pairs of them, at innocent places."""
    pairs = [(one,) for one in SPELLINGS]
    pairs += [(one, two) for one in SPELLINGS for two in SPELLINGS if one != two]
    kinds = [kind for kind in KINDS if kind.is_long]
    for number, spellings in enumerate(pairs):
        where = list(places.INNOCENT)
        if len(spellings) == 2:
            where = [places.INNOCENT[number % len(places.INNOCENT)]]
        for place in where:
            kind = kinds[chance.randrange(len(kinds))]
            secret = kind.make(chance)
            written = secret
            if not all(is_possible(secret, one) for one in spellings):
                continue
            for one in spellings:
                written = spell(written, one)
            if place.fits(written):
                name = (
                    f"known {kind.name}, {' of '.join(spellings[::-1])}, {place.name}"
                )
                is_glued = place.name in GLUING or not GLUING.isdisjoint(spellings)
                knows = kind.gives_itself_away and not is_glued
                yield _innocent(name, secret, kind, place, written, knows)


def _in_bodies(chance: random.Random) -> Iterator[Placement]:
    """Each way to encode a whole body, with each kind."""
    for body in BODIES:
        for kind in KINDS:
            secret = kind.make(chance)
            text = json.dumps({"a": "ü", kind.parameter: secret}, ensure_ascii=False)
            if kind.is_ambiguous or not body.takes(text):
                continue
            reply = HttpReply(
                status=200,
                headers=(("Content-Type", body.media_type), *body.headers),
                body=body.encode(text),
            )
            request = HttpRequest(method="GET", url=BASE)
            yield Placement(
                f"{kind.name} in a body, {body.name}", secret, request, reply, body.wire
            )


def _placed(name, secret, kind, place, written=None) -> Placement:
    exchange = place.build(kind, secret if written is None else written)
    return Placement(name, secret, *exchange)


def _innocent(name, secret, kind, place, written, knows) -> Placement:
    """Give the secret away in the half of the exchange that does not hide it."""
    request, reply = place.build(written)
    if knows:
        return Placement(name, secret, request, reply)
    if place.is_in_request:
        body = json.dumps({kind.parameter: secret}, ensure_ascii=False).encode()
        headers = (*reply.headers, ("Content-Type", "application/json;charset=UTF-8"))
        reply = HttpReply(status=reply.status, headers=headers, body=body)
    else:
        request = HttpRequest(
            method="POST",
            url=request.url,
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body=f"grant_type=any&{kind.parameter}={quote(secret, safe='')}".encode(),
        )
    return Placement(name, secret, request, reply)


def _numbered(number: int, one: Placement) -> Placement:
    """Put the number into the path, for the server that answers."""
    request = one.request
    rest = request.url.removeprefix(BASE)
    url = f"{BASE}/n/{number}{rest if rest[:1] in ('/', '') else '/' + rest}"
    return one._replace(
        request=HttpRequest(
            method=request.method, url=url, headers=request.headers, body=request.body
        )
    )
