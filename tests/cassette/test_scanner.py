"""The scanner: what it finds, and what it does not cry wolf about."""

import base64
import gzip
import json
import random
import string
import subprocess
import sys
import uuid
import zlib
from urllib.parse import quote

import brotli
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.engine import Secret
from tests.cassette.recordings import CLIENT_ID, CLIENT_SECRET, OLD_TOKEN

JWT = "eyJhbGciOiJub25lIn0.eyJpbnZlbnRlZCI6dHJ1ZX0.aW52ZW50ZWQ"


def in_body(text):
    return yaml.safe_dump({"interactions": [{"response": {"body": {"string": text}}}]})


def kinds(text, known=()):
    data = text if isinstance(text, bytes) else text.encode()
    return {one.kind for one in scan(data, known=[Secret(k) for k in known])}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (OLD_TOKEN, "a Zoho token"),
        (OLD_TOKEN.replace("1000.", "1004."), "a Zoho token"),
        (CLIENT_ID, "a Zoho client id"),
        (CLIENT_SECRET, "a Zoho client secret"),
        (JWT, "a JSON Web Token"),
        ("Authorization: Bearer inv3nted-token", "a Bearer token"),
        ("Zoho-oauthtoken inv3nted-token", "a Zoho-oauthtoken token"),
        ("Basic aW52ZW50ZWQ6c2VjcmV0", "Basic credentials"),
        ("client_secret=inv3nted", "a value whose name says that it is secret"),
        ('{"refreshToken": "inv3nted"}', "a value whose name says that it is secret"),
        (f"-----BEGIN RSA PRIVATE KEY-----\n{'MIIinv3nted' * 5}", "a private key"),
        ('{"user_code": "736194"}', "a code that a person types in"),
        ('{"ZUID": 6412345678}', "personal data, as its name says"),
        ("first_name=Ad%C3%A8le&b=2", "personal data, as its name says"),
        ("<r><last_name>Lovelace</last_name></r>", "personal data, as its name says"),
        ("/v1/access_token/0badcafe0badcafe0badcafe/rows", "a token in a path"),
        ("key q7Zp2mXw9KfT4vBn8sLd1Rc6", "a random-looking value"),
    ],
)
@pytest.mark.parametrize(
    "hide",
    [
        lambda text: text,
        in_body,
        lambda text: in_body(json.dumps({"a": json.dumps([text])})),
        lambda text: in_body(quote(quote(text, safe=""), safe="")),
        lambda text: in_body(base64.b64encode(f"a {text} z".encode()).decode()),
        lambda text: in_body(f"/x/{base64.urlsafe_b64encode(text.encode()).decode()}"),
        lambda text: in_body(f"see {text.encode().hex()}"),
        lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
        lambda text: in_body(gzip.compress(text.encode())),
        lambda text: in_body(base64.b64encode(gzip.compress(text.encode())).decode()),
    ],
    ids="plain body json percent base64 glued hex escapes gzip gzip64".split(),
)
def test_a_secret_is_found_however_it_is_hidden(text, kind, hide):
    """In JSON, percent encoding, base64, hexadecimal and gzip, and in two of them."""
    assert kind in kinds(hide(text))


@pytest.mark.parametrize(
    "text",
    [
        "REDACTED-access-token-1",
        "Zoho-oauthtoken REDACTED-access-token-12",
        "Basic UkVEQUNURUQtY2xpZW50LWlkLTE6UkVEQUNURUQtY2xpZW50LXNlY3JldC0x",
        "client_secret=REDACTED-client-secret-1&code=REDACTED-code-2",
        '{"access_token": "REDACTED-access-token-1", "expires_in": 3600}',
        "JSESSIONID=REDACTED-cookie-1; Path=/; Secure; SameSite=Strict",
        f"iamcsr={uuid.UUID(int=2**127 + 12345)};path=/;SameSite=None;priority=high",
        f"zalb_0a1b2c3d4e={'0badcafe' * 4}; Path=/",
        "2026-11-23T12:00:00.123456+00:00",
        "Mon, 23 Nov 2026 12:00:00 GMT",
        "https://api.catalyst.zoho.eu/baas/v1/project/4000000006007/table/Guests/row",
        "https://api.test/v2/AccountSettings/UserProfile2/EditHTMLPage?max_rows=200",
        "v2/AccountSettings/UserProfile2/EditHTMLPage/WithColumns/MaxRows200",
        "ZohoCatalyst.tables.rows.READ,ZohoCatalyst.cache.DELETE AaaServer.profile.ALL",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
        "application/vnd.catalyst.v2+json, application/x-www-form-urlencoded",
        "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
        "tests/cassette/test_scanner.py::TestCase2::test_XMLHttpRequest2_isOK",
        "max-age=63072000; includeSubDomains; preload",
        '<link integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6R9GqQ8Kux1f4v9aB" rel="x">',
        "basic authentication, bearer authentication and Basic realm are words",
        "the password: required, and token type: Bearer",
        '{"token_type":"Bearer","scope":"ZohoCatalyst.tables.rows.READ"}',
        '{"next_token":"guests-page-2","ROWID":"4000000006007"}',
        "0123456789012345678901234567890123456789",
        "aB1" * 10,
        "sha1 " + "0123456789abcdef" * 2 + "01234567",
        "sha256 " + "0123456789abcdef" * 4,
        base64.b64encode(b"Invented guests of 2026: Ada, Grace and Barbara").decode(),
        base64.b64encode(
            b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(60)
        ).decode(),
        base64.b64encode(random.Random(2).randbytes(3000)).decode(),
    ],
)
def test_what_is_no_secret_is_no_finding(text):
    """Stand-ins, ids, dates, addresses, hashes and file content drown nobody."""
    assert kinds(in_body(text)) == set()
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Api-Key", "736194"),
        ("X-Auth-Token", "inv3nted"),
        ("Cookie", "lang=en; sid=736194"),
    ],
)
def test_a_header_whose_name_says_so_holds_a_secret(name, value):
    """Even a short one, without any form."""
    headers = {"Accept": ["*/*"], name: [value]}
    data = yaml.safe_dump({"interactions": [{"request": {"headers": headers}}]})

    (finding,) = scan(data.encode())

    assert f"headers.{name}[0]" in finding.place


