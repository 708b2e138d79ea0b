"""What the standards ask of a server: `strict` does it, `faithful` does as Zoho."""

from __future__ import annotations

import re
from base64 import b64encode
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from pytest_catalyst_oauth.engine import FORM, ClientKind, HttpRequest, Secret
from pytest_catalyst_oauth.engine.errors import TransportError
from pytest_catalyst_oauth.engine.grants import ProofKey
from tests.fake.asking import (
    INVENTED,
    ROWS,
    access_of,
    exchange,
    new_access,
    refresh,
    refresh_token_of,
    revoke,
    token_request,
    works,
)
from tests.fake.browsing import APP, get, page_url, title

PROFILES = ("faithful", "strict")
LOOPBACK = "http://127.0.0.1:8000/callback"
STATE = "ünï+/=&code=x"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(params=PROFILES)
def fake(request, new_fake):
    return new_fake(profile=request.param, token_requests=None)


@pytest.fixture
def is_strict(fake):
    return fake.settings.is_strict


@pytest.fixture
def client(fake):
    return fake.register_client(redirect_uri=APP)


def said(reply):
    """Status and error of a refusal."""
    return reply.status, reply.json()["error"]


def form(fake, path, fields, headers=(), query=""):
    base = fake.client.data_center.accounts_url
    return fake.send(
        HttpRequest(
            method="POST",
            url=base + path + query,
            headers=(("Content-Type", FORM), *headers),
            body=urlencode(fields).encode(),
        )
    )


def refresh_fields(fake):
    return [
        ("client_id", fake.client.client_id),
        ("client_secret", fake.client.client_secret.reveal()),
        ("grant_type", "refresh_token"),
        ("refresh_token", fake.refresh_token.reveal()),
    ]


class TestParameters:
    """S01: unknown ones are ignored, repeated ones refused, empty ones are none."""

    def test_what_nobody_knows_is_ignored(self, fake):
        """S01: in both profiles."""
        fields = [*refresh_fields(fake), ("invented", "x"), ("resource", "y")]

        assert "access_token" in form(fake, "/oauth/v2/token", fields).json()

    def test_an_empty_parameter_is_an_omitted_one(self, fake):
        """S01: in both profiles."""
        fields = [*refresh_fields(fake), ("scope", ""), ("code_verifier", "")]

        assert "access_token" in form(fake, "/oauth/v2/token", fields).json()

    @pytest.mark.parametrize("name", ["grant_type", "refresh_token", "invented"])
    def test_a_repeated_parameter_is_refused(self, fake, is_strict, name):
        """S01: Zoho takes one of them, here the first."""
        fields = [*refresh_fields(fake), ("invented", "x")]
        fields.append((name, dict(fields)[name]))

        reply = form(fake, "/oauth/v2/token", fields)

        if is_strict:
            assert said(reply) == (400, "invalid_request")
        else:
            assert "access_token" in reply.json()

    def test_a_secret_in_the_address_does_not_count(self, fake, is_strict):
        """S01: Zoho's own clients put it there."""
        query = "?" + urlencode(refresh_fields(fake))

        reply = form(fake, "/oauth/v2/token", [], query=query)

        if is_strict:
            assert said(reply) == (401, "invalid_client")
        else:
            assert "access_token" in reply.json()

    @pytest.mark.parametrize("path", ["/oauth/v2/token", "/oauth/v2/token/revoke"])
    def test_only_a_post_is_answered(self, fake, is_strict, path):
        """S01: in both profiles; strict says which method it takes."""
        reply = get(fake, fake.client.data_center.accounts_url + path)

        assert reply.status == 405
        assert reply.header("Allow") == ("POST" if is_strict else None)

    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/oauth/v2/auth", "GET, HEAD"),
            ("/oauth/v2/keys", "GET, HEAD"),
            ("/oauth/v2/userinfo", "GET, HEAD, POST"),
            ("/oauth/v3/device", "GET, HEAD, POST"),
        ],
    )
    def test_a_page_says_how_it_is_asked_for(self, fake, is_strict, path, allowed):
        """S01: RFC 9110, section 15.5.6; no recording of Zoho has the header."""
        url = fake.client.data_center.accounts_url + path

        reply = fake.send(HttpRequest(method="OPTIONS", url=url))

        assert reply.status == 405
        assert reply.header("Allow") == (allowed if is_strict else None)

    @pytest.mark.parametrize("repeated", ["state", "scope", "response_type"])
    def test_a_repeated_parameter_of_a_login_is_told_to_the_client(
        self, fake, is_strict, client, repeated
    ):
        """S01: Zoho shows the page as if nothing were wrong."""
        url = page_url(client, state="x")
        (value,) = parse_qs(urlsplit(url).query)[repeated]

        reply = get(fake, f"{url}&{repeated}={quote(value)}")

        if is_strict:
            assert "error=invalid_request" in reply.header("Location")
        else:
            assert reply.status == 200

    @pytest.mark.parametrize("repeated", ["client_id", "redirect_uri"])
    def test_nobody_is_sent_where_a_request_is_ambiguous(
        self, fake, is_strict, client, repeated
    ):
        """S01, S21: a repeated redirect URI is a page, and no redirect."""
        url = page_url(client)
        (value,) = parse_qs(urlsplit(url).query)[repeated]

        reply = get(fake, f"{url}&{repeated}={quote(value)}")

        assert reply.header("Location") is None
        assert reply.status == (400 if is_strict else 200)


