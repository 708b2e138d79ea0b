"""The device flow: what the device asks, and what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import ClientKind, Secret
from pytest_catalyst_oauth.fake._answer import json_answer

from ._authentication import authenticated
from ._error import AccountsError
from ._front_channel import asked_scope
from ._issuing import issued
from ._openid import id_token

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Client, HttpReply, ScopeSet
    from pytest_catalyst_oauth.fake._users import User

    from ._call import AccountsCall

# Without vowels, so that no word comes out of it: RFC 8628, section 6.1.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_URN = "urn:ietf:params:oauth:grant-type:device_code"
# RFC 8628, section 3.5; Zoho stays at its own interval.
_SLOWER = 5
_MOST = 1000


@final
class DeviceLogin:
    """A login on a device, from its start to its end.

    Attributes:
        client: Who asks.
        scope: What for.
        user_code: What the person compares or types in.
        ends_at: Seconds since the epoch.
        interval: Seconds between two polls, at least.
        asked_at: When it was polled in time for the last time; None for never.
        user: Who said yes; None for nobody yet.
        is_denied: Whether the person said no.
        sent_home: Whether the device was told where the person's account is.
    """

    __slots__ = (
        "asked_at",
        "client",
        "ends_at",
        "interval",
        "is_denied",
        "scope",
        "sent_home",
        "user",
        "user_code",
    )

    def __init__(
        self,
        *,
        client: Client,
        scope: ScopeSet,
        user_code: str,
        ends_at: float,
        interval: float,
    ) -> None:
        self.client = client
        self.scope = scope
        self.user_code = user_code
        self.ends_at = ends_at
        self.interval = interval
        self.asked_at: float | None = None
        self.user: User | None = None
        self.is_denied = False
        self.sent_home = False

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return self.user is None and not self.is_denied


def start(call: AccountsCall) -> HttpReply:
    """Answer `POST /oauth/v3/device/code`. The device shows no secret here.

    Source: zoho-protocol.md 7; strict: RFC 8628, sections 3.1 and 3.2.
    """
    settings = call.server.settings
    client = call.server.vault.clients.get(call.plain("client_id") or "")
    if client is None or client.kind is not ClientKind.DEVICE:
        raise AccountsError("invalid_client", "invalid_client", status=401)
    if not settings.is_strict and call.plain("grant_type") != "device_request":
        raise AccountsError("general_error", "unsupported_grant_type")
    login = DeviceLogin(
        client=client,
        scope=_scope(call),
        user_code=_user_code(call),
        ends_at=call.server.clock() + settings.device_code_lifetime,
        interval=settings.device_interval,
    )
    # A token of another series.
    device_code = Secret("1004." + call.server.vault.new_token().reveal()[5:])
    devices = call.server.people.devices
    devices[device_code] = login
    if len(devices) > _MOST:
        del devices[next(iter(devices))]
    return json_answer(_codes(call, device_code, login))


def device_token(call: AccountsCall) -> HttpReply:
    """Answer `POST /oauth/v3/device/token`.

    Source: zoho-protocol.md 7.
    """
    client, grant_type = authenticated(call), call.plain("grant_type")
    is_strict = call.server.settings.is_strict
    if grant_type != "device_token" and not (is_strict and grant_type == _URN):
        raise AccountsError("general_error", "unsupported_grant_type")
    return poll(call, client)


def poll(call: AccountsCall, client: Client) -> HttpReply:
    """Tell a device whether it may go on; its code works once.

    Raises:
        AccountsError: Not yet, too often, too late, or not at all.

    Source: zoho-protocol.md 7; strict: RFC 8628, section 3.5.
    """
    devices = call.server.people.devices
    if client.kind is not ClientKind.DEVICE:
        raise AccountsError("invalid_client", "invalid_client", status=401)
    code = call.given.get("code")
    if code is None and call.server.settings.is_strict:
        code = call.given.get("device_code")
    login = devices.get(code) if code else None
    if code is None or login is None or login.client.client_id != client.client_id:
        raise AccountsError("invalid_code", "invalid_grant")
    _refuse_unfit(call, code, login)
    user = login.user
    if user is None:
        raise AccountsError("authorization_pending", "authorization_pending")
    if not _is_home(call, login, user):
        # The device goes on there, with the same code.
        login.sent_home, login.asked_at = True, None
        return json_answer({"user_location": user.location, "error": "other_dc"})
    del devices[code]
    return _tokens(call, login, user)


def _refuse_unfit(call: AccountsCall, code: Secret, login: DeviceLogin) -> None:
    now, devices = call.server.clock(), call.server.people.devices
    if now >= login.ends_at:
        del devices[code]
        raise AccountsError("expired", "expired_token")
    if login.asked_at is not None and now < login.asked_at + login.interval:
        # A poll too early does not count, or a device that asks every two seconds,
        # as Zoho's command line does, would never hear of its token.
        if call.server.settings.is_strict:
            login.interval += _SLOWER
        raise AccountsError("slow_down", "slow_down")
    login.asked_at = now
    if login.is_denied:
        del devices[code]
        raise AccountsError("access_denied", "access_denied")


def _is_home(call: AccountsCall, login: DeviceLogin, user: User) -> bool:
    """Tell whether the device has come to where the person's account is.

    Who stands in for all data centres is also the other one, once it was named.
    """
    is_stand_in = call.at(user.location) is call
    return call.is_home_of(user) or (is_stand_in and login.sent_home)


def _tokens(call: AccountsCall, login: DeviceLogin, user: User) -> HttpReply:
    """A device gets a refresh token each time (zoho-protocol.md 14)."""
    vault = call.server.vault
    consent = vault.grant(login.client.client_id, login.scope, user)
    return issued(
        call,
        login.scope,
        access_token=vault.add_access(consent),
        refresh_token=consent.refresh_token,
        id_token=id_token(call, consent, None),
    )


def _scope(call: AccountsCall) -> ScopeSet:
    try:
        return asked_scope(call)
    except AccountsError as error:
        # A device reads no pages.
        raise AccountsError("invalid_scope", error.standard) from None


def _user_code(call: AccountsCall) -> str:
    """Return a code that no open login has."""
    import secrets

    taken = {one.user_code for one in call.server.people.devices.values()}
    while True:
        letters = "".join(secrets.choice(_LETTERS) for _ in range(4))
        code = f"{letters}-{secrets.randbelow(10_000):04d}"
        if code not in taken:
            return code


def _codes(
    call: AccountsCall, device_code: Secret, login: DeviceLogin
) -> dict[str, object]:
    settings, page = call.server.settings, f"{call.base}/oauth/v3/device"
    complete = f"{page}/setCode?devcode={login.user_code}"
    if settings.is_strict:
        return {
            "device_code": device_code.reveal(),
            "user_code": login.user_code,
            "verification_uri": page,
            "verification_uri_complete": complete,
            "expires_in": int(settings.device_code_lifetime),
            "interval": int(login.interval),
        }
    return {
        "user_code": login.user_code,
        "device_code": device_code.reveal(),
        "interval": int(login.interval * 1000),
        "verification_uri_complete": complete,
        "expires_in": int(settings.device_code_lifetime * 1000),
        "verification_url": page,
    }
