"""TLS from memory to memory, between a connection and its socket."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, final

from ._stream import BrokenStreamError

if TYPE_CHECKING:
    from ._stream import Stream


@final
class Tls:
    """The server's side of TLS on a stream. Writes and closes as a stream does.

    From memory, so that it can be given what was read already: the octets that tell
    TLS from plain HTTP.
    """

    def __init__(self, stream: Stream, context: ssl.SSLContext) -> None:
        self._stream = stream
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._ready = False

    def read(self, data: bytes) -> bytes:
        """Return what octets from the socket mean; perhaps nothing yet.

        Raises:
            BrokenStreamError: They are no TLS, or the client does not trust us; it was
                told.
        """
        self._incoming.write(data)
        plain = bytearray()
        try:
            if not self._ready:
                self._tls.do_handshake()
                self._ready = True
            while part := self._tls.read(65_536):
                plain += part
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        except ssl.SSLError:
            raise BrokenStreamError from None
        finally:
            self._flush()
        return bytes(plain)

    def write(self, data: bytes) -> None:
        """Send something."""
        if data and not self._stream.is_closing():
            self._tls.write(data)
            self._flush()

    def close(self) -> None:
        """Say goodbye, and close."""
        with suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush()
        self._stream.close()

    def _flush(self) -> None:
        if (data := self._outgoing.read()) and not self._stream.is_closing():
            self._stream.write(data)
