"""One recording with a secret in every place that OAuth knows."""

import base64
import gzip
import json
import zlib
from itertools import chain

import pytest

from pytest_catalyst_oauth.cassette import (
    Cassette,
    RecordedExchange,
    Scrubber,
    _format,
    scan,
)
from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest, Secret
from tests.cassette.recordings import ACCOUNTS, PROJECT, form, origin, spellings

JSON = (("Content-Type", "application/json;charset=UTF-8"),)


class Canaries:
    """Gives out secrets that exist nowhere else."""

    def __init__(self):
        self.flown = {}

    def __call__(self, place):
        assert place not in self.flown
        number = len(self.flown) + 1
        self.flown[place] = f"c4n4ry{number:02d}Invented{number * 7919:05d}x"
        return self.flown[place]


def json_reply(value, *headers):
    return HttpReply.of_json(200, value, headers=(*JSON, *headers))


def basic(name, password):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def redirect_flow(fly):
    code, state = fly("code of the redirect"), fly("state")
    verifier, secret = fly("code_verifier"), fly("client_secret in a form")
    access, refresh = fly("access_token in JSON"), fly("refresh_token in JSON")
    yield (
        HttpRequest(
            method="GET",
            url=f"{ACCOUNTS}/oauth/v2/auth?response_type=code&state={state}"
            f"&client_id={fly('client_id in a query')}"
            f"&code_challenge={fly('code_challenge')}&nonce={fly('nonce')}",
            headers=(("Cookie", f"JSESSIONID={fly('cookie')}; lang=en"),),
        ),
        HttpReply(
            status=302,
            headers=(
                ("Location", f"https://app.test/cb?state={state}&code={code}&l=eu&"),
                ("Set-Cookie", f"zalb_0a1b={fly('first Set-Cookie')}; Path=/"),
                ("Set-Cookie", f"_zcsr_tmp={fly('second Set-Cookie')};secure"),
            ),
        ),
    )
    yield (
        form(
            grant_type="authorization_code",
            code=code,
            code_verifier=verifier,
            client_secret=secret,
        ),
        json_reply(
            {
                "access_token": access,
                "refresh_token": refresh,
                "id_token": fly("id_token"),
                "nested": {"deep": [{"access_token": fly("nested JSON")}]},
                "raw": json.dumps({"refresh_token": fly("JSON inside text")}),
                "raw2": json.dumps({"r": json.dumps({"token": fly("JSON, two deep")})}),
            }
        ),
    )
    yield (
        HttpRequest(
            method="GET",
            url=f"{PROJECT}/table?access_token={fly('access_token in a query')}",
            headers=(
                ("Authorization", f"Zoho-oauthtoken {access}"),
                ("X-Custom", f"seen {access} here"),
                ("X-Auth-Token", fly("header that is named a token")),
                ("X-ZC-Project-Secret-Key", fly("project secret key")),
                ("Proxy-Authorization", basic("proxy", fly("proxy password"))),
            ),
        ),
        HttpReply(
            status=200,
            headers=(*JSON, ("Content-Encoding", "gzip"), ("Content-Length", "1")),
            body=gzip.compress(
                json.dumps({"refresh_token": fly("gzip body"), "also": access}).encode()
            ),
        ),
    )


def device_flow(fly):
    device, user = fly("device_code"), fly("user_code")
    yield (
        form(f"{ACCOUNTS}/oauth/v3/device/code", client_id=fly("client_id in a form")),
        json_reply(
            {
                "device_code": device,
                "user_code": user,
                "verification_uri_complete": f"{ACCOUNTS}/device?user_code={user}",
            }
        ),
    )
    yield (
        HttpRequest(
            method="POST",
            url=f"{ACCOUNTS}/oauth/v3/device/token?code={device}",
            headers=(
                ("Authorization", basic(fly("Basic user"), fly("Basic password"))),
            ),
            body=b"",
        ),
        HttpReply(
            status=200,
            headers=(("Content-Encoding", "deflate"),),
            body=zlib.compress(
                json.dumps({"access_token": fly("deflated body")}).encode()
            ),
        ),
    )


