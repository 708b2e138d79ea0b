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


def test_the_sdk_sees_tables_and_columns(serve, start_sdk):
    """By name and by id; ids are text."""
    sdk = start_sdk(serve(lenient_double_slash=True))

    (table,) = sdk("datastore:get_all_tables")["result"]
    columns = sdk("get_all_columns")["result"]

    assert sdk("datastore:get_table_details", table["table_id"])["result"] == table
    assert [one["column_name"] for one in columns[4:]] == ["Name", "Seats"]
    assert columns[4]["data_type"] == "varchar"
    assert sdk("get_column_details", columns[4]["column_id"])["result"] == columns[4]
    assert sdk("insert_row", {"Naem": "Mary"})["error"] == "INVALID_INPUT"


def test_the_sdk_queries(serve, start_sdk):
    """All four statements go through one method."""
    sdk = start_sdk(serve(lenient_double_slash=True))
    query = "SELECT COUNT(ROWID) FROM Guests WHERE Seats > 2"

    assert sdk("zcql:execute_query", query)["result"] == [
        {"Guests": {"COUNT(ROWID)": "1"}}
    ]
    assert sdk("zcql:execute_olap_query", query)["result"] == [
        {"Guests": {"COUNT(ROWID)": "1"}}
    ]
    deleted = sdk("zcql:execute_query", "DELETE FROM Guests WHERE Name = 'Ada'")
    assert deleted["result"] == [{"Guests": {"DELETED_ROWS_COUNT": "1"}}]
    assert sdk("zcql:execute_query", "DROP")["error"] == "ZCQL QUERY ERROR"


def test_the_sdk_caches(serve, start_sdk):
    """In the default segment and in another; what ended has no value."""
    server = serve(lenient_double_slash=True, access_token_lifetime=10**6)
    sessions = server.fake.add_segment("Sessions")
    sdk = start_sdk(server)

    assert [one["segment_name"] for one in sdk("cache:get_all_segment")["result"]] == [
        "Default",
        "Sessions",
    ]
    details = sdk("cache:get_segment_details", sessions)["result"]
    assert details["segment_name"] == "Sessions"
    for segment in (None, sessions):
        put = sdk("segment", segment, "put", "colour", "blue", 1)["result"]
        assert put["cache_value"] == "blue"
        assert sdk("segment", segment, "update", "colour", "red", 2)["result"]
        assert sdk("segment", segment, "get_value", "colour")["result"] == "red"
    assert sdk("segment", None, "delete", "colour")["result"] is True
    assert sdk("segment", None, "get_value", "colour")["result"] is None
    server.fake.clock.advance(hours=2)
    assert sdk("segment", sessions, "get_value", "colour")["result"] is None


def test_the_sdk_stores_files(serve, start_sdk):
    """It names a file beside it, and gives the file itself an empty name."""
    sdk = start_sdk(serve(lenient_double_slash=True))
    folder = sdk("filestore:create_folder", "Menus")["result"]["id"]

    file = sdk("upload", folder, "Menü.txt", "soup\r\n")["result"]

    assert (file["file_name"], file["file_size"]) == ("Menü.txt", "6")
    assert sdk("folder", folder, "get_file_details", file["id"])["result"] == file
    assert sdk("download", folder, file["id"])["result"] == "soup\r\n"
    assert sdk("folder", folder, "update", "Cards")["result"]["folder_name"] == "Cards"
    (listed,) = sdk("filestore:get_folder_details", folder)["result"]["file_details"]
    assert listed["id"] == file["id"]
    assert len(sdk("filestore:get_all_folders")["result"]) == 1
    assert sdk("folder", folder, "delete_file", file["id"])["result"] is True
    assert sdk("download", folder, file["id"])["error"] == "INVALID_ID"
    assert sdk("folder", folder, "delete")["result"] is True
    assert sdk("filestore:get_all_folders")["result"] == []


CRON = {
    "cron_name": "backup",
    "cron_type": "Periodic",
    "job_detail": {"repetition_type": "every", "hour": 1},
    "cron_url_details": {"url": "https://example.com", "request_method": "GET"},
}


def test_the_sdk_keeps_crons_by_its_older_interface(serve, start_sdk):
    """Created, listed, changed and deleted."""
    sdk = start_sdk(serve(lenient_double_slash=True))

    made = sdk("cron:create_cron", {**CRON, "status": True})["result"]
    changed = {**CRON, "id": made["id"], "status": False}

    assert sdk("cron:get_all_cron")["result"] == [made]
    assert sdk("cron:get_cron_details", made["id"])["result"] == made
    assert sdk("cron:update_cron", changed)["result"]["status"] is False
    assert sdk("cron:delete_cron", made["id"])["result"] is True
    assert sdk("cron:get_all_cron")["result"] == []


def test_the_sdk_keeps_crons_by_job_scheduling(serve, start_sdk):
    """It also pauses them, resumes them and runs them."""
    sdk = start_sdk(serve(lenient_double_slash=True))
    given = {
        "cron_name": "backup",
        "cron_type": "Periodic",
        "cron_status": True,
        "cron_detail": {"repetition_type": "every", "hour": 1},
        "job_meta": {"job_name": "backup", "target_type": "Webhook"},
    }

    made = sdk("job_cron:create", given)["result"]
    assert made["cron_execution_type"] == "dynamic"
    assert sdk("job_cron:get", made["id"])["result"] == made
    assert sdk("job_cron:pause", made["id"])["result"]["cron_status"] is False
    assert sdk("job_cron:resume", "backup")["result"]["cron_status"] is True
    assert sdk("job_cron:run", "backup")["result"]["job_id"].isdecimal()
    assert sdk("job_cron:get", "backup")["result"]["success_count"] == "1"
    assert sdk("job_cron:update", "backup", {"description": "b"})["result"]
    assert len(sdk("job_cron:get_all")["result"]) == 1
    assert sdk("job_cron:delete", "backup")["result"]["id"] == made["id"]
    assert sdk("job_cron:get", "backup")["error"] == "INVALID_ID"


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
