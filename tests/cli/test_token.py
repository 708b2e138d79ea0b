"""`catalyst-oauth token`: for a pipe, not for a screen."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.stage import COMMAND, read_until


def on_a_terminal(stage, *arguments):
    """Run the command with a terminal as its output; return code, screen, stderr."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [*COMMAND, "token", *arguments],
            env=stage.subprocess_env(),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.write(theirs, b"|")
        return done.returncode, read_until(ours, b"|"), done.stderr
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_pipe_gets_the_token_and_nothing_else(stage):
    """One line, so that $(catalyst-oauth token) is the token."""
    stage.login()

    done = subprocess.run(
        [*COMMAND, "token"],
        env=stage.subprocess_env(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == stage.record().access_token.reveal() + "\n"
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("form", [[], ["--header"], ["--json"], ["--exec-credential"]])
def test_a_terminal_is_refused(stage, form):
    """In every form; the message says why, and what to do."""
    stage.login()
    asked = len(stage.fake.journal)

    code, screen, error = on_a_terminal(stage, *form)

    assert code == 2
    assert screen == "|"
    assert error == (
        "catalyst-oauth: standard output: is a terminal, which would keep the token "
        "in its history; send it to a pipe or a file, or add --show\n"
    )
    assert len(stage.fake.journal) == asked


def test_a_terminal_gets_it_when_told_so(stage):
    """`--show` is the person's own decision."""
    stage.login()

    code, screen, error = on_a_terminal(stage, "--show")

    assert (code, error) == (0, "")
    assert screen == stage.record().access_token.reveal() + "\r\n|"


HEAVY = (
    "requests urllib3 vcr yaml tenacity pytest pluggy _pytest responses httptools ssl"
)
WITNESS = """
import sys
from pytest_catalyst_oauth.cli import main
code = main(sys.argv[1:])
heavy = [name for name in {heavy!r}.split() if name in sys.modules]
sys.stderr.write(" ".join(map(str, [code, *heavy])))
"""


@pytest.mark.parametrize("command", ["token", "status"])
def test_a_living_token_costs_no_library(stage, command):
    """A prompt or a script that calls it often waits for next to nothing."""
    stage.login()

    done = subprocess.run(
        [sys.executable, "-c", WITNESS.format(heavy=HEAVY), command],
        env=stage.subprocess_env(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == "0"


def test_a_living_token_needs_no_client_secret(stage, capsys):
    """Nobody is asked while one lives; when it is due, a person is."""
    stage.login()
    secret = stage.environ.pop("CATALYST_OAUTH_CLIENT_SECRET")
    try:
        assert stage("token") == 0
        assert stage.person.asked == []

        stage.fake.clock.advance(hours=2)

        assert stage("token") == 2
        assert "client secret of 1000.FAKECLIENT" in capsys.readouterr().err
        stage.person.answers = {"secret": secret}
        assert stage("token") == 0
    finally:
        stage.environ["CATALYST_OAUTH_CLIENT_SECRET"] = secret
        capsys.readouterr()


def test_a_dead_token_is_renewed(stage, capsys):
    """With one request, and the new one is stored."""
    stage.login()
    old = stage.record().access_token
    stage.fake.clock.advance(hours=2)
    capsys.readouterr()

    assert stage("token") == 0

    told = capsys.readouterr().out.strip()
    assert told == stage.record().access_token.reveal() != old.reveal()
    assert len(stage.fake.journal.token_requests) == 2


def test_a_refresh_token_of_the_environment_will_do(stage, capsys):
    """No login is needed where somebody brings one."""
    assert stage("token", CATALYST_OAUTH_REFRESH_TOKEN=stage.refresh_token) == 0
    assert capsys.readouterr().out.startswith("1000.fa4e")


def test_a_header_is_ready_to_be_sent(stage, capsys):
    """Zoho's own scheme, which is not Bearer."""
    stage.login()
    capsys.readouterr()

    stage("token", "--header")

    token = stage.record().access_token.reveal()
    assert capsys.readouterr().out == f"Zoho-oauthtoken {token}\n"


def test_json_tells_how_long_it_lives(stage, capsys):
    """For programs that keep it themselves."""
    stage.login()
    capsys.readouterr()

    stage("token", "--json")

    found = json.loads(capsys.readouterr().out)
    assert found.keys() == {
        "access_token",
        "authorization",
        "expires_at",
        "expires_in",
        "scope",
    }
    assert 3590 <= found["expires_in"] <= 3600
    assert found["scope"] == ["ZohoCatalyst.tables.rows.READ"]


def test_kubectl_can_read_it(stage, capsys):
    """An ExecCredential, whose time is RFC 3339 in whole seconds."""
    stage.login()
    capsys.readouterr()

    stage("token", "--exec-credential")

    found = json.loads(capsys.readouterr().out)
    end = found["status"].pop("expirationTimestamp")
    record = stage.record()
    assert found == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": record.access_token.reveal()},
    }
    assert datetime.strptime(end, "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=UTC
    ).timestamp() == int(record.expires_at)


def test_a_minimum_of_life_renews_early(stage, capsys):
    """A job that takes half an hour asks for a token that lasts as long."""
    stage.login()
    stage.fake.clock.advance(minutes=40)
    old = stage.record().access_token

    assert stage("token", "--min-life", "600") == 0
    assert stage.record().access_token == old
    assert stage("token", "--min-life", "1800") == 0
    assert stage.record().access_token != old
    assert capsys.readouterr().err == ""


def test_less_life_than_wanted_is_a_warning(stage, capsys):
    """A failed renewal leaves what still lives, and says how long."""
    stage.login()
    stage.fake.clock.advance(minutes=40)
    stage.fake.fail("token", times=9)

    assert stage("token", "--min-life", "1800") == 0

    told = capsys.readouterr()
    assert told.out.strip().endswith(stage.record().access_token.reveal())
    assert "warning: it lives for 1" in told.err


def test_a_refresh_can_be_forced(stage, capsys):
    """The stored token lives, and is replaced all the same."""
    stage.login()
    old = stage.record().access_token

    assert stage("token", "--refresh") == 0

    assert stage.record().access_token != old
    capsys.readouterr()


def test_nothing_stored_says_what_to_do(stage, capsys):
    """Exit code 7: somebody has to log in."""
    assert stage("token") == 7
    assert "nothing is stored for profile 'default'; log in" in capsys.readouterr().err


def test_verbose_shows_each_request_without_its_secrets(stage, capsys):
    """On stderr, so that the token is alone on stdout."""
    stage.login()
    capsys.readouterr()

    stage("token", "--refresh", "-v")

    told = capsys.readouterr()
    assert told.out.count("\n") == 1
    assert "POST /oauth/v2/token grant_type=refresh_token refresh_token=•••" in told.err
    assert "-> 200 access token issued" in told.err
    assert not [secret for secret in stage.secrets if secret in told.err]


def test_verbose_shows_the_requests_that_failed(stage, capsys):
    """That is when somebody looks."""
    stage.login()
    stage.fake.fail("token", status=503, times=9)
    capsys.readouterr()

    assert stage("token", "--refresh", "--verbose") == 4
    assert "-> 503" in capsys.readouterr().err


def test_a_token_that_could_not_be_stored_is_told_and_given(stage, capsys):
    """One line on stderr, without a place in our code; the token works."""
    stage.login()
    capsys.readouterr()
    with contextlib.closing(sqlite3.connect(stage.path)) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON tokens "
            "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        database.commit()

    assert stage("token", "--refresh") == 0

    told = capsys.readouterr()
    assert told.out.startswith("1000.fa4e")
    assert told.err.startswith("catalyst-oauth: warning: a token was not stored: ")
    assert told.err.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told(stage):
    """A token that was not written is no success."""
    stage.login()

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "token"],
            env=stage.subprocess_env(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 2
    assert done.stderr == (
        "catalyst-oauth: standard output: cannot be written: No space left on device\n"
    )


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_closed_output_is_told(stage):
    """A token that nobody can get is no success; `> /dev/null` is what was wished."""
    stage.login()

    found = [
        subprocess.run(
            ["sh", "-c", f"exec {' '.join(COMMAND)} token {to}"],
            env=stage.subprocess_env(),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        for to in (">&-", "> /dev/null")
    ]

    assert [one.returncode for one in found] == [2, 0]
    assert found[0].stderr == (
        "catalyst-oauth: standard output: is closed; send it to a pipe or a file\n"
    )


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
def test_a_life_is_a_number_of_seconds(stage, capsys, text):
    """argparse's own exit code, and a line that says so."""
    with pytest.raises(SystemExit) as caught:
        stage("token", f"--min-life={text}")

    assert caught.value.code == 2
    assert "invalid number of seconds value" in capsys.readouterr().err
