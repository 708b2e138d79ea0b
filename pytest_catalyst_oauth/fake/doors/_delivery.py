"""Answers as octets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply
    from pytest_catalyst_oauth.fake._faults import Decision

    Headers = tuple[tuple[str, str], ...]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
# Zoho's own servers give no reason (zoho-protocol.md 4.3); no client needs one.
_LINES = {status: f"HTTP/1.1 {status} \r\n" for status in range(200, 600)}
_PHRASES = {
    400: "Bad Request",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    505: "HTTP Version Not Supported",
}


def packed(reply: HttpReply, packing: str) -> HttpReply:
    """Return a reply as it is written for a packing: compressed, or in chunks."""
    if not packing or not reply.body:
        return reply
    if packing == "gzip":
        import gzip

        body, name, value = gzip.compress(reply.body), "Content-Encoding", "gzip"
    else:
        body, name, value = reply.body, "Transfer-Encoding", "chunked"
    headers: list[tuple[str, str]] = []
    for pair in reply.headers:
        if pair[0] != "Content-Length":
            headers.append(pair)
        elif packing == "gzip":
            headers.append((pair[0], str(len(body))))
    headers.append((name, value))
    return type(reply)(status=reply.status, headers=tuple(headers), body=body)


def octets(
    decision: Decision, *, closes: bool, knows_chunks: bool
) -> tuple[bytes, bytes]:
    """Return head and body.

    Args:
        decision: What is answered.
        closes: Whether the connection ends after it.
        knows_chunks: Whether the client does; others get a body as a whole.
    """
    reply = decision.reply
    # Where there is no body, as for HEAD, nothing stands for its end either.
    packing = decision.packing if reply.body else ""
    if packing == "chunked" and not knows_chunks:
        packing = ""
    if packing:
        reply = packed(reply, packing)
    body = _in_chunks(reply.body) if packing == "chunked" else reply.body
    return head(reply.status, reply.headers, closes=closes), body


def head(status: int, headers: Headers, *, closes: bool) -> bytes:
    """Return status line and headers."""
    if closes:
        headers = tuple(
            (name, "close" if name == "Connection" else value)
            for name, value in headers
        )
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers):
        # A line break from a client's own words would start another header.
        clean = [f"{n}: {v}".replace("\r", " ").replace("\n", " ") for n, v in headers]
        lines = "".join([f"{line}\r\n" for line in clean])
    return f"{_LINES[status]}{lines}\r\n".encode("latin-1", "replace")


def refusal(status: int, words: str = "") -> bytes:
    """Return a whole answer that says no in one line, and ends the connection.

    The line is in the status line, too: where a proxy refuses, clients show that.
    """
    words = words or _PHRASES[status]
    body = f"{words}\n"
    return (
        f"HTTP/1.1 {status} {words}\r\n"
        "Content-Type: text/plain;charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
        f"{body}"
    ).encode("latin-1", "replace")


def _in_chunks(body: bytes) -> bytes:
    """Return a body in two chunks, so that joining them matters."""
    half = (len(body) + 1) // 2
    parts = [part for part in (body[:half], body[half:]) if part]
    written = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
    return b"".join(written) + b"0\r\n\r\n"