class TestRedirects:
    """S02, S04, S17, S19 to S21: where a login leads, and with what."""

    @pytest.mark.parametrize(
        "uri", [APP + "/", APP + "?x", APP.upper(), "https://evil.example/", "//x"]
    )
    def test_another_redirect_uri_is_a_page(self, fake, client, uri):
        """S02, S21: in both profiles, compared character by character."""
        reply = get(fake, page_url(client, redirect_uri=uri))

        assert (reply.status, reply.header("Location")) == (400, None)
        assert title(reply) == "Invalid Redirect Uri"

    def test_an_unknown_client_is_a_page(self, fake, client):
        """S21: in both profiles; nobody knows whether the address is honest."""
        reply = get(fake, page_url(client, client_id="1000.INVENTED"))

        assert (reply.status, reply.header("Location")) == (400, None)

    def test_a_native_client_may_listen_on_any_port(self, fake, is_strict):
        """S02, S17: at a literal loopback address; Zoho compares the port, too."""
        client = fake.register_client(redirect_uri=LOOPBACK, kind=ClientKind.MOBILE)
        key = ProofKey.new()
        proof = {"code_challenge": key.challenge, "code_challenge_method": "S256"}
        uri = LOOPBACK.replace("8000", "49152")

        reply = get(fake, page_url(client, redirect_uri=uri, **proof))

        assert reply.status == (200 if is_strict else 400)

    @pytest.mark.parametrize(
        ("registered", "asked", "kind"),
        [
            (LOOPBACK, LOOPBACK.replace("8000", "9"), ClientKind.SERVER),
            (LOOPBACK, LOOPBACK.replace("callback", "other"), ClientKind.MOBILE),
            (LOOPBACK, LOOPBACK + "?more", ClientKind.MOBILE),
            (LOOPBACK, LOOPBACK.replace("//", "//evil@"), ClientKind.MOBILE),
            (LOOPBACK, LOOPBACK.replace("0.0.1", "0.0.2"), ClientKind.MOBILE),
            (LOOPBACK, LOOPBACK.replace("http", "https"), ClientKind.MOBILE),
            ("http://app.example:1/", "http://app.example:2/", ClientKind.MOBILE),
            ("http://localhost:1/", "http://localhost:2/", ClientKind.MOBILE),
        ],
    )
    def test_nothing_but_the_port_of_a_loopback_may_vary(
        self, fake, registered, asked, kind
    ):
        """S02, S17: for native clients alone; in both profiles."""
        client = fake.register_client(redirect_uri=registered, kind=kind)
        key = ProofKey.new()
        proof = {"code_challenge": key.challenge, "code_challenge_method": "S256"}

        reply = get(fake, page_url(client, redirect_uri=asked, **proof))

        assert (reply.status, title(reply)) == (400, "Invalid Redirect Uri")

    def test_a_native_client_need_not_have_a_secret(self, fake, is_strict):
        """S17: whoever installs it can read it; Zoho asks for it all the same."""
        client = fake.register_client(redirect_uri=APP, kind=ClientKind.MOBILE)
        key = ProofKey.new()
        code = fake.issue_code(client=client, proof_key=key)

        reply = exchange(
            fake, code, client=client, client_secret=None, code_verifier=key.verifier
        )

        if is_strict:
            assert "access_token" in reply.json()
        else:
            assert said(reply) == (200, "invalid_client_secret")

    def test_a_native_client_that_has_a_secret_shows_the_right_one(
        self, fake, is_strict
    ):
        """S17: none is fine with strict, a wrong one is not."""
        client = fake.register_client(redirect_uri=APP, kind=ClientKind.MOBILE)
        key = ProofKey.new()
        code = fake.issue_code(client=client, proof_key=key)

        reply = exchange(
            fake,
            code,
            client=client,
            client_secret=INVENTED,
            code_verifier=key.verifier,
        )

        assert said(reply) == (
            (401, "invalid_client") if is_strict else (200, "invalid_client_secret")
        )

    @pytest.mark.parametrize("accept", [True, False])
    def test_the_state_comes_back_unchanged(self, fake, client, accept):
        """S04: in both profiles, whatever characters it has, whatever the answer."""
        redirect = fake.consent(page_url(client, state=STATE), accept=accept)

        assert parse_qs(urlsplit(redirect).query)["state"] == [STATE]

    @pytest.mark.parametrize("accept", [True, False])
    def test_the_redirect_names_the_issuer(self, fake, is_strict, client, accept):
        """S19: on success and on refusal; Zoho names a location instead."""
        redirect = fake.consent(page_url(client), accept=accept)

        issuer = [fake.client.data_center.accounts_url] if is_strict else None
        assert parse_qs(urlsplit(redirect).query).get("iss") == issuer

    def test_a_form_is_followed_by_a_get(self, fake, is_strict, client):
        """S20: 303 forbids a browser to post the form again elsewhere; never 307."""
        fake.consent(page_url(client))

        reply = get(fake, page_url(client))

        assert reply.status == (303 if is_strict else 302)
        statuses = {one.status for one in fake.journal.exchanges}
        assert statuses <= {200, reply.status}


