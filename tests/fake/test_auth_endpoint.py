"""The authorization endpoint: what it asks, and how it sends a person back."""

from __future__ import annotations

import re

import pytest

from pytest_catalyst_oauth.engine import ClientKind, DataCenter, HttpRequest, Secret
from pytest_catalyst_oauth.engine.errors import RefusedError, SettingsError
from pytest_catalyst_oauth.engine.grants import LoginAttempt
from tests.fake.asking import INVENTED, ROWS, exchange
from tests.fake.browsing import (
    APP,
    SCOPE,
    get,
    location,
    page_url,
    press,
    raw_query,
    title,
    web_client,
)

CODE = r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}"


def code_of(url):
    return Secret(re.search(rf"code=({CODE})", url)[1])


def test_a_redirect_reads_as_recorded(fake):
    """Order, encoding and even the last `&` are Zoho's."""
    client = web_client(fake)

    url = fake.consent(page_url(client, state="a1"))

    assert re.fullmatch(
        re.escape(f"{APP}?state=a1&code=")
        + CODE
        + re.escape("&location=us&accounts-server=https%3A%2F%2Faccounts.zoho.com&"),
        url,
    )


def test_a_redirect_is_302(fake):
    """As recorded; the strict profile has 303."""
    client = web_client(fake)

    reply = press(fake, get(fake, page_url(client)))

    assert reply.status == 302
    assert reply.body == b""


def test_without_a_state_none_comes_back(fake):
    """The code is the first parameter then."""
    url = fake.consent(page_url(web_client(fake)))

    assert url.startswith(f"{APP}?code=1000.")


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("Mq%2B%2F8w%3D%3D", "Mq%2B%2F8w%3D%3D"),
        ("Mq%2b/8w==", "Mq%2B%2F8w%3D%3D"),
        ("a+b%20c", "a%20b%20c"),
        ("%C3%A9%26%23", "%C3%A9%26%23"),
        ("%FF", "%FF"),
        ("%0D%0ASet-Cookie:x", "%0D%0ASet-Cookie%3Ax"),
    ],
)
def test_a_state_comes_back_unchanged(fake, sent, back):
    """Whatever octets it stands for, encoded so that they are the same again."""
    url = fake.consent(f"{page_url(web_client(fake))}&state={sent}")

    assert raw_query(url).split("&")[0] == f"state={back}"


@pytest.mark.parametrize("registered", [f"{APP}?tenant=7", f"{APP}?tenant=7&"])
def test_a_redirect_uri_keeps_its_query(fake, registered):
    """What is registered comes first, unchanged."""
    url = fake.consent(page_url(web_client(fake, registered), state="s"))

    assert url.startswith(f"{APP}?tenant=7&state=s&code=1000.")


def test_the_engine_logs_in_with_a_proof_key(fake):
    """Address, consent, redirect and exchange are of one mind."""
    attempt = LoginAttempt.start(web_client(fake), SCOPE)

    client, grant = attempt.finish(fake.consent(attempt.url))
    reply = fake.send(grant.request(client))

    assert reply.json()["scope"] == str(SCOPE)
    assert "refresh_token" in reply.json()


def test_the_engine_hears_that_a_person_refused(fake):
    """`access_denied` comes with the state, so that it can be believed."""
    attempt = LoginAttempt.start(web_client(fake), SCOPE)

    with pytest.raises(RefusedError) as caught:
        attempt.finish(fake.consent(attempt.url, accept=False))

    assert caught.value.error == "access_denied"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"client_id": "1000.NOBODY"}, "Invalid Client"),
        ({"client_id": None}, "Invalid Client"),
        ({"redirect_uri": f"{APP}/"}, "Invalid Redirect Uri"),
        ({"redirect_uri": f"{APP}?a=1"}, "Invalid Redirect Uri"),
        ({"redirect_uri": "https://APP.example/callback"}, "Invalid Redirect Uri"),
        ({"redirect_uri": None}, "Invalid Redirect Uri"),
        ({"scope": "ZohoCatalyst.tabels.rows.READ"}, "Invalid OAuth Scope"),
        ({"scope": "<script>"}, "Invalid OAuth Scope"),
        ({"scope": None}, "Invalid OAuth Scope"),
        ({"response_type": "id"}, "Invalid Response Type"),
        ({"response_type": None}, "Invalid Response Type"),
    ],
)
def test_a_mistake_is_shown_and_nobody_is_redirected(fake, given, expected):
    """An open redirector would help those who phish."""
    reply = get(fake, page_url(web_client(fake), **given))

    assert (reply.status, title(reply)) == (400, expected)
    assert reply.header("Location") is None
    assert reply.header("Content-Type") == "text/html;charset=UTF-8"


def test_a_scope_that_is_no_scope_cannot_write_the_page(fake):
    """Whatever a request says is escaped, or not said."""
    given = {"scope": 'ZohoCatalyst.x"><script>alert(1)</script>'}

    reply = get(fake, page_url(web_client(fake), **given))

    assert b"<script" not in reply.body


