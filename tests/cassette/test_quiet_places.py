"""Secrets in links, commands, tables and objects, which a name tells from afar."""

import json

import pytest

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.cassette.errors import CassetteMissError
from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest
from tests.cassette.recordings import replay_of, scrub, scrub_reply, scrub_request

WORDY = "Inv3nted-plugh-42-mellon"
DIGITS = "3f9c0b7de1a4482fb6d05c9a7e21f883"
OTHER = "b6d05c9a7e21f8833f9c0b7de1a4482f"
URL = "https://partner.example"

LINKS = {
    "a reset": "/reset/{}",
    "a reset of somebody": "/accounts/reset/MQ/{}/",
    "a password's reset": "/password-reset/{}",
    "an invitation": "/v1/invite/{}",
    "a team's invitation": "/teams/7/invitations/{}/accept",
    "an address": "/verify-email/{}/",
    "a magic link": "/magic-link/{}",
    "a session": "/sessions/{}",
    "a login": "/login/{}/x",
    "a revoked token": "/oauth/revoke/{}",
    "a token behind a long name": "/oauth/access_token/{}",
    "a key": "/geocode?q=Oslo&key={}",
    "an auth": "/rows.json?auth={}",
}
BODIES = {
    "a header in a command": "curl -H 'Authorization: {}' https://x.test",
    "an unknown scheme": "GET / HTTP/1.1\r\nAuthorization: Invented {}\r\n\r\n",
    "a user of curl": "curl -u bob:{} https://x.test",
    "a quoted user of curl": 'curl --user "bob:{}" https://x.test',
    "a cookie of curl": "curl -b 'sid={}' https://x.test",
    "an option": "tool --password {} run",
    "a quoted option": 'tool --client-secret "{}" run',
    "arguments": '{{"args": ["run", "--password", "{}", "-v"]}}',
    "an option with its value": "tool --password={} run",
    "a setting": "[db]\nuser = bob\npassword = {}\n",
    "a second password": "user=bob&password2={}&x=1",
    "a field of several lines": '<textarea name="client_secret">{}</textarea>',
    "an entry": '<entry key="password">{}</entry>',
    "an entry by its name": "<string name='api_key'>{}</string>",
    "netrc": "machine x.test login bob password {}\n",
    "netrc in lines": "machine x.test\n  login bob\n  password {}\n",
    "a pair": '[["password", "{}"]]',
    "a pair of a header": '{{"headers": [["X-Api-Key", "{}"]]}}',
    "an environment": '[{{"name": "DB_PASSWORD", "value": "{}"}}]',
    "an environment in YAML": "env:\n- name: DB_PASSWORD\n  value: {}\n",
    "a quoted environment": 'env:\n  - name: "API_KEY"\n    value: "{}"\n',
    "a table": "user,password\r\nbob,{}\r\n",
    "a table of many": "id;client_secret;n\n1;{};2\n2;Other-0ne-of-them;3\n",
    "a quoted table": '"id","Secret access key"\n"1","{}"\n',
    "a value in a value": '{{"password": {{"value": {{"text": "{}"}}}}}}',
    "a value further down": (
        '{{"client_secret": {{"id": 1, "current": {{"value": "{}"}}}}}}'
    ),
    "a symmetric key": '{{"kty": "oct", "kid": "a", "k": "{}"}}',
    "a private key": '{{"keys": [{{"d": "{}", "kty": "EC", "x": "a"}}]}}',
    "a prime": '{{"kty": "RSA", "e": "AQAB", "n": "abc", "qi": "{}"}}',
}
# What the scanner finds by itself, too.
FOUND_LINKS = [one for one in LINKS if one not in ("a key", "an auth")]
FOUND_BODIES = (
    "a header in a command",
    "a user of curl",
    "an option",
    "arguments",
    "netrc",
    "an environment",
    "an environment in YAML",
    "a value in a value",
    "a value further down",
    "a symmetric key",
    "a private key",
    "a prime",
)


