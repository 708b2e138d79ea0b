"""What the package shows to those who import it."""

from __future__ import annotations

import os
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


def test_a_start_of_the_command_loads_little():
    """Each of these takes a part of a start that one notices, and few need them."""
    program = (
        "import sys; from pytest_catalyst_oauth.cli import main;"
        "from pytest_catalyst_oauth.cli._main import _parser;"
        "_parser(['serve']).parse_args(['serve', '--quiet']);"
        "from pytest_catalyst_oauth.fake import FakeServer;"
        "late = {'asyncio', 'ssl', '_hashlib', 'logging', 'dataclasses', 'inspect',"
        "        'subprocess', 'tomllib', 'difflib', 'gzip', 'yaml', 'jinja2',"
        "        'shutil', 'importlib.metadata'};"
        "\nwith FakeServer(): print(late & {*sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        # Coverage would start in the child too, with some of them.
        env={n: v for n, v in os.environ.items() if not n.startswith("COVERAGE_")},
    )

    assert done.stdout.strip() == "set()"
