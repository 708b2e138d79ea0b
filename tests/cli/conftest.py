"""The stage that the command is tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, MovableClock
from tests.cli.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    """A fake on a socket whose clock can be moved, and the command.

    After the test, nothing secret may have been shown; what was read from `capsys`
    before is the test's own business.
    """
    fake = FakeCatalyst(clock=MovableClock())
    with FakeServer(fake) as server:
        stage = Stage(server, tmp_path)
        yield stage
        shown = "".join(capsys.readouterr())
        assert not [secret for secret in stage.secrets if secret in shown]
