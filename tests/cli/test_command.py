"""The command, as a person types it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = (sys.executable, "-m", "pytest_catalyst_oauth")


def test_the_demo_tells_a_tokens_life(capsys: pytest.CaptureFixture[str]) -> None:
    """Mint, call, renew after the hour, miss a scope, revoke, be refused."""
    assert main(["demo"]) == 0

    lines = re.findall(r"-> (.+)|^   ([A-Z].+)$", capsys.readouterr().out, re.MULTILINE)
    told = [exchange or words for exchange, words in lines]
    assert told[:-1] == [
        "200 access token and refresh token issued",
        "It works until 10:00:00 UTC.",
        "200 success",
        "Got 2 rows: Ada, Grace.",
        "200 access token issued",
        "200 success",
        "Got 2 rows: Ada, Grace.",
        "401 OAUTH_SCOPE_MISMATCH",
        "Refused: OAUTH_SCOPE_MISMATCH.",
        "200 success",
        "Revoked.",
        "200 invalid_code",
    ]
    assert told[-1].startswith("LoginNeededError: refused with 'invalid_code'")


def test_the_demo_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """Codes, tokens and the client secret are dots on the screen."""
    main(["demo"])

    text = capsys.readouterr().out
    assert "client_secret=•••" in text
    assert "code=•••" in text
    assert not re.search(r"1000\.[0-9a-f]{32}", text)
    assert "fa4efa4e" not in text


def test_a_terminal_without_dots_shows_question_marks() -> None:
    """An encoding that lacks a character is no reason to fail."""
    done = subprocess.run(
        [*COMMAND, "demo"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )

    assert b"client_secret=???" in done.stdout


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path, str]]:
    """A running `catalyst-oauth serve`, its env file and its address."""
    file = tmp_path / "fake.env"
    with subprocess.Popen(
        [*COMMAND, "serve", "--env-file", str(file), "--data-center", "eu"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        found = re.match(r"listening on (\S+); stop", process.stdout.readline())
        yield process, file, found[1]
        process.kill()


def test_serve_answers_prints_and_stops(
    served: tuple[subprocess.Popen[str], Path, str],
) -> None:
    """Another program reads the env file and refreshes; an interrupt ends it with 0."""
    process, file, url = served
    shell = f". {file}; printf '%s\\n' $CATALYST_OAUTH_REFRESH_TOKEN $CATALYST_AUTH"
    token, auth = subprocess.run(
        ["sh", "-c", shell], capture_output=True, text=True, check=True
    ).stdout.split("\n", 1)

    reply = requests.post(f"{url}/oauth/v2/token/revoke", data={"token": token})
    line = process.stdout.readline()
    mode = file.stat().st_mode & 0o777
    process.send_signal(signal.SIGINT)

    assert mode == 0o600
    assert "client_secret" in auth
    assert reply.json() == {"status": "success"}
    assert "POST /oauth/v2/token/revoke token=••• -> 200 success" in line
    assert process.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["serve", "--data-center", "mars"], 2, "data centre 'mars': is unknown"),
        (["serve", "--port", "99999"], 2, "port 99999: cannot be used"),
        (
            ["serve", "--env-file", "/dev/null/fake.env"],
            2,
            "/dev/null/fake.env: cannot be written: Not a directory",
        ),
    ],
)
def test_a_mistake_gets_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    """It names the thing and what to do next, on stderr."""
    assert main(arguments) == code

    error = capsys.readouterr().err
    assert error.startswith(f"catalyst-oauth: {told}")
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["mint"], ["serve", "--port", "x"]])
def test_a_wrong_command_line_shows_the_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """argparse's own exit code, 2, and its usage line."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: catalyst-oauth")


def test_a_taken_port_is_named(
    capsys: pytest.CaptureFixture[str], fake_catalyst_server
) -> None:
    """A second server on the same port says so instead of a traceback."""
    port = fake_catalyst_server.accounts_url.rpartition(":")[2]

    assert main(["serve", "--port", port]) == 2
    assert f"port {port}: cannot be used: Address" in capsys.readouterr().err


def test_the_reader_may_go_away() -> None:
    """`| head -1` ends the demo quietly."""
    done = subprocess.run(
        f"{sys.executable} -m pytest_catalyst_oauth demo | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.startswith("Zoho Accounts and Catalyst, faked on")
    assert done.stderr == ""


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the package's."""
    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--help"], ["serve", "-h"], ["--version"]])
def test_help_that_nobody_gets_is_no_success(arguments: list[str]) -> None:
    """On a full disk, as of any other output."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 2
    assert done.stderr == (
        "catalyst-oauth: standard output: cannot be written: No space left on device\n"
    )
