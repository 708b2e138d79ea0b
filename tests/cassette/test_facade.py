"""The package's name and its errors."""

import pickle
import subprocess
import sys

import pytest

import pytest_catalyst_oauth.cassette as cassettes
from pytest_catalyst_oauth.cassette.errors import (
    CassetteMissError,
    SecretInCassetteError,
)
from pytest_catalyst_oauth.engine.errors import OAuthError


def test_nothing_heavy_is_imported_before_it_is_used():
    """Whoever only imports the package pays for neither YAML nor VCR.py."""
    program = (
        "import sys, pytest_catalyst_oauth.cassette as c\n"
        "heavy = {'yaml', 'vcr', 'requests'} & {*sys.modules}\n"
        "c.Cassette, c.Replay, c.Scrubber, c.scan\n"
        "later = {'vcr', 'requests'} & {*sys.modules}\n"
        "print(heavy, later)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set() set()\n"


@pytest.mark.parametrize("name", cassettes.__all__)
def test_every_promised_name_is_there(name):
    """And can be asked for without knowing the module."""
    assert getattr(cassettes, name)


def test_an_unknown_name_is_an_attribute_error():
    """As of any module."""
    with pytest.raises(AttributeError, match="no attribute 'Casette'"):
        _ = cassettes.Casette


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CassetteMissError("a.yaml", "is missing", "pytest"), 8),
        (SecretInCassetteError("a.yaml", ("line 1: a token",)), 9),
    ],
)
def test_errors_survive_pickling(error, code):
    """A worker of pytest-xdist sends them to its controller."""
    twin = pickle.loads(pickle.dumps(error))

    assert isinstance(twin, OAuthError)
    assert (str(twin), twin.args, twin.exit_code) == (str(error), error.args, code)


def test_many_findings_are_cut_short():
    """The first ten are enough to begin with."""
    error = SecretInCassetteError("a.yaml", tuple(f"line {n}" for n in range(12)))

    assert "line 9\n" in str(error)
    assert "and 2 more" in str(error)
    assert "line 10" not in str(error)
