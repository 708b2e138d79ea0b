"""What one replayed exchange costs, in small and in large cassettes."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import vcr

from pytest_catalyst_oauth.cassette import (
    Cassette,
    Origin,
    RecordedExchange,
    Scrubber,
    replay_any_client,
)
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

from ._table import Part, middle

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._stage import Stage

_URL = "https://accounts.zoho.com/oauth/v2/token"


def measure(stage: Stage, *, quick: bool) -> Part:  # noqa: ARG001  needs no server
    """Replay the last exchange of each cassette, and all of them."""
    part = Part(name="size", title="one replayed exchange, by the cassette's size")
    sizes, rounds = ((1, 5), 1) if quick else ((1, 10, 100, 1000), 7)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.yaml"
            _write(path, size)
            for name, use in (("ours", _ours), ("VCR.py", _vcr)):
                first = use(path, [size - 1])
                last, _ = middle([use(path, [size - 1]) for _ in range(rounds)])
                every, _ = middle([use(path, range(size)) / size for _ in range(2)])
                part.rows.append(
                    {
                        "tool": name,
                        "exchanges": size,
                        "ms to open it and replay its last": last,
                        "the first time": first,
                        "ms for each, all replayed": every,
                    }
                )
    return part


def _write(path: Path, size: int) -> None:
    exchanges = []
    for number in range(size):
        request = HttpRequest(
            method="POST",
            url=f"{_URL}?number={number}",
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body=b"grant_type=refresh_token",
        )
        body = b'{"access_token":"REDACTED-access-token-1","expires_in":3600}'
        headers = (("Content-Type", "application/json;charset=UTF-8"),)
        reply = HttpReply(status=200, headers=headers, body=body)
        exchanges.append(RecordedExchange(request, reply))
    origin = Origin(
        recorded_at=datetime.now(UTC), source="invented", versions=(), data_center="us"
    )
    cassette = Cassette(exchanges=tuple(exchanges), origin=origin)
    cassette.save(path, scrubber=Scrubber())


def _ours(path: Path, numbers: Any) -> float:
    def use() -> None:
        with replay_any_client(Cassette.load(path), command="none"):
            _ask(numbers)

    return _time(use)


def _vcr(path: Path, numbers: Any) -> float:
    def use() -> None:
        with vcr.use_cassette(str(path), record_mode="none"):
            _ask(numbers)

    return _time(use)


def _ask(numbers: Any) -> None:
    form = {"grant_type": "refresh_token"}
    with requests.Session() as session:
        for number in numbers:
            reply = session.post(f"{_URL}?number={number}", data=form, timeout=10)
            assert reply.json()["access_token"]


def _time(call: Callable[[], None]) -> float:
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1e3