@pytest.mark.parametrize(
    "text",
    [
        '{"first_name": "First name", "user_code": "Benutzercode"}',
        '<label for="first_name">Vorname</label><input name="first_name" value="">',
        'var a = {firstName: null, user_code: t.userCode, zuid: ""};',
        "return {\n  otp: readOTP,\n  user_code: t2.userCode,\n}",
        "if (/-----BEGIN PRIVATE KEY-----/.test(text)) return parse(text)",
        'if ("password"===e.signInMethod) return fail("missing-recaptcha-token")',
        '{"token": "unable_to_load_token", "secret": "EmulatorMockTokenOptions"}',
        "https://user:pass@example.com/ and https://ada:pass@api.test/",
        "_ZN handleAsObjectInI18nFormat out_inC14N5_c14nDefault.xml",
        "id 7ddc31-ed4a03d703-FB24AD27D96135B68C99FB9AACFE2FFC",
        f"9007199254740991 {2**128}e39",
        base64.b64encode(b"\x01\x10\x9a" + bytes(9) + b"\x93\xc4\xfe\x7f" * 9).decode(),
        "AES\n" + base64.encodebytes(random.Random(4).randbytes(300)).decode(),
    ],
)
def test_labels_and_programs_are_no_findings(text):
    """They speak of secrets and hold none."""
    assert kinds(in_body(text)) == set()


def test_content_of_binary_files_is_no_finding():
    """Random bytes contain everything by chance, so only sure signs count in them."""
    content = random.Random(3).randbytes(200_000)

    assert kinds(in_body(content)) == set()


def test_a_token_inside_a_binary_file_is_found():
    """A sure sign counts everywhere."""
    content = b"\x00\xff\x80" + OLD_TOKEN.encode() + b"\x00"

    assert kinds(in_body(content)) == {"a Zoho token"}


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(
        st.uuids().map(str),
        st.datetimes().map(str),
        st.integers(10**16, 10**18).map(str),
        st.binary(min_size=16, max_size=16).map(bytes.hex),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.lists(st.sampled_from(["guests", "Rows", "v1", "API", "Of2026", "x_y"])).map(
            "/".join
        ),
    )
)
def test_ids_and_dates_and_paths_are_no_findings(text):
    """Whatever their digits."""
    assert kinds(in_body(json.dumps({"value": text}))) == set()


def test_a_second_packed_word_is_looked_into():
    """Two files in one JSON, the token in the second."""
    words = [
        base64.b64encode(gzip.compress(content.encode())).decode()
        for content in ("nothing here", OLD_TOKEN)
    ]

    assert kinds(in_body(json.dumps(words))) == {"a Zoho token"}


@pytest.mark.parametrize("before", range(3))
def test_a_known_value_is_found_in_a_large_word_at_any_alignment(before):
    """A word too large to be decoded at each start is searched as it is."""
    secret = "inv3nted-secret-of-old"
    content = b"\xff" * (60_000 + before) + secret.encode() + b"\xff" * 100
    word = base64.b64encode(content).decode()

    assert "a known secret in base64" in kinds(in_body(f"/{word}"), known=[secret])


def test_headers_that_are_random_by_nature_are_no_findings():
    """An ETag or a request id protects nothing."""
    word = "q7Zp2mXw9KfT4vBn8sLd1Rc6Hy"
    headers = {"ETag": [word], "X-Request-Id": [word], "X-Own": [word]}
    data = yaml.safe_dump({"interactions": [{"response": {"headers": headers}}]})

    findings = scan(data.encode())

    assert [one.place for one in findings] == [
        "interactions[0].response.headers.X-Own[0]"
    ]


def test_any_authorization_that_is_no_stand_in_is_a_finding():
    """Even one that looks like nothing."""
    headers = {"Authorization": ["Digest plain"]}
    data = yaml.safe_dump({"interactions": [{"request": {"headers": headers}}]})

    assert kinds(data) == {"an Authorization header"}