def odd_places(fly, given):
    yield (
        HttpRequest(
            method="POST",
            url=f"{ACCOUNTS}/remote?jwt_token={fly('jwt_token')}"
            f"&next=https%3A%2F%2Fapp.test%2F%3Fcode%3D{fly('URL inside a query')}",
            headers=(("Content-Type", "application/json"), ("Authorization", given)),
            body=json.dumps(
                {
                    "client_assertion": fly("client_assertion"),
                    "clientSecret": fly("camel case"),
                    "code": fly("code in JSON"),
                    "config": base64.b64encode(
                        f'{{"password": "{fly("base64 of JSON")}"}}'.encode()
                    ).decode(),
                }
            ).encode(),
        ),
        HttpReply(
            status=302,
            headers=(
                (
                    "Location",
                    f"https://app.test/#access_token={fly('fragment')}&expires_in=3600",
                ),
            ),
            body=(
                f'<a href="https://a.test/?code={fly("URL in a page")}&amp;x=1">on</a>'
                f"<script>token = '{given}', hex = '{given.encode().hex()}'</script>"
            ).encode(),
        ),
    )
    yield (
        HttpRequest(
            method="POST",
            url=f"https://user:{fly('password in a URL')}@proxy.test/upload",
            headers=(("Content-Type", "multipart/form-data; boundary=b"),),
            body=b'--b\r\nContent-Disposition: form-data; name="assertion"\r\n\r\n'
            + fly("multipart field").encode()
            + b'\r\n--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
            + b"\x89PNG\x00\xff"
            + given.encode()
            + b"\r\n--b--\r\n",
        ),
        HttpReply(
            status=200,
            headers=(("Refresh", f"0; url=/x?token={fly('token in a header')}"),),
            body=(
                "access_token: " + fly("colon in plain text") + "\r\n"
                f"subject_token={fly('plain text')}; tail"
            ).encode(),
        ),
    )
    yield (
        HttpRequest(
            method="POST",
            url=f"{ACCOUNTS}/oauth/v2/token/revoke",
            headers=(("Content-Type", FORM), ("Content-Encoding", "gzip")),
            body=gzip.compress(f"token={fly('gzip request')}".encode()),
        ),
        json_reply({"status": "success"}),
    )


@pytest.fixture
def parts():
    """Each exchange with the secrets that it is the first to hold."""
    fly = Canaries()
    given = fly("given to the scrubber")
    flows = chain(redirect_flow(fly), device_flow(fly), odd_places(fly, given))
    parts, seen = [], {"given to the scrubber"}
    for exchange in flows:
        fresh = {p: value for p, value in fly.flown.items() if p not in seen}
        seen.update(fresh)
        parts.append((RecordedExchange(*exchange), fresh))
    parts[-2][1]["given to the scrubber"] = given
    return parts


@pytest.fixture
def written(parts, tmp_path):
    given = parts[-2][1]["given to the scrubber"]
    path = tmp_path / "canaries.yaml"
    exchanges = tuple(exchange for exchange, _ in parts)
    Cassette(exchanges=exchanges, origin=origin()).save(
        path, scrubber=Scrubber([Secret(given)])
    )
    return path


def test_no_secret_of_a_whole_flow_reaches_the_file(parts, written):
    """Thirty-five and more places, and no encoding in which one survives."""
    flown = {place: value for _, fresh in parts for place, value in fresh.items()}
    text = written.read_text()

    survivors = [
        place
        for place, value in flown.items()
        if any(spelled in text for spelled in spellings(value))
    ]

    assert len(flown) >= 40
    assert survivors == []


def test_the_scanner_would_have_found_every_one_of_them(parts):
    """The safety net has no hole in the places that OAuth knows."""
    files = [_format.dump([exchange], None) for exchange, _ in parts]
    flown = {place: value for _, fresh in parts for place, value in fresh.items()}

    missed = [
        place
        for place, value in flown.items()
        if not any(finds(data, value) for data in files)
    ]

    assert missed == []


def finds(data, value):
    return any("known" in one.kind for one in scan(data, known=[Secret(value)]))


def test_the_flow_still_hangs_together(written):
    """The token that a reply issued is the one that the later request carries."""
    exchanges = Cassette.load(written).exchanges

    issued = exchanges[1].reply.json()["access_token"]

    assert issued.startswith("REDACTED-access-token-")
    assert exchanges[2].request.header("Authorization") == f"Zoho-oauthtoken {issued}"
    assert exchanges[2].request.header("X-Custom") == f"seen {issued} here"
    assert exchanges[2].reply.json()["also"] == issued


def test_nothing_changes_when_a_written_cassette_is_scrubbed_again(written):
    """Scrubbing is idempotent, so a cassette can be cleaned at any time."""
    exchanges = Cassette.load(written).exchanges

    assert Scrubber().scrub(exchanges).exchanges == exchanges
