"""The scrubber: what it replaces, and what it leaves alone."""

import base64
import gzip
import json
import zlib
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import RecordedExchange, Scrubber
from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest, Secret
from tests.cassette.recordings import (
    ACCOUNTS,
    CLIENT_ID,
    CLIENT_SECRET,
    NEW_TOKEN,
    OLD_TOKEN,
    REFRESH_TOKEN,
    form,
    refresh,
    rows,
    spellings,
)


def scrub(*exchanges, secrets=(), hosts=None):
    scrubber = Scrubber([Secret(one) for one in secrets], hosts or {})
    return scrubber.scrub(exchanges).exchanges


def scrub_reply(body, headers=(), **options):
    reply = HttpReply(status=200, headers=tuple(headers), body=body)
    request = HttpRequest(method="GET", url=f"{ACCOUNTS}/x")
    return scrub((request, reply), **options)[0].reply


def scrub_request(**fields):
    request = HttpRequest(**{"method": "GET", "url": f"{ACCOUNTS}/x", **fields})
    return scrub((request, HttpReply(status=200)))[0].request


def test_one_secret_has_one_stand_in_throughout():
    """The old and the new token stay two, and each stays itself."""
    old, called, new, again = scrub(
        refresh(OLD_TOKEN), rows(OLD_TOKEN), refresh(NEW_TOKEN), rows(NEW_TOKEN)
    )

    assert old.reply.json()["access_token"] == "REDACTED-access-token-1"
    assert called.request.header("Authorization").endswith(" REDACTED-access-token-1")
    assert new.reply.json()["access_token"] == "REDACTED-access-token-2"
    assert again.request.header("Authorization").endswith(" REDACTED-access-token-2")
    assert new.request == old.request


def test_a_form_keeps_its_order_and_its_harmless_fields():
    """Nothing but the secret values of a form changes."""
    body = scrub(refresh(OLD_TOKEN))[0].request.body.decode()

    assert body == (
        "grant_type=refresh_token&refresh_token=REDACTED-refresh-token-1"
        "&client_id=REDACTED-client-id-1&client_secret=REDACTED-client-secret-1"
    )


@pytest.mark.parametrize(
    "encode",
    [
        lambda pair: base64.b64encode(pair).decode(),
        lambda pair: base64.b64encode(pair).decode().rstrip("="),
        lambda pair: base64.urlsafe_b64encode(b"<?>" + pair).decode(),
        lambda pair: base64.b64encode(b"a" + pair + b"zz").decode(),
        lambda pair: pair.hex(),
        lambda pair: pair.hex().upper(),
        lambda pair: quote(pair, safe=""),
        lambda pair: quote(quote(pair, safe=""), safe=""),
        lambda pair: "".join(f"%{byte:02x}" for byte in pair),
        lambda pair: json.dumps(json.dumps({"any": pair.decode()})),
        lambda pair: base64.b64encode(
            json.dumps({"n": pair.decode()}).encode()
        ).decode(),
    ],
)
def test_a_known_value_is_replaced_in_every_encoding(encode):
    """Plain, percent-encoded, base64 at any alignment, hexadecimal, JSON in JSON."""
    secret = 'inv3nted+"secret/with=signs'
    if "hex" in encode.__code__.co_names:
        secret = secret.replace('"', "")
    body = f"before {encode(secret.encode())} after".encode()

    written = scrub_reply(body, secrets=[secret]).body.decode()

    assert not [one for one in spellings(secret) if one in written]
    assert written.startswith("before ")
    assert written.endswith(" after")


def test_a_token_of_zoho_s_is_known_by_its_looks():
    """In the middle of a page, where no name gives it away."""
    page = f"<p>Copy {NEW_TOKEN} now, {CLIENT_ID} is yours</p>".encode()

    written = scrub_reply(page).body.decode()

    assert written == "<p>Copy REDACTED-token-1 now, REDACTED-client-id-1 is yours</p>"


def test_a_known_value_is_replaced_in_base64_that_is_part_of_a_path():
    """Where the path's other letters are letters of base64 too."""
    secret = "inv3nted-secret-of-old"
    word = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")

    written = scrub_reply(f"/by/token/{word}/x".encode(), secrets=[secret])

    stand_in = base64.b64encode(b"REDACTED-secret-1").decode().rstrip("=")
    assert written.body == f"/by/token/{stand_in}/x".encode()


def test_the_length_of_a_request_fits_its_scrubbed_body():
    """Some clients check it, and a reader would wonder."""
    request = form(headers=(("Content-Length", "12"),), code="inv3nted-code")

    sent = scrub((request, HttpReply(status=200)))[0].request

    assert sent.header("Content-Length") == str(len(b"code=REDACTED-code-1"))


