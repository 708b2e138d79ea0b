"""`LoginAttempt`: one login in a browser, from the address to the code."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import DataCenter, ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import OAuthError, RefusedError, SettingsError
from pytest_catalyst_oauth.engine.grants import LoginAttempt, ProofKey, read_redirect
from tests.engine.grants.frames import shown
from tests.engine.grants.people import (
    CALLBACK,
    CHALLENGE,
    SCOPES,
    SECRET,
    STAND_IN,
    US,
    VERIFIER,
    client,
)

CODE = "1000.invented-code"
LEAKY = "1000.0badc0de0badc0de.0badc0de0badc0de"
MOBILE = client("mobile")


def begun(who=MOBILE, **more):
    return LoginAttempt.start(who, SCOPES, **more)


def answer(attempt, **more):
    """Return the redirect that Zoho would send, trailing `&` and all."""
    fields = {
        "state": attempt.state.reveal(),
        "code": CODE,
        "location": "us",
        "accounts-server": "https://accounts.zoho.com",
        **more,
    }
    pairs = [f"{n}={quote(v, safe='')}&" for n, v in fields.items() if v is not None]
    return f"{CALLBACK}?{''.join(pairs)}"


def asked(attempt):
    return dict(parse_qsl(urlsplit(attempt.url).query, strict_parsing=True))


def test_the_address_asks_for_all_that_a_login_needs():
    """A refresh token, a new consent, and a challenge that hides the verifier."""
    attempt = begun()

    assert attempt.url.startswith("https://accounts.zoho.com/oauth/v2/auth?")
    assert asked(attempt) == {
        "response_type": "code",
        "client_id": "1000.INVENTEDCLIENT",
        "scope": "ZohoCatalyst.cache.READ,ZohoCatalyst.tables.rows.READ",
        "redirect_uri": CALLBACK,
        "state": attempt.state.reveal(),
        "access_type": "offline",
        "prompt": "consent",
        "code_challenge": attempt.proof_key.challenge,
        "code_challenge_method": "S256",
    }
    assert attempt.proof_key.verifier.reveal() not in attempt.url


def test_a_plain_challenge_is_made_on_request_only():
    """And no challenge at all likewise."""
    plain, none = begun(proof="plain"), begun(proof=None, prompt=None)

    assert asked(plain)["code_challenge"] == plain.proof_key.verifier.reveal()
    assert asked(plain)["code_challenge_method"] == "plain"
    assert none.proof_key is None
    assert not {"code_challenge", "code_challenge_method", "prompt"} & set(asked(none))


def test_each_login_has_secrets_of_its_own():
    """Two attempts share neither state nor verifier; 128 bits are the least."""
    attempts = [begun() for _ in range(100)]

    assert len({one.state.reveal() for one in attempts}) == 100
    assert len({one.proof_key.verifier.reveal() for one in attempts}) == 100
    assert all(len(one.state.reveal()) >= 22 for one in attempts)


def test_the_exchange_shows_the_verifier_and_the_secret():
    """Exactly these fields: Zoho wants the client secret besides the proof."""
    attempt = replace(begun(), proof_key=ProofKey(verifier=Secret(VERIFIER)))

    who, grant = attempt.finish(answer(attempt))

    request = grant.request(who)
    assert request.url == "https://accounts.zoho.com/oauth/v2/token"
    assert not request.replayable
    assert request.body == (
        b"grant_type=authorization_code&code=1000.invented-code"
        b"&redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcallback"
        b"&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        b"&client_id=1000.INVENTEDCLIENT&client_secret=invented-client-secret"
    )
    assert CHALLENGE not in request.body.decode()


def test_without_a_proof_key_there_is_no_verifier():
    """The field is absent, not empty."""
    attempt = begun(proof=None)

    who, grant = attempt.finish(answer(attempt))

    assert b"code_verifier" not in grant.request(who).body


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("eu", "https://accounts.zoho.eu"),
        ("ae", "https://accounts.zoho.ae"),
        ("us", "https://accounts.zoho.com"),
        (None, "https://accounts.zoho.com"),
    ],
)
def test_the_code_goes_where_the_user_lives(location, url):
    """Anywhere else it is refused; without a word it is the client's own centre."""
    attempt = begun()

    who, _ = attempt.finish(answer(attempt, location=location))

    assert who.data_center.accounts_url == url
    assert who.client_secret == MOBILE.client_secret


