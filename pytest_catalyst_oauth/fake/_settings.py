"""What a fake can be told to do differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.engine._value import Value
from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from typing import TypeGuard

# Thirty years. What lives longer need not end at all.
_LONGEST = 1_000_000_000
_LIVES = (
    "code_lifetime console_code_lifetime access_token_lifetime token_window "
    "grant_window device_code_lifetime device_interval enhancement_lifetime"
).split()
# The least of each.
_COUNTS = {
    "live_access_tokens": 1,
    "refresh_tokens": 1,
    "token_requests": 0,
    "grants": 0,
    "device_tries": 0,
    "journal_size": 1,
    "largest_file": 0,
}
_OR_NONE = ("token_requests", "journal_size")
_STATUSES = ("throttle_status", "error_page_status")
_SWITCHES = (
    "legacy_lifetimes says_scope access_ends_refresh revocation_alias "
    "lenient_double_slash checks_scopes mobile_needs_proof_key"
).split()


@final
class FakeSettings(Value):
    """The numbers and switches of a fake.

    The defaults are what Zoho documents; where its documents disagree, a setting
    exists because nobody knows.

    Attributes:
        data_center: Where the fake's client and its user live.
        profile: `faithful` for Zoho as recorded, `strict` for the standards.
        code_lifetime: Of a redirect's code, in seconds.
        console_code_lifetime: Of a code from the API console, in seconds.
        access_token_lifetime: In seconds.
        live_access_tokens: Per refresh token; one more ends the oldest.
        refresh_tokens: Per client and user; one more ends the oldest.
        token_requests: Per refresh token in one window; one more is throttled. None
            throttles nothing.
        token_window: In seconds.
        throttle_status: HTTP status of the throttle's answer; 400 or 200.
        legacy_lifetimes: Answer as before 2021: `expires_in` in milliseconds beside
            `expires_in_sec`.
        says_scope: Whether replies carry `scope`; older ones do not.
        access_ends_refresh: Whether revoking an access token also ends the refresh
            token behind it.
        revocation_alias: Whether a revocation may name its token `refresh_token`, as
            Catalyst's page does; every client sends `token`.
        lenient_double_slash: Serve `//oauth/v2/token`, which Zoho answers with 404
            although its own Python SDK asks for it.
        checks_scopes: Whether a scope that the catalogue does not have is refused,
            if it is one of Catalyst's; other products' pass, if well-formed.
        error_page_status: HTTP status of the pages about a wrong client, redirect URI
            or scope; 400 or 200.
        grants: Codes per client in one window; one more is refused.
        grant_window: In seconds.
        device_code_lifetime: In seconds.
        device_interval: Seconds between two polls of a device.
        device_tries: User codes that may be typed in wrongly in one such life.
        enhancement_lifetime: Of a token that asks for more scopes, in seconds.
        mobile_needs_proof_key: Whether codes of mobile clients need a proof key; those
            that were registered long ago are exempt.
        journal_size: How many exchanges the journal keeps; None keeps all.
        largest_file: What an upload to the File Store may have, in bytes.

    Raises:
        SettingsError: A number is out of its range or none, so that no token could
            live; or there is no such profile.

    Source: zoho-protocol.md 4.5, 4.6, 5.1 and 14.
    """

    data_center: DataCenter = DataCenter.parse("us")
    profile: str = "faithful"
    code_lifetime: float = 120
    console_code_lifetime: float = 600
    access_token_lifetime: float = 3600
    live_access_tokens: int = 10
    refresh_tokens: int = 20
    token_requests: int | None = 10
    token_window: float = 600
    throttle_status: int = 400
    legacy_lifetimes: bool = False
    says_scope: bool = True
    access_ends_refresh: bool = True
    revocation_alias: bool = False
    lenient_double_slash: bool = False
    checks_scopes: bool = True
    error_page_status: int = 400
    grants: int = 10
    grant_window: float = 600
    device_code_lifetime: float = 300
    device_interval: float = 30
    device_tries: int = 5
    enhancement_lifetime: float = 600
    mobile_needs_proof_key: bool = True
    journal_size: int | None = 10_000
    largest_file: int = 100 * 1024 * 1024

    def __post_init__(self) -> None:
        for name in _LIVES:
            _check_life(name, getattr(self, name))
        for name, least in _COUNTS.items():
            _check_count(name, getattr(self, name), least)
        for name in _STATUSES:
            _check_status(name, getattr(self, name))
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(name, "must be true or false")
        if not isinstance(self.data_center, DataCenter):
            raise SettingsError(
                "data_center", "is no DataCenter", "write DataCenter.parse('eu')"
            )
        if self.profile not in ("faithful", "strict"):
            raise SettingsError(
                f"profile {self.profile!r}", "is unknown", "choose faithful or strict"
            )

    @property
    def is_strict(self) -> bool:
        """Whether the standards go before Zoho."""
        return self.profile == "strict"


def _check_life(name: str, value: object) -> None:
    # Only between two polls there may be no pause.
    least = "0 or more" if name == "device_interval" else "more than 0"
    if (
        not _is_number(value)
        or not 0 <= value <= _LONGEST
        or (value == 0 and name != "device_interval")
    ):
        raise SettingsError(name, f"must be seconds: {least}, at most {_LONGEST}")


def _check_count(name: str, value: object, least: int) -> None:
    none = "" if name not in _OR_NONE else ", or None for no limit"
    if none and value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise SettingsError(name, f"must be at least {least}, a whole number{none}")


def _check_status(name: str, value: object) -> None:
    if not _is_number(value) or value not in range(200, 600):
        raise SettingsError(name, "must be an HTTP status from 200 to 599")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