class TestCodes:
    """S03, S05: a code works once, for its client, and with its proof key."""

    def test_a_code_works_once_and_its_reuse_ends_what_came_of_it(
        self, fake, is_strict
    ):
        """S03: whether Zoho ends the tokens, too, is not recorded; here it does not."""
        code = fake.issue_code()
        first = exchange(fake, code)

        again = exchange(fake, code)

        assert said(again) == (
            (400, "invalid_grant") if is_strict else (200, "invalid_code")
        )
        assert works(fake, access_of(first)) is not is_strict
        later = refresh(fake, refresh_token_of(first)).json()
        assert ("error" in later) is is_strict

    def test_a_stranger_cannot_end_tokens_by_reusing_a_code(self, fake):
        """S03: in both profiles the other client is refused, and that is all."""
        code, other = fake.issue_code(), fake.register_client()
        first = exchange(fake, code)

        assert "error" in exchange(fake, code, client=other).json()

        assert works(fake, access_of(first))

    def test_a_code_is_too_old_within_ten_minutes(self, fake, is_strict, client, clock):
        """S03: in both profiles."""
        code = fake.issue_code(client=client)
        clock.advance(minutes=10)

        assert said(exchange(fake, code, client=client)) == (
            (400, "invalid_grant") if is_strict else (200, "invalid_code")
        )

    def test_a_code_is_for_its_client_and_its_redirect(self, fake, is_strict, client):
        """S03: in both profiles."""
        other = fake.register_client(redirect_uri=APP)
        stolen = exchange(fake, fake.issue_code(client=client), client=other)
        moved = exchange(
            fake,
            fake.issue_code(client=client),
            client=client,
            redirect_uri="https://app.example/other",
        )

        if is_strict:
            assert said(stolen) == said(moved) == (400, "invalid_grant")
        else:
            assert said(stolen) == (200, "invalid_code")
            assert said(moved) == (200, "invalid_redirect_uri")

    @pytest.mark.parametrize("shown", [None, ProofKey.new().verifier])
    def test_a_code_needs_its_proof_key(self, fake, is_strict, client, shown):
        """S05: in both profiles; Zoho's word for it is not recorded."""
        code = fake.issue_code(client=client, proof_key=ProofKey.new())

        reply = exchange(fake, code, client=client, code_verifier=shown)

        assert said(reply) == (
            (400, "invalid_grant") if is_strict else (200, "invalid_code")
        )

    def test_a_verifier_without_a_challenge_is_refused(self, fake, is_strict, client):
        """S05: somebody took the challenge out; Zoho does not mind."""
        code = fake.issue_code(client=client)
        verifier = ProofKey.new().verifier

        reply = exchange(fake, code, client=client, code_verifier=verifier)

        if is_strict:
            assert said(reply) == (400, "invalid_grant")
        else:
            assert "access_token" in reply.json()

    @pytest.mark.parametrize(
        "proof",
        [
            {},
            {"code_challenge": "short"},
            {"code_challenge": "x" * 43, "code_challenge_method": "none"},
        ],
    )
    def test_a_native_login_without_a_good_challenge_is_refused(
        self, fake, is_strict, proof
    ):
        """S05: Zoho shows the page, and refuses the exchange."""
        client = fake.register_client(redirect_uri=APP, kind=ClientKind.MOBILE)

        reply = get(fake, page_url(client, **proof))

        if is_strict:
            assert "error=invalid_request" in reply.header("Location")
        else:
            assert reply.status == 200


