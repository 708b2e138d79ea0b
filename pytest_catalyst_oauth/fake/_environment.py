"""Variables that aim clients at a fake."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_catalyst_oauth import __version__

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, Secret

# A project's key in the accounts system (ZAID) has 11 digits.
_PROJECT_KEY = "10000000001"
SOURCE = (
    f"the fake of pytest-catalyst-oauth {__version__}; "
    "nothing here was recorded from Zoho"
)


def environment(
    client: Client, refresh_token: Secret, project_id: str
) -> dict[str, str]:
    """Return the variables for this plugin, its collection and the official SDKs.

    The SDKs for Python and Node read them. The one for Python does so while it is
    imported, so they must be set before. The values are secrets of the fake only.

    Source: zoho-protocol.md 5.1.
    """
    center = client.data_center
    api_url = center.api_url or center.accounts_url
    given = {
        "client_id": client.client_id,
        "client_secret": client.client_secret.reveal() if client.client_secret else "",
        "refresh_token": refresh_token.reveal(),
    }
    own = {
        **given,
        "data_center": center.location,
        "accounts_url": center.accounts_url,
        "api_url": api_url,
        "project_id": project_id,
        "source": SOURCE,
    }
    project = {
        "project_id": project_id,
        "project_key": _PROJECT_KEY,
        # The SDKs put a scheme before it.
        "project_domain": urlsplit(api_url).netloc,
        "environment": "Development",
    }
    return {
        **{f"CATALYST_OAUTH_{name.upper()}": value for name, value in own.items()},
        "X_ZOHO_CATALYST_ACCOUNTS_URL": center.accounts_url,
        "X_ZOHO_CATALYST_CONSOLE_URL": api_url,
        "CATALYST_AUTH": json.dumps(given),
        "CATALYST_OPTIONS": json.dumps(project),
        # The same to the SDK for Node, from 3.4 on.
        "CATALYST_CONFIG": json.dumps(project),
    }


def trust_environment(ca_file: str) -> dict[str, str]:
    """Return the variables that let clients trust a certificate authority."""
    names = "SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS"
    return dict.fromkeys(names.split(), ca_file)


def proxy_environment(proxy: str, ca_file: str) -> dict[str, str]:
    """Return the variables that lead clients to a proxy and let them trust it.

    What is on this machine is reached without it.
    """
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), proxy)
    given = {**proxies, "NO_PROXY": "127.0.0.1,localhost"}
    # curl knows `http_proxy` in lower case only.
    lowered = {name.lower(): value for name, value in given.items()}
    # From Node 24 on, or 22.21.
    node = {"NODE_USE_ENV_PROXY": "1"}
    return {**given, **lowered, **node, **trust_environment(ca_file)}


def control_environment(url: str, token: str) -> dict[str, str]:
    """Return the variables for programs that control the fake."""
    return {
        "CATALYST_OAUTH_FAKE_CONTROL_URL": url,
        "CATALYST_OAUTH_FAKE_CONTROL_TOKEN": token,
    }
