"""What the package shows to those who import it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pytest_catalyst_oauth import fake


def test_the_server_comes_with_the_other_names():
    """Although it is imported late; a name that is not there stays an error."""
    assert all(hasattr(fake, name) for name in fake.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'FakeServant'"):
        _ = fake.FakeServant


def test_a_fake_without_a_socket_loads_no_server():
    """Who stays in one process pays for neither a server nor `responses`."""
    program = (
        "import sys; from pytest_catalyst_oauth.fake import FakeCatalyst;"
        "heavy = {'asyncio', 'httptools', 'responses', 'requests'};"
        "FakeCatalyst(); print(heavy & {*sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"
