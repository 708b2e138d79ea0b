"""The fake's profile `strict` before `oauth4webapi`, a strict client in JavaScript."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings
from tests.foreign.conftest import HERE, REDIRECT_URI, SCOPE
from tests.npm import installed, node

INVALID_GRANT = {"name": "ResponseBodyError", "error": "invalid_grant", "status": 400}
CHALLENGED = {
    "name": "WWWAuthenticateChallengeError",
    "error": "invalid_token",
    "status": 401,
}


@pytest.fixture(scope="module")
def program():
    """The client, beside the modules that it needs."""
    script = installed(HERE) / f"client-{os.getpid()}.mjs"
    shutil.copy(HERE / "oauth4webapi_client.js", script)
    yield script
    script.unlink()


@pytest.fixture
def run(program):
    """Run one of the client's flows against a fake of its own."""
    fake = FakeCatalyst(settings=FakeSettings(profile="strict"))
    clients = {
        "CLIENT": fake.register_client(redirect_uri=REDIRECT_URI),
        "SELF": fake.client,
        "DEVICE": fake.register_client(kind="device"),
    }
    secrets = {
        f"{name}_{what}": value
        for name, one in clients.items()
        for what, value in (
            ("ID", one.client_id),
            ("SECRET", one.client_secret.reveal()),
        )
    }

    def running(flow):
        with FakeServer(fake) as server:
            said = subprocess.run(
                [node(least=(20, 19)), program, flow],
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
                env={
                    "PATH": os.environ["PATH"],
                    "ISSUER": server.accounts_url,
                    "API": f"{server.project_url}/table/Guests/row",
                    "REDIRECT_URI": REDIRECT_URI,
                    "SCOPE": SCOPE,
                    **secrets,
                },
            )
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)

    return running


def test_it_discovers_the_server(run):
    """By the standard's document and by OpenID's; both name the issuer."""
    assert run("discovery")["same"] is True


def test_it_logs_a_person_in(run):
    """With a proof key, a state and the issuer; the token opens the API."""
    assert run("code") == {"scope": SCOPE, "offline": True, "status": 200}


def test_it_may_show_its_secret_in_a_header(run):
    """HTTP Basic."""
    assert run("basic") == {"scope": SCOPE}


def test_it_understands_a_no(run):
    """`access_denied`, with the state and the issuer that it demands."""
    refused = run("refusal")

    assert (refused["name"], refused["error"]) == (
        "AuthorizationResponseError",
        "access_denied",
    )


def test_a_code_that_is_used_twice_ends_its_tokens(run):
    """The second exchange is refused, and the first one's token opens nothing."""
    assert run("reuse") == {
        "refused": INVALID_GRANT,
        "after": CHALLENGED,
    }


def test_it_rotates_refresh_tokens(run):
    """Each works once; the reuse of an old one ends the family."""
    assert run("rotation") == {
        "working": 200,
        "reused": INVALID_GRANT,
        "family": INVALID_GRANT,
    }


def test_it_needs_no_person(run):
    """Client credentials, with nothing but the standard's parameters."""
    assert run("credentials") == {"scope": SCOPE, "status": 200}


def test_it_gives_tokens_up(run):
    """A living one and one that nobody knows; afterwards the API is closed."""
    assert run("revocation") == CHALLENGED


def test_it_logs_a_device_in(run):
    """Waiting, waiting too hastily, and done once the person has pressed the button."""
    said = run("device")

    assert said["pending"]["error"] == "authorization_pending"
    assert said["hasty"]["error"] == "slow_down"
    assert (said["scope"], said["status"]) == (SCOPE, 200)


def test_it_verifies_who_the_person_is(run):
    """By the ID token's signature, nonce, issuer and audience, and at userinfo."""
    assert run("openid") == {"email": "ada@example.com"}


def test_it_is_told_what_is_wrong(run):
    """A wrong secret and an invented token are challenged in the headers."""
    said = run("strangers")

    assert said["client"]["status"] == 401
    assert said["token"] == CHALLENGED
