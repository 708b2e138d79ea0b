"""The fake as a proxy: programs that know nothing of it meet it at Zoho's hosts."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest
import requests

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.fake import FakeServer
from tests.fake.wire import dial, refresh_octets, speak

PROGRAM = """
import json, os, sys
import {library} as library

form = {{
    "grant_type": "refresh_token",
    "client_id": os.environ["CATALYST_OAUTH_CLIENT_ID"],
    "client_secret": os.environ["CATALYST_OAUTH_CLIENT_SECRET"],
    "refresh_token": os.environ["CATALYST_OAUTH_REFRESH_TOKEN"],
}}
token = library.post("https://accounts.zoho.com/oauth/v2/token", data=form).json()
project = os.environ["CATALYST_OAUTH_PROJECT_ID"]
rows = library.get(
    f"https://api.catalyst.zoho.com/baas/v1/project/{{project}}/table/Guests/row",
    headers={{"Authorization": "Zoho-oauthtoken " + token["access_token"]}},
).json()
print([row["Name"] for row in rows["data"]])
"""


@pytest.fixture
def server(fake):
    with FakeServer(fake, proxy=True) as running:
        yield running


@pytest.fixture
def session(server):
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": server.proxy, "https": server.proxy}
        session.verify = server.ca_file
        yield session


@pytest.mark.parametrize("library", ["requests", "httpx"])
def test_a_program_meets_the_fake_by_its_environment_alone(server, library):
    """Its addresses are Zoho's, and its source has no word of a fake."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(library=library)],
        env=server.env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "['Ada', 'Grace']\n", done.stderr
    assert [one.origin for one in server.fake.journal] == [
        "https://accounts.zoho.com",
        "https://api.catalyst.zoho.com",
    ]


def test_each_host_is_its_own_data_centre(server, session):
    """With its own certificate; our client is unknown abroad."""
    hosts = [center.accounts_url for center in DataCenter.all()]

    for host in hosts:
        assert session.post(f"{host}/oauth/v2/token").status_code == 200

    assert [one.origin for one in server.fake.journal] == hosts


def test_plain_http_to_zoho_stays_here_as_well(server, session):
    """A slip in a URL must not send a secret out."""
    assert session.get("http://accounts.zoho.com/oauth/v2/token").status_code == 405


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_every_other_host_is_refused_by_name(server, session, scheme):
    """In one line that says how to go past the proxy."""
    line = (
        "example.com is not faked, and this proxy lets nothing out; "
        "to go past it set NO_PROXY=example.com"
    )
    url = f"{scheme}://example.com/?code=invented"

    if scheme == "https":
        with pytest.raises(requests.exceptions.ProxyError, match=line):
            session.get(url)
        with (
            httpx.Client(proxy=server.proxy, trust_env=False) as client,
            pytest.raises(httpx.ProxyError, match=line),
        ):
            client.get(url)
    else:
        reply = session.get(url)
        assert (reply.status_code, reply.text) == (403, f"{line}\n")
    assert not server.fake.journal


@pytest.mark.parametrize(
    "target",
    [
        "accounts.zoho.com.example.com:443",
        "accounts.zoho.com@example.com:443",
        "127.0.0.1:22",
        "[::1]:22",
        "a b:443",
        "accounts.zoho.com:99999999",
        "",
    ],
)
def test_no_spelling_leads_out(server, target):
    """Nor to another door of this machine."""
    answer = speak(server, f"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert answer[:12] in (b"HTTP/1.1 403", b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "target",
    [
        "accounts.zoho.com:99999",
        "accounts.zoho.com:0",
        "accounts.zoho.com:",
        "accounts.zoho.com",
        "example.com",
        "/",
    ],
)
def test_a_tunnel_leads_to_a_host_and_a_port(server, target):
    """A port is no matter of taste there (RFC 9112, section 3.2.3)."""
    answer = speak(server, f"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_tunnel_may_carry_plain_http(server):
    """As some clients do with port 80."""
    inside = refresh_octets(server)
    with dial(server) as line:
        line.sendall(
            b"CONNECT accounts.zoho.com:80 HTTP/1.1\r\nHost: x\r\n\r\n" + inside
        )
        said = b"".join(iter(lambda: line.recv(65_536), b""))

    assert said.startswith(b"HTTP/1.1 200 Connection established\r\n\r\n")
    assert b'"access_token"' in said
    assert [one.origin for one in server.fake.journal] == [
        "http://accounts.zoho.com:80"
    ]


def test_the_environment_names_zohos_own_addresses(server, fake):
    """For the SDKs, too; what is on this machine is reached without the proxy."""
    env = server.env

    assert env["CATALYST_OAUTH_ACCOUNTS_URL"] == "https://accounts.zoho.com"
    assert env["X_ZOHO_CATALYST_CONSOLE_URL"] == "https://api.catalyst.zoho.com"
    assert env["HTTPS_PROXY"] == env["http_proxy"] == server.proxy
    assert "127.0.0.1" in env["NO_PROXY"]
    assert env["NODE_EXTRA_CA_CERTS"] == env["CURL_CA_BUNDLE"] == server.ca_file


def test_faults_come_through_the_tunnel(server, session, fake):
    """As they come without one."""
    fake.fail("token", fault="reset_after")
    fake.fail("token", status=429)
    url = "https://accounts.zoho.com/oauth/v2/token"

    with pytest.raises(requests.ConnectionError):
        session.get(url)
    assert session.get(url).status_code == 429


def test_a_server_is_a_proxy_unasked(fake):
    """Its environment leads there only if that was asked for."""
    with FakeServer(fake) as server:
        assert "HTTPS_PROXY" not in server.env
        reply = requests.get(
            "https://accounts.zoho.com/oauth/v2/token",
            proxies={"https": server.proxy},
            verify=server.ca_file,
            timeout=60,
        )

    assert reply.status_code == 405
