"""Variables that aim other programs at a fake server."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.fake import FakeServer


@pytest.fixture(scope="module")
def server():
    with FakeServer() as running:
        yield running


def test_our_own_variables_say_everything(server):
    """Client, refresh token, data centre, addresses and project."""
    fake, env = server.fake, server.env

    own = {name: v for name, v in env.items() if name.startswith("CATALYST_OAUTH_")}
    assert own == {
        "CATALYST_OAUTH_CLIENT_ID": fake.client.client_id,
        "CATALYST_OAUTH_CLIENT_SECRET": fake.client.client_secret.reveal(),
        "CATALYST_OAUTH_REFRESH_TOKEN": fake.refresh_token.reveal(),
        "CATALYST_OAUTH_DATA_CENTER": "us",
        "CATALYST_OAUTH_ACCOUNTS_URL": server.accounts_url,
        "CATALYST_OAUTH_API_URL": server.api_url,
        "CATALYST_OAUTH_PROJECT_ID": fake.project_id,
        "CATALYST_OAUTH_SOURCE": (
            f"the fake of pytest-catalyst-oauth {__version__}; "
            "nothing here was recorded from Zoho"
        ),
    }


def test_the_sdks_find_their_addresses(server):
    """Without them the one for Python asks a host that does not exist."""
    assert server.env["X_ZOHO_CATALYST_ACCOUNTS_URL"] == server.accounts_url
    assert server.env["X_ZOHO_CATALYST_CONSOLE_URL"] == server.api_url


def test_the_sdks_find_credentials_and_project(server):
    """As JSON; the key has a ZAID's form, and the domain has no scheme."""
    auth = json.loads(server.env["CATALYST_AUTH"])
    options = json.loads(server.env["CATALYST_OPTIONS"])

    assert auth == {
        "client_id": server.fake.client.client_id,
        "client_secret": server.fake.client.client_secret.reveal(),
        "refresh_token": server.fake.refresh_token.reveal(),
    }
    assert json.loads(server.env["CATALYST_CONFIG"]) == options
    assert options["project_id"] == server.fake.project_id
    assert options["project_key"].isdecimal()
    assert len(options["project_key"]) == 11
    assert options["project_key"] != options["project_id"]
    assert options["project_domain"] == urlsplit(server.api_url).netloc
    assert options["environment"] == "Development"


def test_all_variables_are_text(server):
    """So they can be handed to `subprocess` or `os.environ` as they are."""
    assert all(isinstance(value, str) for value in server.env.values())
