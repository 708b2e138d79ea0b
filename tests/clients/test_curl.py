"""curl against the fake on a loopback socket."""

from __future__ import annotations

import json
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