class TestTokenAnswers:
    """S06 to S12: what the token endpoint says."""

    def test_tokens_stay_out_of_caches(self, fake, is_strict):
        """S06: JSON either way; no recording of Zoho has the header."""
        reply = refresh(fake)

        assert reply.header("Content-Type").startswith("application/json")
        assert reply.json()["token_type"] == "Bearer"
        assert reply.header("Cache-Control") == ("no-store" if is_strict else None)
        assert reply.header("Pragma") == ("no-cache" if is_strict else None)

    def test_refusals_stay_out_of_caches_too(self, fake, is_strict):
        """S06, S07: RFC 6749 shows it in its example."""
        reply = refresh(fake, INVENTED)

        assert reply.header("Cache-Control") == ("no-store" if is_strict else None)

    @pytest.mark.parametrize(
        ("given", "strict", "faithful"),
        [
            ({"client_id": "1000.INVENTED"}, "invalid_client", "invalid_client"),
            ({"client_secret": INVENTED}, "invalid_client", "invalid_client_secret"),
            ({"client_secret": None}, "invalid_client", "invalid_client_secret"),
            ({"grant_type": "password"}, "unsupported_grant_type", "general_error"),
            ({"grant_type": None}, "invalid_request", "general_error"),
            ({"refresh_token": None}, "invalid_request", "invalid_code"),
            ({"refresh_token": INVENTED}, "invalid_grant", "invalid_code"),
        ],
    )
    def test_an_error_has_a_registered_word(
        self, fake, is_strict, given, strict, faithful
    ):
        """S07: 400, or 401 for the client itself; Zoho has its own words under 200."""
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": fake.refresh_token,
            **given,
        }

        reply = fake.send(token_request(fake.client, **fields))

        status = 401 if strict == "invalid_client" else 400
        assert said(reply) == ((status, strict) if is_strict else (200, faithful))

    @pytest.mark.parametrize("kind", [ClientKind.DEVICE, ClientKind.JAVASCRIPT])
    def test_a_client_that_may_not_do_so_is_told(self, fake, is_strict, kind):
        """S07: `unauthorized_client`; Zoho's word is that of an unknown client."""
        client = fake.register_client(redirect_uri=APP, kind=kind)

        reply = exchange(fake, fake.issue_code(client=client), client=client)

        assert said(reply) == (
            (400, "unauthorized_client") if is_strict else (200, "invalid_client")
        )

    @pytest.mark.parametrize("secret", [None, "invented-wrong-secret"])
    def test_a_client_may_use_http_basic(self, fake, is_strict, secret):
        """S07: and gets a challenge back when that fails; Zoho reads the body only."""
        client = fake.client
        shown = secret or client.client_secret.reveal()
        basic = b64encode(f"{quote(client.client_id)}:{quote(shown)}".encode()).decode()
        fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", fake.refresh_token.reveal()),
        ]
        headers = (("Authorization", f"Basic {basic}"),)

        reply = form(fake, "/oauth/v2/token", fields, headers)

        if not is_strict:
            assert said(reply) == (200, "invalid_client")
        elif secret is None:
            assert "access_token" in reply.json()
        else:
            assert said(reply) == (401, "invalid_client")
            assert reply.header("WWW-Authenticate").startswith("Basic realm=")

    def test_basic_credentials_are_form_encoded(self, new_fake):
        """S07: RFC 6749, section 2.3.1; a client may encode every character."""
        fake = new_fake(profile="strict")
        pair = fake.client.client_id, fake.client.client_secret.reveal()
        shown = ":".join("".join(f"%{ord(c):02x}" for c in text) for text in pair)
        headers = (("Authorization", f"Basic {b64encode(shown.encode()).decode()}"),)

        reply = form(fake, "/oauth/v2/token", refresh_fields(fake)[2:], headers)

        assert "access_token" in reply.json()

    @pytest.mark.parametrize("value", ["!!!", "", "aW52ZW50ZWQ=", "/w=="])
    def test_credentials_that_are_none_are_refused(self, fake, is_strict, value):
        """S07: no base64, nothing, no colon, no text."""
        headers = (("Authorization", f"Basic {value}"),)

        reply = form(fake, "/oauth/v2/token", [("grant_type", "x")], headers)

        assert said(reply) == (401 if is_strict else 200, "invalid_client")

    def test_two_methods_at_once_are_refused(self, fake, is_strict):
        """S07: RFC 6749, section 2.3; Zoho sees the body alone."""
        headers = (("Authorization", f"Basic {b64encode(b'a:b').decode()}"),)

        reply = form(fake, "/oauth/v2/token", refresh_fields(fake), headers)

        if is_strict:
            assert said(reply) == (400, "invalid_request")
        else:
            assert "access_token" in reply.json()

    @pytest.mark.parametrize("scope", ["ünï", 'a"b\\', "\x01", ROWS])
    def test_descriptions_keep_to_the_characters_of_the_standard(
        self, fake, is_strict, scope
    ):
        """S08: whatever the request held; Zoho describes nothing."""
        fields = {"grant_type": "client_credentials", "scope": scope}
        replies = [
            fake.send(token_request(fake.client, **fields)),
            exchange(fake, INVENTED),
            form(fake, "/oauth/v2/token", [*refresh_fields(fake)] * 2),
            fake.send(token_request(fake.client, grant_type="refresh_token")),
        ]

        members = [pair for one in replies for pair in one.json().items()]
        words = [word for name, word in members if name.startswith("error")]
        allowed = r"[\x20\x21\x23-\x5b\x5d-\x7e]+"
        assert all(re.fullmatch(allowed, word) for word in words)
        described = [name for name, _ in members if name == "error_description"]
        assert bool(described) is is_strict

    def test_a_refresh_token_is_for_its_client(self, fake, is_strict):
        """S09: in both profiles."""
        other = fake.register_client()

        assert said(refresh(fake, client=other)) == (
            (400, "invalid_grant") if is_strict else (200, "invalid_code")
        )

    def test_a_revoked_refresh_token_is_refused(self, fake, is_strict):
        """S09: in both profiles."""
        fake.revoke(fake.refresh_token)

        assert said(refresh(fake)) == (
            (400, "invalid_grant") if is_strict else (200, "invalid_code")
        )

    def test_a_refresh_may_ask_for_less(self, fake, is_strict):
        """S09: Zoho does not read the scope of a refresh."""
        token = fake.issue_refresh_token([ROWS, "ZohoCatalyst.cache.READ"])

        reply = refresh(fake, token, scope=ROWS).json()

        wide = f"ZohoCatalyst.cache.READ {ROWS}"
        assert reply["scope"] == (ROWS if is_strict else wide)

    def test_a_refresh_never_gets_more(self, fake, is_strict):
        """S09: in both profiles; strict says so."""
        reply = refresh(fake, fake.issue_refresh_token(ROWS), scope="AaaServer.a.READ")

        if is_strict:
            assert said(reply) == (400, "invalid_scope")
        else:
            assert reply.json()["scope"] == ROWS

    def test_a_narrowed_refresh_does_not_narrow_the_next_one(self, new_fake):
        """S09: what was consented to stays."""
        fake = new_fake(profile="strict")
        token = fake.issue_refresh_token([ROWS, "ZohoCatalyst.cache.READ"])
        narrow = refresh(fake, token, scope=ROWS)

        wide = refresh(fake, refresh_token_of(narrow))

        assert wide.json()["scope"] == f"ZohoCatalyst.cache.READ {ROWS}"

    def test_a_refresh_rotates(self, fake, is_strict):
        """S10: Zoho never does."""
        reply = refresh(fake)

        assert ("refresh_token" in reply.json()) is is_strict
        assert ("error" in refresh(fake).json()) is is_strict

    def test_the_reuse_of_a_refresh_token_ends_the_family(self, new_fake):
        """S10: whoever has the newer ones has lost them, too."""
        fake = new_fake(profile="strict")
        code = fake.issue_code()
        first = exchange(fake, code)
        second = refresh(fake, refresh_token_of(first))
        third = refresh(fake, refresh_token_of(second))
        assert works(fake, access_of(third))

        assert said(refresh(fake, refresh_token_of(first))) == (400, "invalid_grant")

        assert not any(works(fake, access_of(one)) for one in (first, second, third))
        assert "error" in refresh(fake, refresh_token_of(third)).json()

    def test_client_credentials_bring_no_refresh_token(self, fake):
        """S11: in both profiles."""
        fields = {"grant_type": "client_credentials", "scope": ROWS, "soid": "A.1"}

        reply = fake.send(token_request(fake.client, **fields)).json()

        assert "access_token" in reply
        assert "refresh_token" not in reply

    def test_an_organisation_is_named_to_zoho_only(self, fake, is_strict):
        """S11: no standard has `soid`."""
        fields = {"grant_type": "client_credentials", "scope": ROWS}

        reply = fake.send(token_request(fake.client, **fields)).json()

        expected = "access_token" if is_strict else "error"
        assert expected in reply

    def test_nobody_guesses_a_token(self, fake):
        """S12: in both profiles 224 random bits of each, of which none is equal."""
        tokens = [fake.issue_code().reveal() for _ in range(200)]

        random = [one.removeprefix("1000.fa4efa4e").replace(".", "") for one in tokens]
        assert all(re.fullmatch("[0-9a-f]{56}", one) for one in random)
        for place in range(56):
            assert len({one[place] for one in random}) > 8

    def test_a_throttle_says_when_to_come_again(self, new_fake):
        """RFC 6585, section 4; Zoho says neither when nor 429."""
        fake = new_fake(profile="strict", token_requests=0)

        reply = refresh(fake)

        assert said(reply) == (429, "temporarily_unavailable")
        assert reply.header("Retry-After") == "600"


