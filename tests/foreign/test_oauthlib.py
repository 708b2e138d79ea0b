"""The engine against a server made of oauthlib's endpoints."""

from __future__ import annotations

import pytest

from tests.foreign.conftest import client_of
from tests.foreign.strict import StrictServer


class TestOauthlib(StrictServer):
    """Code with a proof key, rotation, errors with their status, revocation."""

    @pytest.fixture
    def client(self, oauthlib_server):
        return client_of(oauthlib_server.url)

    @pytest.fixture
    def consent(self, oauthlib_server):
        return oauthlib_server.consent
