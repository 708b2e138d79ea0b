"""Starting the device flow: a code that a person types in elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine._directory import is_accounts_address
from pytest_catalyst_oauth.engine._http import HttpRequest
from pytest_catalyst_oauth.engine._reply import number_in, refusal_in, visible
from pytest_catalyst_oauth.engine._secret import Secret
from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import OAuthError, ReplyError, SettingsError

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine._client import Client
    from pytest_catalyst_oauth.engine._data_center import DataCenter
    from pytest_catalyst_oauth.engine._http import HttpReply
    from pytest_catalyst_oauth.engine._scope import ScopeSet

# seconds, each for when the server says nothing: RFC 8628, section 3.2, and Zoho's life
_INTERVAL = 5.0
_LIFETIME = 300.0
_LONGEST = 86_400.0


@final
class DeviceCode(Value, hidden="verification_url_complete"):
    """What a person needs to confirm a login, and what we need to follow it.

    Attributes:
        device_code: Turned into a token once the person has confirmed.
        user_code: Shown to the person, who compares it or types it in.
        verification_url: Shown to the person, who opens it anywhere.
        verification_url_complete: The same with the code in it; None if there is
            none. Not in the repr.
        interval: Seconds between two polls, at least.
        expires_at: When the codes end, in seconds since the epoch.

    Source: RFC 8628, sections 3.2 and 3.3; zoho-protocol.md 7.
    """

    device_code: Secret
    user_code: str
    verification_url: str
    verification_url_complete: str | None = None
    interval: float = _INTERVAL
    expires_at: float


def device_code_request(
    client: Client,
    scopes: ScopeSet,
    *,
    access_type: str = "offline",
    prompt: str | None = "consent",
) -> HttpRequest:
    """Build the request that starts a login on a device. No secret is in it.

    Args:
        client: Registered as a non-browser client.
        scopes: What to ask for.
        access_type: `offline` for a refresh token, or `online`.
        prompt: `consent` asks again; None leaves it to Zoho.

    Raises:
        SettingsError: There is no scope.

    Source: RFC 8628, section 3.1; zoho-protocol.md 7, where a grant type is added.
    """
    if not scopes:
        raise SettingsError("scopes", "are empty", "name at least one scope")
    return HttpRequest.post_form(
        f"{client.data_center.accounts_url}/oauth/v3/device/code",
        [
            ("grant_type", "device_request"),
            ("client_id", client.client_id),
            ("scope", scopes.for_request()),
            ("access_type", access_type),
            *([("prompt", prompt)] if prompt else []),
        ],
    )


def read_device_code(
    reply: HttpReply, *, asked_at: float, home: DataCenter
) -> DeviceCode:
    """Return the codes of a login on a device.

    Args:
        reply: What the device endpoint answered.
        asked_at: When the request was sent, in seconds since the epoch.
        home: Who was asked. A person is sent there or to Zoho, to nobody else.

    Raises:
        RefusedError: The server said no; `invalid_client` also means a client of
            another type.
        ReplyError: The answer has no codes, or sends the person to a stranger.

    Source: RFC 8628, section 3.2; zoho-protocol.md 7.
    """
    outcome = _code_or_error(reply, asked_at, home)
    if isinstance(outcome, OAuthError):
        raise outcome
    return outcome


def _code_or_error(
    reply: HttpReply, asked_at: float, home: DataCenter
) -> DeviceCode | OAuthError:
    answer = reply.json()
    refusal = refusal_in(answer, reply.status)
    if refusal is not None:
        return refusal
    device_code = visible(answer.get("device_code"))
    user_code = visible(answer.get("user_code"))
    if reply.status >= 400 or device_code is None or user_code is None:
        return ReplyError(reply.status, "the JSON has neither device_code nor error")
    url = _address(answer, home, "verification_url", "verification_uri")
    if url is None:
        return ReplyError(reply.status, "the verification URL is not one of Zoho's")
    interval, lifetime = _seconds(answer)
    return DeviceCode(
        device_code=Secret(device_code),
        user_code=user_code,
        verification_url=url,
        verification_url_complete=_address(answer, home, "verification_uri_complete"),
        interval=interval,
        expires_at=asked_at + lifetime,
    )


def _address(answer: dict[str, Any], home: DataCenter, *names: str) -> str | None:
    urls = (visible(answer.get(name)) for name in names)
    url = next((url for url in urls if url), None)
    return url if url and is_accounts_address(url, home) else None


def _seconds(answer: dict[str, Any]) -> tuple[float, float]:
    """Return interval and life in seconds.

    Zoho writes both in milliseconds, where the standard has seconds. The interval
    tells which: nobody has to wait a quarter of an hour between two polls.
    """
    interval, lifetime = (
        number_in(answer.get(name)) for name in ("interval", "expires_in")
    )
    is_milli = max(interval or 0, (lifetime or 0) / 100) >= 1000
    unit = 1000 if is_milli else 1
    return (
        _between(1, interval / unit, 600) if interval else _INTERVAL,
        _between(0, lifetime / unit, _LONGEST) if lifetime else _LIFETIME,
    )


def _between(least: float, value: float, most: float) -> float:
    return min(max(value, least), most)
