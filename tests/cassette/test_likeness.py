"""Requests are found again although secrets were replaced in the middle of them."""

import base64
import gzip
import json
import zlib
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import Cassette, RecordedExchange, Replay, Scrubber
from pytest_catalyst_oauth.cassette._likeness import fits
from pytest_catalyst_oauth.cassette.errors import CassetteMissError
from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest, Secret
from tests.cassette.recordings import COMMAND, origin

KNOWN = "key-of-the-partner-0000"
URL = "https://partner.example/orders"
CLIENT_SECRET = "5ec4e7" * 7
OTHER_CLIENT_SECRET = "0badc0" * 7


def post(body, content_type, *headers, url=URL):
    return HttpRequest(
        method="POST",
        url=url,
        headers=(("Content-Type", content_type), *headers),
        body=body if isinstance(body, bytes) else body.encode(),
    )


def multipart(secret, more):
    lines = [
        "--edge",
        'Content-Disposition: form-data; name="client_secret"',
        "",
        secret,
        "--edge",
        'Content-Disposition: form-data; name="more"',
        "",
        more,
        "--edge--",
        "",
    ]
    return post("\r\n".join(lines), "multipart/form-data; boundary=edge")


def envelope(secret, more, pack):
    inner = json.dumps({"partner": secret, "more": more})
    packed = base64.b64encode(pack(inner.encode())).decode()
    return post(json.dumps({"packed": packed}), "application/json")


def graphql(secret, more):
    query = f'mutation {{ login(password: "{secret}", more: "{more}") }}'
    return post(json.dumps({"query": query}), "application/json")


SHAPES = {
    "form": lambda s, m: post(f"partner={quote(s)}&more={m}", FORM),
    "query": lambda s, m: post("", FORM, url=f"{URL}?partner={quote(s)}&more={m}"),
    "path": lambda s, m: post("", FORM, url=f"{URL}/{quote(s)}/{m}"),
    "JSON": lambda s, m: post(f'{{"partner":"{s}","more":"{m}"}}', "application/json"),
    "JSON in a form": lambda s, m: post(
        f"data={quote(json.dumps({'partner': s, 'more': m}))}", FORM
    ),
    "text": lambda s, m: post(f"partner {s} more {m}", "text/plain"),
    "XML": lambda s, m: post(
        f"<o><password>{s}</password><more>{m}</more></o>", "text/xml"
    ),
    "GraphQL": graphql,
    "multipart": multipart,
    "gzip": lambda s, m: post(
        gzip.compress(f"partner={s}&more={m}".encode()),
        FORM,
        ("Content-Encoding", "gzip"),
    ),
    "gzip that no header tells": lambda s, m: post(
        gzip.compress(f'{{"partner":"{s}","more":"{m}"}}'.encode()), "application/json"
    ),
    "UTF-16": lambda s, m: post(
        f'{{"partner":"{s}","more":"{m}"}}'.encode("utf-16"), "application/json"
    ),
    "deflate that no header tells": lambda s, m: post(
        zlib.compress(f'{{"partner":"{s}","more":"{m}"}}'.encode()), "text/plain"
    ),
    **{
        f"{order} without a mark": lambda s, m, order=order: post(
            f"partner {s} more {m}".encode(order), "text/plain"
        )
        for order in ("UTF-16-BE", "UTF-16-LE")
    },
    **{
        f"digits of octets between {sign!r}": lambda s, m, sign=sign: post(
            f"partner {s.encode().hex(sign)} more {m}", "text/plain"
        )
        for sign in (":", " ", "-")
    },
    "gzip in hexadecimal": lambda s, m: post(
        f"partner {gzip.compress(s.encode()).hex()} more {m}", "text/plain"
    ),
    "ambiguous": lambda s, m: post(f'{{"key":"{s}","more":"{m}"}}', "application/json"),
    "subscript": lambda s, m: post(f"user[password]={quote(s)}&more={m}", FORM),
}


def recorded(tmp_path, *requests):
    exchanges = [
        RecordedExchange(request, HttpReply(status=200, body=f"{number}".encode()))
        for number, request in enumerate(requests)
    ]
    path = tmp_path / "orders.yaml"
    cassette = Cassette(exchanges=tuple(exchanges), origin=origin())
    cassette.save(path, scrubber=Scrubber([Secret(KNOWN), Secret(CLIENT_SECRET)]))
    return Replay(Cassette.load(path), command=COMMAND)


@pytest.mark.parametrize("secret", [KNOWN, CLIENT_SECRET])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_inside_of_a_request_does_not_count(tmp_path, shape, secret):
    """Whoever replays may have it, another, or none."""
    make = SHAPES[shape]
    others = [secret, "another-key-1111", OTHER_CLIENT_SECRET]
    replay = recorded(tmp_path, *(make(secret, f"m{n}") for n in range(len(others))))

    for number, other in enumerate(others):
        reply = replay.send(make(other, f"m{number}"))
        assert reply.body == f"{number}".encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_around_a_secret_counts(tmp_path, shape):
    """Or the answer would be that to another request."""
    make = SHAPES[shape]
    replay = recorded(tmp_path, make(KNOWN, "recorded"))

    with pytest.raises(CassetteMissError) as caught:
        replay.send(make("another-key-1111", "sent"))

    assert "another-key-1111" not in str(caught.value)


def test_only_what_differs_is_told(tmp_path):
    """A secret is no difference; the reader looks for the one that is."""
    replay = recorded(tmp_path, SHAPES["JSON"](KNOWN, "recorded"))

    with pytest.raises(CassetteMissError, match="body field more has") as caught:
        replay.send(SHAPES["JSON"]("another-key-1111", "sent"))

    assert "partner" not in str(caught.value).partition("but with")[2]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_envelopes_are_looked_into(tmp_path, pack):
    """What is encoded around a secret was written anew when it was replaced."""
    replay = recorded(tmp_path, envelope(KNOWN, "more", pack))

    assert replay.send(envelope("another-key-1111", "more", pack)).status == 200


@dataclass
class Text:
    """A text with holes, and one that fills them."""

    recorded: str
    sent: str


@st.composite
def filled(draw):
    pieces = draw(st.lists(st.text("ab-.", max_size=4), min_size=2, max_size=5))
    fillings = draw(st.lists(st.text(min_size=1, max_size=5), min_size=5, max_size=5))
    old, new = [pieces[0]], [pieces[0]]
    for number, (piece, filling) in enumerate(zip(pieces[1:], fillings, strict=False)):
        old += [f"(REDACTED-secret-{number})", piece]
        new += [f"({filling})", piece]
    return Text("".join(old), "".join(new))


@given(filled())
def test_any_filling_fits(text):
    """Whatever a secret was, and however it was written."""
    assert fits(text.recorded, text.sent)


@given(filled(), st.text("ab-.", max_size=3))
def test_more_or_less_around_it_does_not_fit(text, more):
    """The texts between stand-ins are compared as they are."""
    assert not fits(text.recorded, f"{text.sent}{more}!")
    assert not fits(text.recorded, f"!{more}{text.sent}")
