"""Very many requests to one fake, made of what it answered before."""

from __future__ import annotations

import os
import re
from random import Random
from urllib.parse import urlencode, urlsplit

import pytest

from pytest_catalyst_oauth.engine import FORM, ClientKind, HttpRequest
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings, MovableClock
from pytest_catalyst_oauth.fake.accounts import ROUTES
from tests.fake.asking import START
from tests.fake.browsing import APP

# CATALYST_OAUTH_STORM=100000 asks for more.
REQUESTS = int(os.environ.get("CATALYST_OAUTH_STORM", "4000"))
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")
KINDS = (None, "application/json", "text/plain; charset=x", FORM)
API = ("", "/", "/table", "/table/Guests/row", "/cache", "/segment", "/query", "/cron")
CLIENT = "client_id client_secret"
GRANT = "grant_type code refresh_token"
PAGE = "client_id redirect_uri response_type scope state access_type"
# What a request to a path needs; a storm leaves some of it out and adds to it.
RECIPES = {
    "/oauth/v2/token": f"{CLIENT} {GRANT} redirect_uri scope soid",
    "/oauth/v2/token/revoke": f"{CLIENT} token",
    "/oauth/v2/token/scopeenhance": f"{CLIENT} grant_type refresh_token",
    "/oauth/v2/token/addextrascope": f"{PAGE} enhance_token",
    "/oauth/v2/auth": f"{PAGE} prompt nonce",
    "/oauth/v2/auth/refresh": PAGE,
    "/oauth/v2/org/auth": PAGE,
    "/oauth/fake/consent": "ticket answer user",
    "/oauth/v3/device": "user_code",
    "/oauth/v3/device/setCode": "devcode",
    "/oauth/v3/device/code": f"{CLIENT} grant_type scope",
    "/oauth/v3/device/token": f"{CLIENT} grant_type code device_code",
}
TOKEN, USER_CODE, TICKET = "100[04]", "[B-Z]{4}-", "fa4efa4e[0-9a-f]{32}$"
FITTING = {
    "grant_type": "authorization_code refresh_token client_credentials device_token "
    "device_request update_scopes_token urn:ietf:params:oauth:grant-type:device_code",
    "response_type": "code code token update_scopes",
    "scope": "openid,email ZohoCatalyst.tables.READ,AaaServer.profile.READ invented",
    "answer": "accept accept reject",
    "soid": "ZohoCRM.1",
    "access_type": "offline online",
    "prompt": "consent none",
    "user": "ada@example.com",
}
STORED = {"user_code": USER_CODE, "devcode": USER_CODE, "ticket": TICKET}
NAMES = " ".join([*RECIPES.values(), "code_challenge code_challenge_method x"]).split()
ODD = ("", " ", "\x00", "é" * 20, "🐝", "<b>", '"', "%", "../..", "x" * 3000, "a\r\nb")
JUNK = (b"{", b"[" * 2000, b"\xff\xfe", b'{"query":1}', b"=&=&;", b"%")
# Whatever an answer holds that may be of use in a later request.
FOUND = re.compile(
    rb"100[04]\.[0-9a-f]{32}\.[0-9a-f]{32}|[B-Z]{4}-\d{4}|fa4efa4e[0-9a-f]{32}"
)


class Storm:
    """Requests drawn by lot; each may use what came of the ones before."""

    def __init__(self, fake, clients):
        self.fake = fake
        self.clients = clients
        self.dice = Random(17)
        self.found = [fake.refresh_token.reveal()]

    def chance(self, of):
        return self.dice.random() < of

    def request(self):
        draw, path = self.dice.choice, self.dice.choice(list(ROUTES))
        pairs = self.parameters(path)
        is_post = path in RECIPES and RECIPES[path] != PAGE and "auth" not in path[8:]
        method = draw(METHODS) if self.chance(0.1) else ["GET", "POST"][is_post]
        is_form = method == "POST" and self.chance(0.8)
        headers = [("Content-Type", FORM)] if is_form else []
        if self.chance(0.1):
            headers = [("Content-Type", draw(KINDS) or FORM)]
        if self.chance(0.3):
            scheme = draw(["Bearer", "Bearer", "Zoho-oauthtoken", "Basic", ""])
            headers.append(("Authorization", f"{scheme} {self.value('token')}"))
        query = "" if is_form else f"?{urlencode(pairs)}"
        return HttpRequest(
            method=method,
            url=self.host(path) + query,
            headers=tuple(headers),
            body=urlencode(pairs).encode() if is_form else self.junk(),
        )

    def junk(self):
        return self.dice.choice(JUNK) if self.chance(0.1) else b""

    def host(self, path):
        home = self.fake.client.data_center
        if self.chance(0.1):
            path = self.dice.choice(API)
            return f"{home.api_url}/baas/v1/project/{self.fake.project_id}{path}"
        return (
            "https://accounts.zoho.eu" if self.chance(0.05) else home.accounts_url
        ) + path

    def parameters(self, path):
        client = self.dice.choice(self.clients)
        own = {"client_id": client.client_id, "redirect_uri": client.redirect_uri}
        if client.client_secret:
            own["client_secret"] = client.client_secret.reveal()
        names = [one for one in RECIPES.get(path, "").split() if self.chance(0.93)]
        more = self.dice.sample(NAMES, self.dice.choice([0, 0, 0, 1, 3]))
        pairs = [(one, own.get(one) or self.value(one)) for one in names]
        return pairs + [(one, self.value(one)) for one in more]

    def value(self, name):
        if self.chance(0.03):
            return self.dice.choice(ODD)
        if name in FITTING:
            return self.dice.choice(FITTING[name].split())
        fitting = re.compile(STORED.get(name, TOKEN))
        stored = [one for one in self.found if fitting.match(one)]
        return self.dice.choice([*stored[-12:], "invented"])

    def learn(self, reply):
        headers = " ".join(value for _, value in reply.headers).encode()
        texts = [found.decode() for found in FOUND.findall(reply.body + headers)]
        self.found = [*self.found, *texts][-60:]


@pytest.mark.parametrize("profile", ["faithful", "strict"])
def test_every_request_of_a_storm_gets_a_whole_answer(profile):
    """Never an exception or a server's error, whatever state the fake has come to."""
    clock = MovableClock(start=START)
    fake = FakeCatalyst(settings=FakeSettings(profile=profile), clock=clock)
    clients = [fake.client]
    clients += [
        fake.register_client(redirect_uri=APP, kind=kind, multi_dc=True)
        for kind in ClientKind
    ]
    storm, seen = Storm(fake, clients), set()

    for _ in range(REQUESTS):
        request = storm.request()
        reply = fake.send(request)

        assert reply.status == 501 or 200 <= reply.status < 500, request
        assert all("\r" not in v and "\n" not in v for _, v in reply.headers), request
        if request.method != "HEAD":
            assert reply.header("Content-Length") == str(len(reply.body))
        if b"json" in (reply.header("Content-Type") or "").encode() and reply.body:
            assert isinstance(reply.json(), dict), request
        seen.add((urlsplit(request.url).path, reply.status))
        storm.learn(reply)
        clock.advance(seconds=storm.dice.choice([0, 0, 0, 0, 1, 90]))

    assert len(seen) > 40
    assert any(one.outcome.startswith("access token") for one in fake.journal)
