"""The fake in front of `requests`, by the library `responses`."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import responses
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError

from pytest_catalyst_oauth.adapters import read_request
from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.fake._fault_kinds import Ending

from ._delivery import packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import HttpRequest
    from pytest_catalyst_oauth.fake._faults import Decision

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_HOSTS = "|".join(
    re.escape(urlsplit(url).hostname or "")
    for center in DataCenter.all()
    for url in (center.accounts_url, center.api_url, center.console_url)
    if url
)
# Plain http, another port and credentials too: nothing of it may reach the real host.
_ZOHO = re.compile(rf"https?://([^/@]*@)?({_HOSTS})\.?(:\d*)?([/?]|\Z)", re.IGNORECASE)
_OTHERS = re.compile(rf"(?!{_ZOHO.pattern})", re.IGNORECASE)


@contextmanager
def answering(
    decide: Callable[[HttpRequest], Decision], *, strict: bool
) -> Iterator[None]:
    """Answer calls to Zoho's hosts as `decide` says, while the context lasts."""

    def answer(
        request: requests.PreparedRequest,
    ) -> tuple[int, Any, bytes]:
        decision = decide(read_request(request))
        if decision.delay or decision.pace:
            time.sleep(decision.delay + decision.pace)
        problem = _problem(decision.ending)
        if problem is not None:
            raise problem
        # There are no chunks where there is no wire.
        packing = decision.packing if decision.packing == "gzip" else ""
        reply = packed(decision.reply, packing)
        # Pairs, not a mapping: there are three cookies, and responses takes both.
        return reply.status, list(reply.headers), reply.body

    with responses.RequestsMock(
        assert_all_requests_are_fired=False,
        # What is there now; by itself it would jump over a mock that is active already.
        real_adapter_send=HTTPAdapter.send,
    ) as mock:
        for method in _METHODS:
            mock.add_callback(method, _ZOHO, callback=answer, content_type=None)
            if strict:
                mock.add_callback(method, _OTHERS, callback=_refuse)
        if not strict:
            mock.add_passthru(_OTHERS)
        yield


def _problem(ending: Ending) -> requests.RequestException | None:
    """Return what `requests` raises where an answer ends like that."""
    match ending:
        case Ending.SILENCE:
            return requests.ReadTimeout("Read timed out.")
        case Ending.RESET:
            reset = ConnectionResetError(104, "Connection reset by peer")
            return requests.ConnectionError("Connection aborted.", reset)
        case Ending.CUT:
            return ChunkedEncodingError("Connection broken: IncompleteRead")
        case _:
            return None


def _refuse(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    parts = urlsplit(request.url or "")
    raise requests.ConnectionError(
        f"{request.method} {parts.scheme}://{parts.hostname} is not faked; "
        "run without strict to let it out"
    )