@pytest.mark.parametrize("server", ["https://evil.example", "http://127.0.0.1:1"])
def test_the_redirect_cannot_choose_a_host(server):
    """`accounts-server` is whatever somebody wrote into a link."""
    attempt = begun()

    who, grant = attempt.finish(answer(attempt, **{"accounts-server": server}))

    assert who == MOBILE
    assert grant.request(who).origin == "https://accounts.zoho.com"


def test_a_stand_in_keeps_the_code():
    """A code of a fake on this machine never travels to Zoho."""
    attempt = begun(client("mobile", STAND_IN))

    for location in ("us", "eu"):
        who, grant = attempt.finish(answer(attempt, location=location))

        assert who.data_center.location == location
        assert grant.request(who).origin == STAND_IN.accounts_url


def test_a_person_may_say_no():
    """With Zoho's own word, and advice."""
    attempt = begun()

    with pytest.raises(RefusedError, match="the user, or a limit") as caught:
        attempt.finish(answer(attempt, code=None, error="access_denied"))

    assert caught.value.error == "access_denied"
    assert caught.value.status == 302


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("http:", "https:"),
        lambda url: url.replace("127.0.0.1", "localhost"),
        lambda url: url.replace("127.0.0.1", "127.0.0.1.evil.example"),
        lambda url: url.replace("127.0.0.1", "127.0.0.1@evil.example"),
        lambda url: url.replace("127.0.0.1", "user@127.0.0.1"),
        lambda url: url.replace("8765", "8766"),
        lambda url: url.replace(":8765", ""),
        lambda url: url.replace("8765", "99999"),
        lambda url: url.replace("/callback", "/callback/"),
        lambda url: url.replace("/callback", "/Callback"),
        lambda url: url.replace("/callback", "/"),
        lambda url: url.replace("/callback", "\\@evil.example/callback"),
        lambda url: f" {url}",
        lambda url: url.replace("http://127.0.0.1:8765", ""),
        lambda url: url.replace("127.0.0.1", "[::1"),
    ],
)
def test_a_redirect_to_another_address_is_refused(change):
    """Scheme, host, port and path are compared as they were registered."""
    attempt = begun()

    with pytest.raises(SettingsError, match="did not come to the redirect URI"):
        attempt.finish(change(answer(attempt)))


def test_a_port_that_goes_without_saying_is_the_same_port():
    """`https://app.example` and `https://app.example:443/` are one address."""
    who = replace(MOBILE, redirect_uri="https://app.example")
    attempt = begun(who)
    query = urlsplit(answer(attempt)).query

    _, grant = attempt.finish(f"https://APP.example:443/?{query}")

    assert grant.redirect_uri == "https://app.example"


def test_a_registered_query_has_to_come_back():
    """It is a part of the address."""
    attempt = begun(replace(MOBILE, redirect_uri=f"{CALLBACK}?tenant=7"))
    url = answer(attempt)

    with pytest.raises(SettingsError, match="did not come to the redirect URI"):
        attempt.finish(url)

    attempt.finish(f"{url}tenant=7")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "another"),
        ("code", "1000.invented-other"),
        ("location", "eu"),
        ("error", "access_denied"),
        ("accounts-server", "https://evil.example"),
    ],
)
def test_a_repeated_parameter_is_refused(name, value):
    """Two readers could take two different ones (RFC 6749, section 3.1)."""
    attempt = begun()
    url = answer(attempt, error="x")

    with pytest.raises(SettingsError, match=f"carries {name} more than once"):
        attempt.finish(f"{url}{name}={quote(value)}")


def test_what_nobody_knows_is_ignored():
    """Even twice (RFC 6749, section 4.1.2)."""
    attempt = begun()

    _, grant = attempt.finish(f"{answer(attempt)}new=1&new=2&&")

    assert grant.code == Secret(CODE)


@pytest.mark.parametrize("state", [None, "", "another", "\ud800"])
def test_a_redirect_of_another_login_is_refused(state):
    """A missing state, an empty one, a wrong one."""
    attempt = begun()
    url = answer(attempt, state=None)
    url += "" if state is None else f"state={quote(state, errors='surrogatepass')}"

    with pytest.raises(SettingsError, match="is not the one of this login"):
        attempt.finish(url)


