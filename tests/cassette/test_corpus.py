"""No secret of a large corpus survives, whatever client recorded it."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import RecordedExchange, Scrubber, _format
from pytest_catalyst_oauth.cassette._content import decoded
from pytest_catalyst_oauth.engine import HttpReply
from tests.cassette.corpus import BASE, placements
from tests.cassette.corpus_server import CLIENTS, serving
from tests.cassette.corpus_spellings import SPELLINGS, is_possible, spell
from tests.cassette.recordings import scrub_reply
from tests.cassette.unwrapped import readings

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


@pytest.mark.parametrize("client", CLIENTS)
def test_no_secret_survives_what_a_client_recorded(client):
    """Each client sends and reads a part of the corpus; together they do all of it."""
    part = CORPUS[list(CLIENTS).index(client) :: len(CLIENTS)]
    if client == "the transport for httpx":  # which never asks for compression
        part = [one for one in part if not one.reply.header("Content-Encoding")]
    assert len(part) >= 300

    with serving(CORPUS) as address:
        recorded = CLIENTS[client](part, address)
    written = Scrubber(hosts={address: BASE}).scrub(recorded).exchanges

    assert len(written) == len(part)
    assert list(survivors(part, written)) == []
    assert Scrubber().scrub(written).exchanges == written


@settings(deadline=None, max_examples=150, derandomize=True)
@example("00001ü9=", ["base64"])
@example("0000019=X", ["base64 of UTF-16", "base64 after one byte"])
@given(
    st.text("abcXYZ019+/=~ ü", min_size=8, max_size=40).filter(
        lambda s: len(set(s)) > 4
    ),
    st.lists(st.sampled_from(sorted(SPELLINGS)), min_size=1, max_size=3),
)
def test_a_known_secret_does_not_survive_any_spelling_of_a_spelling(secret, spellings):
    """Up to three of them, one around the other."""
    written = secret
    for one in spellings:
        if is_possible(written, one):
            written = spell(written, one)

    left = scrub_reply(f"see {written} there".encode(), secrets=[secret])

    file = yaml.safe_dump({"body": left.body}).encode()
    assert not [text for text in readings(file) if secret in text]