def test_basic_credentials_stay_readable_credentials():
    """A Basic header decodes to two stand-ins."""
    word = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()

    sent = scrub_request(headers=(("Authorization", f"Basic {word}"),))

    scheme, _, pair = sent.header("Authorization").partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(pair) == b"REDACTED-client-id-1:REDACTED-client-secret-1"


@pytest.mark.parametrize("word", ["inv3nted!", "//79/Q=="])
def test_basic_credentials_that_cannot_be_read_are_replaced_whole(word):
    """Not base64, or not text."""
    sent = scrub_request(headers=(("Authorization", f"Basic {word}"),))

    assert sent.header("Authorization") == "Basic REDACTED-authorization-1"


@pytest.mark.parametrize("body", [rb'{"a": "\x \ud800", "token": "t"}', b'"a":"\\'])
def test_json_that_is_none_is_scrubbed_as_far_as_it_goes(body):
    """A bad escape, half a character, a string without an end."""
    written = scrub_reply(body).body

    assert written == body.replace(b'"t"', b'"REDACTED-token-1"')


def test_a_secret_below_many_layers_is_found_by_its_value():
    """Places are looked for some layers deep, values at the last of them too."""
    text = "inv3nted-secret"
    for _ in range(5):
        text = quote(f"a&{text}", safe="")

    assert "inv3nted" not in unquote_all(
        scrub_reply(text.encode(), secrets=["inv3nted-secret"]).body.decode()
    )


def unquote_all(text):
    for _ in range(9):
        text = unquote(text)
    return text


def test_numbers_are_replaced_where_a_name_gives_them_away():
    """A user code of digits becomes a text, and an error code stays a number."""
    written = scrub_reply(b'{"user_code": 12345678, "code": 4834, "token": 12}')

    assert written.json() == {
        "user_code": "REDACTED-user-code-1",
        "code": 4834,
        "token": 12,
    }


def test_a_large_word_is_not_decoded():
    """A file in base64 costs no time, and stays as it is."""
    word = base64.b64encode(b"words " * 200_000)

    assert scrub_reply(word).body == word


def test_short_secrets_that_were_given_are_no_needles():
    """`abc` is part of many words."""
    assert scrub_reply(b"abc", secrets=["abc"]).body == b"abc"


def test_short_values_are_replaced_where_a_name_gives_them_away():
    """A code of three letters is no needle to search a file for."""
    request = form(code="abc", scope="abc.READ")

    body = scrub((request, HttpReply(status=200)))[0].request.body.decode()

    assert body == "code=REDACTED-code-1&scope=abc.READ"


@pytest.mark.parametrize(
    "body",
    [
        {"code": "INVALID_TOKEN", "status": "error"},
        {"code": 401, "message": "no"},
        {"state": "California", "cacheKey": "guests-of-2026"},
        {"next_token": "page-2-of-2026", "token_type": "Bearer", "expires_in": 3600},
        {"error": "invalid_code"},
        [{"name": "Invented Guest", "ROWID": 4000000006007}],
    ],
)
def test_data_that_only_looks_like_oauth_is_left_alone(body):
    """An error code, a state of the USA, a cache key and a page are no secrets."""
    written = scrub_reply(json.dumps(body).encode())

    assert written.json() == body


def test_a_word_in_a_cookie_stays_a_word_elsewhere():
    """Replacing `accepted` everywhere would change what the test sees."""
    body = b'{"status":"accepted"}'

    reply = scrub_reply(body, headers=[("Set-Cookie", "consent=accepted; Path=/")])

    assert reply.body == body
    assert reply.header("Set-Cookie") == "consent=REDACTED-cookie-1; Path=/"


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

    assert reply.json() == {"access_token": "REDACTED-access-token-1"}
    assert reply.headers == (("Content-Length", str(len(reply.body))),)


def test_a_sentence_about_secrets_is_left_alone():
    """Documentation names them, and tells nothing."""
    body = b"The password: mandatory. A client_secret: confidential. token: anything"

    assert scrub_reply(body).body == body


def test_nothing_is_replaced_inside_a_stand_in():
    """Even if somebody's secret is the word that names it."""
    body = b'{"access_token": "inv3nted-token", "x": "access-token"}'

    once = scrub_reply(body, secrets=["access-token"])

    assert once.json() == {
        "access_token": "REDACTED-access-token-1",
        "x": "REDACTED-secret-1",
    }
    assert scrub_reply(once.body, secrets=["access-token"]).body == once.body


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


