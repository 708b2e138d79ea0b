"""An `auth` for `httpx` that brings a token and renews it through the same client."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, TypeVar, final

import httpx

from pytest_catalyst_oauth.engine import (
    Apart,
    HttpRequest,
    is_stale_token,
    observe,
)
from pytest_catalyst_oauth.engine.errors import OAuthError

from ._background import in_background
from ._catalyst_auth import SCHEMES, HeaderRule
from ._httpx_flow import AsyncFlow, SyncFlow
from ._httpx_parcels import LARGEST_REPLY, Parcels, unpack
from ._patience import Timeouts
from ._tenacity import Attempts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from pytest_catalyst_oauth.engine import (
        Credentials,
        HttpReply,
        Journal,
        Steps,
        Token,
    )

    from ._httpx_flow import FlowSteps
    from ._patience import RetryPolicy

T = TypeVar("T")


@final
class CatalystHttpxAuth(httpx.Auth):
    """Authorize requests to one data centre, of a `Client` or an asyncio `AsyncClient`.

    The client itself makes the token requests. A 401 that says the token is invalid is
    answered by one refresh and one repetition. Where the body was a stream, the caller
    gets the 401, and the next call another token. A 401 that says a scope is missing is
    handed on, since no refresh cures it. Requests to hosts outside the data centre
    leave without the token, after a redirect too.

    A token that still lives is renewed in the background by the credentials' own
    transport. Credentials without a background let the first call renew it, which
    fails if nobody answers: `httpx` does not let an `auth` go on after that.

    Args:
        credentials: Where tokens come from.
        scheme: `Zoho-oauthtoken` or `Bearer`.
        retry: How often to try when the token endpoint answers with a failure.
        timeouts: Of one token request.
        largest_reply: Of the token endpoint, in bytes.
        sleep: Waits between attempts, in seconds; None waits as the client does.
        journal: Notes every token request, redacted.

    Raises:
        SettingsError: Zoho reads no such scheme.
        OAuthError: While sending, when no token can be obtained.

    Source: RFC 6750, section 2.1; zoho-protocol.md 8.1 and 11.
    """

    def __init__(
        self,
        credentials: Credentials,
        scheme: str = SCHEMES[0],
        *,
        retry: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        largest_reply: int = LARGEST_REPLY,
        sleep: Callable[[float], None] | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._credentials = credentials
        self._rule = HeaderRule(credentials.client, scheme)
        self._attempts = Attempts(retry, credentials.keeper.clock)
        self._parcels = Parcels(timeouts or Timeouts(), largest_reply)
        self._sleep = sleep
        self._journal = journal

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Say what a `Client` has to send; called by `httpx`."""
        return SyncFlow(self._steps(request), self._sleep)

    def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Say what an `AsyncClient` has to send; called by `httpx`."""
        return AsyncFlow(self._steps(request), self._sleep)

    def _steps(self, request: httpx.Request) -> FlowSteps[None]:
        if not self._covers(request):
            yield request
            return
        keeper = self._credentials.keeper
        token = keeper.at_hand() or (yield from self._carried(keeper.token()))
        request.headers["Authorization"] = self._rule.value(token)
        response: httpx.Response = yield request
        # It may be another request by now, after a redirect.
        rejected = response.request
        if not self._is_about(response, token):
            return
        # Only now: reading the content of other answers would undo stream=True.
        yield response
        if not is_stale_token(response.status_code, response.content):
            return
        if not isinstance(rejected.stream, httpx.ByteStream):
            # It is empty by now. The caller gets the 401, and a new token next time.
            keeper.reject(token)
        else:
            fresh = yield from self._carried(keeper.replace(token))
            rejected.headers["Authorization"] = self._rule.value(fresh)
            yield rejected

    def _covers(self, request: httpx.Request) -> bool:
        url = request.url
        return self._rule.covers(url.scheme, url.host, url.port)

    def _is_about(self, response: httpx.Response, token: Token) -> bool:
        """Tell whether this may be a refusal of our token."""
        request = response.request
        return (
            response.status_code == 401
            and self._covers(request)
            # After a redirect to another host, httpx has taken it away.
            and request.headers.get("Authorization") == self._rule.value(token)
        )

    def _carried(self, steps: Steps[T]) -> FlowSteps[T]:
        """Do the engine's steps, all but the work that nobody has to wait for."""
        with closing(self._attempts.of(steps)) as course:
            answer: Any = None
            while True:
                try:
                    step = course.send(answer)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                answer = None
                if isinstance(step, Apart):
                    in_background(self._renew)
                elif isinstance(step, HttpRequest):
                    try:
                        answer = yield from self._noted(step)
                    except OAuthError as error:
                        # All who wait learn of it. This call is over, even if an old
                        # token lives.
                        with suppress(OAuthError, StopIteration):
                            course.throw(error)
                        raise
                else:
                    yield step

    def _noted(self, request: HttpRequest) -> FlowSteps[HttpReply | OAuthError]:
        at = self._credentials.keeper.clock()
        try:
            answer = yield from self._exchange(request)
        except OAuthError as error:
            self._note(request, error, at)
            raise
        self._note(request, answer, at)
        return answer

    def _note(
        self, request: HttpRequest, answer: HttpReply | OAuthError, at: float
    ) -> None:
        if self._journal is None:
            return
        if isinstance(answer, OAuthError):
            self._journal.add(observe(request, None, at, type(answer).__name__))
        else:
            self._journal.add(observe(request, answer, at))

    def _exchange(self, request: HttpRequest) -> FlowSteps[HttpReply | OAuthError]:
        """Have the client make a token request; return what came of it.

        Raises:
            OAuthError: The client has failed, and cannot go on.
        """
        packed = self._parcels.pack(request)
        try:
            response: httpx.Response = yield packed
        except Exception as error:  # noqa: BLE001  whatever it is, it drags frames along
            problem = self._parcels.explain(error, request)
        else:
            return (yield from self._reply(response, packed, request))
        raise problem from None

    def _reply(
        self, response: httpx.Response, packed: httpx.Request, request: HttpRequest
    ) -> FlowSteps[HttpReply | OAuthError]:
        if response.request is not packed:
            # The client follows redirects: what counts is what our server said.
            asked = [one for one in response.history if one.request is packed]
            return unpack((asked or [response])[0], body=b"")
        try:
            self._parcels.limit(response, request)
            yield response
            return unpack(response)
        except Exception as error:  # noqa: BLE001  sorted out by `explain`
            problem = self._parcels.explain(error, request)
        # httpx reads each response before it sends another request.
        response.stream = httpx.ByteStream(b"")
        response.is_closed = response.is_stream_consumed = False
        if isinstance(problem, OAuthError):
            return problem
        raise problem from None

    def _renew(self) -> None:
        # What goes wrong is in the store, for `status` and for whoever asks next.
        with suppress(OAuthError):
            self._credentials.refresh()
