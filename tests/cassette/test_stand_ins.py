"""Stand-ins look like what they stand for, so programs still work with them."""

import json
import re
from unittest import mock

import jwt
import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from requests_oauthlib import OAuth2Session

from pytest_catalyst_oauth.cassette import (
    Cassette,
    RecordedExchange,
    Replay,
    Scrubber,
    record_any_client,
    replay_any_client,
    scan,
)
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings
from tests.cassette.recordings import (
    ACCOUNTS,
    CLIENT_ID,
    CLIENT_SECRET,
    COMMAND,
    NEW_TOKEN,
    OLD_TOKEN,
    get,
    origin,
    replay_of,
    scrub,
    scrub_reply,
    shown_token,
)

VERIFIER = "an-invented-verifier-of-sixty-four-characters.~_" + "0123456789abcdef"
SERVED = FakeSettings(lenient_double_slash=True)  # which the official SDK sends
CLAIMS = {
    "iss": "https://accounts.zoho.eu",
    "aud": CLIENT_ID,
    "sub": "60012345678",
    "exp": 1795392000,
    "email": "ada@invented-mail.net",
    "email_verified": True,
    "name": "Ada Invented",
}


def token_of(**claims):
    """Make a signed token; its key is invented."""
    return jwt.encode({**CLAIMS, **claims}, "an-invented-key-of-32-characters")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("access_token", OLD_TOKEN, re.escape(shown_token(1))),
        ("client_id", CLIENT_ID, r"1000\.[0-9A-Z]{30}"),
        ("client_secret", CLIENT_SECRET, "[0-9a-f]{42}"),
        ("client_secret", "0BADC0DE" * 4, "[0-9a-f]{32}"),
        ("session_id", "3f2b8a1c-0000-4aaa-8aaa-1234567890ab", "[0-9a-f-]{36}"),
        ("email", "ada@invented-mail.net", r"redacted-1@example\.com"),
        ("user_code", "73652941", "[0-9]{8}"),
        ("user_code", "ABCD-EFGH", "REDACTED-user-code-1"),
        ("code_verifier", VERIFIER, r"[A-Za-z0-9._~-]{64}"),
        ("code_verifier", "short-but-secret", r"[A-Za-z0-9._~-]{43}"),
    ],
)
def test_a_stand_in_has_the_form_of_its_secret(name, value, shown):
    """A client that checks length and alphabet accepts it; it stays what it is."""
    once = scrub_reply(json.dumps({name: value}).encode())

    written = once.json()[name]
    assert re.fullmatch(shown, written)
    assert written != value
    assert scrub_reply(once.body).body == once.body
    assert scan(once.body) == ()


def test_two_kinds_of_one_form_have_two_stand_ins():
    """A refresh token is no access token, although they look the same."""
    body = {"access_token": OLD_TOKEN, "refresh_token": NEW_TOKEN, "code": "0" * 32}
    body["client_secret"] = "1" * 31 + "a"
    body["state"] = "2" * 31 + "b"

    written = scrub_reply(json.dumps(body).encode()).json()

    assert len(set(written.values())) == len(body)


def test_numbers_stay_numbers_and_lengths_stay_true():
    """The ZUID of the user info is a JSON number."""
    body = b'{"ZUID":60012345678,"Email":"ada@invented-mail.net"}'

    reply = scrub_reply(body, headers=[("Content-Length", str(len(body)))])

    assert reply.body == b'{"ZUID":90000000001,"Email":"redacted-1@example.com"}'
    assert reply.header("Content-Length") == str(len(reply.body))


@pytest.mark.parametrize("path", ["/oauth/user/info", "/oauth/v2/userinfo"])
def test_nothing_of_a_person_is_left_of_the_user_info(path):
    """Zoho's own and OpenID's; what says nothing about the person is kept."""
    told = {
        "First_Name": "Ada",
        "Last_Name": "Invented",
        "Display_Name": "ada.invented",
        "Email": "ada@invented-mail.net",
        "ZUID": 60012345678,
        "name": "Ada Invented",
        "sub": "60012345678",
        "picture": "https://contacts.test/file?ID=60012345678",
        "email_verified": True,
        "locale": "en",
    }
    exchange = (get(path), HttpReply.of_json(200, told))
    note = (get("/x"), HttpReply.of_json(200, {"note": "by Ada Invented"}))

    who, other = scrub(exchange, note)

    written = who.reply.json()
    assert {name for name in told if written[name] == told[name]} == {
        "email_verified",
        "locale",
    }
    assert written["sub"] == str(written["ZUID"])
    assert "Invented" not in other.reply.json()["note"]


def test_a_name_is_a_name_of_something_elsewhere():
    """Only an answer about a person calls a person's name `name`."""
    body = b'{"name":"Guests","display_name":"All guests","gender":"any"}'

    assert scrub_reply(body).body == body


