"""`read_implicit_redirect`: the token in a browser application's address bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import DataCenter, Secret, grants
from pytest_catalyst_oauth.engine.errors import (
    OAuthError,
    RefusedError,
    ReplyError,
    SettingsError,
)
from pytest_catalyst_oauth.engine.grants import read_implicit_redirect
from tests.engine.doubles import START
from tests.engine.grants.frames import shown
from tests.engine.grants.people import EU, STAND_IN

APP = "https://app.example/cb"
TOKEN = "1000.invented-access"
STATE = "in+ven/ted=="
REST = (
    f"access_token={TOKEN}&expires_in=3600&location=eu"
    "&api_domain=https%3A%2F%2Fwww.zohoapis.eu"
)
NOON = datetime.fromtimestamp(START, UTC)


def read(fragment, *, state=STATE, **more):
    return read_implicit_redirect(
        f"{APP}#{fragment}", state=state, received_at=START, **more
    )


def with_state(rest):
    return f"state={quote(STATE, safe='')}&{rest}"


def test_a_fragment_is_read():
    """All that it says ends up in the token, which has no refresh token."""
    reply = read(with_state(REST), redirect_uri=APP)

    assert reply.data_center == EU
    assert reply.token.access_token == Secret(TOKEN)
    assert reply.token.expires_at == NOON + timedelta(hours=1)
    assert reply.token.api_domain == "https://www.zohoapis.eu"
    assert reply.token.refresh_token is None


def test_a_fragment_may_begin_with_an_ampersand():
    """Zoho writes so when the application sent no state."""
    assert read(f"&{REST}", state=None).token.access_token == Secret(TOKEN)
    assert read(f"&{with_state(REST)}&").token.access_token == Secret(TOKEN)


@pytest.mark.parametrize(
    ("fragment", "state"),
    [
        (REST, STATE),
        (f"&{REST}", STATE),
        (f"state=another&{REST}", STATE),
        (f"state=&{REST}", ""),
        (f"&{REST}", ""),
        (with_state(REST), None),
    ],
)
def test_a_fragment_of_another_login_is_refused(fragment, state):
    """A missing or wrong state; and one where the application sent none."""
    with pytest.raises(SettingsError, match="is not the one of this login"):
        read(fragment, state=state)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("access_denied", "ask again later"),
        ("client_not_granted", "has not consented yet"),
        ("prompt_required", "has to be asked again"),
        ("new_in_2031", "HTTP 302"),
    ],
)
def test_each_documented_refusal_is_named(error, advice):
    """With what to do next, where anybody knows."""
    with pytest.raises(RefusedError, match=advice) as caught:
        read(with_state(f"error={error}&error_description=so+it+is"))

    assert caught.value.error == error
    assert caught.value.detail == "so it is"


@pytest.mark.parametrize(
    ("rest", "kind", "match"),
    [
        ("location=eu", SettingsError, "carries no access token"),
        ("access_token=&location=eu", SettingsError, "carries no access token"),
        ("access_token=a%0Ab", SettingsError, "carries no access token"),
        (f"{REST}&token_type=mac", ReplyError, "token_type is not Bearer"),
        (REST.replace("=eu", "=mars"), SettingsError, "'mars': is unknown"),
        (f"{REST}&access_token=b", SettingsError, "access_token more than once"),
    ],
)
def test_a_fragment_without_a_usable_token_is_refused(rest, kind, match):
    """The message says what is missing, and shows no token."""
    with pytest.raises(kind, match=match) as caught:
        read(with_state(rest))

    assert [one for one in (TOKEN, STATE) if one in shown(caught.value)] == []


def test_a_token_in_the_query_is_not_in_the_fragment():
    """The implicit reply comes in the fragment and nowhere else."""
    with pytest.raises(SettingsError):
        read_implicit_redirect(f"{APP}?{with_state(REST)}", state=STATE, received_at=0)


def test_a_fragment_at_another_address_is_refused():
    """As a redirect with a code is."""
    with pytest.raises(SettingsError, match="did not come to the redirect URI"):
        read(with_state(REST), redirect_uri="https://app.example/other")


def test_a_stand_in_keeps_the_token():
    """The token of a fake belongs to the fake, whatever centre it plays."""
    reply = read(with_state(REST), home=STAND_IN)

    assert reply.data_center.accounts_url == STAND_IN.accounts_url
    assert reply.data_center.location == "eu"


def test_a_fragment_cannot_choose_a_host():
    """An API domain that is none of Zoho's is left out."""
    strange = REST.replace("www.zohoapis.eu", "evil.example")

    assert read(with_state(strange)).token.api_domain is None


def test_we_never_ask_for_a_token_this_way():
    """RFC 9700, section 2.1.2: there is no implicit and no password grant here."""
    offered = [name for name in grants.__all__ if name.endswith("Grant")]

    assert sorted(offered) == [
        "AuthorizationCodeGrant",
        "ClientCredentialsGrant",
        "Grant",
        "RefreshGrant",
        "SelfClientGrant",
    ]
    assert [name for name in grants.__all__ if "mplicit" in name] == [
        "ImplicitReply",
        "read_implicit_redirect",
    ]


DOMAINS = {center.api_domain for center in DataCenter.all()}
fields = st.dictionaries(
    st.sampled_from(
        "access_token expires_in location api_domain token_type scope error".split()
    ),
    st.text(max_size=9)
    | st.sampled_from([TOKEN, "eu", "3600", "https://evil.example", "1e400"]),
)


@given(fields, st.text(max_size=20))
def test_any_fragment_is_a_token_or_one_of_our_errors(given_fields, tail):
    """There is no third way, and no other host."""
    pairs = [
        f"{name}={quote(value, errors='surrogatepass')}"
        for name, value in given_fields.items()
    ]
    try:
        reply = read(with_state("&".join([*pairs, tail])))
    except OAuthError:
        return

    assert reply.data_center in (None, *DataCenter.all())
    assert reply.token.api_domain in {None, *DOMAINS}
    assert NOON <= reply.token.expires_at <= NOON + timedelta(days=1)
