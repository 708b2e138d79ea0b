"""`fake_catalyst_server.replaying`: a cassette for a test's own child processes."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.cassette.bad_files import TEXTS, THINGS, make

CASSETTES = Path(__file__).parents[2] / "cassettes"
BODY = """
import os
import subprocess
import sys

CHILD = '''
import os, urllib.request
url = os.environ["CATALYST_OAUTH_API_URL"] + "/baas/v1/project/"
url += os.environ["CATALYST_OAUTH_PROJECT_ID"] + "/table/Guests/row"
print(urllib.request.urlopen(url).status)
'''

def child(server):
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={**os.environ, **server.env}, capture_output=True, text=True,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]
"""


@pytest.fixture
def project(pytester):
    """A project with a cassette."""
    shutil.copytree(CASSETTES / "refresh", pytester.path / "cassettes" / "refresh")
    return pytester


def test_a_child_process_replays(project, run):
    """Twice, as recorded; then the miss; and after that the fake is back."""
    project.makepyfile(
        BODY
        + """
def test_replay(fake_catalyst_server):
    own = fake_catalyst_server.env
    with fake_catalyst_server.replaying("refresh/after_the_hour.yaml") as replay:
        assert fake_catalyst_server.env != own
        told = [child(fake_catalyst_server) for _ in range(3)]
        assert told[:2] == ["200", "200"]
        assert "501" in told[2]
        assert (len(replay.unused), replay.misses) == (2, 1)
    assert fake_catalyst_server.env == own
    assert "401" in child(fake_catalyst_server)

def test_again(fake_catalyst_server):
    with fake_catalyst_server.replaying("refresh/after_the_hour.yaml", repeat=True):
        assert {child(fake_catalyst_server) for _ in range(3)} == {"200"}
"""
    )

    run().assert_outcomes(passed=2)


def test_a_cassette_that_is_not_there_fails_in_one_sentence(project, run):
    """Not with a traceback through the plugin."""
    project.makepyfile(
        """
def test_gone(fake_catalyst_server):
    with fake_catalyst_server.replaying("gone.yaml"):
        pass
"""
    )

    result = run()

    result.assert_outcomes(failed=1)
    told = result.stdout.str()
    assert "gone.yaml: there is no such file" in told
    assert "Traceback" not in told
    assert "_fakes.py" not in told


@pytest.mark.skipif(os.name != "posix", reason="pipes and links are POSIX's")
@pytest.mark.parametrize("name", [*TEXTS, *THINGS])
def test_a_bad_cassette_fails_a_replayed_test_in_one_sentence(project, run, name):
    """By either fixture, and nothing hangs."""
    told = make(project.path / "cassettes" / "bad.yaml", name)
    project.makepyfile(
        """
import pytest

def test_served(fake_catalyst_server):
    with fake_catalyst_server.replaying("bad.yaml"):
        pass

@pytest.mark.catalyst_oauth(mode="replay", cassette="bad.yaml")
def test_replayed(catalyst_token):
    pass
"""
    )

    result = run()

    shown = result.stdout.str()
    outcomes = result.parseoutcomes()
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == 2
    errors = re.findall(r"^(\w+Error: cassette .*)", shown, re.MULTILINE)
    assert len(errors) == 2
    # For a replay, a link that leads nowhere is a cassette that is not there.
    assert all(told in one or "link" in name for one in errors)
    assert told in shown
    assert "Traceback" not in shown
