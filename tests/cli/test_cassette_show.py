"""`catalyst-oauth cassette show`: what a cassette holds, and nothing secret of it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import yaml

from pytest_catalyst_oauth.cassette._format import dump
from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.engine import HttpReply
from tests.cassette.recordings import (
    CLIENT_SECRET,
    NEW_TOKEN,
    OLD_TOKEN,
    REFRESH_TOKEN,
    origin,
    refresh,
    rows,
)

CASSETTES = Path(__file__).parents[2] / "cassettes"
RENEWED = CASSETTES / "refresh" / "after_the_hour.yaml"
SECRETS = CLIENT_SECRET, NEW_TOKEN, OLD_TOKEN, REFRESH_TOKEN


@pytest.fixture
def show(capsys):
    """Run the command; return its exit code, and what it said."""

    def show(path, *options):
        code = main(["cassette", "show", str(path), *options])
        return code, capsys.readouterr().out

    return show


@pytest.fixture
def leaking(tmp_path):
    """Save exchanges as they are, as somebody without a scrubber does."""

    def leaking(*exchanges, told=None):
        path = tmp_path / "leaking.yaml"
        path.write_bytes(dump(exchanges, told))
        return path

    return leaking


def test_the_sequence_in_the_words_of_the_journal(show):
    """Who was asked for what and when, what came of it, and whose token was used."""
    code, told = show(RENEWED)

    lines = told.splitlines()
    token = (
        "20:46:53 POST /oauth/v2/token grant_type=refresh_token refresh_token=••• "
        "client_id=REDACTED-client-id-1 client_secret=••• -> 200 access token issued"
    )
    listed = "20:46:53 GET /baas/v1/project/10000000000000001/table/Guests/row"
    assert code == 0
    assert lines[0] == f"{RENEWED}: 4 exchanges"
    assert lines[1].startswith("Recorded 2026-11-24 20:46 UTC by tests/flows/")
    assert "from the fake of pytest-catalyst-oauth" in lines[1]
    assert [line.strip() for line in lines[2:]] == [
        "https://accounts.zoho.com",
        f"1. {token}",
        "https://api.catalyst.zoho.com",
        f"2. {listed} (with the token of 1) -> 200 success",
        "https://accounts.zoho.com",
        f"3. {token}",
        "https://api.catalyst.zoho.com",
        f"4. {listed} (with the token of 3) -> 200 success",
    ]


@pytest.mark.parametrize("form", ["text", "mermaid", "json"])
def test_no_secret_of_a_foreign_cassette_is_shown(show, leaking, form):
    """In its requests, its replies, and what it says of itself."""
    request, reply = rows(OLD_TOKEN)
    headers = (*reply.headers, ("Content-Encoding", "gzip"))
    packed = HttpReply(status=401, headers=headers, body=gzip.compress(reply.body))
    told = origin(test=f"tests/test_{REFRESH_TOKEN}.py")
    path = leaking(refresh(REFRESH_TOKEN), (request, packed), told=told)

    code, shown = show(path, "--format", form)

    assert code == 0
    assert "/oauth/v2/token" in shown
    assert not [secret for secret in SECRETS if secret in shown]
    assert "not JSON" not in shown


def test_a_cassette_that_says_nothing_of_itself(show, leaking):
    """As plain VCR.py writes it: no origin, and perhaps no time."""
    request, reply = rows(OLD_TOKEN)
    bare = HttpReply(status=reply.status, body=reply.body)

    code, told = show(leaking((request, bare)))

    assert code == 0
    assert "Nobody wrote down when" in told
    assert "1. --:--:-- GET /baas/v1/" in told


def test_a_cassette_without_exchanges(show, leaking):
    """It is empty, not broken."""
    code, told = show(leaking())

    assert (code, told.splitlines()[0].endswith(": 0 exchanges")) == (0, True)


def test_json_for_programs(show):
    """The same, to be taken apart."""
    told = json.loads(show(RENEWED, "--format", "json")[1])

    assert told["cassette"] == str(RENEWED)
    assert told["recorded_with"]["data_center"] == "us"
    assert told["exchanges"][1] == {
        "number": 2,
        "at": "2026-11-24T20:46:53+00:00",
        "method": "GET",
        "origin": "https://api.catalyst.zoho.com",
        "path": "/baas/v1/project/10000000000000001/table/Guests/row",
        "parameters": [],
        "status": 200,
        "outcome": "success",
        "token_of": 1,
    }


def test_a_diagram_for_a_page(show):
    """What Mermaid would take for the end of a line is written in its own way."""
    lines = show(RENEWED, "--format", "mermaid")[1].splitlines()

    assert lines[:4] == [
        "sequenceDiagram",
        "    participant C as client",
        "    participant S1 as https://accounts.zoho.com",
        "    participant S2 as https://api.catalyst.zoho.com",
    ]
    assert "0.1.0#59; nothing here was recorded from Zoho" in lines[4]
    assert lines[-1] == "    S2-->>C: 200 success"
    assert not [line for line in lines if line.replace("#59;", "").count(";")]


def test_all_reference_cassettes_can_be_shown(show):
    """Whatever is in them."""
    for path in CASSETTES.rglob("*.yaml"):
        count = len(yaml.safe_load(path.read_text())["interactions"])
        code, told = show(path)

        assert code == 0
        assert told.count(" -> ") == count


def test_what_is_not_there_is_named(tmp_path, capsys):
    """And nothing is shown."""
    assert main(["cassette", "show", str(tmp_path / "gone.yaml")]) == 8

    said, error = capsys.readouterr()
    assert said == ""
    assert "gone.yaml: there is no such file" in error
