"""Places that tell of a secret in forms, pages, cookies, paths, YAML, XML and JSON."""

import base64
import json
from urllib.parse import quote

import pytest

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.cassette._places import places
from tests.cassette.recordings import scrub_reply, scrub_request
from tests.cassette.unwrapped import readings_of

WORDY = "Inv3nted-plugh-42-mellon"
DIGITS = "3f9c0b7de1a4482fb6d05c9a7e21f883"
PAIR = base64.b64encode(f"bob:{WORDY}".encode()).decode()


def part(name):
    return f"--b\r\nContent-Disposition: form-data; {name}\r\n\r\n{WORDY}\r\n--b--\r\n"


def field(attributes):
    return f"<form><input {attributes}></form>"


# What the scanner finds too, if nothing is scrubbed.
FOUND = {
    "a part without quotes": part("name=client_secret"),
    "a field without quotes": field(
        f"type=hidden name=authenticity_token value={WORDY}"
    ),
    "a value before its name": field(f"value={WORDY} type=hidden name=csrf_token"),
    "Rails": field(f'name="authenticity_token" value="{WORDY}"'),
    "ASP.NET": field(f'name="__RequestVerificationToken" value="{WORDY}"'),
    "Django": field(f"name='csrfmiddlewaretoken' value='{WORDY}'"),
    "a cookie's line": json.dumps({"header": f"Cookie: sid={WORDY}"}),
    "two cookies' line": json.dumps({"header": f"Cookie: a=b; sid={WORDY}; c=d"}),
    "a reply in JSON": json.dumps({"raw": f"Set-Cookie: sid={WORDY}; Path=/\r\n"}),
    "a short path": '{"u": "https://x.test/access_token/Zx9-Qw_8Lk.7pT"}',
    "a shorter path": '{"u": "https://x.test/token/a8Kd02mQx1z"}',
    "folded YAML": f"user: bob\npassword: >-\n  {WORDY}\n",
    "literal YAML": f"a:\n  password: |\n    {WORDY}\n    and-m0re-of-it\n  b: 1\n",
    "an element in one": f"<password><value>{WORDY}</value></password>",
    "XML-RPC": f"<member><name>password</name><value><string>{WORDY}</string></value>",
    "a property list": f"<dict><key>password</key><string>{WORDY}</string></dict>",
    "pass": f"user=bob&pass={WORDY}",
    "a member called pass": json.dumps({"auth": {"user": "bob", "pass": WORDY}}),
    "passwordConfirmation": f"passwordConfirmation={WORDY}",
    "password_confirmation": json.dumps({"password_confirmation": WORDY}),
    "other letters": json.dumps({"password": "пароль-密码-42"}, ensure_ascii=False),
    "other letters in a form": f"password={quote('пароль-密码-42')}",
    "Docker": json.dumps({"auths": {"r.test": {"auth": PAIR}}}),
    "a pushed request": f"request_uri=urn:ietf:params:oauth:request_uri:{DIGITS}",
    "a pushed request, encoded": "request_uri="
    + quote(f"urn:ietf:params:oauth:request_uri:{DIGITS}", safe=""),
    "Mailgun": f"k=key-{DIGITS}",
    "Twilio": f"user SK{DIGITS}",
    "Azure": f"https://x.test/?sv=2022-11-02&sig={WORDY}",
    "Amazon": f"https://x.test/?X-Amz-Signature={DIGITS}",
    "Google": f"https://x.test/?X-Goog-Signature={DIGITS}",
}
HIDDEN = {
    "a list of cookies": json.dumps(
        {"cookies": [{"name": "a", "value": "b"}, {"name": "sid", "value": WORDY}]}
    ),
    "cookies by name": json.dumps({"cookies": {"sid": WORDY, "lang": "en"}}),
    "a member for cookies": json.dumps({"headers": {"Cookie": f"a=b; sid={WORDY}"}}),
    "a list for cookies": json.dumps({"Set-Cookie": [f"sid={WORDY}; Path=/"]}),
    "cookies as in HAR": json.dumps([{"name": "Cookie", "value": f"sid={WORDY}"}]),
    "a script": f"<script>document.cookie = 'sid={WORDY}; path=/'</script>",
    "headers in JSON": json.dumps({"headers": {"X-Auth": WORDY}}),
    "a short name": field(f"name=_csrf value={WORDY}"),
    "an object": json.dumps({"password": {"value": WORDY}}),
    "tokens by name": json.dumps({"tokens": {"prod": WORDY}}),
    "a list of keys": json.dumps({"api_keys": [{"id": 1, "key": WORDY}]}),
    "authorization": json.dumps({"authorization": DIGITS}),
    "a seed": json.dumps({"totp_seed": "JBSWY3DPEHPK3PXP"}),
    "codes": json.dumps({"recovery_codes": ["a1b2-c3d4", "e5f6-g7h8"]}),
    "a session's state": f"session_state={DIGITS}",
    "German": json.dumps({"passwort": WORDY}),
    "French": f"mot_de_passe={WORDY}",
    "Google's older": f"https://x.test/?Expires=1&Signature={WORDY}",
}
VALUES = (
    *(WORDY, DIGITS, PAIR, "Zx9-Qw_8Lk.7pT", "a8Kd02mQx1z", "and-m0re-of-it"),
    *("пароль-密码-42", "JBSWY3DPEHPK3PXP", "a1b2-c3d4", "e5f6-g7h8"),
)