class TestResource:
    """S13, S14: the API, and the pages about users, as protected resources."""

    @pytest.fixture(params=["api", "user_info"])
    def ask(self, request, fake):
        """Ask for something with a header, and what follows the address."""
        home = fake.client.data_center
        url = {
            "api": f"{home.api_url}/baas/v1/project/{fake.project_id}/table",
            "user_info": f"{home.accounts_url}/oauth/v2/userinfo",
        }[request.param]

        def asking(authorization=None, query=""):
            headers = (("Authorization", authorization),) if authorization else ()
            return fake.send(
                HttpRequest(method="GET", url=url + query, headers=headers)
            )

        return asking

    def test_a_bad_token_is_challenged(self, ask, is_strict):
        """S13: 401 in both profiles; no recording of Zoho has the header."""
        reply = ask("Bearer invented")

        challenge = 'Bearer realm="Zoho", error="invalid_token"' if is_strict else None
        assert (reply.status, reply.header("WWW-Authenticate")) == (401, challenge)

    def test_who_shows_nothing_is_told_no_error(self, ask, is_strict):
        """S13: just the way to show something."""
        reply = ask()

        challenge = 'Bearer realm="Zoho"' if is_strict else None
        assert (reply.status, reply.header("WWW-Authenticate")) == (401, challenge)

    def test_a_missing_scope_is_forbidden(self, fake, ask, is_strict):
        """S13: Zoho says 401, as if a refresh would help."""
        token = new_access(fake, "ZohoCatalyst.cache.READ")

        reply = ask(f"Bearer {token.reveal()}")

        if is_strict:
            assert reply.status == 403
            assert 'error="insufficient_scope"' in reply.header("WWW-Authenticate")
        else:
            assert (reply.status, reply.header("WWW-Authenticate")) == (401, None)

    def test_a_token_in_the_header_works(self, fake, ask):
        """S14: in both profiles, under the standard's scheme."""
        token = new_access(fake, "openid ZohoCatalyst.tables.READ")

        assert ask(f"Bearer {token.reveal()}").status == 200

    def test_a_token_in_the_address_does_not(self, fake, ask):
        """S14: in both profiles, however good it is; it would be in every log."""
        token = new_access(fake, "openid ZohoCatalyst.tables.READ")

        assert ask(query=f"?access_token={token.reveal()}").status == 401

    def test_two_ways_at_once_are_refused(self, fake, ask, is_strict):
        """S14: Zoho reads the header alone."""
        token = new_access(fake, "openid ZohoCatalyst.tables.READ")

        reply = ask(f"Bearer {token.reveal()}", "?access_token=invented")

        assert reply.status == (400 if is_strict else 200)
        if is_strict:
            assert 'error="invalid_request"' in reply.header("WWW-Authenticate")

    def test_a_form_is_a_second_way_too(self, fake, is_strict):
        """S14: RFC 6750, section 2.2; Zoho reads the header alone."""
        token = new_access(fake, "openid").reveal()
        headers = (("Authorization", f"Bearer {token}"),)

        reply = form(fake, "/oauth/v2/userinfo", [("access_token", token)], headers)

        assert reply.status == (400 if is_strict else 200)


