"""Requests and replies as values, and the seam that carries them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from ._secret import Secret
from ._value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from json import JSONEncoder

# `urllib.parse` and `json` come with the first request; see decision 8.
FORM = "application/x-www-form-urlencoded"
Headers = tuple[tuple[str, str], ...]


@cache
def _compact() -> JSONEncoder:
    from json import JSONEncoder

    return JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@cache
def _is_plain() -> Callable[[str], object]:
    import re

    return re.compile(r"[\w.~-]*", re.ASCII).fullmatch


def _encoded(pairs: list[tuple[str, str]]) -> bytes:
    """Write a form. It holds secrets, and so must not fail whatever the texts are."""
    # The library is slow to see that it need not quote anything.
    if _is_plain()("".join(map("".join, pairs))):
        return "&".join(map("=".join, pairs)).encode()
    from urllib.parse import quote, urlencode

    # A text that is no Unicode is the server's to refuse.
    return urlencode(pairs, errors="surrogatepass", quote_via=quote).encode()


def _find(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


class HttpRequest(Value):
    """One HTTP request. Its repr shows neither query, headers nor body.

    Attributes:
        method: Upper-case verb.
        url: Absolute URL.
        headers: Pairs in the order of the wire.
        body: What is sent; empty for none.
        replayable: Whether the request may be sent again although the server may
            have seen it. False for a single-use code (RFC 6749, section 4.1.2).
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    replayable: bool = True

    @classmethod
    def post_form(
        cls,
        url: str,
        fields: Iterable[tuple[str, str | Secret]],
        *,
        replayable: bool = True,
    ) -> HttpRequest:
        """Build a form POST; secrets travel in the body, never in the URL.

        Source: RFC 6749, section 2.3.1.
        """
        return cls(
            method="POST",
            url=url,
            headers=(("Content-Type", FORM), ("Accept", "application/json")),
            body=_encoded(
                [
                    (
                        str(name),
                        value.reveal() if isinstance(value, Secret) else str(value),
                    )
                    for name, value in fields
                ]
            ),
            replayable=replayable,
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port, for messages."""
        from urllib.parse import urlsplit

        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None. Names ignore case."""
        return _find(self.headers, name)

    def __repr__(self) -> str:
        from urllib.parse import urlsplit

        where = f"{self.origin}{urlsplit(self.url).path}"
        return f"<{self.method} {where}, {len(self.body)} bytes>"


class HttpReply(Value):
    """One HTTP reply. Its repr shows neither headers nor body.

    Attributes:
        status: HTTP status.
        headers: Pairs in the order of the wire; names may repeat (`Set-Cookie`).
        body: What came back, content-encoding undone.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""

    @classmethod
    def of_json(cls, status: int, value: object, headers: Headers = ()) -> HttpReply:
        """Build a reply with a compact JSON body, as Zoho writes it."""
        body = _compact().encode(value).encode()
        return cls(status=status, headers=headers, body=body)

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None. Names ignore case."""
        return _find(self.headers, name)

    def json(self) -> Any:
        """Return the body as JSON, or None when it is none."""
        import json

        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def __repr__(self) -> str:
        return f"<HTTP {self.status}, {len(self.body)} bytes>"


class Transport(Protocol):
    """Sends one request and returns one reply."""

    def send(self, request: HttpRequest) -> HttpReply:
        """Deliver `request`; raise `TransportError` when nobody answers."""
        ...
