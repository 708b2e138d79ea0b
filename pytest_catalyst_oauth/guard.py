"""A pytest plugin for projects that record with pytest-recording or pytest-vcr.

One line in the root conftest.py, `pytest_plugins = ["pytest_catalyst_oauth.guard"]`,
lets their recordings be scrubbed and scanned before they are written.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pytest_catalyst_oauth.cassette._guard import Memory
    from pytest_catalyst_oauth.engine import Secret

_MEMORY: pytest.StashKey[Memory] = pytest.StashKey()


@pytest.hookimpl(optionalhook=True)
def pytest_recording_configure(config: pytest.Config, vcr: Any) -> None:
    """Guard the `VCR` of pytest-recording, which makes one for each test."""
    from pytest_catalyst_oauth.cassette._guard import guard

    guard(vcr, _memory(config), refuse=_failure)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, Any, Any]:
    """Guard the `VCR` that a fixture returns, as `vcr` of pytest-vcr does."""
    result = yield
    library = sys.modules.get("vcr")
    if library is not None and isinstance(result, library.VCR):
        from pytest_catalyst_oauth.cassette._guard import guard

        guard(result, _memory(request.config), refuse=_failure)
    return result


def _failure(error: Exception) -> BaseException:
    # Without a traceback: VCR.py's frames hold the secrets.
    return pytest.fail.Exception(f"{type(error).__name__}: {error}", pytrace=False)


def _memory(config: pytest.Config) -> Memory:
    from pytest_catalyst_oauth.cassette._guard import Memory

    return config.stash.setdefault(_MEMORY, Memory(lambda: _secrets(config)))


def _secrets(config: pytest.Config) -> Iterator[Secret]:
    """Yield what the project names, and what variables hold."""
    from pytest_catalyst_oauth.adapters import PREFIX, SECRET_KEYS
    from pytest_catalyst_oauth.cassette import environment_secrets
    from pytest_catalyst_oauth.engine import Secret

    hook = getattr(config.hook, "pytest_catalyst_oauth_secrets", None)
    for some in hook(config=config) if hook is not None else ():
        yield from some or ()
    for key in SECRET_KEYS:
        if value := os.environ.get(f"{PREFIX}{key.upper()}"):
            yield Secret(value)
    yield from environment_secrets(os.environ)