class TestRevocation:
    """S15: giving a token up."""

    def give_up(self, fake, token, client=None, **more):
        client = client or fake.client
        fields = {
            "client_id": client.client_id,
            "client_secret": client.client_secret.reveal(),
            "token": token.reveal(),
            **more,
        }
        return form(fake, "/oauth/v2/token/revoke", fields)

    @pytest.mark.parametrize("hint", [{}, {"token_type_hint": "invented"}])
    def test_an_unknown_token_is_gone_already(self, fake, is_strict, hint):
        """S15: 200, whatever the hint; Zoho says 400."""
        reply = self.give_up(fake, INVENTED, **hint)

        assert reply.status == (200 if is_strict else 400)

    def test_a_refresh_token_takes_its_access_tokens_along(self, fake):
        """S15: in both profiles."""
        first = exchange(fake, fake.issue_code())

        assert self.give_up(fake, refresh_token_of(first)).status == 200

        assert not works(fake, access_of(first))

    def test_a_client_has_to_say_who_it_is(self, fake, is_strict):
        """S15: at Zoho possession suffices."""
        reply = revoke(fake, fake.refresh_token)

        assert reply.status == (401 if is_strict else 200)
        assert ("access_token" in refresh(fake).json()) is is_strict

    def test_another_clients_token_is_left_alone(self, fake, is_strict):
        """S15: at Zoho possession suffices."""
        other = fake.register_client()

        reply = self.give_up(fake, fake.refresh_token, client=other)

        assert reply.status == (400 if is_strict else 200)
        assert ("access_token" in refresh(fake).json()) is is_strict

    def test_an_id_token_cannot_be_revoked(self, fake, is_strict):
        """S15: `unsupported_token_type`."""
        reply = exchange(fake, fake.issue_code("openid"))
        token = Secret(reply.json()["id_token"])

        gone = self.give_up(fake, token)

        assert gone.status == 400
        if is_strict:
            assert gone.json()["error"] == "unsupported_token_type"

    def test_a_revocation_names_a_token(self, fake, is_strict):
        """S15: `invalid_request`."""
        fields = refresh_fields(fake)[:2]

        reply = form(fake, "/oauth/v2/token/revoke", fields)

        assert reply.status == 400
        if is_strict:
            assert reply.json()["error"] == "invalid_request"


