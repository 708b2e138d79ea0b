"""A real `pytest -l` of tests that fail with tokens at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRETS = (
    "1000.invented-refresh-token",
    "invented-client-secret",
    "1000.invented-code",
    "1000.invented-access",
)
FAILING = """
import pytest
from pytest_catalyst_oauth.adapters import RetryPolicy, SqliteStore, connect
from pytest_catalyst_oauth.engine import Client, DataCenter, Secret, grants
from tests.adapters.loopback import (
    Listener, closing_after, reply, resetting, saying, unused_url
)
from tests.engine.doubles import CLIENT, CODE, REFRESH, REFRESH_TOKEN, token_reply

ISSUED = token_reply("1000." + "invented-access").body


def client(url):
    return Client(
        client_id=CLIENT.client_id,
        client_secret=CLIENT.client_secret,
        data_center=DataCenter(location="fake", accounts_url=url),
    )


def held(url, tmp_path, **more):
    return connect(
        client(url), store=tmp_path / "tokens.db", retry=RetryPolicy(attempts=1),
        **(more or {"refresh_token": REFRESH_TOKEN}),
    )


def test_refused(tmp_path):
    held(unused_url(), tmp_path).token()


@pytest.mark.parametrize("talk", [
    resetting,
    closing_after(b""),
    saying(reply(b"<html>")),
    saying(reply(b'{"error":"invalid_code"}')),
    saying(reply(b'{"access_token":7,"refresh_token":"%s"}' % b"1000.invented-code")),
    saying(reply(ISSUED[:-1] + b',"token_type":"mac"}')),
    saying(reply(ISSUED[:-1] + b',"expires_in":0}')),
])
def test_unanswered(talk, tmp_path):
    with Listener(talk) as server:
        held(server.url, tmp_path).token()


@pytest.mark.parametrize("talk", [resetting, saying(reply(b'{"error":"no"}'))])
def test_an_unanswered_code(talk, tmp_path):
    with Listener(talk) as server:
        held(server.url, tmp_path, code=CODE.code).token()


def test_a_failing_assertion(tmp_path):
    with Listener(saying(reply(ISSUED))) as server:
        credentials = held(server.url, tmp_path)
        token = credentials.token()
        request = REFRESH.request(client(server.url))
        store = SqliteStore(tmp_path / "tokens.db")
        records = [store.load(key) for key in store.keys()]
        assert (token, credentials, request, records) == (1, 2, 3, 4)


def test_a_failing_assertion_about_the_secret():
    assert REFRESH.refresh_token == Secret("other")


def test_a_redirect():
    grants.read_redirect(
        "https://app.example/?state=s&location=mars&code=" + CODE.code.reveal(),
        state="s",
    )


def test_a_broken_store(tmp_path):
    (tmp_path / "tokens.db").touch(0o644)
    held(unused_url(), tmp_path).token()
"""


def test_a_report_with_locals_shows_no_secret(tmp_path):
    """Whatever fails, and however much is printed: no secret in any frame."""
    (tmp_path / "test_failing.py").write_text(FAILING)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-l", "-vv", "--tb=long"),
            *("--full-trace", "--capture=no", "-p", "no:cacheprovider", tmp_path),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
    )

    shown = done.stdout + done.stderr
    failures = shown.count("\nFAILED ")
    assert failures == 14, shown
    assert "<secret " in shown
    # The file itself is shown too; what it spells out is not a leak of ours.
    lines = [line for line in shown.splitlines() if not line.startswith("    ")]
    leaks = [one for one in lines for secret in SECRETS if secret in one]
    assert leaks == []