def test_an_id_token_can_still_be_read():
    """Who issued it and until when is kept; who it is about, and its signature, not."""
    tokens = [token_of(jti=f"invented-{number}") for number in range(12)]
    body = json.dumps([{"id_token": one} for one in tokens]).encode()

    once = scrub_reply(body)

    for before, after in zip(tokens, once.json(), strict=True):
        header = jwt.get_unverified_header(after["id_token"])
        claims = jwt.decode(after["id_token"], options={"verify_signature": False})
        assert header == jwt.get_unverified_header(before)
        assert (claims["iss"], claims["exp"]) == (CLAIMS["iss"], CLAIMS["exp"])
        assert claims["aud"] == f"1000.REDACTED{1:022d}"
        assert claims["email"] == "redacted-1@example.com"
        assert not {"sub", "name"} & {
            one for one in claims if claims[one] == CLAIMS.get(one)
        }
        assert before.rpartition(".")[2] not in once.body.decode()
    assert len({one["id_token"] for one in once.json()}) == len(tokens)
    assert scrub_reply(once.body).body == once.body
    assert scan(once.body) == ()


def test_addresses_of_nobody_stay():
    """Reserved names, a user of a URL, a picture for two densities."""
    body = (
        b"me@example.com you@shop.test https://git@hub.test/x "
        b"git@code.invented.net:x/y.git logo@2x.png @decorator a@b"
    )

    assert scrub_reply(body).body == body


def test_who_is_meant_does_not_count_in_replay():
    """The recording has a stand-in where the client sends an address."""

    def asked(address):
        body = json.dumps({"note": f"for {address}", "zuid": 60012345678}).encode()
        return HttpRequest(
            method="POST",
            url=f"{ACCOUNTS}/users/{address}?who={address}&max_rows=2",
            headers=(("Content-Type", "application/json"),),
            body=body,
        )

    replay = replay_of((asked("ada@invented-mail.net"), HttpReply(status=204)))

    assert replay.send(asked("bob@other-mail.net")).status == 204


def test_an_older_cassette_is_replayed_as_before():
    """Its stand-ins name what they stand for, and tell two tokens apart."""

    def rows(token):
        return get("/rows", headers=(("Authorization", f"Zoho-oauthtoken {token}"),))

    older = [
        RecordedExchange(
            rows(f"REDACTED-access-token-{number}"), HttpReply(status=200 + number)
        )
        for number in (1, 2)
    ]
    replay = Replay(Cassette(exchanges=tuple(older)), command=COMMAND)

    assert Scrubber().scrub(older).exchanges == tuple(older)
    assert replay.send(rows("REDACTED-access-token-2")).status == 202
    assert replay.send(rows("REDACTED-access-token-1")).status == 201


def with_authlib(server):
    with AuthlibSession(
        server["id"], server["secret"], token_endpoint_auth_method="client_secret_post"
    ) as session:
        token = session.refresh_token(server["token_url"], server["refresh"])
        session.token = token
        return token["access_token"], session.get(server["rows"]).status_code


def with_requests_oauthlib(server):
    with OAuth2Session(server["id"]) as session:
        token = session.refresh_token(
            server["token_url"],
            server["refresh"],
            client_id=server["id"],
            client_secret=server["secret"],
        )
        return token["access_token"], session.get(server["rows"]).status_code


def with_the_official_sdk(server):
    from zcatalyst_sdk import _constants  # both read the environment
    from zcatalyst_sdk.credentials import RefreshTokenCredential

    credential = RefreshTokenCredential(
        {
            "client_id": server["id"],
            "client_secret": server["secret"],
            "refresh_token": server["refresh"],
        }
    )
    with mock.patch.object(_constants, "ACCOUNTS_URL", server["accounts_url"]):
        token = credential.token()
    headers = {"Authorization": f"Zoho-oauthtoken {token}"}
    return token, requests.get(server["rows"], headers=headers).status_code


@pytest.mark.parametrize(
    "client", [with_authlib, with_requests_oauthlib, with_the_official_sdk]
)
def test_other_people_s_clients_take_stand_ins(client, tmp_path, monkeypatch):
    """They parse the token, and send it on, in replay as they did when recorded."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    path = tmp_path / "theirs.yaml"
    with FakeServer(FakeCatalyst(settings=SERVED)) as server:
        fake = server.fake
        project = f"{server.api_url}/baas/v1/project/{fake.project_id}"
        used = {
            "id": fake.client.client_id,
            "secret": fake.client.client_secret.reveal(),
            "refresh": fake.refresh_token.reveal(),
            "accounts_url": server.accounts_url,
            "token_url": server.client.token_url,
            "rows": f"{project}/table/Guests/row",
        }
        with record_any_client() as tape:
            live, status = client(used)
        Cassette(exchanges=tape.exchanges, origin=origin()).save(
            path, scrubber=Scrubber()
        )

    with replay_any_client(Cassette.load(path), command=COMMAND) as replay:
        replayed, replayed_status = client(used)

    assert (replayed_status, status) == (200, 200)
    assert re.fullmatch(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}", replayed)
    assert replayed != live
    assert replay.unused == ()
