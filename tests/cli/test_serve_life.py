"""How `catalyst-oauth serve` begins and ends: signals, streams and its env file."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.cli._secrets_file import read_secrets_file
from tests.cli.stage import COMMAND, visit

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


@contextmanager
def started(*options, **given):
    """A server of its own, which is killed if the test did not end it."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
    command = [*COMMAND, "serve", *map(str, options)]
    with subprocess.Popen(command, text=True, **streams) as process:
        try:
            yield process
        finally:
            process.kill()


def until(claim):
    """Wait until something that another process does is done."""
    ends = time.monotonic() + 20
    while not (found := claim()):
        assert time.monotonic() < ends
        time.sleep(0.01)
    return found


def written(file):
    """Wait for an env file; return its variables."""
    until(file.exists)
    return read_secrets_file(file)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_asks_for_the_end_is_no_failure(tmp_path, name):
    """As with other servers: a script's `kill` and `wait` succeed."""
    file = tmp_path / "fake.env"
    with started("--env-file", file) as process:
        process.stdout.readline()
        process.send_signal(getattr(signal, name))

        assert process.wait(20) == 0
        assert process.stderr.read() == ""
        assert not file.exists()


@pytest.mark.parametrize(
    "fault", ["latency, seconds: 3600", "drip, seconds: 3600", "timeout", "huge"]
)
@pytest.mark.parametrize("options", [(), ("--https",)])
def test_an_answer_in_the_making_does_not_hold_up_the_end(tmp_path, fault, options):
    """Neither one that takes long, nor one that a client does not read."""
    seed = tmp_path / "slow.yaml"
    seed.write_text(f"faults: [{{endpoint: token, fault: {fault}}}]\n", "utf-8")
    ask = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
    with started("--seed", seed, *options) as process, ExitStack() as lines:
        port = process.stdout.readline().partition(";")[0].rpartition(":")[2]
        line = lines.enter_context(socket.create_connection(("127.0.0.1", int(port))))
        if options:
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            line = lines.enter_context(trusting.wrap_socket(line))
        # When the first one is answered, the second one is worked on.
        line.sendall(ask % b"nothing" + ask % b"oauth/v2/token")
        assert line.recv(12) == b"HTTP/1.1 404"
        process.terminate()

        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_what_was_ignored_stays_ignored(tmp_path):
    """A shell lets what it starts with `&` ignore Ctrl+C, and `nohup` the hang-up."""

    def ignore():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with started("--env-file", tmp_path / "fake.env", preexec_fn=ignore) as process:
        process.stdout.readline()
        url = written(tmp_path / "fake.env")["CATALYST_OAUTH_API_URL"]
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGHUP)

        assert visit(f"{url}/nothing")[0] == 404
        process.terminate()
        assert process.wait(20) == 0


def test_a_second_signal_does_not_disturb_the_tidying_up(tmp_path):
    """Whoever is impatient leaves no file behind, and makes no failure of the end."""
    file = tmp_path / "fake.env"
    with started("--env-file", file) as process:
        process.stdout.readline()
        ends = time.monotonic() + 20
        # Until it is gone: the last moments are the interpreter's own.
        while process.poll() is None and time.monotonic() < ends:
            process.terminate()

        assert process.poll() == 0
        assert process.stderr.read() == ""
        assert not file.exists()


def test_signals_that_come_together_are_one(tmp_path):
    """As when a terminal is closed while something stops what it started."""
    file = tmp_path / "fake.env"
    with started("--env-file", file) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        for name in ("SIGHUP", "SIGINT", "SIGTERM"):
            process.send_signal(getattr(signal, name))
        process.send_signal(signal.SIGCONT)

        assert process.wait(20) == 0
        assert process.stderr.read() == ""
        assert not file.exists()


def test_it_serves_on_when_nobody_reads_any_more(tmp_path):
    """`catalyst-oauth serve | head -1` in the background."""
    with started("--env-file", tmp_path / "fake.env") as process:
        process.stdout.readline()
        process.stdout.close()
        url = written(tmp_path / "fake.env")["CATALYST_OAUTH_API_URL"]
        for number in range(3):
            assert visit(f"{url}/{number}")[0] == 404
            # Longer than it takes to look at the journal.
            time.sleep(0.3)

        assert process.poll() is None
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_it_serves_on_without_room_for_its_log(tmp_path):
    """And says once that it prints no more."""
    with (
        Path("/dev/full").open("w") as full,
        started("--env-file", tmp_path / "fake.env", stdout=full) as process,
    ):
        said = process.stderr.readline()
        url = written(tmp_path / "fake.env")["CATALYST_OAUTH_API_URL"]

        assert visit(f"{url}/nothing")[0] == 404
        process.terminate()
        assert process.wait(20) == 0
        assert "standard output cannot be written: No space left" in said
        assert process.stderr.read() == ""


