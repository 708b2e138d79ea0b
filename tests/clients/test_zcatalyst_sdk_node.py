"""The official SDK for Node, unmodified, against the fake."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from pytest_catalyst_oauth.fake import FakeServer
from tests.npm import installed, node

HERE = Path(__file__).with_name("node")


@pytest.fixture(scope="module")
def modules():
    """Return a folder with the SDK; skip without npm."""
    node()
    return installed(HERE) / "node_modules"


@pytest.fixture
def start_sdk(modules, tmp_path):
    """Start a program with the SDK; return how to tell it something."""
    programs = []

    def start(env):
        program = subprocess.Popen(
            [node(), HERE / "sdk_program.cjs"],
            # A file below HOME, or else here, would go before the variables.
            env={**env, "NODE_PATH": str(modules), "HOME": str(tmp_path)},
            cwd=tmp_path,
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


@pytest.fixture
def sdk(serve, start_sdk):
    """The SDK, and a server that it knows."""
    server = serve()
    return start_sdk(server.env), server


def test_the_variables_suffice(serve, start_sdk):
    """A program needs nothing but what the server says of itself."""
    rows = start_sdk(serve().env)("table", "getPagedRows")

    assert "result" in rows


def test_the_sdk_reads_rows(sdk):
    """It refreshes once, at the right path, and keeps the token."""
    tell, server = sdk

    rows = tell("table", "getPagedRows")["result"]["data"]

    assert [row["Name"] for row in rows] == ["Ada", "Grace"]
    assert tell("table", "getRow", rows[0]["ROWID"])["result"] == rows[0]
    (asked,) = server.fake.journal.token_requests
    assert (asked.path, asked.grant_type) == ("/oauth/v2/token", "refresh_token")


def test_ids_survive_javascript(sdk):
    """They are text, as the SDK asks for that, and longer than its numbers."""
    tell, _ = sdk

    (row, *_) = tell("table", "getPagedRows")["result"]["data"]

    assert re.fullmatch(r"\d{17,}", row["ROWID"])
    assert isinstance(row["Seats"], str)


def test_the_sdk_pages(sdk):
    """By the token of each page, until there is none."""
    tell, _ = sdk
    first = tell("table", "getPagedRows", {"maxRows": 1})["result"]

    second = tell(
        "table", "getPagedRows", {"maxRows": 1, "nextToken": first["next_token"]}
    )["result"]

    assert [one["data"][0]["Name"] for one in (first, second)] == ["Ada", "Grace"]
    assert not second.get("next_token")


def test_the_sdk_changes_rows(sdk):
    """It inserts, updates and deletes; what is gone has an error code."""
    tell, _ = sdk

    mary = tell("table", "insertRow", {"Name": "Mary"})["result"]
    changed = tell("table", "updateRow", {"ROWID": mary["ROWID"], "Seats": 1})

    assert (changed["result"]["Name"], changed["result"]["Seats"]) == ("Mary", "1")
    assert tell("table", "deleteRow", mary["ROWID"])["result"] is True
    gone = tell("table", "getRow", mary["ROWID"])
    assert (gone["error"], gone["status"]) == ("INVALID_ID", 404)


def test_the_sdk_queries_and_caches(sdk):
    """By one method each."""
    tell, _ = sdk
    query = "SELECT COUNT(ROWID) FROM Guests WHERE Seats > 2"

    counted = tell("zcql", "executeZCQLQuery", query)["result"]
    assert counted == [{"Guests": {"COUNT(ROWID)": "1"}}]
    assert tell("segment", "put", "colour", "blue")["result"]["cache_value"] == "blue"
    assert tell("segment", "getValue", "colour")["result"] == "blue"
    assert tell("segment", "delete", "colour")["result"] is True


def test_the_sdk_tells_why_it_was_refused(sdk):
    """Unlike the one for Python it repeats Zoho's word, though as bare text."""
    tell, server = sdk
    server.fake.revoke(server.fake.refresh_token)

    said = tell("table", "getPagedRows")

    assert said == {"thrown": "Error fetching access token: invalid_code"}
    assert [one.status for one in server.fake.journal] == [200]


def test_the_sdk_keeps_a_token_that_was_ended(sdk):
    """It believes the lifetime that it was told, and renews after no refusal."""
    tell, server = sdk
    assert "result" in tell("table", "getPagedRows")

    server.fake.clock.advance(hours=1)
    refused = tell("table", "getPagedRows")

    assert (refused["error"], refused["status"]) == ("INVALID_TOKEN", 401)
    server.fake.journal.expect(token_requests=1)


def test_the_sdk_trusts_the_certificate_of_the_environment(start_sdk):
    """The same program works on https, by one variable more."""
    with FakeServer(https=True) as server:
        tell = start_sdk(server.env)

        assert len(tell("table", "getPagedRows")["result"]["data"]) == 2
        assert {one.origin for one in server.fake.journal} == {server.accounts_url}
