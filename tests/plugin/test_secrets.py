"""What a failing test shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_catalyst_oauth.fake import FakeServer

FAILING = """
import pytest

def test_touches_tokens(
    catalyst_session, catalyst_oauth, catalyst_token, catalyst_oauth_config
):
    token = catalyst_oauth.credentials.refresh()
    access_token, refresh_token = token.access_token, token.refresh_token
    client, secret = catalyst_oauth.client, catalyst_oauth.client.client_secret
    record = vars(catalyst_oauth.credentials)
    url = f"{catalyst_oauth.project_url}/table/Guests/row"
    reply = catalyst_session.get(url)
    assert token == catalyst_token, (record, token, client)

def test_leaves_files(catalyst_oauth, tmp_path):
    token = catalyst_oauth.credentials.token()
    with open("issued.txt", "a") as file:
        print(token.access_token.reveal(), file=file)

def test_is_refused(catalyst_oauth):
    catalyst_oauth.credentials.revoke()
    again = catalyst_oauth.credentials.refresh()
"""


@pytest.mark.parametrize("mode", ["live", "record", "fake"])
def test_a_failing_test_shows_no_secret(
    pytester: pytest.Pytester, server: FakeServer, mode: str
) -> None:
    """Not with -l, -vv, --full-trace, captured logs, JUnit XML nor the journal."""
    pytester.makepyfile(FAILING)

    result = pytester.runpytest_subprocess(
        "-p", "no:randomly", "-l", "-vv", "--full-trace", "-o", "log_level=DEBUG",
        "--junitxml=report.xml", "-o", "junit_logging=all",
        "--catalyst-oauth-journal=all", f"--catalyst-oauth={mode}",
    )  # fmt: skip

    text = result.stdout.str() + result.stderr.str()
    text += (pytester.path / "report.xml").read_text()
    issued = (pytester.path / "issued.txt").read_text().split()
    secrets = [*issued, server.fake.refresh_token.reveal()]
    result.assert_outcomes(passed=1, failed=2)
    assert "catalyst-oauth journal" in text
    assert "POST /oauth/v2/token grant_type=refresh_token refresh_token=•••" in text
    assert [secret for secret in secrets if secret in text] == []
    # The tokens of this form that nobody wrote down count as well.
    assert "1000.fa4efa4e" not in text
    assert server.fake.client.client_secret.reveal() not in text


UNREACHED = """
import pytest
import requests
from pytest_catalyst_oauth.adapters import CatalystAuth, connect
from pytest_catalyst_oauth.fake import FakeServer

def note(credentials):
    with open("issued.txt", "a") as file:
        print(credentials.token().access_token.reveal(), file=file)

def test_of_the_session(catalyst_session, catalyst_oauth):
    note(catalyst_oauth.credentials)
    catalyst_session.get(f"{catalyst_oauth.project_url}/table/Guests/row")

def test_of_any_session(catalyst_oauth):
    note(catalyst_oauth.credentials)
    url = f"{catalyst_oauth.project_url}/table/Guests/row"
    try:
        {}["the user's own error"]
    except KeyError:
        requests.get(url, auth=CatalystAuth(catalyst_oauth.credentials))

def test_where_nobody_listens(tmp_path):
    with FakeServer() as server:
        credentials = connect(
            server.client,
            refresh_token=server.fake.refresh_token,
            store=tmp_path / "other.db",
        )
        note(credentials)
    url = f"{server.client.data_center.api_url}/baas/v1/project"
    requests.post(url, auth=CatalystAuth(credentials), json={}, stream=True)

def test_of_no_token(catalyst_session, catalyst_oauth):
    note(catalyst_oauth.credentials)
    url = f"{catalyst_oauth.project_url}/table/Guests/row"
    with pytest.raises(requests.ConnectionError) as caught:
        catalyst_session.get(url)
    request = caught.value.request
    again, headers = request.copy(), request.headers
    assert not request.headers, (again.headers, headers.copy())
"""


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("live", ()),
        ("rewrite", ("-l", "-vv")),
        ("live", ("--full-trace", "-l")),
        ("rewrite", ("--tb=long", "-vv")),
    ],
)
def test_a_call_that_fails_on_the_network_shows_no_token(
    pytester: pytest.Pytester, server: FakeServer, mode: str, options: tuple[str, ...]
) -> None:
    """Neither the frames of `requests` and what is below it, nor JUnit XML."""
    pytester.makepyfile(UNREACHED)
    server.fake.fail("api", fault="reset_before", times=None)

    result = pytester.runpytest_subprocess(
        *("-p", "no:randomly", "--junitxml=report.xml", f"--catalyst-oauth={mode}"),
        *options,
    )

    text = result.stdout.str() + result.stderr.str()
    result.assert_outcomes(failed=4)
    assert "requests.exceptions.ConnectionError" in text
    assert "the user's own error" in text
    text += (pytester.path / "report.xml").read_text()
    issued = (pytester.path / "issued.txt").read_text().split()
    # The end of a token that was cut short counts as well.
    parts = {part for token in issued for part in (token[:20], token[-20:])}
    assert len(parts) >= 4
    assert [part for part in parts if part in text] == []


@pytest.mark.parametrize("options", [(), ("-l", "-vv", "--full-trace")])
def test_a_token_request_that_fails_shows_no_secret(
    pytester: pytest.Pytester, server: FakeServer, options: tuple[str, ...]
) -> None:
    """Its body holds the refresh token and the client's secret."""
    pytester.makepyfile(
        """
        def test_it(catalyst_session, catalyst_oauth):
            catalyst_session.get(f"{catalyst_oauth.project_url}/table/Guests/row")

        def test_revoked(catalyst_oauth):
            catalyst_oauth.credentials.revoke()
        """
    )
    for side in ("token", "revoke"):
        server.fake.fail(side, fault="reset_before", times=None)

    result = pytester.runpytest_subprocess(
        *("-p", "no:randomly", "--junitxml=report.xml", "--catalyst-oauth=live"),
        *options,
    )

    text = result.stdout.str() + result.stderr.str()
    text += (pytester.path / "report.xml").read_text()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert server.fake.refresh_token.reveal()[-20:] not in text
    assert server.fake.client.client_secret.reveal()[-20:] not in text