def test_the_status_of_an_error_page_is_a_setting(new_fake):
    """Nobody recorded it."""
    fake = new_fake(error_page_status=200)

    assert get(fake, page_url(fake.client)).status == 200


def test_a_self_client_has_no_consent_page(fake):
    """There is nowhere to send the person back to."""
    reply = get(fake, page_url(fake.client, redirect_uri=APP))

    assert title(reply) == "Invalid Redirect Uri"


@pytest.mark.parametrize(
    "scope",
    [
        "ZohoCatalyst.cache.READ ZohoCatalyst.cron.ALL",
        "ZohoCatalyst.cache.READ,ZohoCatalyst.cron.ALL",
        "zohocatalyst.CACHE.read, ZohoCatalyst.cron.ALL",
        "openid email profile AaaServer.profile.READ",
    ],
)
def test_scopes_are_written_in_many_ways(fake, scope):
    """By commas, spaces or both, in any case, and those of an identity as well."""
    reply = get(fake, page_url(web_client(fake), scope=scope))

    assert (reply.status, title(reply)) == (200, "Do you agree?")


@pytest.mark.parametrize("scope", ["ZohoCRM.modules.ALL", "Desk.tickets.READ"])
def test_scopes_of_other_products_are_let_through(fake, scope):
    """The catalogue is Catalyst's; Zoho Accounts knows the scopes of all."""
    reply = get(fake, page_url(web_client(fake), scope=f"{scope},{ROWS}"))

    assert (reply.status, title(reply)) == (200, "Do you agree?")
    assert scope in reply.body.decode()


def test_a_service_that_is_misspelt_is_no_other_product(fake):
    """What is close to a scope of Catalyst was meant to be one."""
    scope = "ZohoCatalist.tables.rows.READ"

    reply = get(fake, page_url(web_client(fake), scope=scope))

    assert title(reply) == "Invalid OAuth Scope"


def test_scopes_can_be_left_unchecked(new_fake):
    """For those of Catalyst that the catalogue does not have yet."""
    fake = new_fake(checks_scopes=False)

    reply = get(fake, page_url(web_client(fake), scope="ZohoCatalyst.things.READ"))

    assert reply.status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_get_opens_the_page(fake, method):
    """Nothing else does anything there."""
    url = page_url(web_client(fake))

    assert fake.send(HttpRequest(method=method, url=url)).status == 405


def test_codes_are_throttled_per_client(fake, clock):
    """The eleventh within ten minutes ends in `access_denied`; another client may."""
    client, other = web_client(fake), web_client(fake)
    codes = [fake.consent(page_url(client)) for _ in range(10)]

    assert all("code=1000." in url for url in codes)
    assert fake.consent(page_url(client)) == f"{APP}?error=access_denied"
    assert "code=1000." in fake.consent(page_url(other))

    clock.advance(minutes=10)

    assert "code=1000." in fake.consent(page_url(client))


def test_a_code_belongs_to_the_data_centre_of_the_person(fake):
    """Who lives in Europe is named with its server; only that one knows the code."""
    client, eve = web_client(fake), fake.add_user("Eve", location="eu")
    fake.enable(client, "eu")
    attempt = LoginAttempt.start(client, SCOPE, proof=None)

    url = fake.consent(attempt.url, user=eve)
    there, grant = attempt.finish(url)

    assert "&location=eu&accounts-server=https%3A%2F%2Faccounts.zoho.eu&" in url
    assert there.data_center == DataCenter.parse("eu")
    assert fake.send(grant.request(client)).json() == {"error": "invalid_code"}
    reply = fake.send(grant.request(there))
    assert reply.json()["api_domain"] == "https://www.zohoapis.eu"


def test_a_client_that_is_not_enabled_abroad_is_unknown_there(fake):
    """As on Zoho, where each data centre is enabled in the console."""
    eve = fake.add_user("Eve", location="eu")

    with pytest.raises(SettingsError, match="Invalid Client"):
        fake.consent(page_url(web_client(fake)), user=eve)


def test_a_consent_without_a_page_says_what_was_wrong(fake):
    """A test writer sees the title of the page."""
    with pytest.raises(SettingsError, match="Invalid Redirect Uri: The redirect URI"):
        fake.consent(page_url(web_client(fake), redirect_uri="https://evil.example"))


def test_a_code_for_an_organization_lives_two_minutes(fake, clock):
    """An administrator is asked for everybody, each time."""
    client = web_client(fake)
    url = page_url(client, "/oauth/v2/org/auth", access_type="offline")
    page = get(fake, url)
    assert "for everybody in your organization" in page.body.decode()

    first, second = (code_of(fake.consent(url)) for _ in range(2))

    assert "refresh_token" in exchange(fake, first, client=client).json()
    clock.advance(minutes=2)
    reply = exchange(fake, second, client=client)
    assert reply.json() == {"error": "invalid_code"}


