"""Requests as fast as a server answers them, over connections that stay open.

Run as a program it is a process of its own: `_fake_load.py PORT CONNECTIONS SECONDS`,
with the request on standard input. It prints how many were answered, how many of them
had no token, and the seconds it took.
"""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import time
from typing import NamedTuple
from urllib.parse import urlencode


class Load(NamedTuple):
    """What came of some seconds of requests.

    Attributes:
        answered: Requests.
        refused: Those of them whose answer was no token.
        seconds: In all.
    """

    answered: int
    refused: int
    seconds: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answered / self.seconds


def request(port: int, path: str, form: dict[str, str], headers: str = "") -> bytes:
    """Return a token request as a client writes it."""
    body = urlencode(form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Accept: application/json\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"{headers}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def load(port: int, octets: bytes, connections: int, seconds: float) -> Load:
    """Ask in another process, so that nothing here slows it down."""
    command = [sys.executable, __file__, str(port), str(connections), str(seconds)]
    done = subprocess.run(command, input=octets, capture_output=True, check=True)
    answered, refused, took = done.stdout.split()
    return Load(int(answered), int(refused), float(took))


def is_whole(answer: bytes) -> bool:
    """Tell whether an answer has arrived up to its end."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return False
    length = head.lower().partition(b"content-length:")[2]
    if length:
        return len(body) >= int(length.partition(b"\r\n")[0])
    return body.endswith(b"0\r\n\r\n")


def main() -> None:
    """Ask from all connections at once, one request at a time on each."""
    port, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    octets = sys.stdin.buffer.read()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(line, selectors.EVENT_READ, [line, b""])
        line.sendall(octets)
    answered = refused = 0
    start = time.perf_counter()
    end = start + seconds
    while time.perf_counter() < end:
        for key, _ in selector.select(1):
            line, got = key.data
            part = line.recv(65_536)
            if not part:
                raise SystemExit("the server ended a connection")
            got += part
            if not is_whole(got):
                key.data[1] = got
                continue
            key.data[1] = b""
            answered += 1
            refused += b'"access_token"' not in got
            line.sendall(octets)
    print(answered, refused, time.perf_counter() - start)


if __name__ == "__main__":
    main()
