"""What a fake can be told to do differently."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import final

from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.engine.errors import SettingsError


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FakeSettings:
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
        checks_scopes: Whether a scope that the catalogue does not have is refused.
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
        SettingsError: No token could live, or there is no such profile.

    Source: zoho-protocol.md 4.5, 4.6, 5.1 and 14.
    """

    data_center: DataCenter = field(default_factory=lambda: DataCenter.parse("us"))
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
        for name in ("live_access_tokens", "refresh_tokens"):
            if getattr(self, name) < 1:
                raise SettingsError(name, "must be at least 1")
        if self.profile not in ("faithful", "strict"):
            raise SettingsError(
                f"profile {self.profile!r}", "is unknown", "choose faithful or strict"
            )

    @property
    def is_strict(self) -> bool:
        """Whether the standards go before Zoho."""
        return self.profile == "strict"