def test_a_finding_names_line_and_place_and_never_the_value():
    """A person finds it with an editor; a log learns nothing."""
    data = f"# first\ninteractions:\n- body: |\n    third\n    {OLD_TOKEN}\n"

    (finding,) = scan(data.encode())

    assert str(finding) == "line 5, interactions[0].body: a Zoho token"
    assert OLD_TOKEN not in repr(finding)


def test_comments_are_searched_too():
    """What YAML ignores, git does not."""
    (finding,) = scan(f"a: 1\n# {OLD_TOKEN}\n".encode())

    assert (finding.line, finding.place) == (2, "")


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00 " + OLD_TOKEN.encode(),
        f"a: [{OLD_TOKEN}".encode(),
        f"&a [*a, {OLD_TOKEN}]".encode(),
        f"{{{OLD_TOKEN}: 1}}".encode(),
        f"a: !!binary {OLD_TOKEN}".encode(),
        f"a: !!binary H4sIAAAA\nb: {OLD_TOKEN}".encode(),
        b"a: eJxub3QgemxpYiBhdCBhbGw= " + OLD_TOKEN.encode(),
    ],
)
def test_a_file_of_any_shape_can_be_searched(data):
    """Not UTF-8, broken, pointing at itself, or with the secret as a key."""
    assert kinds(data) == {"a Zoho token"}


SECRETS = st.text(
    string.ascii_letters + string.digits + '+/=" %\\', min_size=8, max_size=60
).filter(lambda text: len(set(text)) > 3 and "REDACTED" not in text)


@settings(deadline=None, max_examples=150)
@given(
    secret=SECRETS,
    before=st.text(max_size=7),
    after=st.text(max_size=7),
    encode=st.sampled_from(
        [
            lambda text, _: text,
            lambda text, _: quote(text, safe=""),
            lambda text, _: json.dumps(text),
            lambda text, _: json.dumps(json.dumps(text)),
            lambda text, _: text.encode().hex(),
            lambda _, whole: base64.b64encode(whole).decode(),
            lambda _, whole: base64.urlsafe_b64encode(whole).decode().rstrip("="),
            lambda _, whole: gzip.compress(whole),
            lambda _, whole: b"\x00\xff" + whole,
        ]
    ),
)
def test_a_known_value_is_found_at_any_alignment(secret, before, after, encode):
    """Whatever stands before and behind it."""
    whole = f"{before}{secret}{after}".encode("utf-8", "replace")
    hidden = encode(secret, whole)

    assert kinds(in_body(hidden), known=[secret])


def test_a_stand_in_is_no_finding_whatever_the_secrets_are_called():
    """Somebody's secret may be the word that names another."""
    assert kinds("REDACTED-access-token-1", known=["access-token", "REDACTED"]) == set()


def test_short_known_values_are_not_searched():
    """Seven characters occur by chance."""
    assert kinds("the word invented", known=["invente"]) == set()


def test_a_token_in_a_list_of_tokens_is_found():
    """Lines of equal length are no file for that."""
    chance = random.Random(5)
    signs = string.ascii_letters + string.digits
    lines = ["".join(chance.choices(signs, k=40)) for _ in range(9)]

    assert kinds(in_body("\n".join(lines))) == {"a random-looking value"}


@pytest.mark.parametrize("name", ["br", "deflate"])
def test_a_body_that_nobody_decoded_is_looked_into(name):
    """As other tools write what a server sent."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    text = f'{{"access_token": "{OLD_TOKEN}", "note": "as issued"}}'.encode()
    packed = {
        "br": brotli.compress(text),
        "deflate": packer.compress(text) + packer.flush(),
    }

    assert "a Zoho token" in kinds(in_body(packed[name]))


# Each was looked at anew from every start: some would take hours.
SLOW = ["-eyJ1", "eyJ1", "eyJaaaaaaaa1.", "AKIA1", "a1.", "://a:", "a@a.", "user_code="]
SLOW += [
    "/reset/MQ/",
    "curl -u a:b1234567 ",
    " --password ",
    "login password ",
    '{"kty"',
]
SLOW += ['"token":{"value":{', "authorization: a b", "name: password\nvalue:", "Q1^{"]


@pytest.mark.parametrize("part", SLOW)
@pytest.mark.timeout(60)
def test_a_text_of_beginnings_takes_no_time(part):
    """A pattern that begins everywhere does not read to the end each time."""
    scan(in_body(part * (300_000 // len(part))).encode())


def test_a_cookie_of_many_separators_is_judged_at_once():
    """Each further sign doubled the time."""
    code = (
        "from pytest_catalyst_oauth.cassette._scan_rules import _is_cookie_secret\n"
        "print(_is_cookie_secret(b'choice', b'1' * 16 + b'.=' * 5000 + b'\"'))\n"
    )
    judged = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert judged.stdout == "True\n"


@pytest.mark.timeout(60)
def test_lines_of_a_program_are_no_mail():
    """Each order of undoing one more encoding would be one more text to search."""
    line = f"{'var invented' * 4} =\n  /\\\\u0041%41&amp;\\\\x41+/.test(a);\n"

    assert not scan(in_body("".join(f"{line}a{n};\n" for n in range(3000))).encode())
