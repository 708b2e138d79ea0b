"""Servers on real sockets of 127.0.0.1 that answer as badly as we like."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Self

from tests.ports import kept_port

Talk = Callable[[socket.socket, "Listener"], None]


class Listener:
    """Accepts connections on 127.0.0.1, and does with each what `talk` says."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.02)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = Thread(target=self._accept)
        self._workers: list[tuple[Thread, socket.socket]] = []
        self.over = Event()
        self.heard: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join()
        for worker, connection in self._workers:
            # Whoever waits for another request has waited long enough.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
            worker.join()
        self._socket.close()

    def _accept(self) -> None:
        is_over = False
        while not is_over:
            # Whoever called before the end is heard, though he has given up by now.
            is_over = self.over.is_set()
            with suppress(TimeoutError):
                while True:
                    connection, _ = self._socket.accept()
                    worker = Thread(target=self._serve, args=(connection,))
                    self._workers.append((worker, connection))
                    worker.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(60)
            self._talk(connection, self)

    def hear(self, connection: socket.socket) -> bytes:
        """Read one request with its body, and keep it."""
        text = b""
        while b"\r\n\r\n" not in text:
            text += more_of(connection)
        head, _, body = text.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += more_of(connection)
        self.heard.append(head + b"\r\n\r\n" + body)
        return self.heard[-1]


def more_of(connection: socket.socket) -> bytes:
    """Read what has come; whoever closes in the middle of a request is gone."""
    more = connection.recv(65_536)
    if not more:
        raise ConnectionResetError
    return more


def reply(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def saying(answer: bytes) -> Talk:
    """Answer every request of every connection with the same bytes."""

    def talk(connection: socket.socket, listener: Listener) -> None:
        while True:
            listener.hear(connection)
            connection.sendall(answer)

    return talk


def closing_after(answer: bytes) -> Talk:
    """Answer with these bytes, whole or not, and close."""

    def talk(connection: socket.socket, listener: Listener) -> None:
        listener.hear(connection)
        connection.sendall(answer)

    return talk


def resetting(connection: socket.socket, listener: Listener) -> None:
    """Take the request, and break the connection off."""
    listener.hear(connection)
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def silent(connection: socket.socket, listener: Listener) -> None:
    """Take the request, and say nothing."""
    listener.hear(connection)
    listener.over.wait(10)


def dripping(head: bytes, pause: float = 0.02) -> Talk:
    """Answer with one more byte every now and then, without an end."""

    def talk(connection: socket.socket, listener: Listener) -> None:
        listener.hear(connection)
        connection.sendall(head)
        while not listener.over.wait(pause):
            connection.sendall(b" ")

    return talk


def unused_url() -> str:
    """Return an address where nobody listens."""
    return f"http://127.0.0.1:{kept_port()}"


class Deaf:
    """A listener that never accepts, with a full queue: connecting takes for ever."""

    def __enter__(self) -> str:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(0)
        address = self._socket.getsockname()
        self._callers = []
        for _ in range(8):
            caller = socket.socket()
            caller.setblocking(False)
            with suppress(BlockingIOError):
                caller.connect(address)
            self._callers.append(caller)
        return f"http://127.0.0.1:{address[1]}"

    def __exit__(self, *_: object) -> None:
        for opened in (*self._callers, self._socket):
            opened.close()
