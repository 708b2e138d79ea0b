"""The server where clients, the rules or the machine misbehave."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from threading import Event

import pytest

from pytest_catalyst_oauth.fake import FakeServer
from tests.cli.stage import COMMAND
from tests.fake.wire import dial, refresh_octets, speak, until_the_end

OTHER = b"GET /oauth/serverinfo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
OUT_OF_FILES = """
import resource, sys
from pytest_catalyst_oauth.fake import FakeServer

resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
with FakeServer() as server:
    print(server.accounts_url.rpartition(":")[2], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(name="server")
def _server(fake):
    with FakeServer(fake) as server:
        yield server


def test_a_broken_rule_ends_one_request(server, fake, caplog, monkeypatch):
    """It gets a 500, a log says why, and the next request is answered."""

    def broken(_):
        raise RuntimeError("an invented defect")

    with monkeypatch.context() as patch:
        patch.setattr(fake, "decide", broken)
        refused = speak(server, refresh_octets(server))

    assert refused.startswith(b"HTTP/1.1 500 ")
    assert "the fake could not answer" in caplog.text
    assert "an invented defect" in caplog.text
    assert speak(server, refresh_octets(server)).startswith(b"HTTP/1.1 200 ")


def test_a_rule_that_hangs_does_not_hold_up_the_end(fake, monkeypatch):
    """A signal would be of no use, otherwise."""
    begun, released, before = Event(), Event(), set(threading.enumerate())

    def hang(_):
        begun.set()
        released.wait()
        raise RuntimeError("an invented defect")

    with monkeypatch.context() as patch:
        patch.setattr(fake, "decide", hang)
        with FakeServer(fake) as server, dial(server) as line:
            line.sendall(OTHER)
            begun.wait()

        assert not released.is_set()
        released.set()
        # What it logs belongs to no later test.
        for thread in set(threading.enumerate()) - before:
            thread.join()


def test_who_reads_nothing_holds_up_nobody_and_loses_nothing(server, fake):
    """A large answer waits in pieces, and the next request behind it."""
    fake.fail("token", fault="huge", times=None)

    with dial(server) as line:
        line.sendall(refresh_octets(server, headers="") + refresh_octets(server))
        other = speak(server, OTHER)
        told = until_the_end(line)

    assert other.startswith(b"HTTP/1.1 200 ")
    assert told.count(b"HTTP/1.1 200 ") == 2
    assert told.count(b'"access_token"') == 2
    assert len(told) > 16 << 20


def test_who_leaves_in_the_middle_of_an_answer_is_forgotten(server, fake, caplog):
    """The server neither waits at its end nor tells a log."""
    fake.fail("token", fault="huge")
    line = dial(server)
    line.sendall(refresh_octets(server))
    line.recv(1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.close()

    assert speak(server, refresh_octets(server)).startswith(b"HTTP/1.1 200 ")
    assert caplog.text == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_crowd_leaves_room_for_answers():
    """Who is let in is answered, though what an answer needs is read from files."""
    command = f"ulimit -n 40; exec {shlex.join(COMMAND)} serve --quiet"
    process = subprocess.Popen(
        ["sh", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process, ExitStack() as crowd:
        assert process.stdout is not None
        assert process.stderr is not None
        port = int(process.stdout.readline().partition(";")[0].rpartition(":")[2])
        lines = [
            crowd.enter_context(
                socket.create_connection(("127.0.0.1", port), timeout=20)
            )
            for _ in range(100)
        ]
        lines[0].sendall(OTHER.replace(b"/oauth/serverinfo", b"/oauth/v2/auth"))
        answer = until_the_end(lines[0])
        process.terminate()
        log = process.stderr.read()

    assert b"<title>" in answer
    assert log == ""
    assert process.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_server_without_files_goes_on_when_there_are_some():
    """Clients that it cannot let in wait in line, as at any server."""
    process = subprocess.Popen(
        [sys.executable, "-c", OUT_OF_FILES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process, ExitStack() as crowd:
        assert process.stdout is not None
        assert process.stdin is not None
        address = "127.0.0.1", int(process.stdout.readline())
        for _ in range(40):
            crowd.enter_context(socket.create_connection(address, timeout=20))
        with socket.create_connection(address, timeout=20) as last:
            last.sendall(OTHER)
            crowd.close()
            answer = until_the_end(last)
        process.stdin.close()

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert process.returncode == 0
