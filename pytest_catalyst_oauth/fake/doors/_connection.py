"""One connection of a client to a fake."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, final

from pytest_catalyst_oauth.engine import HttpRequest
from pytest_catalyst_oauth.fake._fault_kinds import Ending

from ._delivery import CONTINUE, ESTABLISHED, octets, refusal
from ._http import Reader, RefusedRequestError
from ._loop import report
from ._proxy import StrangerError, authority_of, origin_of, url_of
from ._stream import BrokenStreamError, Stream

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    from pytest_catalyst_oauth.fake._faults import Decision

    from ._desk import Desk
    from ._http import Bounds, Message
    from ._loop import Loop, Timer

# Requests that may wait behind a slow answer before no more are read.
_WAITING = 64
# Seconds for a client to read why it was refused, while it still sends.
_GRACE = 2.0
_PIECES = 100
# What a TLS client's first octet is; no HTTP request begins with it.
_HANDSHAKE = 0x16


class House(NamedTuple):
    """What all connections of a server share.

    Attributes:
        fake: Decides.
        loop: Calls them.
        origin: The server's own address.
        is_secure: Whether that address is https.
        bounds: What is too large.
        context: Makes what TLS needs for a host; empty for the server's own names.
        open: The connections.
    """

    fake: Desk
    loop: Loop
    origin: str
    is_secure: bool
    bounds: Bounds
    context: Callable[[str], ssl.SSLContext]
    open: set[Connection]


class _Line(Protocol):
    """What is written to: the stream, or TLS on it."""

    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


@final
class Connection:
    """Read requests, have them decided, and deliver what was decided."""

    def __init__(self, house: House, connected: socket.socket) -> None:
        self._house = house
        self._waiting: deque[Message] = deque()
        self._origins: dict[str, str] = {}
        self._timer: Timer | None = None
        # The first octet tells TLS from plain HTTP where both may come.
        self._first = house.is_secure
        self._tunnel = ""
        self._tls: Any = None
        self._is_over = False
        self._is_last = False
        self._is_full = False
        self._is_silent = False
        self._was_heard = True
        self._refusal: tuple[int, str] | None = None
        self._reader = Reader(house.bounds, self._take, self._go_on)
        self._stream = Stream(house.loop, connected, self)
        self._line: _Line = self._stream
        house.open.add(self)

    def connection_lost(self) -> None:
        """Forget what was to be sent."""
        self._house.open.discard(self)
        self._is_over = True
        self._waiting.clear()
        self._cancel()

    def eof_received(self) -> bool:
        """Tell whether the connection stays: a client may hear out what it asked."""
        self._is_last = True
        # Silence has no end that one could wait for.
        return self._timer is not None and not self._is_silent

    def pause_writing(self) -> None:
        """Read no more while a client does not read."""
        self._is_full = True
        self._stream.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        self._is_full = False
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._is_over or self._is_last:
            return
        self._was_heard = True
        try:
            if self._tls is not None:
                data = self._tls.read(data)
            while data:
                data = self._reader.feed(self._begun(data) if self._first else data)
        except RefusedRequestError as error:
            self._refuse(error.status, error.words)
        except BrokenStreamError:
            self.end()

    def end(self, *, at_once: bool = False) -> None:
        """End the connection, after what was written or at once."""
        self._is_over = True
        self._cancel()
        if at_once:
            self._stream.abort()
        else:
            self._line.close()

    def drop_if_silent(self) -> None:
        """End the connection if nothing came since this was asked, and it is due."""
        is_our_turn = self._timer or self._is_full or self._waiting
        if not self._was_heard and not is_our_turn:
            self.end()
        self._was_heard = False

    def _begun(self, data: bytes) -> bytes:
        """Find out what is spoken; return what the first octets mean."""
        self._first = False
        if data[0] != _HANDSHAKE:
            return data
        from ._tls import Tls

        context = self._house.context(self._tunnel.partition(":")[0])
        self._line = self._tls = Tls(self._stream, context)
        decrypted: bytes = self._tls.read(data)
        return decrypted

    def _go_on(self) -> None:
        self._line.write(CONTINUE)

    def _take(self, message: Message) -> None:
        if self._is_over or self._stream.is_closing():
            return
        if self._timer is not None or self._is_full or self._waiting:
            self._waiting.append(message)
            if len(self._waiting) > _WAITING:
                self._stream.pause_reading()
        else:
            self._answer(message)

    def _next(self) -> None:
        """Answer what waits, up to the next slow answer."""
        while self._waiting and not (self._timer or self._is_full or self._is_over):
            self._answer(self._waiting.popleft())
        if self._is_over or self._waiting or self._timer or self._is_full:
            return
        if self._refusal:
            self._refuse(*self._refusal)
        elif self._is_last:
            self.end()
        else:
            self._stream.resume_reading()

    def _answer(self, message: Message) -> None:
        try:
            if message.method == "CONNECT" and self._tls is None:
                self._dig(message)
                return
            decision = self._house.fake.decide(self._request(message))
        except StrangerError as error:
            self._refuse(403, str(error))
        except RefusedRequestError as error:
            self._refuse(error.status, error.words)
        except Exception as error:  # noqa: BLE001  one broken rule must not end all
            report(error)
            self._refuse(500)
        else:
            self._deliver(message, decision)

    def _dig(self, message: Message) -> None:
        """Become the host that a client wants to be connected with."""
        self._tunnel = authority_of(message.target, self._house.fake.serves)
        self._origins.clear()
        self._first = True
        self._line.write(ESTABLISHED)

    def _request(self, message: Message) -> HttpRequest:
        origin = self._origins.get(message.host)
        if origin is None:
            origin = self._origins[message.host] = self._origin(message.host)
        target, serves = message.target, self._house.fake.serves
        url = url_of(message.method, target, origin, serves)
        is_plain = self._tls is None and not self._tunnel
        if is_plain and self._house.is_secure and target.startswith("/"):
            raise RefusedRequestError(400, "this server speaks https")
        return HttpRequest(
            method=message.method,
            url=url,
            headers=message.headers,
            body=message.body,
        )

    def _origin(self, host: str) -> str:
        house, scheme = self._house, "http" if self._tls is None else "https"
        if self._tunnel:
            return f"{scheme}://{self._tunnel}"
        return origin_of(scheme, host, house.origin, house.fake.serves)

    def _deliver(self, message: Message, decision: Decision) -> None:
        if decision.delay:
            rest = decision._replace(delay=0.0)
            self._later(decision.delay, lambda: self._deliver(message, rest))
            return
        closes, knows_chunks = not message.keeps_alive, message.knows_chunks
        head, body = octets(decision, closes=closes, knows_chunks=knows_chunks)
        match decision.ending:
            case Ending.WHOLE:
                self._line.write(head + body)
            case Ending.CUT:
                self._line.write(head + body[: len(body) // 2])
                self.end()
            case Ending.DRIP:
                pieces = _pieces(head + body)
                self._drip(message, pieces, decision.pace / len(pieces))
                return
            case Ending.SILENCE:
                # Until the client gives up, or the server ends.
                self._is_silent = True
                self._later(86_400.0, self.end)
            case Ending.RESET:
                self._stream.reset()
        if not message.keeps_alive and decision.ending is Ending.WHOLE:
            self.end()

    def _drip(self, message: Message, pieces: list[bytes], pause: float) -> None:
        self._line.write(pieces.pop(0))
        if pieces:
            self._later(pause, lambda: self._drip(message, pieces, pause))
        elif not message.keeps_alive:
            self.end()

    def _refuse(self, status: int, words: str = "") -> None:
        """Say no, and end; a client that still sends gets some time to read it."""
        if self._is_over:
            return
        if self._timer is not None:
            # The answers to what came before it come first.
            self._is_last, self._refusal = True, (status, words)
            return
        self._waiting.clear()
        self._is_over = True
        self._line.write(refusal(status, words))
        if self._tls is not None:
            self._line.close()
            return
        self._stream.write_eof()
        self._later(_GRACE, self._stream.abort)

    def _later(self, seconds: float, call: Callable[[], object]) -> None:
        def then() -> None:
            self._house.fake.journal.release()
            self._timer = None
            call()
            self._next()

        self._house.fake.journal.hold()
        self._timer = self._house.loop.later(seconds, then)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._house.fake.journal.release()
            self._timer.cancel()
            self._timer = None


def _pieces(data: bytes) -> list[bytes]:
    size = -(-len(data) // _PIECES)
    return [data[start : start + size] for start in range(0, len(data), size)]
