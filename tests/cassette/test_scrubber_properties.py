"""What holds for the scrubber whatever the secret and wherever it stands."""

import json
from urllib.parse import parse_qsl, quote, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import RecordedExchange
from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest
from tests.cassette.recordings import (
    ACCOUNTS,
    scrub,
    scrub_reply,
)

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
