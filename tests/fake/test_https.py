"""The fake on https, under names that are its own and Zoho's."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import subprocess
import sys
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import requests

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.wire import dial, refresh_octets, speak, until_the_end


@pytest.fixture
def server(fake, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    with FakeServer(fake, https=True) as running:
        yield running


def trusting(server):
    return ssl.create_default_context(cafile=server.ca_file)


@pytest.mark.parametrize("library", [requests, httpx])
def test_clients_speak_https_once_they_trust(server, library):
    """Addresses are https; without trust there is an error, and no request."""
    trust = server.ca_file if library is requests else trusting(server)
    refused = requests.exceptions.SSLError, httpx.ConnectError

    assert server.accounts_url.startswith("https://127.0.0.1:")
    with pytest.raises(refused):
        library.post(server.client.token_url, timeout=60)
    assert not server.fake.journal
    assert library.post(server.client.token_url, verify=trust, timeout=60).json() == {
        "error": "invalid_client"
    }


HOSTS = [
    urlsplit(url).hostname
    for center in DataCenter.all()
    for url in (center.accounts_url, center.api_url, center.console_url)
    if url
]


@pytest.mark.parametrize("name", ["localhost", *HOSTS[:3], *HOSTS[-2:]])
def test_a_certificate_has_every_name(server, name):
    """So that a name which was led here by other means is believed."""
    with trusting(server).wrap_socket(dial(server), server_hostname=name) as line:
        line.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
        until_the_end(line)

    (noted,) = server.fake.journal
    assert urlsplit(noted.origin).hostname == name


def test_many_requests_fit_in_one_connection(server):
    """Also large ones, and faults end it as elsewhere."""
    port = urlsplit(server.accounts_url).port
    body = refresh_octets(server).partition(b"\r\n\r\n")[2]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    server.fake.fail("revoke", fault="huge")
    server.fake.fail("revoke", fault="truncated")

    with closing(
        HTTPSConnection("127.0.0.1", port, context=trusting(server), timeout=60)
    ) as connection:
        connection.request("POST", "/oauth/v2/token", body, form)
        assert b"access_token" in connection.getresponse().read()
        connection.request("POST", "/oauth/v2/token/revoke")
        assert len(connection.getresponse().read()) > 8_000_000
        connection.request("POST", "/oauth/v2/token/revoke", b"x=" + b"y" * 500_000)
        with pytest.raises(Exception, match="IncompleteRead"):
            connection.getresponse().read()


def test_plain_http_is_refused_in_words(server):
    """Unless it is the proxy that is asked."""
    answer = speak(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 this server speaks https\r\n")


def test_rubbish_that_looks_like_tls_ends_one_connection(server, caplog):
    """Nothing is logged, and the next client is served."""
    speak(server, b"\x16\x03\x01\x00\x05rubbish" + b"x" * 600)

    assert requests.get(
        server.accounts_url, verify=server.ca_file, timeout=60
    ).status_code
    assert not caplog.records


def test_what_to_trust_is_a_private_file_that_vanishes(fake):
    """The certificate alone; no key is left anywhere."""
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("*"))
    with FakeServer(fake, https=True) as server:
        file = Path(server.ca_file)
        text = file.read_text()
        mode = stat.S_IMODE(file.stat().st_mode)
        env = server.env

    assert text.count("BEGIN") == text.count("BEGIN CERTIFICATE") == 1
    assert mode == 0o600
    assert env["SSL_CERT_FILE"] == env["REQUESTS_CA_BUNDLE"] == str(file)
    assert "HTTPS_PROXY" not in env
    assert not file.exists()
    assert file not in before


def test_an_authority_can_be_kept(fake, tmp_path):
    """One file, ours alone; a browser that trusts it does so the next time, too."""
    kept, trusted = tmp_path / "ca.pem", []
    for _ in range(2):
        with FakeServer(fake, https=True, ca=kept) as server:
            trusted.append(Path(server.ca_file).read_text())

    assert trusted[0] == trusted[1]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.chmod(0o644)
    with pytest.raises(SettingsError, match=r"others may read it; chmod 600"):
        FakeServer(fake, https=True, ca=kept).__enter__()
    kept.chmod(0o600)
    kept.write_text("no certificate")
    with pytest.raises(SettingsError, match=r"is no certificate authority"):
        FakeServer(fake, https=True, ca=kept).__enter__()


BLOCKED = """
import sys
sys.modules["trustme"] = None
from pytest_catalyst_oauth.fake import FakeServer
with FakeServer() as server:
    pass
try:
    FakeServer(https=True).__enter__()
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir], ids="pipe folder".split())
def test_an_authority_is_a_file(fake, tmp_path, make):
    """Nobody is told to change the mode of a folder, or waits for a pipe."""
    make(tmp_path / "ca.pem")

    with (
        pytest.raises(SettingsError, match=r"ca\.pem: is no certificate authority"),
        FakeServer(fake, https=True, ca=tmp_path / "ca.pem"),
    ):
        pass


def test_without_trustme_there_is_http_and_an_error_in_words():
    """It names what to install."""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("SettingsError https: needs certificates")
    assert "pip install 'pytest-catalyst-oauth[tls]'" in done.stdout


def test_a_handshake_may_come_in_pieces(server):
    """Octet by octet, as on a bad line."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting(server).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with dial(server) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                for octet in outgoing.read():
                    line.sendall(bytes([octet]))
                incoming.write(line.recv(65_536))
            else:
                break

    assert tls.getpeercert()