def test_numbers_that_a_file_uses_are_not_given_again():
    """A new token beside old stand-ins gets the next number."""
    old, new = scrub(*scrub(refresh(OLD_TOKEN)), refresh(NEW_TOKEN))

    assert old.reply.json()["access_token"] == "REDACTED-access-token-1"
    assert new.reply.json()["access_token"] == "REDACTED-access-token-2"


def test_all_that_was_found_is_told_to_the_scanner():
    """What the scrubber learnt, the scan looks for."""
    found = Scrubber([Secret("invented-secret")]).scrub([refresh(OLD_TOKEN)]).secrets

    assert {Secret("invented-secret"), Secret(OLD_TOKEN), Secret(REFRESH_TOKEN)} <= {
        *found
    }


# Signs that encodings treat in ways of their own, beside letters and digits.
TEXTS = st.text('abcXYZ019 "\\/%&=+?#:;,{}[]<>\n\u00e9\u20ac', max_size=60)
SECRETS = st.text("abcdefgXYZ0123456789.-_+/=", min_size=8, max_size=40).filter(
    lambda text: "REDACTED" not in text and not set(text) <= {text[0]}
)


@st.composite
def exchanges_with(draw, secret):
    where = draw(
        st.sampled_from("form query header cookie json nested text url".split())
    )
    noise = draw(TEXTS)
    request = {"method": "POST", "url": f"{ACCOUNTS}/x", "headers": (("X-N", "1"),)}
    reply = {"status": 200, "headers": (), "body": noise.encode()}
    if where == "form":
        request["headers"] = (("Content-Type", FORM),)
        request["body"] = f"a=1&token={quote(secret, safe='')}&b=2".encode()
    elif where == "query":
        request["url"] += f"?a=1&code={quote(secret, safe='')}#x"
    elif where == "header":
        request["headers"] = (("Authorization", f"Bearer {secret}"),)
    elif where == "cookie":
        reply["headers"] = (("Set-Cookie", f"a={secret.strip('=')}0; Path=/"),)
    elif where == "json":
        reply["body"] = json.dumps({"x": noise, "access_token": secret}).encode()
    elif where == "nested":
        inner = json.dumps([{"refresh_token": secret}, noise])
        reply["body"] = json.dumps({"text": inner}).encode()
    elif where == "text":
        reply["body"] = f"{noise} {secret} {noise}".encode()
    else:
        inner = quote(f"https://app.test/?code={quote(secret, safe='')}", safe="")
        reply["headers"] = (("Location", f"https://a.test/?next={inner}&z=1"),)
    return RecordedExchange(HttpRequest(**request), HttpReply(**reply))


@st.composite
def recordings(draw):
    secret = draw(SECRETS)
    return secret, draw(st.lists(exchanges_with(secret), min_size=1, max_size=4))


def all_texts(exchanges):
    for request, reply in exchanges:
        yield request.url
        for message in (request, reply):
            yield from (value for _, value in message.headers)
            yield message.body.decode()


@settings(deadline=None, max_examples=150)
@given(recordings())
def test_no_secret_survives_and_scrubbing_again_changes_nothing(recording):
    """Whatever the secret, wherever it stands, and whatever stands around it."""
    secret, exchanges = recording

    once = scrub(*exchanges, secrets=[secret])

    assert not [text for text in all_texts(once) if secret in text]
    assert scrub(*once) == once
    assert scrub(*once, secrets=[secret]) == once


@settings(deadline=None, max_examples=100)
@given(recordings())
def test_what_was_parsable_stays_parsable(recording):
    """Scrubbing keeps the structure: JSON keys, form fields, header names."""
    secret, exchanges = recording

    for before, after in zip(
        exchanges, scrub(*exchanges, secrets=[secret]), strict=True
    ):
        assert keys_of(before.reply.json()) == keys_of(after.reply.json())
        assert names_of(before) == names_of(after)


def keys_of(value):
    if isinstance(value, dict):
        return {key: keys_of(child) for key, child in value.items()}
    return [keys_of(one) for one in value] if isinstance(value, list) else None


def names_of(exchange):
    request, reply = exchange
    form_fields = request.body.decode() if request.header("Content-Type") else ""
    return (
        [name for name, _ in (*request.headers, *reply.headers)],
        [name for name, _ in parse_qsl(urlsplit(request.url).query)],
        [name for name, _ in parse_qsl(form_fields)],
    )


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_a_text_without_secrets_is_not_touched(text):
    """White space, order, broken JSON and odd percent signs stay as they are."""
    body = json.dumps({"note": text}).encode() + text.encode()

    if "=" not in text and ":" not in text:
        assert scrub_reply(body).body == body
