"""The scrubber: what it replaces, and what it leaves alone."""

import base64
import json
import sys
from urllib.parse import quote, unquote

import pytest

from pytest_catalyst_oauth.cassette import Scrubber
from pytest_catalyst_oauth.engine import HttpReply, Secret
from tests.cassette.recordings import (
    CLIENT_ID,
    CLIENT_SECRET,
    NEW_TOKEN,
    OLD_TOKEN,
    REFRESH_TOKEN,
    SHOWN_CLIENT_ID,
    SHOWN_CLIENT_SECRET,
    form,
    refresh,
    rows,
    scrub,
    scrub_reply,
    scrub_request,
    shown_token,
    spellings,
)


def test_one_secret_has_one_stand_in_throughout():
    """The old and the new token stay two, and each stays itself."""
    old, called, new, again = scrub(
        refresh(OLD_TOKEN), rows(OLD_TOKEN), refresh(NEW_TOKEN), rows(NEW_TOKEN)
    )

    assert old.reply.json()["access_token"] == shown_token(2)
    assert called.request.header("Authorization").endswith(f" {shown_token(2)}")
    assert new.reply.json()["access_token"] == shown_token(3)
    assert again.request.header("Authorization").endswith(f" {shown_token(3)}")
    assert new.request == old.request


def test_a_form_keeps_its_order_and_its_harmless_fields():
    """Nothing but the secret values of a form changes."""
    body = scrub(refresh(OLD_TOKEN))[0].request.body.decode()

    assert body == (
        f"grant_type=refresh_token&refresh_token={shown_token(1)}"
        f"&client_id={SHOWN_CLIENT_ID}&client_secret={SHOWN_CLIENT_SECRET}"
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

    assert written == f"<p>Copy {shown_token(1)} now, {SHOWN_CLIENT_ID} is yours</p>"


def test_a_known_value_is_replaced_in_base64_that_is_part_of_a_path():
    """Where the path's other letters are letters of base64 too."""
    secret = "inv3nted-secret-of-old"
    word = base64.urlsafe_b64encode(secret.encode()).decode().rstrip("=")

    written = scrub_reply(f"/by/words/{word}/x".encode(), secrets=[secret])

    stand_in = base64.b64encode(b"REDACTED-secret-1").decode().rstrip("=")
    assert written.body == f"/by/words/{stand_in}/x".encode()


def test_basic_credentials_stay_readable_credentials():
    """A Basic header decodes to two stand-ins."""
    word = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()

    sent = scrub_request(headers=(("Authorization", f"Basic {word}"),))

    scheme, _, pair = sent.header("Authorization").partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(pair).decode() == f"{SHOWN_CLIENT_ID}:{SHOWN_CLIENT_SECRET}"


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
    """A user code of digits becomes another one, and an error code stays as it is."""
    written = scrub_reply(b'{"user_code": 12345678, "code": 4834, "token": 12}')

    assert written.json() == {
        "user_code": 90000001,
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


def test_numbers_that_a_file_uses_are_not_given_again():
    """A new token beside old stand-ins gets the next number."""
    old, new = scrub(*scrub(refresh(OLD_TOKEN)), refresh(NEW_TOKEN))

    assert old.reply.json()["access_token"] == shown_token(2)
    assert new.reply.json()["access_token"] == shown_token(4)


def test_all_that_was_found_is_told_to_the_scanner():
    """What the scrubber learnt, the scan looks for."""
    found = Scrubber([Secret("invented-secret")]).scrub([refresh(OLD_TOKEN)]).secrets

    assert {Secret("invented-secret"), Secret(OLD_TOKEN), Secret(REFRESH_TOKEN)} <= {
        *found
    }


# Signs that encodings treat in ways of their own, beside letters and digits.


@pytest.mark.parametrize(
    "sign", ["token: ", "token=", '"token":"', "%25", "\\", "&amp;"]
)
def test_a_text_of_one_sign_repeated_is_scrubbed(sign):
    """No depth of the text is a depth of calls."""
    assert scrub_reply((sign * 3000).encode()).body is not None


def test_what_stands_beside_a_secret_keeps_its_exact_form():
    """Also inside the same word, and behind the same encoding."""
    body = (
        'a=%7E&next=https%3a%2F%2Fx.test%2F%3Ftoken%3D{0}%26y%3d%257e, "q\\u0041\\/": '
        '"\\u00e4 {0}\\/\\u0042", <p>&#65; {0} &amp;&quot;</p> /by/words/{1}/x-y_z'
    )
    word = base64.b64encode(b"n:inv3nted-secret").decode().rstrip("=")

    written = scrub_reply(
        body.format("inv3nted-secret", word).encode(), secrets=["inv3nted-secret"]
    )

    shown = base64.b64encode(b"n:REDACTED-token-1").decode().rstrip("=")
    assert written.body.decode() == body.format("REDACTED-token-1", shown)


def work(scrubbed):
    """Count the calls of functions that scrubbing a body takes."""
    calls = 0

    def count(_, event, __):
        nonlocal calls
        calls += event.endswith("call")

    sys.setprofile(count)
    try:
        scrub_reply(scrubbed.encode())
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "one",
    ['"{n}":"ada{n}@invented.io",', '"token":"t0ken-{n:08}",', " eyJaaaaaaaa.eyJ{n}."],
    ids="addresses tokens shapes".split(),
)
def test_many_secrets_take_their_number_and_not_its_square(one):
    """Four times as many take four times the work: a long list of people ends."""
    few, many = (
        "".join(one.format(n=n) for n in range(count)) for count in (400, 1600)
    )

    assert work(many) < 6 * work(few)


@pytest.mark.parametrize("part", [" eyJaaaaaaaa.eyJ1.", "-eyJ1", "eyJaaaaaaaa1."])
@pytest.mark.timeout(60)
def test_a_text_of_beginnings_is_scrubbed(part):
    """A pattern that begins everywhere does not read to the end each time."""
    scrub_reply((part * (200_000 // len(part))).encode())


def test_a_secret_on_two_lines_of_base64_in_a_query_is_replaced():
    """The first line stands behind `=`, which ends base64 and does not begin it."""
    secret = "inv3nted-secret-of-old"
    lines = base64.encodebytes(b"lorem " * 9 + secret.encode() + b" ipsum" * 9)

    left = scrub_reply(f"/cb?next={quote(lines)}".encode(), secrets=[secret])

    word = unquote(left.body.decode().partition("=")[2])
    assert b" REDACTED-secret-1 " in base64.b64decode(word)
