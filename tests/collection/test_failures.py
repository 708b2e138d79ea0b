"""What the module says when it cannot, or only half."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from pytest_catalyst_oauth.fake import FakeServer


def test_a_short_secret_cuts_nothing(run_module, options, fake, server):
    """A secret that begins every token stays hidden, and the token stays whole."""
    short = {"client_id": "1000.SHORT", "client_secret": "1000"}
    fake.seed({"clients": [short]})
    refresh_token = fake.refresh_token.reveal()

    answer = run_module(**{**options, **short, "refresh_token": refresh_token})

    assert answer["access_token"].startswith("1000.")
    assert answer["headers"]["Authorization"].endswith(answer["access_token"])
    assert '"1000"' not in answer.printed
    assert refresh_token not in answer.printed


WRONG = "an-invented-secret-of-nobody"
FAILURES = {
    "wrong secret": ({"client_secret": WRONG}, "RefusedError", "API console"),
    "unknown client": ({"client_id": "1000.NOBODY"}, "RefusedError", "data centre"),
    "dead token": ({"refresh_token": WRONG}, "LoginNeededError", "log in again"),
    "unknown centre": (
        {"data_center": "mars"},
        "SettingsError",
        "choose one of us, eu",
    ),
    "nothing to renew with": (
        {"refresh_token": ""},
        "LoginNeededError",
        "nothing is stored for profile 'default'; log in, or give a refresh token",
    ),
    "no server": (
        {"accounts_url": "http://127.0.0.1:9", "attempts": 1},
        "TransportError",
        "check accounts_url",
    ),
    "plain http": ({"accounts_url": "http://a.example"}, "SettingsError", "https://"),
    "no bundle": ({"ca_bundle": "/nowhere.pem"}, "SettingsError", "name a PEM file"),
    "no time": ({"timeout": 0}, "SettingsError", "more than 0 seconds"),
    "no attempts": ({"attempts": 0}, "SettingsError", "1 or more"),
    "too long": ({"min_remaining": 3600}, "SettingsError", "between 0 and 3000"),
    "strange store": ({"store": "ftp:x"}, "SettingsError", "sqlite:PATH"),
    "empty id": ({"client_id": ""}, "SettingsError", "api-console.zoho.com"),
    "empty secret": ({"client_secret": ""}, "SettingsError", "Client Secret"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_says_what_to_do(run_module, options, server, case):
    """One sentence names the thing and the next step; the rest is data."""
    wrong, kind, advice = FAILURES[case]

    answer = run_module(**{**options, **wrong})

    assert answer["failed"]
    assert answer["kind"] == kind
    assert advice in answer["msg"]
    assert re.fullmatch(r"[^\n]+[^.\n]\.", answer["msg"])
    assert {"error", "hint", "status", "retry_after", "attempts"} <= answer.keys()
    assert "Traceback" not in answer.printed
    assert WRONG not in answer.printed
    assert server.fake.refresh_token.reveal() not in answer.printed


def test_an_unknown_authority_names_the_option(run_module, options, fake):
    """That which names a file with its certificate, as a task has it."""
    pytest.importorskip("trustme", reason="the extra tls is not installed")
    with FakeServer(fake, https=True) as server:
        answer = run_module(**{**options, "accounts_url": server.accounts_url})

    assert answer["kind"] == "TransportError"
    assert "ca_bundle" in answer["hint"]


def test_a_damaged_store_is_named(run_module, options, tmp_path):
    """The failure says which file, and how to go on."""
    path = tmp_path / "broken.db"
    path.touch(mode=0o600)
    path.write_bytes(b"no database at all " * 100)

    answer = run_module(**{**options, "store": str(path)})

    assert answer["kind"] == "StoreError"
    assert str(path) in answer["msg"]
    assert "move the file away" in answer["msg"]


def test_a_token_that_cannot_be_stored_is_returned_with_a_warning(
    run_module, options, store
):
    """The play goes on with it, and is told that others will not find it."""
    run_module(**options, profile="other")
    with closing(sqlite3.connect(store)) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON tokens "
            "BEGIN SELECT RAISE(ABORT, 'no space left'); END"
        )

    answer = run_module(**options)

    assert answer["changed"]
    assert answer["access_token"]
    assert "a token was not stored" in answer.printed
    assert "no space left" in answer.printed


def test_two_sources_are_one_too_many(run_module, options):
    """A refresh token and a code together are refused by Ansible's own check."""
    answer = run_module(**options, code="an-invented-code")

    assert answer["msg"].endswith("mutually exclusive: refresh_token|code|soid")


def test_a_server_that_quotes_the_secret_is_not_quoted(run_module, options, fake):
    """An answer that echoes the request's secrets leaves no trace of them."""
    secret = options["client_secret"]
    body = f'{{"error": "odd_error", "error_description": "{secret.reveal()}"}}'
    fake.fail("token", status=400, body=body)

    answer = run_module(**options)

    assert answer["error"] == "odd_error"
    assert secret.reveal() not in answer.printed