class TestDevices:
    """S16: logging in on a device, in the standard's words or in Zoho's."""

    @pytest.fixture
    def device(self, fake):
        return fake.register_client(kind=ClientKind.DEVICE)

    def start(self, fake, device):
        fields = {"client_id": device.client_id, "scope": ROWS}
        if not fake.settings.is_strict:
            fields["grant_type"] = "device_request"
        return form(fake, "/oauth/v3/device/code", fields).json()

    def poll(self, fake, device, codes):
        if fake.settings.is_strict:
            fields = {"grant_type": DEVICE_GRANT, "device_code": codes["device_code"]}
            return fake.send(token_request(device, **fields))
        fields = {
            "grant_type": "device_token",
            "code": codes["device_code"],
            "client_id": device.client_id,
            "client_secret": device.client_secret.reveal(),
        }
        return form(fake, "/oauth/v3/device/token", fields)

    def test_the_codes_have_the_required_members(self, fake, is_strict, device):
        """S16: seconds, `verification_uri`; Zoho has milliseconds and another name."""
        codes = self.start(fake, device)

        assert codes["expires_in"] == (300 if is_strict else 300_000)
        assert codes["interval"] == (30 if is_strict else 30_000)
        assert ("verification_uri" in codes) is is_strict
        assert ("verification_url" in codes) is not is_strict

    def test_no_two_logins_share_a_code(self, fake, device):
        """S16: in both profiles."""
        codes = [self.start(fake, device) for _ in range(50)]

        assert len({one["user_code"] for one in codes}) == 50
        assert len({one["device_code"] for one in codes}) == 50

    def test_a_device_waits_and_then_gets_its_token_once(
        self, fake, is_strict, device, clock
    ):
        """S16: in both profiles, under 400 in strict."""
        codes, status = self.start(fake, device), 400 if is_strict else 200
        assert said(self.poll(fake, device, codes)) == (status, "authorization_pending")
        assert said(self.poll(fake, device, codes)) == (status, "slow_down")

        fake.approve_device(codes["user_code"].lower().replace("-", " "))
        clock.advance(seconds=60)
        reply = self.poll(fake, device, codes)

        assert {"access_token", "refresh_token"} <= reply.json().keys()
        clock.advance(seconds=60)
        assert "error" in self.poll(fake, device, codes).json()

    def test_another_device_cannot_ask_for_its_token(self, fake, is_strict, device):
        """S16: in both profiles the code is the client's that it was issued to."""
        codes = self.start(fake, device)
        fake.approve_device(codes["user_code"])

        reply = self.poll(fake, fake.register_client(kind=ClientKind.DEVICE), codes)

        assert said(reply) == (
            (400, "invalid_grant") if is_strict else (200, "invalid_code")
        )
        assert "access_token" in self.poll(fake, device, codes).json()

    def test_slow_down_makes_the_interval_longer(self, fake, is_strict, device, clock):
        """S16: by five seconds; Zoho's own command line would never be done then."""
        codes = self.start(fake, device)
        self.poll(fake, device, codes)
        self.poll(fake, device, codes)

        clock.advance(seconds=31)

        expected = "slow_down" if is_strict else "authorization_pending"
        assert self.poll(fake, device, codes).json()["error"] == expected

    def test_codes_end(self, fake, is_strict, device, clock):
        """S16: `expired_token`, which Zoho calls `expired`."""
        codes = self.start(fake, device)
        clock.advance(seconds=300)

        assert said(self.poll(fake, device, codes)) == (
            (400, "expired_token") if is_strict else (200, "expired")
        )

    def test_a_person_may_say_no(self, fake, is_strict, device):
        """S16: `access_denied` in both profiles."""
        codes = self.start(fake, device)
        fake.deny_device(codes["user_code"])

        reply = self.poll(fake, device, codes)

        assert said(reply) == (400 if is_strict else 200, "access_denied")

    def test_the_standards_grant_is_none_of_zohos(self, new_fake):
        """S16: the token endpoint of Zoho knows nothing of devices."""
        fake = new_fake()
        device = fake.register_client(kind=ClientKind.DEVICE)

        reply = fake.send(
            token_request(device, grant_type=DEVICE_GRANT, device_code="x")
        )

        assert said(reply) == (200, "general_error")

    def test_nobody_guesses_a_user_code(self, fake, device):
        """S16: in both profiles; after some wrong ones no code is taken any more."""
        codes = self.start(fake, device)
        page = (
            f"{fake.client.data_center.accounts_url}/oauth/v3/device/setCode?devcode="
        )
        for number in range(fake.settings.device_tries):
            assert get(fake, f"{page}WRNG-{number:04d}").status == 400

        assert get(fake, page + codes["user_code"]).status == 429


