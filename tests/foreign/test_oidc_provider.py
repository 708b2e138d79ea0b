"""The engine against `oidc-provider`, a certified OpenID provider in JavaScript."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
import requests

from pytest_catalyst_oauth.engine import ScopeSet, grants
from pytest_catalyst_oauth.engine.errors import LoginNeededError
from tests.foreign.as_zoho import AsZoho
from tests.foreign.conftest import REDIRECT_URI, SCOPE
from tests.foreign.strict import StrictServer, held

NOW = 1_800_000_000.0


def opened(url):
    """Open a URL as a browser does; return the redirect to the client."""
    with requests.Session() as browser:
        while not url.startswith(REDIRECT_URI):
            page = browser.get(url, allow_redirects=False, timeout=10)
            assert page.is_redirect, page.text
            url = urljoin(url, page.headers["Location"])
    return url


class TestOidcProvider(StrictServer):
    """What a certified provider accepts, with rotation and reuse detection."""

    @pytest.fixture
    def client(self, oidc_provider):
        return oidc_provider

    @pytest.fixture
    def consent(self):
        return opened

    def test_the_reuse_of_a_refresh_token_ends_the_family(self, login):
        """Then the newer one is dead too, and only a person can help."""
        client, grant = login
        credentials = held(client, grant=grant)
        first = credentials.token()
        credentials.refresh()
        old = grants.RefreshGrant(refresh_token=first.refresh_token)

        for who in (held(client, grant=old), credentials):
            with pytest.raises(LoginNeededError) as raised:
                who.refresh()
            assert raised.value.error == "invalid_grant"

    def test_a_device_logs_in(self, client):
        """Under other names than Zoho's; what it says is understood."""
        transport = AsZoho(client)
        request = grants.device_code_request(client, ScopeSet.parse(SCOPE))
        device = grants.read_device_code(
            transport.send(request), asked_at=NOW, home=client.data_center
        )
        polling = grants.DevicePolling.start(client, device, now=NOW)
        assert polling.wait_until == NOW + 5

        early = transport.send(polling.request())
        polling = polling.read(early, asked_at=NOW + 5, now=NOW + 5)
        assert isinstance(polling, grants.DevicePolling)
        confirm(device)
        done = polling.read(
            transport.send(polling.request()), asked_at=NOW + 10, now=NOW + 10
        )

        assert done.token.refresh_token is not None
        assert done.token.scope == ScopeSet.parse(SCOPE)


def confirm(device):
    """Type the code in, and confirm it, as a person does."""
    with requests.Session() as browser:
        page = browser.get(device.verification_url, timeout=10)
        page = posted(browser, page, user_code=device.user_code)
        assert device.user_code in page.text
        page = posted(browser, page, user_code=device.user_code, confirm="yes")
        assert page.status_code == 200


def posted(browser, page, **fields):
    """Send the form of a page."""
    found = re.search(r'name="xsrf" value="(\w+)"', page.text)
    action = re.search(r'action="([^"]+)"', page.text)
    url = urljoin(page.url, action[1])
    return browser.post(url, data={"xsrf": found[1], **fields}, timeout=10)
