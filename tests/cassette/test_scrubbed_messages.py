"""What the scrubber does to bodies, lengths and hosts as a whole."""

import gzip
import json
import zlib
from urllib.parse import quote

import pytest

from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from tests.cassette.recordings import (
    ACCOUNTS,
    OLD_TOKEN,
    form,
    scrub,
    scrub_reply,
    shown_token,
)


def test_the_length_of_a_request_fits_its_scrubbed_body():
    """Some clients check it, and a reader would wonder."""
    request = form(headers=(("Content-Length", "12"),), code="inv3nted-code")

    sent = scrub((request, HttpReply(status=200)))[0].request

    assert sent.header("Content-Length") == str(len(b"code=REDACTED-code-1"))


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("deflate, identity, GZIP", lambda body: gzip.compress(zlib.compress(body))),
    ],
)
def test_a_compressed_body_is_stored_readable_and_its_headers_are_true(
    encoding, encode
):
    """What is stored has no content encoding, and the length it says."""
    plain = json.dumps({"access_token": OLD_TOKEN}).encode()
    headers = [("Content-Encoding", encoding), ("Content-Length", "1")]

    reply = scrub_reply(encode(plain), headers)

    assert reply.json() == {"access_token": shown_token(1)}
    assert reply.headers == (("Content-Length", str(len(reply.body))),)


@pytest.mark.parametrize("encoding", ["gzip", "br", "unheard-of"])
def test_a_body_that_cannot_be_decoded_keeps_its_encoding(encoding):
    """No header may say less than the truth."""
    body = b"\x1f\x8b\xff\xfe cut off"

    reply = scrub_reply(body, [("Content-Encoding", encoding)])

    assert reply.body == body
    assert reply.header("Content-Encoding") == encoding


def test_a_body_that_was_decoded_already_loses_the_header():
    """Some recorders decode the body and keep the header."""
    reply = scrub_reply(b'{"a":1}', [("Content-Encoding", "gzip")])

    assert reply.headers == ()
    assert reply.body == b'{"a":1}'


def test_the_length_in_an_answer_to_head_is_left_alone():
    """It says how long another answer would be."""
    request = HttpRequest(method="HEAD", url=f"{ACCOUNTS}/x")
    reply = HttpReply(status=200, headers=(("Content-Length", "1234"),))

    assert scrub((request, reply))[0].reply.header("Content-Length") == "1234"


def test_hosts_are_written_as_public_hosts():
    """A cassette that was recorded on this machine can be replayed on any other."""
    local = "http://127.0.0.1:4242"
    request = HttpRequest(
        method="GET",
        url=f"{local}/oauth/v2/auth?next={quote(local, safe='')}%2Fcb",
        headers=(("Host", "127.0.0.1:4242"),),
    )
    reply = HttpReply.of_json(200, {"url": f"{local}/x", "other": f"{local}0/x"})

    asked, answered = scrub((request, reply), hosts={local: ACCOUNTS})[0]

    assert asked.url.startswith(f"{ACCOUNTS}/oauth/v2/auth?next=https%3A%2F%2Faccounts")
    assert asked.header("Host") == "accounts.zoho.eu"
    assert answered.json() == {"url": f"{ACCOUNTS}/x", "other": f"{local}0/x"}


def test_one_server_can_become_two_hosts():
    """A fake that serves both hosts at one port is told apart by path."""
    local = "http://127.0.0.1:4242"
    hosts = {f"{local}/oauth": f"{ACCOUNTS}/oauth", local: "https://api.test"}
    urls = [f"{local}/oauth/v2/token", f"{local}/baas/v1", f"{local}/oauthless"]

    exchanges = scrub(
        *((HttpRequest(method="GET", url=url), HttpReply(status=200)) for url in urls),
        hosts=hosts,
    )

    assert [one.request.url for one in exchanges] == [
        f"{ACCOUNTS}/oauth/v2/token",
        "https://api.test/baas/v1",
        "https://api.test/oauthless",
    ]
