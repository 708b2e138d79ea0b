"""`Client`: what the API console says."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import Client, ClientKind, DataCenter, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.engine.doubles import CLIENT

EU = DataCenter.parse("eu")


def test_the_endpoints_are_those_of_the_data_centre():
    """A client asks the accounts server of its own data centre."""
    assert CLIENT.token_url == "https://accounts.zoho.eu/oauth/v2/token"
    assert CLIENT.revocation_url == "https://accounts.zoho.eu/oauth/v2/token/revoke"
    assert CLIENT.authorization_url == "https://accounts.zoho.eu/oauth/v2/auth"


@pytest.mark.parametrize("client_id", ["", "  "])
def test_a_missing_client_id_is_named(client_id):
    """The message says what is missing and where to find it."""
    with pytest.raises(SettingsError, match=r"client id: is missing; copy it from"):
        Client(client_id=client_id, client_secret=Secret("s"), data_center=EU)


@pytest.mark.parametrize("kind", ["server", "self", "device", "mobile"])
def test_a_missing_secret_is_named(kind):
    """Every kind but `javascript` needs a secret, and the message says so."""
    with pytest.raises(SettingsError, match=f"of kind '{kind}' needs one"):
        Client(client_id="1000.X", kind=kind, data_center=EU)


def test_a_javascript_client_needs_no_secret():
    """Code in a browser cannot keep one."""
    client = Client(client_id="1000.X", kind=ClientKind.JAVASCRIPT, data_center=EU)

    assert client.client_secret is None


def test_a_kind_may_be_written_as_text():
    """Options arrive as text; the client holds the real kind."""
    client = Client(
        client_id="1000.X", client_secret=Secret("s"), kind="server", data_center=EU
    )

    assert client.kind is ClientKind.SERVER


def test_an_unknown_kind_is_answered_with_the_known_ones():
    """The message lists what may be chosen."""
    with pytest.raises(SettingsError, match="choose one of server, self, device"):
        Client(client_id="1000.X", kind="robot", data_center=EU)


def test_a_plain_text_secret_is_refused_without_showing_it():
    """Forgetting `Secret(...)` is the likeliest mistake; its value stays unseen."""
    with pytest.raises(SettingsError, match=r"wrap it: Secret\(text\)") as caught:
        Client(
            client_id="1000.INVENTED",
            client_secret="hush-hush-invented",
            data_center=DataCenter.parse("eu"),
        )

    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"client_id": None}, "client id: is not a text"),
        ({"client_id": "0123456789abcdef" * 3}, "looks like a client secret"),
        ({"data_center": "eu"}, "write DataCenter.parse"),
    ],
)
def test_what_cannot_be_a_client_is_named(changes, told):
    """A wrong type or swapped values are told before anything is sent."""
    given = {
        "client_id": "1000.INVENTED",
        "client_secret": Secret("invented-secret"),
        "data_center": DataCenter.parse("eu"),
    }

    with pytest.raises(SettingsError, match=told):
        Client(**{**given, **changes})
