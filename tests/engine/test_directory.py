"""Data centres that a server names: from our own list, or not at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import (
    DataCenter,
    HttpReply,
    read_server_info,
    server_info_request,
    suspect_data_center,
)
from pytest_catalyst_oauth.engine._directory import follow, is_accounts_address
from pytest_catalyst_oauth.engine.errors import (
    OAuthError,
    RefusedError,
    ReplyError,
    ThrottledError,
)
from tests.engine.doubles import THROTTLED
from tests.engine.grants.people import EU, STAND_IN, US

ALL = {center.location: center.accounts_url for center in DataCenter.all()}


def read(locations, asked=US, **more):
    answer = {"result": "success", "locations": locations, **more}
    return read_server_info(HttpReply.of_json(200, answer), asked=asked)


def test_the_list_needs_no_login():
    """It is a plain GET, without any parameter."""
    request = server_info_request(EU)

    assert (request.method, request.url, request.body) == (
        "GET",
        "https://accounts.zoho.eu/oauth/serverinfo",
        b"",
    )


def test_all_that_we_know_is_confirmed():
    """Zoho's eleven locations, with nothing to warn about."""
    info = read(ALL)

    assert info.data_centers == DataCenter.all()
    assert info.warnings == ()


def test_a_slash_at_the_end_makes_no_difference():
    """The byte form was never recorded."""
    assert read({"eu": "https://accounts.zoho.eu/"}).data_centers == (EU,)


@pytest.mark.parametrize(
    ("location", "url", "warning"),
    [
        ("mars", "https://accounts.zoho.mars", "'mars' is unknown here"),
        ("", "https://accounts.zoho.eu", "'' is unknown here"),
        ("https://evil.example", "https://evil.example", "is unknown here"),
        ("eu", "https://accounts.evil.example", "https://accounts.zoho.eu, which is"),
        ("eu", "http://accounts.zoho.eu", "said to be somewhere else"),
        ("eu", "https://accounts.zoho.com", "said to be somewhere else"),
        ("eu", None, "said to be somewhere else"),
        ("eu", ["https://accounts.zoho.eu"], "said to be somewhere else"),
    ],
)
def test_what_we_do_not_know_is_a_warning_and_no_host(location, url, warning):
    """Nobody reads an address from there; the others count."""
    info = read({location: url, "us": ALL["us"]})

    assert info.data_centers == (US,)
    assert len(info.warnings) == 1
    assert warning in info.warnings[0]
    assert "evil" not in info.warnings[0] or "evil" in location


def test_a_stand_in_confirms_itself():
    """A fake on this machine names its own address for every centre."""
    info = read({"us": STAND_IN.accounts_url, "eu": ALL["eu"]}, asked=STAND_IN)

    assert info.data_centers == (STAND_IN,)
    assert "'eu' is said to be somewhere else" in info.warnings[0]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (HttpReply(status=200, body=b"<html>"), ReplyError),
        (HttpReply(status=503), ReplyError),
        (HttpReply.of_json(404, {"locations": ALL}), ReplyError),
        (HttpReply.of_json(200, {"result": "success"}), ReplyError),
        (HttpReply.of_json(200, {"locations": list(ALL)}), ReplyError),
        (HttpReply.of_json(200, {"error": "general_error"}), RefusedError),
        (THROTTLED, ThrottledError),
    ],
)
def test_anything_else_is_one_of_our_errors(reply, kind):
    """A page of somebody's proxy, for example."""
    with pytest.raises(kind):
        read_server_info(reply, asked=US)


values = st.none() | st.integers() | st.text() | st.sampled_from(list(ALL.values()))
locations = st.dictionaries(st.text() | st.sampled_from(list(ALL)), values)
bodies = st.binary() | (
    st.fixed_dictionaries({"locations": locations | values}) | values
).map(lambda v: json.dumps(v).encode())


@given(bodies)
def test_any_answer_is_a_list_of_ours_or_one_of_our_errors(body):
    """There is no third way, and no other host."""
    try:
        info = read_server_info(HttpReply(status=200, body=body), asked=EU)
    except OAuthError:
        return

    assert set(info.data_centers) <= set(DataCenter.all())
    assert all(warning.isprintable() for warning in info.warnings)


@pytest.mark.parametrize(
    ("home", "location", "found"),
    [
        (US, "eu", EU),
        (US, " EU ", EU),
        (US, "us", US),
        (US, "com", US),
        (None, "eu", EU),
        (US, "mars", None),
        (None, "", None),
        (US, "accounts.zoho.eu", None),
        (STAND_IN, "us", STAND_IN),
        (STAND_IN, "mars", None),
    ],
)
def test_a_location_is_followed_in_our_own_list(home, location, found):
    """A name that is not in it leads nowhere."""
    assert follow(home, location) == found


def test_a_stand_in_stands_for_every_centre():
    """Whoever points a client at a proxy wants all of its traffic there."""
    moved = follow(STAND_IN, "eu")

    assert moved.location == "eu"
    assert (moved.accounts_url, moved.api_url) == (
        STAND_IN.accounts_url,
        STAND_IN.api_url,
    )


def test_a_centre_with_hosts_of_its_own_is_kept():
    """A client's own API host survives a reply that names its own location."""
    home = DataCenter(
        location="us", accounts_url=US.accounts_url, api_url="https://proxy.example"
    )

    assert follow(home, "us") is home


@pytest.mark.parametrize(
    ("url", "is_zohos"),
    [
        ("https://accounts.zoho.eu/oauth/v3/device", True),
        ("https://accounts.zoho.com.au:443/x?y#z", True),
        ("https://ACCOUNTS.zoho.eu", True),
        ("https://accounts.zoho.eu:8443", False),
        ("http://accounts.zoho.eu", False),
        ("https://accounts.zoho.eu.evil.example", False),
        ("https://accounts.zoho.eu@evil.example", False),
        ("https://x@accounts.zoho.eu", False),
        ("https://evil.example\\.accounts.zoho.eu", False),
        ("https://accounts.zoho.eu evil", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_an_address_of_zohos_is_recognized(url, is_zohos):
    """By scheme, host and port, and only if all readers would agree on them."""
    assert is_accounts_address(url, US) is is_zohos


@pytest.mark.parametrize("code", ["invalid_client", "invalid_code"])
def test_the_wrong_data_centre_is_named(code):
    """Who was asked, where the user lives, and whom to ask."""
    text = suspect_data_center(RefusedError(code, 200), asked=US, lives=EU)

    assert text == (
        "us (https://accounts.zoho.com) was asked, but the user lives at eu: ask "
        "https://accounts.zoho.eu, and enable the client there in the API console"
    )


def test_an_unknown_client_may_be_known_elsewhere():
    """Zoho's answer is the same, so the doubt is worth a sentence."""
    text = suspect_data_center(RefusedError("invalid_client", 200), asked=EU)

    assert "eu (https://accounts.zoho.eu) was asked" in text
    assert "name the data centre" in text


@pytest.mark.parametrize(
    ("error", "lives"),
    [
        (RefusedError("invalid_client", 200), US),
        (RefusedError("invalid_code", 200), None),
        (RefusedError("invalid_redirect_uri", 200), EU),
        (ThrottledError("Access Denied", 400), EU),
    ],
)
def test_other_refusals_do_not_smell_of_it(error, lives):
    """No advice is better than a wrong one."""
    assert suspect_data_center(error, asked=US, lives=lives) is None
