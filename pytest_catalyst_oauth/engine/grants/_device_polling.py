"""Following the device flow: what to ask next, and not before when.

Nothing here sleeps. A driver waits until `wait_until`, sends `request()`, and hands
over what came of it: to `read` an answer, to `retry` the news that there was none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine._directory import follow
from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._reply import read_token, refusal_in
from pytest_catalyst_oauth.engine._server_words import quotable
from pytest_catalyst_oauth.engine._value import Value, replace
from pytest_catalyst_oauth.engine.errors import (
    LoginNeededError,
    OAuthError,
    RefusedError,
    ReplyError,
)

from ._grant import client_fields

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._data_center import DataCenter
    from pytest_catalyst_oauth.engine._http import HttpReply
    from pytest_catalyst_oauth.engine._token import Token
    from pytest_catalyst_oauth.engine.errors import TransportError

    from ._device_code import DeviceCode

# seconds, for good, each time that the server says `slow_down`: RFC 8628, section 3.5
_SLOWER = 5.0


@final
class DeviceLogin(Value):
    """A login that a person confirmed.

    Attributes:
        token: With a refresh token, if `offline` was asked for.
        data_center: Where the person lives; both tokens work there and only there.
    """

    token: Token
    data_center: DataCenter


@final
class DevicePolling(Value):
    """A login that waits for a person.

    Attributes:
        client: Who asks. Its data centre changes when the person lives elsewhere.
        device: The codes.
        interval: Seconds between two polls. `slow_down` adds five for good, although
            Zoho goes back to its own interval: a poll too late costs less than one
            too early, and the standard knows no way back.
        wait_until: Not to be asked before, in seconds since the epoch.
        failures: Polls in a row that nobody answered.

    Source: RFC 8628, section 3.5; zoho-protocol.md 7.
    """

    client: Client
    device: DeviceCode
    interval: float
    wait_until: float
    failures: int = 0

    @classmethod
    def start(cls, client: Client, device: DeviceCode, *, now: float) -> DevicePolling:
        """Begin to wait; the first poll is due one interval after `now`."""
        return cls(
            client=client,
            device=device,
            interval=device.interval,
            wait_until=now + device.interval,
        )

    def request(self) -> HttpRequest:
        """Build the next poll; only `retry` may decide to send it again.

        Source: RFC 8628, section 3.4; zoho-protocol.md 7, where the names differ.
        """
        return HttpRequest.post_form(
            f"{self.client.data_center.accounts_url}/oauth/v3/device/token",
            [
                ("grant_type", "device_token"),
                ("code", self.device.device_code),
                *client_fields(self.client),
            ],
            replayable=False,
        )

    def read(
        self, reply: HttpReply, *, asked_at: float, now: float
    ) -> DevicePolling | DeviceLogin:
        """Return what is next: another poll, or the login.

        Args:
            reply: To the request of this polling.
            asked_at: When it was sent, in seconds since the epoch.
            now: When it was answered, likewise.

        Raises:
            LoginNeededError: The codes ended before anybody confirmed.
            RefusedError: The person said no (`access_denied`), or Zoho did.
            ReplyError: The answer is not one to a poll.
        """
        outcome = self._next(reply, now)
        if isinstance(outcome, OAuthError):
            raise outcome
        if outcome is not None:
            return outcome
        token = read_token(reply, asked_at=asked_at)
        return DeviceLogin(token=token, data_center=self.client.data_center)

    def retry(self, error: TransportError, *, now: float) -> DevicePolling:
        """Return the next poll after one that nobody answered; each waits longer.

        Raises:
            TransportError: `error`, when the codes end before another poll is due.

        Source: RFC 8628, section 3.5: exponential back-off.
        """
        later = self._backed_off(now)
        if later is None:
            raise error
        return later

    def _next(self, reply: HttpReply, now: float) -> DevicePolling | OAuthError | None:
        """Return another poll or the end of all polls; None for a token."""
        answer = reply.json()
        error = refusal_in(answer, reply.status)
        if isinstance(error, ReplyError) and reply.status >= 500:
            return self._backed_off(now) or error
        if not isinstance(error, RefusedError):
            return error
        match error.error:
            case "authorization_pending":
                return _again(self, now)
            case "slow_down":
                return _again(replace(self, interval=self.interval + _SLOWER), now)
            case "other_dc":
                return self._elsewhere(answer, error, now)
            case "expired" | "expired_token":
                return LoginNeededError(*error.args)
        return error

    def _elsewhere(
        self, answer: dict[str, Any], error: RefusedError, now: float
    ) -> DevicePolling | OAuthError:
        """Go on with the same code at the data centre where the person lives."""
        named = str(answer.get("user_location"))
        center = follow(self.client.data_center, named)
        if center is None:
            detail = f"user_location {quotable(named)!r} is unknown"
            return RefusedError(error.error, error.status, detail)
        # The interval stays: nobody knows whether the data centres count together.
        client = replace(self.client, data_center=center)
        return _again(replace(self, client=client), now)

    def _backed_off(self, now: float) -> DevicePolling | None:
        failures = self.failures + 1
        if now + self.interval > self.device.expires_at:
            return None
        # 2 ** 10 is beyond every deadline. The last poll is never put off beyond it.
        pause = self.interval * 2 ** min(failures, 10)
        wait_until = min(now + pause, self.device.expires_at)
        return replace(self, wait_until=wait_until, failures=failures)


def _again(polling: DevicePolling, now: float) -> DevicePolling | LoginNeededError:
    wait_until = now + polling.interval
    if wait_until > polling.device.expires_at:
        return LoginNeededError("expired", 0, "no poll is due before the codes end")
    return replace(polling, wait_until=wait_until, failures=0)