@pytest.mark.parametrize("where", LINKS)
def test_a_secret_of_a_link_is_replaced_in_a_request(where):
    """Who holds such a link needs nothing else."""
    path = LINKS[where].format(DIGITS)
    request = HttpRequest(method="GET", url=f"{URL}{path}")

    sent = scrub((request, HttpReply(status=200)))[0].request

    assert DIGITS not in sent.url
    assert sent.url.startswith(URL + LINKS[where].partition("{")[0])
    assert sent.url.endswith(LINKS[where].partition("}")[2])
    assert scrub_reply(f'{{"u": "{URL}{path}"}}'.encode()).body.count(b"fade")


@pytest.mark.parametrize("where", LINKS)
def test_a_request_with_a_link_is_found_again(where):
    """With another token, but not at another place."""
    template = LINKS[where]
    recorded = HttpRequest(method="GET", url=URL + template.format(DIGITS))
    replay = replay_of((recorded, HttpReply.of_json(200, {"n": 1})))

    with pytest.raises(CassetteMissError):
        replay.send(
            HttpRequest(method="GET", url=f"{URL}/else{template.format(OTHER)}")
        )
    sent = HttpRequest(method="GET", url=URL + template.format(OTHER))
    assert replay.send(sent).status == 200


@pytest.mark.parametrize("where", BODIES)
def test_a_secret_in_a_text_is_replaced(where):
    """What is around it stays."""
    text = BODIES[where].format(WORDY)
    before, after = text.split(WORDY)

    left = scrub_reply(text.encode()).body.decode()

    assert left.startswith(f"{before}REDACTED-")
    assert left.replace("Other-0ne-of-them", "").count("REDACTED") >= 1
    assert "Other-0ne-of-them" not in left
    assert left.endswith(after) or "Other-0ne" in after
    assert scrub_reply(left.encode()).body.decode() == left


@pytest.mark.parametrize("where", BODIES)
def test_a_request_with_a_secret_in_its_text_is_found_again(where):
    """The text is replaced in what is sent, too."""
    kind = "application/json" if BODIES[where][:1] in "[{" else "text/plain"
    recorded, sent = (
        HttpRequest(
            method="POST",
            url=URL,
            headers=(("Content-Type", kind),),
            body=BODIES[where].format(secret).encode(),
        )
        for secret in (WORDY, "An0ther-one-77-Entirely")
    )
    replay = replay_of((recorded, HttpReply.of_json(200, {"n": 1})))

    assert replay.send(sent).status == 200


@pytest.mark.parametrize("where", FOUND_LINKS)
def test_a_secret_of_a_link_is_found(where):
    """By the scanner alone."""
    assert scan(json.dumps({"uri": URL + LINKS[where].format(DIGITS)}).encode())


@pytest.mark.parametrize("where", FOUND_BODIES)
def test_a_secret_in_a_text_is_found(where):
    """By the scanner alone."""
    assert scan(json.dumps({"body": BODIES[where].format(WORDY)}).encode())


@pytest.mark.parametrize(
    "text",
    [
        f"https://x.test/rows?key=created_time&auth=required&sort={'a' * 20}",
        "https://x.test/b?key=uploads/2026/11/A-picture-of-2026.png",
        "https://x.test/i?key=8c1a5e0e-7f0b-4b7f-9c0e-1a2b3c4d5e6f",
        "https://x.test/verify/step-2-of-the-sign-up-form",
        "https://x.test/sessions/4000000006007123456",
        "https://x.test/login/oauth2-authorization-code",
        "https://x.test/invite/the-whole-team-in-2026/",
        "usage: tool [--token TOKEN] --password PROMPT --password-stdin",
        "token = response.token1\npassword = get(secret1)\nkey = value\n",
        '<option name="token_type">Bearer-of-2026</option>',
        "docker run -u 1000:1000 image && curl -u bob:$PASS https://x.test",
        "Authorization: required. Authorization: Bearer <token>",
        '{"required": ["password", "user_name2"], "order": ["token", "expires_in"]}',
        "env:\n- name: PASSWORD_FILE\n  value: /run/secrets/password1\n",
        "env:\n- name: RETRIES\n  value: 12345678\n",
        "Enter your name, password and token,\nthen go on, and so forth,\n",
        "import a, token\nfrom b import c\n",
        "key,value\ncolor,blue-42-is-fine\n",
        '{"password": {"rules": {"least": "12-signs-or-more"}}}',
        '{"kty": "RSA", "n": "abc0123456789", "e": "AQAB", "kid": "k1", "use": "sig"}',
        '{"k": "a-value-in-no-key-1", "d": "2026-11-28T10:00:00Z"}',
    ],
)
def test_what_is_only_like_such_a_place_stays(text):
    """A test's author can read what is no secret."""
    assert scrub_reply(text.encode()).body == text.encode()
    assert not scan(json.dumps({"body": text}).encode())


