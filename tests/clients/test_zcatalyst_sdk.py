"""The official SDK for Python against the fake on a loopback socket."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

from pytest_catalyst_oauth.adapters import CatalystAuth, connect
from pytest_catalyst_oauth.engine import MemoryStore

pytestmark = pytest.mark.skipif(
    find_spec("zcatalyst_sdk") is None,
    reason="the official SDK is absent: pip install zcatalyst-sdk==1.4.0",
)
PROGRAM = Path(__file__).with_name("sdk_program.py")
DAY = 86_400


@pytest.fixture
def start_sdk(environment):
    """Start a program with the SDK; return how to tell it something."""
    programs = []

    def start(server):
        program = subprocess.Popen(
            [sys.executable, str(PROGRAM)],
            env=environment(server),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        programs.append(program)

        def tell(*command):
            program.stdin.write(json.dumps(command) + "\n")
            program.stdin.flush()
            return json.loads(program.stdout.readline())

        return tell

    yield start
    for program in programs:
        program.communicate(timeout=30)


def test_the_sdk_reads_a_row(serve, start_sdk):
    """With nothing but the server's variables, and the double slash served."""
    server = serve(lenient_double_slash=True)
    sdk = start_sdk(server)

    rows = sdk("get_paged_rows")["result"]["data"]

    assert [row["Name"] for row in rows] == ["Ada", "Grace"]
    assert sdk("get_row", rows[0]["ROWID"])["result"] == rows[0]
    (asked,) = server.fake.journal.token_requests
    assert (asked.path, asked.grant_type) == ("//oauth/v2/token", "refresh_token")


def test_the_sdk_changes_rows(serve, start_sdk):
    """It inserts, updates by PATCH, and deletes one row or several."""
    sdk = start_sdk(serve(lenient_double_slash=True))

    mary = sdk("insert_row", {"Name": "Mary"})["result"]
    changed = sdk("update_row", {"ROWID": mary["ROWID"], "Seats": 1})["result"]
    others = [row["ROWID"] for row in sdk("get_paged_rows", None, 2)["result"]["data"]]

    assert (changed["Name"], changed["Seats"]) == ("Mary", "1")
    assert sdk("delete_rows", others)["result"] is True
    assert sdk("delete_row", mary["ROWID"])["result"] is True
    assert sdk("get_paged_rows")["result"]["data"] == []
    assert sdk("get_row", mary["ROWID"])["error"] == "INVALID_ID"


def test_the_sdk_fails_at_the_double_slash(serve, start_sdk):
    """As its users report: it cannot read the page that says 404."""
    server = serve()

    answer = start_sdk(server)("get_paged_rows")

    assert answer["error"] == "UNPARSABLE_RESPONSE"
    assert [(one.path, one.status) for one in server.fake.journal] == [
        ("//oauth/v2/token", 404)
    ]


def test_the_sdk_hides_why_it_was_refused(serve, start_sdk):
    """A dead refresh token is `invalid_code` on the wire, and nowhere else."""
    server = serve(lenient_double_slash=True)
    server.fake.revoke(server.fake.refresh_token)

    answer = start_sdk(server)("get_paged_rows")

    assert answer["error"] == "AUTHENTICATION_FAILURE"
    assert "invalid_code" not in answer["message"]
    assert [one.outcome for one in server.fake.journal] == ["invalid_code"]


def test_the_sdk_keeps_a_dead_token_where_we_renew_it(serve, start_sdk, monkeypatch):
    """It takes seconds for milliseconds, and trusts an hour's token for 41 days.

    Our own session meets the same refusal in the same situation, and recovers.
    """
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = serve(lenient_double_slash=True)
    fake, url = server.fake, f"{server.project_url}/table/Guests/row"
    sdk, session = start_sdk(server), requests.Session()
    session.auth = CatalystAuth(
        connect(server.client, refresh_token=fake.refresh_token, store=MemoryStore())
    )
    assert "result" in sdk("get_paged_rows")
    assert session.get(url).status_code == 200
    assert len(fake.journal.token_requests) == 2
    assert sdk("trusted_until")["result"] > time.time() + 41 * DAY

    for hours in (1, 12, 24 * 30):
        fake.clock.advance(hours=hours)
        fake.journal.clear()

        assert sdk("get_paged_rows")["error"] == "INVALID_TOKEN"
        assert [one.outcome for one in fake.journal] == ["INVALID_TOKEN"]

        fake.journal.clear()
        assert session.get(url).status_code == 200
        assert [one.outcome for one in fake.journal] == [
            "INVALID_TOKEN",
            "access token issued",
            "success",
        ]
    session.close()
