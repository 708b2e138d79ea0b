"""`catalyst-oauth status`: everything about a token but the token."""

from __future__ import annotations

import json

import pytest

from pytest_catalyst_oauth.fake import (
    FakeCatalyst,
    FakeServer,
    FakeSettings,
    MovableClock,
)
from tests.cli.stage import SCOPES, Stage


def plain(stage, capsys, *arguments):
    """Return the exit code, and what `status --json` told."""
    capsys.readouterr()
    code = stage("status", "--json", *arguments)
    return code, json.loads(capsys.readouterr().out)


def test_a_fresh_token_is_told(stage, capsys):
    """State, life, scopes, quota and logins; exit code 0; and nobody is asked."""
    stage.login()
    asked = len(stage.fake.journal)

    code, told = plain(stage, capsys)

    assert code == told["exit_code"] == 0
    assert (told["state"], told["error"], told["failure"]) == ("fresh", None, None)
    assert 3590 <= told["expires_in"] <= 3600
    assert told["scope"] == [SCOPES]
    assert (told["has_refresh_token"], told["revoke_pending"]) == (True, False)
    assert (told["requests_left"], told["logins"]) == (9, 1)
    assert told["client_id"] == stage.fake.client.client_id
    assert len(stage.fake.journal) == asked


def test_words_tell_the_same(stage, capsys):
    """A line for each thing, for a person."""
    stage.login()
    capsys.readouterr()

    assert stage("status") == 0

    told = capsys.readouterr().out
    assert "state:         fresh: a token is at hand\n" in told
    assert "refresh token: known\n" in told
    assert f"scopes:        {SCOPES}\n" in told
    assert "quota:         9 token requests left" in told
    assert "failure" not in told


def test_a_token_that_can_be_renewed_is_no_failure(stage, capsys):
    """It ended; the next who asks gets another without a person."""
    stage.login()
    stage.fake.clock.advance(hours=2)

    code, told = plain(stage, capsys)

    assert (code, told["state"], told["expires_in"]) == (0, "hard", 0)


def test_nothing_stored_needs_a_person(stage, capsys):
    """Exit code 7, and the next step in words."""
    code, told = plain(stage, capsys)

    assert (code, told["has_refresh_token"]) == (7, False)
    assert "log in" in told["error"]
    assert stage("status") == 7
    assert "dead: a person has to act" in capsys.readouterr().out


def test_a_failure_is_told_with_the_next_try(stage, capsys):
    """The exit code is the failure's: `token` would fail the same way."""
    stage.login()
    stage.fake.clock.advance(hours=2)
    stage.fake.fail("token", times=9)
    expected = stage("token")

    code, told = plain(stage, capsys)

    assert code == expected == 4
    assert told["state"] == "cooling"
    assert "HTTP 503" in told["failure"]
    assert told["retry_at"].endswith("Z")
    stage("status")
    assert "next try:" in capsys.readouterr().out


def test_a_failure_beside_a_living_token_is_only_told(stage, capsys):
    """There is a token, so the exit code is 0."""
    stage.login()
    stage.fake.clock.advance(minutes=40)
    stage.fake.fail("token", times=9)
    stage("token", "--refresh")

    code, told = plain(stage, capsys)

    assert code == 0
    assert "HTTP 503" in told["failure"]


def test_a_dead_refresh_token_needs_a_person(stage, capsys):
    """Its owner revoked it elsewhere."""
    stage.login()
    stage.fake.revoke(stage.record().refresh_token)
    stage.fake.clock.advance(hours=2)
    expected = stage("token")

    code, told = plain(stage, capsys)

    assert code == expected == 7
    assert told["state"] == "dead"


def test_a_used_up_quota_is_told_before_somebody_asks(tmp_path, capsys):
    """No token lives and none may be asked for yet: 6, as `token` says."""
    settings = FakeSettings(access_token_lifetime=40)
    fake = FakeCatalyst(settings=settings, clock=MovableClock())
    with FakeServer(fake) as server:
        stage = Stage(server, tmp_path)
        stage.login()
        for _ in range(9):
            stage("token", "--refresh")
        fake.clock.advance(minutes=1)

        code, told = plain(stage, capsys)

        assert (code, told["requests_left"]) == (6, 0)
        assert "quota" in told["error"]
        assert stage("token") == 6


def test_a_pending_revocation_is_told(stage, capsys):
    """No token is handed out until the server has confirmed it."""
    stage.login()
    stage.fake.fail("revoke", times=9)
    stage("revoke")

    code, told = plain(stage, capsys)

    assert (code, told["revoke_pending"]) == (7, True)
    stage("status")
    assert "revocation:    pending: revoke again" in capsys.readouterr().out


def test_all_lists_every_profile(stage, capsys):
    """From the store alone: no client has to be named."""
    stage.login()
    code = stage.fake.issue_code(SCOPES).reveal()
    stage("login", "--self-client", "--profile", "admin", CATALYST_OAUTH_CODE=code)
    client_id = stage.environ.pop("CATALYST_OAUTH_CLIENT_ID")
    try:
        exit_code, told = plain(stage, capsys, "--all")
    finally:
        stage.environ["CATALYST_OAUTH_CLIENT_ID"] = client_id

    assert exit_code == 0
    assert [one["profile"] for one in told] == ["admin", "default"]
    assert {one["state"] for one in told} == {"fresh"}


def test_all_leaves_with_the_largest_code(stage, capsys):
    """One dead profile among living ones is noticed by a monitor."""
    stage.login()
    code = stage.fake.issue_code(SCOPES).reveal()
    stage("login", "--self-client", "--profile", "admin", CATALYST_OAUTH_CODE=code)
    stage.fake.revoke(stage.record("admin").refresh_token)
    stage("token", "--refresh", "--profile", "admin")
    stage.fake.clock.advance(hours=2)
    stage("token", "--profile", "admin")

    assert plain(stage, capsys, "--all")[0] == 7


def test_an_empty_store_is_no_error(stage, capsys):
    """There is nothing to list, and the store is named."""
    assert stage("status", "--all") == 0
    assert capsys.readouterr().out == (
        f"Nothing is stored in the SQLite store {stage.path}.\n"
    )


@pytest.mark.parametrize("arguments", [[], ["--all"]])
def test_a_store_that_others_may_read_is_an_error(stage, capsys, arguments):
    """Exit code 3, naming the file and the cure."""
    stage.login()
    stage.path.chmod(0o644)

    assert stage("status", *arguments) == 3
    assert f"chmod 600 {stage.path}" in capsys.readouterr().err
    stage.path.chmod(0o600)


@pytest.mark.parametrize("option", ["--profile", "--client-id"])
@pytest.mark.parametrize("command", ["status", "token", "revoke", "doctor"])
def test_a_name_that_is_no_text_is_a_mistake(stage, capsys, command, option):
    """What a system hands over that is not UTF-8 is named, and not looked up."""
    assert stage(command, option, "a\udcff") == 2

    name = option[2:].replace("-", " ")
    assert f"catalyst-oauth: {name}: is not UTF-8 text" in capsys.readouterr().err
