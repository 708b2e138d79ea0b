"""curl against the fake on a loopback socket."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from pytest_catalyst_oauth.engine import grants

CURL = shutil.which("curl")
pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed")


@pytest.fixture
def curl(environment):
    """Run curl without its own settings; secrets go in by standard input."""

    def run(server, *arguments, text):
        done = subprocess.run(
            [CURL, "--disable", "--silent", "--show-error", *arguments],
            env=environment(server),
            input=text,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stdout

    return run


def test_curl_refreshes_and_calls_the_api(serve, curl):
    """A form to the token endpoint, then a header to the API."""
    server = serve()
    grant = grants.RefreshGrant(refresh_token=server.fake.refresh_token)
    request = grant.request(server.client)

    answer = json.loads(
        curl(server, "--data", "@-", request.url, text=request.body.decode())
    )
    rows = json.loads(
        curl(
            server,
            "--header",
            "@-",
            f"{server.project_url}/table/Guests/row",
            text=f"Authorization: {answer['token_type']} {answer['access_token']}",
        )
    )

    assert [row["Name"] for row in rows["data"]] == ["Ada", "Grace"]
    assert [one.status for one in server.fake.journal] == [200, 200]


def test_curl_sees_an_error_with_status_200(serve, curl):
    """So `--fail` fails nobody: the body has to be read."""
    server = serve()

    body = curl(
        server, "--fail", "--data", "@-", server.client.token_url, text="client_id=x"
    )

    assert body == '{"error":"invalid_client"}'


def test_curl_meets_the_fake_at_zohos_own_addresses(curl_by_proxy):
    """By the environment alone: the proxy, and whom to trust."""
    server, run = curl_by_proxy
    grant = grants.RefreshGrant(refresh_token=server.fake.refresh_token)
    request = grant.request(server.fake.client)

    done = run("--data", "@-", "https://accounts.zoho.com/oauth/v2/token", text=request)

    assert "access_token" in json.loads(done.stdout)
    assert [one.origin for one in server.fake.journal] == ["https://accounts.zoho.com"]


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_curl_is_kept_from_all_other_hosts(curl_by_proxy, scheme):
    """It names the one that it asked for."""
    _, run = curl_by_proxy

    done = run("--include", f"{scheme}://example.com/")

    assert "403" in done.stdout + done.stderr
    assert "example.com is not faked" in done.stdout
    assert done.returncode == (56 if scheme == "https" else 0)


@pytest.fixture
def curl_by_proxy(fake_by_proxy):
    """A server, and curl with nothing but its environment."""

    def run(*arguments, text=None):
        return subprocess.run(
            [CURL, "--disable", "--silent", "--show-error", *arguments],
            env={**fake_by_proxy.env, "PATH": os.environ["PATH"]},
            input=text.body.decode() if text else "",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return fake_by_proxy, run
