"""Octets to and from a server, for tests of what clients never send."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit


def dial(server):
    parts = urlsplit(server.accounts_url)
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def until_the_end(line):
    return b"".join(iter(lambda: line.recv(65_536), b""))


def speak(server, octets):
    """Send octets, and return everything that comes until the server hangs up."""
    with dial(server) as line:
        line.sendall(octets)
        return until_the_end(line)


def refresh_octets(server, target="/oauth/v2/token", headers="Connection: close\r\n"):
    """A refresh request as a client writes it."""
    client = server.fake.client
    body = (
        f"grant_type=refresh_token&client_id={client.client_id}"
        f"&client_secret={client.client_secret.reveal()}"
        f"&refresh_token={server.fake.refresh_token.reveal()}"
    )
    return (
        f"POST {target} HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n{headers}\r\n{body}"
    ).encode()
