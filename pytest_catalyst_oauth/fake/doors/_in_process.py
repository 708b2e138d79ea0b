"""The fake in front of `requests`, by the library `responses`."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import responses
from requests.adapters import HTTPAdapter

from pytest_catalyst_oauth.adapters import read_request
from pytest_catalyst_oauth.engine import DataCenter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.engine import HttpReply, HttpRequest

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
    send: Callable[[HttpRequest], HttpReply], *, strict: bool
) -> Iterator[None]:
    """Answer calls to Zoho's hosts with `send` while the context lasts."""

    def answer(
        request: requests.PreparedRequest,
    ) -> tuple[int, Any, bytes]:
        reply = send(read_request(request))
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


def _refuse(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    parts = urlsplit(request.url or "")
    raise requests.ConnectionError(
        f"{request.method} {parts.scheme}://{parts.hostname} is not faked; "
        "run without strict to let it out"
    )
