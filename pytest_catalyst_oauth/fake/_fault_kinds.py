"""The kinds of failures: what each does to an answer, and how the answer ends."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from pytest_catalyst_oauth.engine import HttpReply

from ._answer import THROTTLE, html_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    Headers = tuple[tuple[str, str], ...]

# More than any client needs to read of a token reply.
_HUGE = 8 << 20
# What followed would be the next answer (RFC 9110, section 6.4.1).
_WITHOUT_BODY = (204, 304)


class Ending(Enum):
    """How much of an answer arrives."""

    WHOLE = "whole"
    SILENCE = "nothing ever comes, and the connection stays"
    RESET = "the connection is reset"
    CUT = "half of the body, then the end"
    DRIP = "all of it, slowly"


class Fault(NamedTuple):
    """One failure, as it was asked for.

    Attributes:
        kind: A key of `KINDS`.
        status: HTTP status of the answer, for `status` and `throttle`.
        headers: Further headers, for `status`.
        body: Any text, for `status`.
        seconds: How long or how far, for those that have a time.
    """

    kind: str = "status"
    status: int = 503
    headers: Headers = ()
    body: str = ""
    seconds: float = 0.0

    @property
    def happens(self) -> bool:
        """Whether the request takes effect."""
        return KINDS[self.kind].happens

    @property
    def is_heard(self) -> bool:
        """Whether the client gets a status."""
        return KINDS[self.kind].ending not in (Ending.SILENCE, Ending.RESET)

    @property
    def note(self) -> str:
        """What a journal says of it; a mere status speaks for itself."""
        return "" if self.kind == "status" else self.kind

    def answer(self) -> HttpReply:
        """Return the answer that was asked for."""
        body = b"" if self.status in _WITHOUT_BODY else self.body.encode()
        return HttpReply(status=self.status, headers=self.headers, body=body)


class Kind(NamedTuple):
    """What a fault does.

    Attributes:
        change: Makes the answer, from what the request came to; None leaves that.
        happens: Whether the request takes effect.
        ending: How much arrives.
        packing: `gzip` or `chunked` on the wire.
        seconds: Unless another time is given.
    """

    change: Callable[[Fault, HttpReply | None], HttpReply] | None = None
    happens: bool = True
    ending: Ending = Ending.WHOLE
    packing: str = ""
    seconds: float = 0.0


def _with_body(reply: HttpReply | None, change: Callable[[bytes], bytes]) -> HttpReply:
    reply = reply or HttpReply(status=200)
    return HttpReply(
        status=reply.status, headers=reply.headers, body=change(reply.body)
    )


def _status(fault: Fault, _: HttpReply | None) -> HttpReply:
    return fault.answer()


def _throttle(fault: Fault, _: HttpReply | None) -> HttpReply:
    return json_answer(THROTTLE, fault.status)


def _html(*_: object) -> HttpReply:
    return html_answer("The service is being maintained.", 200)


def _malformed(_: Fault, reply: HttpReply | None) -> HttpReply:
    # Its length is right, so only who reads the JSON finds out.
    return _with_body(reply, lambda body: body[: max(1, len(body) - 2)] + b",,")


def _content_type(_: Fault, reply: HttpReply | None) -> HttpReply:
    reply = reply or HttpReply(status=200)
    others = [pair for pair in reply.headers if pair[0].lower() != "content-type"]
    headers = (("Content-Type", "text/plain"), *others)
    return HttpReply(status=reply.status, headers=headers, body=reply.body)


def _bom(_: Fault, reply: HttpReply | None) -> HttpReply:
    return _with_body(reply, b"\xef\xbb\xbf".__add__)


def _duplicate_keys(_: Fault, reply: HttpReply | None) -> HttpReply:
    def doubled(body: bytes) -> bytes:
        name, colon, _ = body.removeprefix(b"{").partition(b":")
        is_json = colon and body.startswith(b"{")
        return b"{" + name + b":null," + body[1:] if is_json else body

    return _with_body(reply, doubled)


def _huge(_: Fault, reply: HttpReply | None) -> HttpReply:
    # Blanks may stand after JSON.
    return _with_body(reply, lambda body: body + b" " * _HUGE)


KINDS = {
    "status": Kind(_status, happens=False),
    "throttle": Kind(_throttle, happens=False),
    "html": Kind(_html, happens=False),
    "latency": Kind(seconds=1.0),
    "timeout": Kind(happens=False, ending=Ending.SILENCE),
    "reset_before": Kind(happens=False, ending=Ending.RESET),
    "reset_after": Kind(ending=Ending.RESET),
    "truncated": Kind(ending=Ending.CUT),
    "drip": Kind(ending=Ending.DRIP, seconds=1.0),
    "malformed": Kind(_malformed),
    "content_type": Kind(_content_type),
    "clock_skew": Kind(seconds=3600.0),
    "revoked": Kind(),
    "gzip": Kind(packing="gzip"),
    "chunked": Kind(packing="chunked"),
    "bom": Kind(_bom),
    "duplicate_keys": Kind(_duplicate_keys),
    "huge": Kind(_huge),
}
