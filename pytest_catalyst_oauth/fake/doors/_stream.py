"""The octets of one connection."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING, Protocol, final

if TYPE_CHECKING:
    from ._loop import Loop

_AT_ONCE = struct.pack("ii", 1, 0)
# Octets that are taken at once.
_MOST = 65_536
# Octets that a client has not taken: above the first its requests wait, until there
# are fewer than the second.
_HIGH, _LOW = 65_536, 16_384


class User(Protocol):
    """Who has a stream."""

    def data_received(self, data: bytes) -> None:
        """Take what came."""

    def eof_received(self) -> bool:
        """Learn that nothing more comes; tell whether the stream stays."""

    def pause_writing(self) -> None:
        """Learn that the client does not read."""

    def resume_writing(self) -> None:
        """Learn that it does again."""

    def connection_lost(self) -> None:
        """Learn that the stream has ended."""


class BrokenStreamError(Exception):
    """What comes cannot be understood, so there is no point in going on."""


@final
class Stream:
    """Hand over what comes, send what is written; nothing here waits.

    Args:
        loop: Tells when something can be read or written.
        connected: The socket; it ends with the stream.
        user: Learns what happens.
    """

    def __init__(self, loop: Loop, connected: socket.socket, user: User) -> None:
        self._loop = loop
        self._socket = connected
        self._user = user
        self._rest = bytearray()
        self._reads = True
        self._is_full = False
        self._is_closing = False
        self._is_over = False
        self._has_said_all = False
        connected.setblocking(False)
        with suppress(OSError):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch()

    def is_closing(self) -> bool:
        """Tell whether nothing can be written any more."""
        return self._is_closing

    def write(self, data: bytes) -> None:
        """Send octets, now or as soon as the client takes them."""
        if self._is_closing:
            return
        if self._rest:
            self._rest += data
        else:
            sent = self._send(data)
            if sent == len(data) or self._is_over:
                return
            self._rest += memoryview(data)[sent:]
            self._watch()
        if not self._is_full and len(self._rest) > _HIGH:
            self._is_full = True
            self._user.pause_writing()

    def write_eof(self) -> None:
        """Say that nothing more will be written."""
        self._has_said_all = True
        if not self._rest:
            self._shut()

    def pause_reading(self) -> None:
        """Take nothing for now."""
        self._reads = False
        self._watch()

    def resume_reading(self) -> None:
        """Take what comes."""
        self._reads = True
        self._watch()

    def close(self) -> None:
        """End as soon as all is sent."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._rest:
            self._watch()
        else:
            self._end()

    def abort(self) -> None:
        """End now."""
        self._is_closing = True
        self._rest.clear()
        self._end()

    def reset(self) -> None:
        """End now, and let the client notice that something is wrong."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.abort()

    def _ready(self, events: int) -> None:
        if events & EVENT_WRITE:
            self._flush()
        if events & EVENT_READ and self._reads and not self._is_closing:
            self._receive()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_MOST)
        except BlockingIOError:
            return
        except OSError:
            self.abort()
            return
        try:
            if data:
                self._user.data_received(data)
            elif self._user.eof_received():
                self.pause_reading()
            else:
                self.close()
        except Exception:
            self.abort()
            raise

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            # The client went away.
            self.abort()
            return 0

    def _flush(self) -> None:
        del self._rest[: self._send(self._rest)]
        if self._is_over:
            return
        if self._is_full and len(self._rest) < _LOW:
            self._is_full = False
            self._user.resume_writing()
        if self._rest or self._is_over:
            return
        if self._is_closing:
            self._end()
            return
        if self._has_said_all:
            self._shut()
        self._watch()

    def _shut(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def _watch(self) -> None:
        if self._is_over:
            return
        events = EVENT_READ if self._reads and not self._is_closing else 0
        events |= EVENT_WRITE if self._rest else 0
        if events:
            self._loop.watch(self._socket, events, self._ready)
        else:
            self._loop.forget(self._socket)

    def _end(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._loop.forget(self._socket)
        self._socket.close()
        self._user.connection_lost()
