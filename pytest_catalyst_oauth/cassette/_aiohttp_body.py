"""What aiohttp sends of a form: bytes, before VCR.py's stub sees the form itself.

Only the names of a form's fields are in the value that the stub is given; what aiohttp
would make of it is sent, recorded and compared instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.payload import Payload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def as_bytes_first(request: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    """Wrap `ClientSession._request`, so that a form or a payload comes as bytes."""

    @wraps(request)
    async def asked(
        session: aiohttp.ClientSession, method: str, url: Any, **given: Any
    ) -> Any:
        payload = _payload(given.get("data"))
        if payload is not None:
            skipped = {
                one.lower()
                for one in (
                    *session.skip_auto_headers,
                    *session.headers,
                    *(given.get("skip_auto_headers") or ()),
                    *_names(given.get("headers")),
                )
            }
            own = [
                (k, v) for k, v in payload.headers.items() if k.lower() not in skipped
            ]
            given["headers"] = [*_pairs(given.get("headers")), *own]
            given["data"] = await _written(payload)
        return await request(session, method, url, **given)

    return asked


def _payload(data: Any) -> Payload | None:
    """Return what aiohttp would make of a body; None if VCR.py can record it so."""
    if isinstance(data, Payload):
        return data
    if isinstance(data, aiohttp.FormData):
        return data()
    if not isinstance(data, Mapping | list | tuple):
        return None
    try:
        form = aiohttp.FormData(data)
    except TypeError:
        return None  # aiohttp says what is wrong
    return form() if form.is_multipart else None


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return list(headers.items() if hasattr(headers, "items") else headers or ())


def _names(headers: Any) -> list[str]:
    return [str(name) for name, _ in _pairs(headers)]


class _Writer:
    """Takes what a payload writes to its connection."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, chunk: bytes) -> None:
        self.data += chunk


async def _written(payload: Payload) -> bytes:
    writer: Any = _Writer()
    await payload.write(writer)
    return bytes(writer.data)
