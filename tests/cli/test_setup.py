"""Where the command finds whose token it is, and where it refuses to look."""

from __future__ import annotations

import os

import pytest

from tests.cli.stage import SCOPES

SECRET = "fa4e" * 10 + "fa"


@pytest.mark.parametrize(
    ("typed", "name", "hint"),
    [
        (
            ["--client-secret", SECRET],
            "--client-secret",
            "CATALYST_OAUTH_CLIENT_SECRET",
        ),
        ([f"--client-secret={SECRET}"], "--client-secret", "--secrets-file"),
        (["--refresh-token", SECRET], "--refresh-token", "should be revoked"),
        ([f"--code={SECRET}"], "--code", "login --self-client"),
    ],
)
@pytest.mark.parametrize("command", ["token", "login", "status"])
def test_a_secret_is_no_option(stage, capsys, command, typed, name, hint):
    """The message says why, and where to put it; it does not repeat the secret."""
    assert stage(command, *typed) == 2

    error = capsys.readouterr().err
    assert error.startswith(f"catalyst-oauth: {name}: is no option: a command line is")
    assert hint in error
    assert SECRET not in error


@pytest.mark.parametrize(
    "typed",
    [
        ["--client-sec", SECRET],
        [f"1000.{SECRET}.{SECRET}"],
        [f"--refresh={SECRET}"],
        ["--min-life", SECRET],
    ],
)
def test_a_secret_in_a_wrong_place_is_not_repeated(stage, capsys, typed):
    """What argparse complains about may be what nobody should see."""
    with pytest.raises(SystemExit) as caught:
        stage("token", *typed)

    error = capsys.readouterr().err
    assert caught.value.code == 2
    assert SECRET not in error
    assert "•••" in error


def test_a_password_in_a_typed_address_is_refused(stage, capsys):
    """It may be in the variable, which others do not see."""
    address = "redis://user:fa4efa4e@127.0.0.1/0"

    assert stage("status", "--store", address) == 2

    error = capsys.readouterr().err
    assert "--store: has a password in it" in error
    assert "CATALYST_OAUTH_STORE" in error
    assert "fa4efa4e" not in error


def test_a_malformed_address_is_one_line(stage, capsys):
    """Also one that no library can read."""
    assert stage("status", "--store", "redis://[") == 2
    assert capsys.readouterr().err.count("\n") == 1


def write(path, text, mode=0o600):
    """Write a file with a mode."""
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_file_may_hold_it_all(stage, tmp_path, capsys):
    """As `serve --env-file` writes it: quoted, with other programs' variables."""
    lines = [f"{n}='{v}'" for n, v in stage.server.env.items()]
    text = "# a comment\n\nexport " + "\n".join(lines)
    file = write(tmp_path / "fake.env", text)
    kept, stage.environ = stage.environ, {"CATALYST_OAUTH_STORE": str(stage.path)}
    try:
        assert stage("token", "--secrets-file", file) == 0
    finally:
        stage.environ = kept
    assert capsys.readouterr().out.startswith("1000.fa4e")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_is_refused(stage, tmp_path, capsys, mode):
    """Its secrets may be known already; the message says so."""
    file = write(tmp_path / "fake.env", f"CATALYST_OAUTH_CLIENT_SECRET={SECRET}", mode)

    assert stage("token", "--secrets-file", file) == 2

    error = capsys.readouterr().err
    assert error.startswith(f"catalyst-oauth: secrets file {file}: can be read or")
    assert f"chmod 600 {file}" in error


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"\n{SECRET}\n", ", line 2: is not NAME=value"),
        (f"A={SECRET} {SECRET}", ", line 1: is not NAME=value"),
        (f"A='{SECRET}", ", line 1: is not NAME=value"),
        (f"={SECRET}", ", line 1: is not NAME=value"),
        ("export", ", line 1: is not NAME=value"),
    ],
)
def test_a_malformed_file_is_named_and_not_repeated(
    stage, tmp_path, capsys, text, told
):
    """By its line."""
    file = write(tmp_path / "fake.env", text)

    assert stage("token", "--secrets-file", file) == 2

    error = capsys.readouterr().err
    assert f"secrets file {file}{told}" in error
    assert SECRET not in error


def test_a_file_that_is_none_is_told(stage, tmp_path, capsys):
    """A missing one, a folder, a pipe, and one that is no text."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "bytes").chmod(0o600)

    for name, told in {
        "missing": "cannot be read: No such file",
        ".": "cannot be read: Is a directory",
        "pipe": "is not a regular file",
        "bytes": "is no text",
    }.items():
        assert stage("status", "--secrets-file", str(tmp_path / name)) == 2
        assert told in capsys.readouterr().err


def test_the_strongest_place_wins(stage, tmp_path, capsys):
    """The command line before the file before the environment."""
    file = write(
        tmp_path / "fake.env",
        "CATALYST_OAUTH_CLIENT_ID=of-the-file\nCATALYST_OAUTH_DATA_CENTER=eu\n",
    )

    stage("doctor", "--offline", "--secrets-file", file, "--data-center", "in")

    told = capsys.readouterr().out
    assert f"client id of-the-file, by CATALYST_OAUTH_CLIENT_ID in {file}\n" in told
    assert "data center in, by --data-center\n" in told
    assert "scopes ZohoCatalyst.tables.rows.READ, by CATALYST_OAUTH_SCOPES\n" in told


def test_a_profile_has_variables_of_its_own(stage, capsys):
    """A profile `ci-bot` reads CATALYST_OAUTH_CI_BOT_ first, then the common ones."""
    stage(
        *("doctor", "--offline"),
        CATALYST_OAUTH_PROFILE="ci-bot",
        CATALYST_OAUTH_CI_BOT_CLIENT_ID="of-the-bot",
    )

    told = capsys.readouterr().out
    assert "client id of-the-bot, by CATALYST_OAUTH_CI_BOT_CLIENT_ID\n" in told
    assert "by CATALYST_OAUTH_CLIENT_SECRET\n" in told


@pytest.mark.parametrize("command", ["login", "token", "status", "revoke"])
def test_a_missing_client_id_is_one_line(stage, capsys, command):
    """Exit code 2, with the variable to set."""
    kept, stage.environ = stage.environ, {"CATALYST_OAUTH_SCOPES": SCOPES}

    assert stage(command) == 2

    error = capsys.readouterr().err
    stage.environ = kept
    assert error.startswith("catalyst-oauth: client id: is missing; set CATALYST_OAUTH")
    assert error.count("\n") == 1


def test_a_missing_client_secret_is_one_line(stage, capsys):
    """Where nobody can be asked for it."""
    secret = stage.environ.pop("CATALYST_OAUTH_CLIENT_SECRET")

    assert stage("login") == 2

    stage.environ["CATALYST_OAUTH_CLIENT_SECRET"] = secret
    error = capsys.readouterr().err
    assert "client secret of 1000.FAKECLIENTFAKECLIENTFAKECLIENT: is missing" in error