@pytest.fixture
def strict(new_fake):
    return new_fake(profile="strict")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"scope": "ZohoCatalyst.tabels.READ"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "id"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        (
            {"code_challenge": "x" * 43, "code_challenge_method": "MD5"},
            "invalid_request",
        ),
    ],
)
def test_strict_tells_the_client(strict, given, error):
    """By a redirect with a word of RFC 6749, section 4.1.2.1, and the issuer."""
    reply = get(strict, page_url(web_client(strict), state="s", **given))

    assert reply.status == 303
    assert location(reply).startswith(f"{APP}?state=s&error={error}&error_description=")
    assert location(reply).endswith("&iss=https%3A%2F%2Faccounts.zoho.com")


def test_strict_refuses_a_parameter_that_is_there_twice(strict):
    """Which of both would count? RFC 6749, section 3.1."""
    reply = get(strict, page_url(web_client(strict)) + "&scope=openid")

    assert location(reply).startswith(f"{APP}?error=invalid_request&")


@pytest.mark.parametrize("given", [{"client_id": "no"}, {"redirect_uri": f"{APP}2"}])
def test_strict_is_no_open_redirector(strict, given):
    """Nobody is sent to an address that is not registered: RFC 6749, 4.1.2.1."""
    reply = get(strict, page_url(web_client(strict), **given))

    assert (reply.status, reply.header("Location")) == (400, None)


def test_strict_names_itself_in_a_success(strict):
    """With 303 and `iss`: RFC 9700, section 4.12, and RFC 9207."""
    client = web_client(strict)

    reply = press(strict, get(strict, page_url(client, state="s")))

    assert reply.status == 303
    assert location(reply).endswith("&iss=https%3A%2F%2Faccounts.zoho.com")


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:51004/cb"),
        ("http://[::1]/cb", "http://[::1]:51004/cb"),
    ],
)
def test_strict_lets_a_native_client_choose_its_port(strict, registered, asked):
    """On the loopback, at consent and at the exchange: RFC 8252, section 7.3."""
    client = web_client(strict, registered, ClientKind.MOBILE)
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    given = {"code_challenge": challenge, "code_challenge_method": "S256"}

    url = strict.consent(page_url(client, redirect_uri=asked, **given))
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    reply = exchange(
        strict, code_of(url), client=client, redirect_uri=asked, code_verifier=verifier
    )

    assert url.startswith(f"{asked}?code=")
    assert reply.status == 200


@pytest.mark.parametrize(
    ("registered", "asked", "kind"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:5/cb", ClientKind.SERVER),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5/other", ClientKind.MOBILE),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5\r\n/cb", ClientKind.MOBILE),
        ("http://127.0.0.1/cb", "http://127.0.0.1@evil.example/cb", ClientKind.MOBILE),
        ("https://app.example/cb", "https://app.example:5/cb", ClientKind.MOBILE),
        ("http://localhost/cb", "http://localhost:5/cb", ClientKind.MOBILE),
    ],
)
def test_strict_varies_nothing_but_that_port(strict, registered, asked, kind):
    """Every other redirect URI is compared character by character."""
    client = web_client(strict, registered, kind)

    reply = get(strict, page_url(client, redirect_uri=asked))

    assert title(reply) == "Invalid Redirect Uri"


def test_faithful_varies_nothing(fake):
    """Zoho compares the port as well."""
    client = web_client(fake, "http://127.0.0.1/cb", ClientKind.MOBILE)

    reply = get(fake, page_url(client, redirect_uri="http://127.0.0.1:5/cb"))

    assert title(reply) == "Invalid Redirect Uri"


def test_strict_wants_a_proof_key_of_native_clients(strict):
    """RFC 8252, section 6, and RFC 7636, section 4.4.1."""
    client = web_client(strict, kind=ClientKind.MOBILE)

    assert "error=invalid_request" in location(get(strict, page_url(client)))


def test_a_code_of_nobody_is_refused(fake):
    """The test above that exchanges codes can tell them apart."""
    client = web_client(fake)

    assert exchange(fake, INVENTED, client=client).json() == {"error": "invalid_code"}


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (
            "https://app.example/ä/ł?q=日",
            "https://app.example/%C3%A4/%C5%82?q=%E6%97%A5",
        ),
        ("https://app.example/a b", "https://app.example/a%20b"),
        (
            "https://app.example/a\r\nSet-Cookie:x",
            "https://app.example/a%0D%0ASet-Cookie:x",
        ),
        (
            "https://app.example/%7e/(a)!*'$;[{|}]",
            "https://app.example/%7e/(a)!*'$;[{|}]",
        ),
    ],
)
def test_a_redirect_holds_what_an_address_may_hold(fake, uri, shown):
    """Other characters become octets of UTF-8; those that may stand there stay."""
    client = web_client(fake, uri)

    redirect = fake.consent(page_url(client))

    assert redirect.startswith(f"{shown}{'&' if '?' in uri else '?'}code=")
    assert redirect.isascii()
