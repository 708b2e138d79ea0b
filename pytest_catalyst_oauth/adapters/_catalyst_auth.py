"""An `auth` for `requests` that brings a token and renews it when told to.

Any callable will do as `auth`, so `requests` is imported with the first request only.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, final
from urllib.parse import urlsplit

from pytest_catalyst_oauth.engine import is_stale_token
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    import requests

    from pytest_catalyst_oauth.engine import Client, Credentials, Token

SCHEMES = ("Zoho-oauthtoken", "Bearer")


@final
class HeaderRule:
    """Which requests carry the token, and how it is written.

    Args:
        client: Whose data centre may see the token. Its URLs are https, or plain http
            on this machine.
        scheme: One of `SCHEMES`.

    Raises:
        SettingsError: Zoho reads no such scheme.

    Source: RFC 6750, section 2.1; zoho-protocol.md 8.1.
    """

    def __init__(self, client: Client, scheme: str) -> None:
        if scheme not in SCHEMES:
            raise SettingsError(
                f"scheme {scheme!r}",
                "is none that Zoho reads",
                f"choose {' or '.join(SCHEMES)}",
            )
        self._scheme = scheme
        self._center = client.data_center

    def covers(self, scheme: str, host: str | None, port: int | None) -> bool:
        """Tell whether a request to this origin carries the token."""
        port = port or {"https": 443, "http": 80}.get(scheme)
        return (scheme, host, port) in self._origins

    def value(self, token: Token) -> str:
        """Return the header's value; it is a secret."""
        return f"{self._scheme} {token.access_token.reveal()}"

    @cached_property
    def _origins(self) -> frozenset[tuple[str, str | None, int | None]]:
        center = self._center
        urls = (center.api_url, center.console_url, center.accounts_url)
        return frozenset(_origin(url) for url in urls if url)


@final
class CatalystAuth:
    """Authorize requests to one data centre.

    A 401 that says the token is invalid is answered by one refresh and one repetition;
    one that says a scope is missing is handed on, since no refresh cures it. Requests
    to hosts outside the data centre leave without the token.

    Args:
        credentials: Where tokens come from.
        scheme: `Zoho-oauthtoken` or `Bearer`.

    Raises:
        SettingsError: Zoho reads no such scheme.
        OAuthError: While sending, when no token can be obtained.

    Source: RFC 6750, section 2.1; zoho-protocol.md 8.1 and 11.
    """

    def __init__(self, credentials: Credentials, scheme: str = SCHEMES[0]) -> None:
        self._credentials = credentials
        self._rule = HeaderRule(credentials.client, scheme)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header; called by `requests`."""
        if not self._covers(request):
            return request
        token = self._credentials.token()
        body: Any = request.body
        start = _position(body)
        self._authorize(request, token)
        # A generator is empty after the first time, so it cannot be sent again.
        repeats = isinstance(body, str | bytes | None) or start is not None
        answer = partial(self._repeat, token, start, repeats)
        request.hooks.setdefault("response", []).append(answer)
        return request

    def _authorize(self, request: requests.PreparedRequest, token: Token) -> None:
        from ._quiet_headers import with_token

        headers: Any = with_token(request.headers, self._rule.value(token))
        request.headers = headers

    def _covers(self, request: requests.PreparedRequest) -> bool:
        return self._rule.covers(*_origin(request.url or ""))

    def _carries(self, request: requests.PreparedRequest, token: Token) -> bool:
        if not self._covers(request):
            return False
        return request.headers.get("Authorization") == self._rule.value(token)

    def _repeat(
        self,
        token: Token,
        start: int | None,
        repeats: bool,
        response: requests.Response,
        **options: Any,
    ) -> requests.Response:
        # After a redirect to another host, requests has taken the header away, and a
        # foreign host that sends us back has no say in what we authorize.
        if not self._carries(response.request, token):
            return response
        # Only now: reading the content of other answers would undo stream=True.
        if response.status_code != 401 or not is_stale_token(401, response.content):
            return response
        if not repeats:
            self._credentials.keeper.reject(token)
            return response
        fresh = self._credentials.replace(token)
        response.close()
        again = response.request.copy()
        if start is not None:
            body: Any = again.body
            body.seek(start)
        self._authorize(again, fresh)
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


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, port
