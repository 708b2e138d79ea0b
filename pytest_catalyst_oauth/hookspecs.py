"""Every place where a conftest or another plugin gets its say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_catalyst_oauth.engine import Secret
    from pytest_catalyst_oauth.fake import FakeCatalyst


@pytest.hookspec(firstresult=True)
def pytest_catalyst_oauth_config(
    config: pytest.Config, profile: str
) -> Mapping[str, str | Secret] | None:
    """Say where a profile's client id, secret and refresh token come from.

    Called when a test in mode `record`, `rewrite` or `live` first asks for a token of
    a profile, and only if the fixture `catalyst_oauth_config` is not overridden. The
    first answer that is not None wins; without one the environment is read.

    Args:
        config: The running session's configuration.
        profile: From `@pytest.mark.catalyst_oauth(profile=...)`, or `default`.

    Returns:
        The keys of `OAuthConfig`, for example from a vault; or None to leave the
        choice to the next plugin.
    """


@pytest.hookspec
def pytest_catalyst_oauth_configure_fake(
    fake: FakeCatalyst, request: pytest.FixtureRequest
) -> None:
    """Seed a fake before its test sees it.

    Called once for each test that uses the in-process fake, and once for the shared
    loopback server. All implementations are called.

    Args:
        fake: To be seeded with clients, tables and rows.
        request: Of the fixture that opens it.
    """


@pytest.hookspec
def pytest_catalyst_oauth_secrets(config: pytest.Config) -> Iterable[Secret] | None:
    """Name further secrets that no cassette may hold.

    Called once for each cassette that is recorded. All answers count; None adds
    nothing. What OAuth itself uses is known already.

    Args:
        config: The running session's configuration.
    """
