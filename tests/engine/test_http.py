"""`HttpRequest` and `HttpReply`: values that show little."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest, Secret


def test_a_form_carries_secrets_in_its_body_only():
    """The URL, which logs keep, has no secret; the body is percent-encoded."""
    request = HttpRequest.post_form(
        "https://accounts.zoho.eu/oauth/v2/token",
        [("a", "1 2/3"), ("token", Secret("x+y&z"))],
    )

    assert request.method == "POST"
    assert request.url == "https://accounts.zoho.eu/oauth/v2/token"
    assert request.header("content-type") == FORM
    assert request.body == b"a=1%202%2F3&token=x%2By%26z"
    assert request.replayable


@given(st.text("aZ09._~-+/=& é%", min_size=1) | st.text(min_size=1))
def test_a_form_is_encoded_as_by_the_library(text):
    """The quick way for what needs no escape gives the same octets."""
    request = HttpRequest.post_form("https://x.example", [("scope", text)])

    encoded = quote(text, safe="", errors="surrogatepass")
    assert request.body == f"scope={encoded}".encode()


@given(st.text(min_size=1))
@example("\ud800")
def test_any_secret_can_be_sent(text):
    """A strange secret is the server's to refuse; an exception would carry it."""
    request = HttpRequest.post_form("https://x.example", [("token", Secret(text))])

    assert request.body.startswith(b"token=")
    assert request.body.isascii()


class _Url:
    def __str__(self):
        return "https://x.example/back"


@pytest.mark.parametrize(
    ("value", "sent"),
    [(_Url(), b"https%3A%2F%2Fx.example%2Fback"), (7, b"7"), (True, b"True")],
)
def test_a_value_that_is_no_text_is_sent_as_it_is_shown(value, sent):
    """A client library's own kind of URL, for example."""
    fields = [("code", Secret("invented")), ("redirect_uri", value)]
    request = HttpRequest.post_form("https://x.example", fields)

    assert request.body == b"code=invented&redirect_uri=" + sent


def test_a_value_that_cannot_be_shown_shows_no_secret():
    """Whoever prints the variables of all frames sees none."""

    class Broken:
        def __str__(self):
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken") as caught:
        HttpRequest.post_form(
            "https://x.example", [("code", Secret("invented")), ("state", Broken())]
        )

    frames = [repr(entry.frame.f_locals) for entry in caught.traceback]
    assert not [one for one in frames[1:] if "invented" in one]


def test_a_request_shows_neither_query_nor_headers_nor_body():
    """What is printed by accident holds no secret."""
    request = HttpRequest(
        method="POST",
        url="https://user:invented@accounts.zoho.eu:8443/oauth/v2/token?code=invented",
        headers=(("Authorization", "invented"),),
        body=b"token=invented",
    )

    assert repr(request) == (
        "<POST https://accounts.zoho.eu:8443/oauth/v2/token, 14 bytes>"
    )


def test_a_reply_shows_neither_headers_nor_body():
    """What is printed by accident holds no secret."""
    reply = HttpReply(
        status=200, headers=(("Set-Cookie", "invented"),), body=b"invented"
    )

    assert repr(reply) == "<HTTP 200, 8 bytes>"


def test_headers_are_found_without_regard_to_case():
    """The first of several counts; an absent one is None."""
    reply = HttpReply(status=200, headers=(("Set-Cookie", "a"), ("set-cookie", "b")))

    assert reply.header("SET-COOKIE") == "a"
    assert reply.header("Retry-After") is None


def test_json_is_written_as_zoho_writes_it():
    """Compact, and with its own characters."""
    reply = HttpReply.of_json(200, {"error": "拒绝", "status": 1})

    assert reply.body == '{"error":"拒绝","status":1}'.encode()
    assert reply.json() == {"error": "拒绝", "status": 1}


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", b"\xff\xfe\xfd", b"[" * 200_000, b"1" * 100_000],
    ids=["empty", "html", "cut", "no text", "deep", "long"],
)
def test_a_body_that_is_no_json_is_none(body):
    """Reading never raises, however odd the body."""
    assert HttpReply(status=200, body=body).json() is None
