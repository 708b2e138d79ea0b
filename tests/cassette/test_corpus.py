"""No secret of a large corpus survives, whatever client recorded it."""

from __future__ import annotations

import html
import json
from functools import cache
from urllib.parse import quote, quote_plus

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import RecordedExchange, Scrubber, _format, scan
from pytest_catalyst_oauth.cassette._content import decoded
from pytest_catalyst_oauth.engine import HttpReply
from tests.cassette.corpus import BASE, placements
from tests.cassette.corpus_server import CLIENTS, serving
from tests.cassette.corpus_spellings import SPELLINGS, is_possible, spell
from tests.cassette.recordings import scrub_reply
from tests.cassette.unwrapped import readings, readings_of

CORPUS = placements()


def traces(secret):
    """Return what must not be left of a secret: itself, nor the half of a long one."""
    if secret.startswith("eyJ"):
        return [secret, secret.rpartition(".")[2]]
    if secret.startswith("-----BEGIN"):
        return [secret, *secret.split("\n")[1:-1]]
    return [secret] if len(secret) < 16 else [secret, secret[len(secret) // 2 :]]


def survivors(part, exchanges):
    """Yield the name of each placement whose secret can be read from a cassette."""
    for one, exchange in zip(part, exchanges, strict=True):
        texts = readings(_format.dump([exchange], None))
        if any(trace in text for trace in traces(one.secret) for text in texts):
            yield one.name


def test_the_corpus_is_no_easy_one():
    """Each secret can be read from its exchange, before it was scrubbed."""
    sample = CORPUS[::16]

    readable = set(survivors(sample, map(decoded_exchange, sample)))

    assert len(CORPUS) >= 600
    assert [one.name for one in sample if one.name not in readable] == []


def decoded_exchange(one):
    """Undo what HTTP itself does to a body; nothing else."""
    headers, body = decoded(one.reply.headers, one.reply.body)
    reply = HttpReply(status=one.reply.status, headers=headers, body=body)
    return RecordedExchange(one.request, reply)


@cache
def recorded_by(client):
    """Return each client's part of the corpus, what it recorded, and the address."""
    part = CORPUS[list(CLIENTS).index(client) :: len(CLIENTS)]
    if client == "the transport for httpx":  # which never asks for compression
        part = [one for one in part if not one.reply.header("Content-Encoding")]
    with serving(CORPUS) as address:
        return part, tuple(CLIENTS[client](part, address)), address


@pytest.mark.parametrize("client", CLIENTS)
def test_no_secret_survives_what_a_client_recorded(client):
    """Each client sends and reads a part of the corpus; together they do all of it."""
    part, recorded, address = recorded_by(client)

    written = Scrubber(hosts={address: BASE}).scrub(recorded).exchanges

    assert len(part) >= 300
    assert len(written) == len(part)
    assert list(survivors(part, written)) == []
    assert Scrubber().scrub(written).exchanges == written


def points_at(value, secret):
    """Tell whether what a finding is about is a secret, or a good part of it."""
    parts = {secret[at : at + 12] for at in range(max(1, len(secret) - 11))}
    return any(
        any(part in text for part in parts) or (len(text) >= 6 and text in secret)
        for text in readings_of(value)
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_the_scanner_alone_finds_nearly_all_that_a_client_recorded(client):
    """Without the scrubber, at least 99 of 100; each finding points at the secret."""
    part, recorded, _ = recorded_by(client)
    missed = []

    for one, exchange in zip(part, recorded, strict=True):
        values = []
        scan(_format.dump([exchange], None), is_allowed=values.append)
        if not any(points_at(value, one.secret) for value in set(values)):
            missed.append(one.name)

    print(f"missed {len(missed)} of {len(part)}:", *missed, sep="\n  ")
    assert len(missed) <= len(part) / 100


# What stands around a spelled secret: its signs must not hide where it begins.
FRAMES = {
    "a sentence": lambda text: f"see {text} there",
    "lines": lambda text: f"see\n{text}\nthere and\n{text}",
    "a query": lambda text: f"https://a.test/?next={quote(text, safe='')}",
    "a form": lambda text: f"a=1&note={quote_plus(text)}&z=2",
    "JSON": lambda text: json.dumps({"note": text}),
    "a data URL": lambda text: f"data:text/plain;base64,{spell(text, 'base64')}",
    "markup": lambda text: f'<p title="{html.escape(text)}">x</p>',
}


@settings(deadline=None, max_examples=150, derandomize=True)
@example("00001ü9=", ["base64"], "a sentence")
@example("0000019=X", ["base64 of UTF-16", "base64 after one byte"], "a sentence")
@example("inv3nted-secret", ["base64 at 76 columns"], "a query")
@example("00001ü9=", ["base64 of UTF-16"], "JSON")
@example(
    "inv3nted-secret-for-you",
    ["percent of every byte", "base64 at 76 columns"],
    "a sentence",
)
@example("inv3nted-secret-for-a-man", ["base64 of UTF-16"], "lines")
@given(
    st.text("abcXYZ019+/=~ ü", min_size=8, max_size=40).filter(
        lambda s: len(set(s)) > 4
    ),
    st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=1, max_size=3),
    st.sampled_from(sorted(FRAMES)),
)
def test_a_known_secret_does_not_survive_any_spelling_of_a_spelling(
    secret, spellings, frame
):
    """Up to three of them, one around the other, within something else."""
    written = secret
    for one in spellings:
        if is_possible(written, one):
            written = spell(written, one)

    left = scrub_reply(FRAMES[frame](written).encode(), secrets=[secret])

    file = yaml.safe_dump({"body": left.body}).encode()
    assert not [text for text in readings(file) if secret in text]
