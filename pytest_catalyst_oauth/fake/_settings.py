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
        code_lifetime: Of a redirect's code, in seconds.
        console_code_lifetime: Of a code from the API console, in seconds.
        access_token_lifetime: In seconds.
        live_access_tokens: Per refresh token; one more ends the oldest.
        refresh_tokens: Per client; one more ends the oldest.
        token_requests: Per refresh token in one window; one more is throttled.
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

    Raises:
        SettingsError: No token could live.

    Source: zoho-protocol.md 4.5, 4.6, 5.1 and 14.
    """

    data_center: DataCenter = field(default_factory=lambda: DataCenter.parse("us"))
    code_lifetime: float = 120
    console_code_lifetime: float = 600
    access_token_lifetime: float = 3600
    live_access_tokens: int = 10
    refresh_tokens: int = 20
    token_requests: int = 10
    token_window: float = 600
    throttle_status: int = 400
    legacy_lifetimes: bool = False
    says_scope: bool = True
    access_ends_refresh: bool = True
    revocation_alias: bool = False
    lenient_double_slash: bool = False

    def __post_init__(self) -> None:
        for name in ("live_access_tokens", "refresh_tokens"):
            if getattr(self, name) < 1:
                raise SettingsError(name, "must be at least 1")
