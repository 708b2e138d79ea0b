"""Proof keys at the token endpoint: zoho-protocol.md 8 and RFC 7636."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import ClientKind, Secret
from pytest_catalyst_oauth.engine.grants import ProofKey
from tests.fake.asking import exchange
from tests.fake.browsing import APP

# RFC 7636, appendix B.
VERIFIER = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")


@pytest.fixture
def client(fake):
    return fake.register_client(redirect_uri=APP)


@pytest.mark.parametrize("method", ["S256", "plain"])
def test_the_verifier_of_a_challenge_opens_the_code(fake, client, method):
    """By either method, with the example of the standard."""
    key = ProofKey(verifier=VERIFIER, method=method)
    code = fake.issue_code(client=client, proof_key=key)

    reply = exchange(fake, code, client=client, code_verifier=VERIFIER)

    assert "access_token" in reply.json()


@pytest.mark.parametrize("method", ["S256", "plain"])
@pytest.mark.parametrize(
    "shown", [None, ProofKey.new().verifier, Secret("x"), Secret("é" * 50)]
)
def test_a_code_is_worth_nothing_without_its_verifier(fake, client, method, shown):
    """A missing one, another one, or no verifier at all; then the code is used up."""
    key = ProofKey(verifier=VERIFIER, method=method)
    code = fake.issue_code(client=client, proof_key=key)

    first = exchange(fake, code, client=client, code_verifier=shown)
    second = exchange(fake, code, client=client, code_verifier=VERIFIER)

    assert first.json() == second.json() == {"error": "invalid_code"}


def test_the_challenge_is_not_the_verifier(fake, client):
    """Who saw the authorization request cannot show it, unless it was plain."""
    key = ProofKey(verifier=VERIFIER)
    code = fake.issue_code(client=client, proof_key=key)

    reply = exchange(fake, code, client=client, code_verifier=Secret(key.challenge))

    assert reply.json() == {"error": "invalid_code"}


def test_a_verifier_that_nobody_asked_for_is_ignored(fake, client):
    """As is every parameter that Zoho does not know."""
    code = fake.issue_code(client=client)

    reply = exchange(fake, code, client=client, code_verifier=VERIFIER)

    assert "access_token" in reply.json()


@pytest.mark.parametrize("needs", [True, False])
def test_a_mobile_client_needs_a_proof_key_unless_it_is_old(new_fake, needs):
    """Zoho exempts those that were registered long ago, so it is a switch."""
    fake = new_fake(mobile_needs_proof_key=needs)
    client = fake.register_client(redirect_uri=APP, kind=ClientKind.MOBILE)

    reply = exchange(fake, fake.issue_code(client=client), client=client)

    assert ("error" in reply.json()) is needs