@pytest.mark.parametrize("where", [*FOUND, *HIDDEN])
def test_a_secret_at_a_telling_place_is_replaced(where):
    """What is around it stays."""
    text = {**FOUND, **HIDDEN}[where]

    left = scrub_reply(text.encode()).body

    told = b"\n".join(one.encode() for one in readings_of(left))
    assert not [one for one in VALUES if one.encode() in told]
    assert left != text.encode()
    assert scrub_reply(left).body == left


@pytest.mark.parametrize("where", FOUND)
def test_a_secret_at_a_telling_place_is_found(where):
    """By the scanner alone."""
    assert scan(json.dumps({"body": FOUND[where]}, ensure_ascii=False).encode())


def test_a_cookie_of_a_har_file_is_found():
    """They list cookies apart from the headers."""
    cookies = [{"name": "a", "value": "b"}, {"name": "sid", "value": WORDY}]
    file = json.dumps({"log": {"entries": [{"request": {"cookies": cookies}}]}})

    assert [one.kind for one in scan(file.encode())] == ["a cookie"]


@pytest.mark.parametrize(
    "text",
    [
        '{"pass": "yes", "fail": 0}',
        '{"token": {"type": "bearer", "expires": "2026-11-23T12:00:00Z"}}',
        '{"tokens": {"total": 17, "unit": "per-minute"}}',
        '{"password": {"type": "string", "value": ""}}',
        '{"authorization": "required"}',
        '{"auth": "required"}',
        '{"cookies": []}',
        '{"csrf": "required", "x-auth": "required"}',
        'document.cookie = "lang=english; path=/"',
        "https://x.test/token/validation-page/",
        "https://x.test/secret/oauth2-callback",
        "Cookie: we use cookies; see our policy",
        "password: |\nnext: 1\n",
        "request_uri=https://x.test/request",
        "bypass=12345678 compass: 12345678",
        "http://127.0.0.1:8080/p?user=svc%40x.test",
    ],
)
def test_what_only_speaks_of_secrets_stays(text):
    """Names alone are no secrets."""
    assert scrub_reply(text.encode()).body == text.encode()
    assert not scan(json.dumps({"body": text}).encode())


@pytest.mark.parametrize(
    "name",
    "X-Auth X-User-Auth Authentication X-Credentials X-Sid X-PAT X-XSRF X-XSRF-Token "
    "X-Hub-Signature-256 DPoP".split(),
)
def test_a_header_with_a_telling_name_is_replaced(name):
    """Whatever its value is."""
    sent = scrub_request(headers=((name, WORDY),))

    assert sent.header(name).startswith("REDACTED-")


@pytest.mark.parametrize(
    "name", "X-Auth Authentication X-Credentials X-Sid X-PAT X-XSRF".split()
)
def test_a_header_with_a_telling_name_is_found(name):
    """By the scanner alone."""
    file = json.dumps({"headers": {name: [WORDY]}})

    assert scan(file.encode())


@pytest.mark.parametrize(
    "value",
    [
        f"a=1-first; Path=/, sid={WORDY}; Path=/",
        f"a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT, sid={WORDY}; HttpOnly",
        f"a=1, b=2, sid={WORDY}",
    ],
)
def test_each_cookie_of_a_folded_header_is_replaced(value):
    """Some clients join them with commas, which dates hold too."""
    left = scrub_reply(b"", headers=[("Set-Cookie", value)]).header("Set-Cookie")

    assert WORDY not in left
    assert left.partition("sid=")[0].count("=") == value.partition("sid=")[0].count("=")
    assert "Path" not in value or left.endswith("; Path=/")
    assert "Expires" not in value or "Wed, 21 Oct 2026 07:28:00 GMT, sid=" in left
    assert scan(json.dumps({"headers": {"Set-Cookie": [value]}}).encode())


def test_what_is_in_a_value_is_not_looked_at_again():
    """Else a value of many names would take the square of its length."""
    found = list(places("pass=" * 1000 + WORDY))

    assert len(found) == 1
