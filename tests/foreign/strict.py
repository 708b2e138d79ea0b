"""What any strict authorization server must see from us, and we from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_catalyst_oauth.adapters import RequestsTransport
from pytest_catalyst_oauth.engine import (
    Credentials,
    Limits,
    MemoryStore,
    ScopeSet,
    Secret,
    TokenState,
    grants,
)
from pytest_catalyst_oauth.engine.errors import LoginNeededError, RefusedError
from tests.foreign.as_zoho import AsZoho
from tests.foreign.conftest import SCOPE


def held(client, *, transport=None, store=None, grant=None):
    return Credentials(
        client,
        transport=transport or AsZoho(client),
        store=MemoryStore() if store is None else store,
        grant=grant,
        limits=Limits(token_requests=1_000),
    )


class StrictServer:
    """To be inherited by a class of tests.

    It has the fixtures `client`, and `consent`, which opens an authorization URL as a
    person who consents and returns the redirect.
    """

    @pytest.fixture
    def login(self, client, consent):
        """Log in, with a proof key and a state; return what the code is."""
        attempt = grants.LoginAttempt.start(client, ScopeSet.parse(SCOPE))
        return attempt.finish(consent(attempt.url))

    def test_a_code_with_a_proof_key_becomes_a_token(self, login):
        """The authorization URL and the exchange are what the standard says."""
        client, grant = login

        token = held(client, grant=grant).token()

        assert token.refresh_token is not None
        assert token.scope == ScopeSet.parse(SCOPE)
        assert grant.code_verifier is not None

    def test_a_code_without_its_verifier_is_refused(self, login):
        """HTTP 400 and `invalid_grant`: a new login is needed."""
        client, grant = login

        with pytest.raises((LoginNeededError, RefusedError)) as raised:
            held(client, grant=replace(grant, code_verifier=None)).token()

        assert raised.value.status == 400

    def test_a_rotated_refresh_token_is_stored_before_it_is_used(self, login):
        """Each refresh sends what the latest brought, and by then it is stored."""
        client, grant = login
        store = MemoryStore()

        class Looking:
            def __init__(self):
                self.inner, self.stored = AsZoho(client), []

            def send(self, request):
                (key,) = store.keys()
                self.stored.append(store.load(key).refresh_token)
                return self.inner.send(request)

        looking = Looking()
        credentials = held(client, grant=grant, store=store, transport=looking)
        tokens = [credentials.token(), *(credentials.refresh() for _ in range(3))]

        assert len({token.refresh_token for token in tokens}) == 4
        assert len({token.access_token for token in tokens}) == 4
        assert looking.stored == [None, *(one.refresh_token for one in tokens[:3])]
        for stored, request in zip(
            looking.stored[1:], looking.inner.sent[1:], strict=True
        ):
            sent = request.body.decode()
            assert f"refresh_token={stored.reveal()}&" in sent

    def test_a_refresh_token_works_once(self, login):
        """The old one is dead, which is HTTP 400 and `invalid_grant`."""
        client, grant = login
        first = held(client, grant=grant).token()
        old = grants.RefreshGrant(refresh_token=first.refresh_token)
        held(client, grant=old).token()

        late = held(client, grant=old)
        with pytest.raises(LoginNeededError) as raised:
            late.token()

        assert (raised.value.error, raised.value.status) == ("invalid_grant", 400)
        assert late.status().state is TokenState.DEAD

    def test_a_wrong_secret_is_refused(self, client):
        """HTTP 401 and `invalid_client`."""
        wrong = replace(client, client_secret=Secret("invented-wrong-secret"))
        grant = grants.RefreshGrant(refresh_token=Secret("invented-unknown-token"))

        with pytest.raises(RefusedError) as raised:
            held(wrong, grant=grant).token()

        assert (raised.value.error, raised.value.status) == ("invalid_client", 401)

    def test_a_revoked_refresh_token_is_dead(self, login):
        """And nothing of it is left here."""
        client, grant = login
        credentials = held(client, grant=grant)
        token = credentials.token()

        assert credentials.revoke()
        assert credentials.peek() is None

        again = grants.RefreshGrant(refresh_token=token.refresh_token)
        with pytest.raises(LoginNeededError) as raised:
            held(client, grant=again).token()
        assert raised.value.error == "invalid_grant"

    def test_an_unknown_token_is_revoked_without_complaint(self, client):
        """HTTP 200, where Zoho says 400; both mean that it is gone."""
        unknown = grants.RefreshGrant(refresh_token=Secret("invented-unknown-token"))

        assert held(client, grant=unknown).revoke()

    def test_nothing_but_the_standards_names_is_sent(self, login):
        """A code exchange and a refresh go out as they are; nothing is translated."""
        client, grant = login
        credentials = held(client, grant=grant, transport=RequestsTransport())

        assert credentials.token().access_token != credentials.refresh().access_token
