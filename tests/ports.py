"""Ports of the loopback interface where nobody listens."""

from __future__ import annotations

import atexit
import socket
import sys

_kept: list[socket.socket] = []


@atexit.register
def _give_back() -> None:
    for one in _kept:
        one.close()


def kept_port() -> int:
    """Return a port of 127.0.0.1 where nobody listens, and nobody else may.

    It stays bound until this process ends, so the system gives it to no other. A
    server that asks for it by number, with `SO_REUSEADDR`, can listen there, which
    only Linux allows; elsewhere the port is let go.
    """
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind(("127.0.0.1", 0))
    port = one.getsockname()[1]
    if sys.platform == "linux":
        _kept.append(one)
    else:
        one.close()
    return port
