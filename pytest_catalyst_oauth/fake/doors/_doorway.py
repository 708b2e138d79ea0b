"""How clients come to a server, and how they are seen off."""

from __future__ import annotations

import socket
import sys
from selectors import EVENT_READ
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import SettingsError

from ._connection import Connection

if TYPE_CHECKING:
    from ._connection import House

LOOPBACK = "127.0.0.1"
# Seconds that clients get to take what was written, once the server ends.
_GRACE = 1.0
# Clients that may wait to be let in, and how many are at once.
_BACKLOG, _AT_ONCE = 1024, 64
# Seconds to wait where this process may open no more files.
_REST = 1.0
# Files that answers may need: what is imported at its first use, for one.
_SPARE = 8


def welcome(house: House, listener: socket.socket) -> None:
    """Let clients in from now on; those for whom there is no room wait in line."""
    most = _most_files()

    def accept(_: int) -> None:
        for _ in range(_AT_ONCE):
            try:
                # The lowest number that is free tells how many are taken.
                with listener.dup() as next_one:
                    is_full = next_one.fileno() >= most
                if is_full:
                    rest()
                    return
                connected, _ = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:
                rest()
                return
            Connection(house, connected)

    def rest() -> None:
        house.loop.forget(listener)
        house.loop.later(_REST, lambda: welcome(house, listener))

    if not house.loop.is_stopped:
        house.loop.watch(listener, EVENT_READ, accept)


def drop_the_silent(house: House) -> None:
    """Drop, now and then, clients that have been silent since the last time."""

    def sweep() -> None:
        for connection in tuple(house.open):
            connection.drop_if_silent()
        house.loop.later(house.bounds.silence, sweep)

    house.loop.later(house.bounds.silence, sweep)


def part(house: House) -> None:
    """End connections: what was written may still be taken, what waits is dropped."""
    for connection in tuple(house.open):
        connection.end()

    def abort() -> None:
        for connection in tuple(house.open):
            connection.end(at_once=True)

    house.loop.later(_GRACE, abort)
    house.loop.run(lambda: bool(house.open))


def listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or "ports end at 65535"
    else:
        return listener
    raise SettingsError(
        f"port {port}",
        f"cannot be used: {reason}",
        "choose another, or 0 for a free one",
    )


def _most_files() -> int:
    """Return the number of open files above which nobody is let in."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
    except ImportError:
        return sys.maxsize
    most, _ = getrlimit(RLIMIT_NOFILE)
    return sys.maxsize if most == RLIM_INFINITY else most - _SPARE