def test_the_redirect_of_one_attempt_does_not_end_another():
    """Each attempt accepts its own state only."""
    mine, other = begun(), begun()

    with pytest.raises(SettingsError, match="is not the one of this login"):
        mine.finish(answer(other))


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"code": ""}, "carries no code"),
        ({"location": "mars"}, "data centre 'mars': is unknown"),
        ({"location": "eu.evil.example"}, "is unknown"),
        ({"location": CODE * 2}, "is unknown"),
    ],
)
def test_a_redirect_without_a_usable_answer_is_refused(more, match):
    """Nothing is sent to anybody then."""
    attempt = begun()

    with pytest.raises(SettingsError, match=match):
        attempt.finish(answer(attempt, **more))


@pytest.mark.parametrize(
    ("who", "scopes", "match"),
    [
        (client("self"), SCOPES, "has no redirect URI"),
        (replace(MOBILE, redirect_uri=""), SCOPES, "has no redirect URI"),
        (MOBILE, ScopeSet(), "scopes: are empty"),
    ],
)
def test_a_login_needs_its_parts(who, scopes, match):
    """The message names what is missing, before a browser opens."""
    with pytest.raises(SettingsError, match=match) as caught:
        LoginAttempt.start(who, scopes)

    assert SECRET not in shown(caught.value)


def test_an_attempt_does_not_show_its_secrets():
    """The address carries the state, so it is not shown either."""
    attempt = begun(proof="plain")
    secrets = (attempt.state, attempt.proof_key.verifier, MOBILE.client_secret)

    assert not [one for one in secrets if one.reveal() in f"{attempt} {attempt!r}"]


@pytest.mark.parametrize(
    "more",
    [
        {"error": "access_denied"},
        {"error": LEAKY, "error_description": LEAKY},
        {"location": "mars"},
        {"location": LEAKY},
        {"state": "another"},
        {"code": None, "new": LEAKY},
    ],
)
def test_a_traceback_shows_no_secret_of_a_login(more):
    """Not even with locals, as `pytest -l` prints them."""
    attempt = begun(proof="plain")
    secrets = [
        *(CODE, LEAKY, SECRET),
        *(attempt.state.reveal(), attempt.proof_key.verifier.reveal()),
    ]

    with pytest.raises(OAuthError) as caught:
        attempt.finish(answer(attempt, **more))
    with pytest.raises(OAuthError) as likewise:
        read_redirect(answer(attempt, **more), state=attempt.state.reveal())

    for error in (caught.value, likewise.value):
        assert [one for one in secrets if one in shown(error)] == []


HOSTS = {center.accounts_url for center in DataCenter.all()}
ATTEMPT = begun()
STATE = ATTEMPT.state.reveal()
texts = st.text(max_size=12) | st.sampled_from(
    ["eu", "mars", STATE, CODE, "", "https://evil.example", "access_denied"]
)
names = st.text(max_size=6) | st.sampled_from(
    "state code location error accounts-server".split()
)
queries = st.lists(st.tuples(names, texts), max_size=6).map(
    lambda pairs: "".join(
        f"{quote(n, errors='surrogatepass')}={quote(v, errors='surrogatepass')}&"
        for n, v in pairs
    )
)


@given(queries | st.text(), st.sampled_from([f"{CALLBACK}?", f"{CALLBACK}?state="]))
def test_any_redirect_is_a_code_for_zoho_or_one_of_our_errors(query, head):
    """There is no third way, and no other host."""
    try:
        who, grant = ATTEMPT.finish(f"{head}state={STATE}&{query}")
    except OAuthError:
        return

    assert who.data_center.accounts_url in HOSTS
    assert grant.request(who).origin in HOSTS


@given(st.text())
def test_any_text_instead_of_a_redirect_is_refused(text):
    """What is no address of ours brings no code."""
    with pytest.raises(OAuthError):
        ATTEMPT.finish(text)


def test_the_data_centre_of_the_test_is_zohos_own():
    """Otherwise the hosts above would prove nothing."""
    assert US.accounts_url in HOSTS
    assert STAND_IN.accounts_url not in HOSTS