class TestMetadata:
    """S18, S19: what the server says of itself."""

    PATH = "/.well-known/oauth-authorization-server"

    def test_there_is_a_document_about_the_server(self, fake, is_strict):
        """S18: Zoho has OpenID's document alone."""
        base = fake.client.data_center.accounts_url

        reply = get(fake, base + self.PATH)

        if not is_strict:
            assert reply.status == 404
            return
        said = reply.json()
        assert reply.header("Content-Type").startswith("application/json")
        assert said["issuer"] == base
        assert said["authorization_response_iss_parameter_supported"] is True
        assert {"authorization_endpoint", "token_endpoint"} <= said.keys()
        assert "response_types_supported" in said

    def test_every_endpoint_that_is_named_answers(self, new_fake):
        """S18: none of them is 404."""
        fake = new_fake(profile="strict")
        said = get(fake, fake.client.data_center.accounts_url + self.PATH).json()

        urls = [url for name, url in said.items() if re.search("endpoint$|_uri$", name)]

        assert len(urls) == 6
        assert [url for url in urls if get(fake, url).status == 404] == []


class TestSight:
    """S22, S23: trouble on demand, and an account of what was asked."""

    def test_an_answer_that_is_lost_costs_a_rotated_token(self, fake, is_strict):
        """S22: the request took effect; at Zoho the old refresh token lives on."""
        fake.fail("token", fault="reset_after")

        with pytest.raises(TransportError):
            refresh(fake)

        assert ("error" in refresh(fake).json()) is is_strict

    @pytest.mark.parametrize("endpoint", ["token", "revoke", "openid", "api", "*"])
    def test_every_endpoint_fails_when_told_to(self, fake, endpoint):
        """S22: in both profiles, and only that one."""
        fake.fail(endpoint, status=503, headers={"Retry-After": "1"})
        home = fake.client.data_center
        urls = {
            "openid": f"{home.accounts_url}/oauth/v2/keys",
            "api": f"{home.api_url}/baas/v1/project",
        }
        asked = {
            "token": lambda: refresh(fake),
            "revoke": lambda: revoke(fake, INVENTED),
            **{name: lambda url=url: get(fake, url) for name, url in urls.items()},
        }

        failed = [name for name, ask in asked.items() if ask().status == 503]

        assert failed == [endpoint if endpoint != "*" else "token"]

    def test_what_comes_twice_is_counted(self, fake, is_strict):
        """S23: a used code in both profiles, a rotated refresh token in strict."""
        code = fake.issue_code()
        for _ in range(2):
            exchange(fake, code)
            refresh(fake)

        assert len(fake.journal.reuses) == (2 if is_strict else 1)
        assert len(fake.journal.posts) == 4
        assert fake.journal.most_at_once == 1
