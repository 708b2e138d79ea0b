"""`DataCenter`: the right hosts, and no others."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.engine.errors import SettingsError

# location, accounts, Catalyst API, console, generic API: zoho-protocol.md 6.1
HOSTS = [
    ("us", "zoho.com", "zohoapis.com"),
    ("eu", "zoho.eu", "zohoapis.eu"),
    ("in", "zoho.in", "zohoapis.in"),
    ("au", "zoho.com.au", "zohoapis.com.au"),
    ("jp", "zoho.jp", "zohoapis.jp"),
    ("ca", "zohocloud.ca", "zohoapis.ca"),
    ("sa", "zoho.sa", "zohoapis.sa"),
    ("ae", "zoho.ae", "zohoapis.ae"),
]


@pytest.mark.parametrize(("location", "domain", "generic"), HOSTS)
def test_each_centre_of_catalyst_has_its_hosts(location, domain, generic):
    """The hosts are those that answer, not those that the Catalyst pages misprint."""
    center = DataCenter.parse(location)

    assert center.location == location
    assert center.accounts_url == f"https://accounts.{domain}"
    assert center.api_url == f"https://api.catalyst.{domain}"
    assert center.console_url == f"https://console.catalyst.{domain}"
    assert center.api_domain == f"https://www.{generic}"


@pytest.mark.parametrize(
    ("location", "accounts_url"),
    [
        ("cn", "https://accounts.zoho.com.cn"),
        ("uk", "https://accounts.zoho.uk"),
        ("sg", "https://accounts.zoho.sg"),
    ],
)
def test_some_centres_have_accounts_only(location, accounts_url):
    """Where Catalyst is not offered, there is no API host to guess."""
    center = DataCenter.parse(location)

    assert center.accounts_url == accounts_url
    assert center.api_url is None
    assert center.console_url is None


@pytest.mark.parametrize(
    ("name", "location"),
    [(" EU ", "eu"), ("Us", "us"), ("uae", "ae"), ("UAE", "ae"), ("com", "us")],
)
def test_names_are_read_generously(name, location):
    """Case and blanks do not matter; Zoho's own other names are known."""
    assert DataCenter.parse(name).location == location


def test_an_unknown_name_is_answered_with_the_known_ones():
    """The message lists what may be chosen."""
    with pytest.raises(SettingsError) as caught:
        DataCenter.parse("mars")

    assert str(caught.value) == (
        "data centre 'mars': is unknown; "
        "choose one of us, eu, in, au, jp, ca, sa, ae, cn, uk, sg"
    )


def test_all_lists_every_centre_once():
    """Catalyst's eight come first, the accounts-only ones after them."""
    locations = [center.location for center in DataCenter.all()]

    assert locations[:8] == [location for location, *_ in HOSTS]
    assert locations[8:] == ["cn", "uk", "sg"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8025",
        "http://localhost:8025",
        "http://[::1]:8025",
        "https://proxy.example",
        "https://proxy.example:8443/zoho",
        "HTTPS://Proxy.example",
        "https://proxy.example:65535",
        "https://proxy.example:",
    ],
)
def test_a_stand_in_may_be_named(url):
    """A fake on this machine may use plain http; anybody else needs https."""
    center = DataCenter(location="fake", accounts_url=f"{url}/", api_url=url)

    assert center.accounts_url == url
    assert center.api_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://accounts.zoho.eu",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://0.0.0.0:80",
        "ftp://accounts.zoho.eu",
        "accounts.zoho.eu",
        "https://",
        "https://accounts.zoho.eu:port",
        "https://accounts.zoho.eu:99999",
        "https://accounts.zoho.eu:00000099999",
        "https://accounts.zoho.eu:٤٤٣",
        "https://[::1",
        "https://user:invented@accounts.zoho.eu",
        "https://:invented@accounts.zoho.eu",
        "https://@accounts.zoho.eu",
        "https://evil.example\\.zoho.eu",
        "https://accounts.zoho.eu\n.evil.example",
        "https://accounts.zoho.eu evil.example",
        " https://accounts.zoho.eu",
        "",
    ],
)
@pytest.mark.parametrize("name", ["accounts_url", "api_url", "console_url"])
def test_tokens_are_not_sent_just_anywhere(url, name):
    """Plain http, credentials in a URL and unreadable URLs are refused by name."""
    urls = {"accounts_url": "https://accounts.zoho.eu", name: url}

    with pytest.raises(SettingsError, match=f"{name}: is not a URL") as caught:
        DataCenter(location="x", **urls)

    assert "invented" not in str(caught.value)


@pytest.mark.parametrize("tail", ["?a=b", "#a", "?", "#"])
def test_a_base_has_neither_query_nor_fragment(tail):
    """Paths are appended to it, so it has to end before them."""
    with pytest.raises(SettingsError, match="must not have a query or a fragment"):
        DataCenter(location="x", accounts_url=f"https://accounts.zoho.eu{tail}")