@pytest.mark.parametrize(
    "part",
    [
        *("/reset/MQ/", "&key=", " --password ", "login ", "name: a\n", "machine  \n "),
        *('curl "--password", "a1234567", ', "curl -b a=b1234567;c=d "),
        *('{"kty":{', '"token":{"value":{', '["a", ["b", ', "authorization: a "),
        *("a,password\n1,b1234567\n\n", f"{'w ' * 30}=\n", "=\n"),
    ],
)
@pytest.mark.timeout(60)
def test_a_text_of_beginnings_takes_no_time(part):
    """No pattern reads to the end from each place where it may begin."""
    scrub_reply((f'[login "kty" value: {part * (100_000 // len(part))}').encode())


def test_a_code_in_a_header_is_replaced():
    """A server asks for one in words, which stay."""
    assert scrub_request(headers=(("X-OTP", "483920"),)).header("X-OTP") == "900001"
    asked = scrub_reply(b"", headers=[("X-GitHub-OTP", "required; app")])
    assert asked.header("X-GitHub-OTP") == "required; app"


@pytest.mark.parametrize("name", ["X-Passwd", "X-Pwd", "X-Authorization"])
def test_a_header_for_a_password_is_replaced(name):
    """However short its name is."""
    assert scrub_request(headers=((name, WORDY),)).header(name).startswith("REDACTED-")


def test_cookies_that_were_joined_without_a_blank_are_apart():
    """A comma inside of a value joins nothing."""
    value = f"a=1-first; Path=/,sid={WORDY}; Path=/"
    left = scrub_reply(b"", headers=[("Set-Cookie", value)]).header("Set-Cookie")

    assert left == "a=REDACTED-cookie-1; Path=/,sid=REDACTED-cookie-2; Path=/"
    whole = scrub_reply(b"", headers=[("Set-Cookie", f"a=1,b={WORDY}; Path=/")])
    assert whole.header("Set-Cookie") == "a=REDACTED-cookie-1; Path=/"
    assert scan(json.dumps({"headers": {"Set-Cookie": [value]}}).encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"totp_seed": "JBSWY3DPEHPK3PXP"}',
        '{"recovery_codes": ["a1b2-c3d4", "e5f6-g7h8"]}',
        '{"backup_codes": ["48120734", "59320417"]}',
        f"session_state={DIGITS}",
        f'{{"session_state": "{DIGITS}"}}',
        f'{{"password": {{"value": "{WORDY}"}}}}',
        f'{{"tokens": {{"prod": "{WORDY}"}}}}',
        f'{{"api_keys": [{{"id": 1, "key": "{WORDY}"}}]}}',
    ],
)
def test_what_the_scrubber_knows_is_found_without_it(text):
    """Seeds, codes, sessions and objects under telling names."""
    assert scan(json.dumps({"body": text}).encode())


def test_a_form_with_a_key_is_found_again():
    """Other parameters still count."""
    recorded, sent, other = (
        HttpRequest(
            method="POST",
            url=URL,
            headers=(("Content-Type", FORM),),
            body=f"a={a}&key={key}".encode(),
        )
        for a, key in ((1, DIGITS), (1, OTHER), (2, OTHER))
    )
    replay = replay_of((recorded, HttpReply.of_json(200, {"n": 1})))

    with pytest.raises(CassetteMissError):
        replay.send(other)
    assert replay.send(sent).status == 200
