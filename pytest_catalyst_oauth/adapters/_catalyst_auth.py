"""An `auth` for `requests` that brings a token and renews it when told to.

Any callable will do as `auth`, so this needs no import of `requests`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import is_stale_token

if TYPE_CHECKING:
    import requests

    from pytest_catalyst_oauth.engine import Credentials, Token


@final
class CatalystAuth:
    """Authorize requests to one data centre.

    A 401 that says the token is invalid is answered by one refresh and one repetition;
    one that says a scope is missing is handed on, since no refresh cures it. Requests
    to hosts outside the data centre leave without the token.

    Args:
        credentials: Where tokens come from.

    Raises:
        OAuthError: While sending, when no token can be obtained.

    Source: RFC 6750, section 2.1; zoho-protocol.md 8.1 and 11.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        center = credentials.client.data_center
        urls = (center.api_url, center.console_url, center.accounts_url)
        self._origins = frozenset(_origin(url) for url in urls if url)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header; called by `requests`."""
        if _origin(request.url) not in self._origins:
            return request
        token = self._credentials.token()
        body: Any = request.body
        start = _position(body)
        request.headers["Authorization"] = token.authorization
        # A generator is empty after the first time, so it cannot be sent again.
        if isinstance(body, str | bytes | None) or start is not None:
            repeat = partial(self._repeat, token, start)
            request.hooks.setdefault("response", []).append(repeat)
        return request

    def _repeat(
        self,
        token: Token,
        start: int | None,
        response: requests.Response,
        **options: Any,
    ) -> requests.Response:
        if _origin(response.request.url) not in self._origins:
            return response
        # Only now: reading the content of other answers would undo stream=True.
        if response.status_code != 401 or not is_stale_token(401, response.content):
            return response
        fresh = self._credentials.replace(token)
        response.close()
        again = response.request.copy()
        if start is not None:
            body: Any = again.body
            body.seek(start)
        again.headers["Authorization"] = fresh.authorization
        connection: Any = response.connection
        repeated: requests.Response = connection.send(again, **options)
        repeated.history.append(response)
        repeated.request = again
        return repeated


def _position(body: Any) -> int | None:
    """Return where a file stands; None for what cannot be wound back."""
    try:
        start: int = body.tell()
        body.seek(start)
    except (AttributeError, OSError):
        return None
    return start


def _origin(url: str | None) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url or "")
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, port
