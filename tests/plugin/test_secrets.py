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