def test_it_serves_with_all_streams_closed(tmp_path):
    """As some supervisors start programs; no socket may take a stream's number."""
    file = tmp_path / "fake.env"
    shell = f"exec {' '.join(COMMAND)} serve --env-file {file} <&- >&- 2>&-"
    with subprocess.Popen(["sh", "-c", shell]) as process:
        try:
            url = written(file)["CATALYST_OAUTH_API_URL"]

            assert visit(f"{url}/nothing")[0] == 404
            if Path("/proc/self/fd").exists():
                links = [
                    Path(f"/proc/{process.pid}/fd/{n}").readlink() for n in range(3)
                ]
                assert links == [Path(os.devnull)] * 3
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_the_env_file_stays_if_somebody_changed_it(tmp_path):
    """It is theirs now."""
    file = tmp_path / "fake.env"
    with started("--env-file", file) as process:
        process.stdout.readline()
        with file.open("a") as more:
            more.write("MINE=1\n")
        process.terminate()

        assert process.wait(20) == 0
        assert read_secrets_file(file)["MINE"] == "1"


def test_two_servers_do_not_share_an_env_file(tmp_path, capfd):
    """The first one's clients would lose it; the second one says so and ends."""
    file = tmp_path / "fake.env"
    with started("--env-file", file) as process:
        process.stdout.readline()
        before = file.read_text()

        assert main(["serve", "--env-file", str(file)]) == 2
        said, error = capfd.readouterr()
        assert said == ""
        assert error == (
            f"catalyst-oauth: {file}: belongs to a server that still runs; "
            "stop that one, or name another file\n"
        )
        assert file.read_text() == before


def test_of_servers_that_start_at_once_one_gets_the_env_file(tmp_path):
    """The others end, instead of serving where nobody looks for them."""
    file = tmp_path / "fake.env"
    with ExitStack() as stack:
        servers = [
            stack.enter_context(started("--env-file", file, "--port", 0))
            for _ in range(4)
        ]
        told = [server.stdout.readline() for server in servers]
        (winner,) = [line for line in told if line]

        assert winner.split()[2].rstrip(";") in file.read_text()
        losers = [one for one, line in zip(servers, told, strict=True) if not line]
        assert [one.wait(20) for one in losers] == [2, 2, 2]


def test_the_env_file_of_a_killed_server_is_replaced(tmp_path):
    """Nobody has to tidy up after a crash."""
    file = tmp_path / "fake.env"
    with started("--env-file", file) as process:
        process.stdout.readline()
    before = file.read_text()

    with started("--env-file", file) as process:
        process.stdout.readline()

        assert file.read_text() != before


@pytest.mark.parametrize(
    "text", ["MINE=1\n", "# Written by somebody\nMINE=1\n", "\xff"], ids=repr
)
def test_a_file_of_the_users_own_is_not_replaced(tmp_path, capfd, text):
    """Many projects have an `.env`, and what is in it may be nowhere else."""
    file = tmp_path / ".env"
    file.write_text(text, encoding="latin-1")

    assert main(["serve", "--env-file", str(file)]) == 2

    said, error = capfd.readouterr()
    assert said == ""
    assert error == (
        f"catalyst-oauth: {file}: is there already, and is not as catalyst-oauth serve "
        "wrote it; name another file, or remove this one\n"
    )
    assert file.read_text(encoding="latin-1") == text


def test_what_a_killed_server_left_and_somebody_changed_is_not_replaced(
    tmp_path, capfd
):
    """A line of the user's own makes it the user's."""
    file = tmp_path / "fake.env"
    with started("--env-file", file) as process:
        process.stdout.readline()
    with file.open("a") as more:
        more.write("MINE=1\n")
    before = file.read_text()

    assert main(["serve", "--env-file", str(file)]) == 2
    assert "name another file, or remove this one" in capfd.readouterr().err
    assert file.read_text() == before


def test_an_empty_file_may_be_replaced(tmp_path):
    """As `mktemp` makes one: there is nothing in it to lose."""
    file = tmp_path / "fake.env"
    file.touch()
    with started("--env-file", file) as process:
        process.stdout.readline()

        assert written(file)["CATALYST_OAUTH_API_URL"]
        assert file.read_text().startswith("# Written by catalyst-oauth serve")
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "make", [os.mkfifo, Path.mkdir, None], ids="pipe folder link".split()
)
def test_the_env_file_takes_the_place_of_no_other_thing(tmp_path, capfd, make):
    """A pipe, a folder or a link: one line, and nobody waits for the other end."""
    file = tmp_path / "fake.env"
    make(file) if make else file.symlink_to("other")
    before = file.lstat()

    assert main(["serve", "--env-file", str(file)]) == 2

    said, error = capfd.readouterr()
    assert said == ""
    assert error.startswith(f"catalyst-oauth: {file}: cannot be written: ")
    assert error.count("\n") == 1
    assert file.lstat() == before


@pytest.mark.parametrize("option", ["--env-file", "--seed", "--ca"])
def test_an_empty_name_names_no_file(capsys, option):
    """An unset variable in a script, for example."""
    with pytest.raises(SystemExit) as caught:
        main(["serve", option, ""])

    assert caught.value.code == 2
    assert f"{option}: an empty text names no file" in capsys.readouterr().err
