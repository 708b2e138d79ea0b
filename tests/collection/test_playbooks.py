"""Real playbooks against the fake on loopback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings

pytest.importorskip("ansible", reason="ansible-core is not installed")
from ansible.release import __version__ as ansible_version

HAVE_A_TOKEN = """
- name: have a token
  catalyst.oauth.token:
"""


def test_a_play_is_foreseen_then_mints_then_reuses(play, server):
    """`--check` predicts a change, the first run makes it, the second has none left."""
    foreseen = play(HAVE_A_TOKEN, "--check")
    assert foreseen.outcomes == {"have a token": "changed"}
    assert len(server.fake.journal) == 0

    first, second = play(HAVE_A_TOKEN), play(HAVE_A_TOKEN)

    assert first.outcomes == {"have a token": "changed"}
    assert second.outcomes == {"have a token": "ok"}
    assert len(server.fake.journal.token_requests) == 1


def test_a_token_from_mint_to_revocation(play, server):
    """One token is minted, foreseen, used, refreshed, revoked, and each is told."""
    api = f"{server.project_url}/table/Guests/row"

    played = play(f"""
        - name: mint
          catalyst.oauth.token:
        - name: foresee a reuse
          catalyst.oauth.token:
          check_mode: true
        - name: refresh
          catalyst.oauth.token:
            state: refreshed
          register: catalyst
        - name: use
          ansible.builtin.uri:
            url: "{api}"
            headers: "{{{{ catalyst.headers }}}}"
        - name: foresee a revocation
          catalyst.oauth.token:
            state: absent
          check_mode: true
        - name: revoke
          catalyst.oauth.token:
            state: absent
        - name: use what was revoked
          ansible.builtin.uri:
            url: "{api}"
            headers: "{{{{ catalyst.headers }}}}"
            status_code: 401
        - name: revoke again
          catalyst.oauth.token:
            state: absent
        """)

    assert played.outcomes == {
        "mint": "changed",
        "foresee a reuse": "ok",
        "refresh": "changed",
        "use": "ok",
        "foresee a revocation": "changed",
        "revoke": "changed",
        "use what was revoked": "ok",
        "revoke again": "ok",
    }
    assert played["use"]["json"]["status"] == "success"


class TestFaults:
    """A server that fails, refuses and throttles, one after the other."""

    @pytest.fixture
    def fake(self):
        """A fake that takes two token requests in ten minutes."""
        fake = FakeCatalyst(settings=FakeSettings(token_requests=2))
        fake.fail("token", status=503, times=2)
        return fake

    def test_what_is_retried_and_what_is_told(self, play, server):
        """A 503 is retried, throttle and refusal are not, and `rescue` gets data."""
        played = play("""
            - name: survive two failures
              catalyst.oauth.token:
            - block:
                - name: refuse
                  catalyst.oauth.token:
                    client_secret: an-invented-secret-of-nobody
                  register: refused
              rescue:
                - name: rescue
                  ansible.builtin.debug:
                    msg: "{{ refused.kind }} {{ refused.error }}: {{ refused.hint }}"
            - name: ask once too often
              catalyst.oauth.token:
                state: refreshed
              ignore_errors: true
            """)

        assert played.code == 0
        assert played["survive two failures"]["attempts"] == 3
        assert played["refuse"]["attempts"] == 1
        assert played["refuse"]["msg"].startswith(
            "Zoho refused with 'invalid_client_secret'; copy the client secret again"
        )
        told = played["rescue"]["msg"]
        assert told.startswith("RefusedError invalid_client_secret: copy the client")
        throttled = played["ask once too often"]
        assert (throttled["kind"], throttled["attempts"]) == ("ThrottledError", 1)
        assert 590 <= throttled["retry_after"] <= 600
        assert "wait ten minutes" in throttled["msg"]
        assert "Traceback" not in played.printed
        assert len(server.fake.journal.token_requests) == 5


def test_two_hosts_cause_one_token_request(play, server):
    """Forks that ask at once share one request; one of them reports the change."""
    server.fake.slow("token", seconds=0.5)

    played = play(
        """
        - name: have a token
          catalyst.oauth.token:
            hide_result: false
        """,
        *("--forks", "5"),
        hosts="first,second",
    )

    notes = played.all("have a token")
    assert sorted(note["outcome"] for note in notes) == ["changed", "ok"]
    tokens = {note["result"]["token_fingerprint"] for note in notes}
    assert len(tokens) == 1
    assert len(server.fake.journal.token_requests) == 1


def test_two_hosts_share_a_refresh(play, server):
    """A forced refresh on two hosts at once is one request as well."""
    play(HAVE_A_TOKEN)
    # The second fork has to begin before the first one has its answer.
    server.fake.slow("token", seconds=5)

    played = play(
        """
        - name: refresh
          catalyst.oauth.token:
            state: refreshed
        """,
        *("--forks", "5"),
        hosts="first,second",
    )

    outcomes = [note["outcome"] for note in played.all("refresh")]
    assert sorted(outcomes) == ["changed", "ok"]
    assert len(server.fake.journal.token_requests) == 2


def test_a_missing_engine_is_named(play, tmp_path):
    """A Python without the engine gets its name and its host, and no traceback."""
    bare = tmp_path / "bare"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", bare], check=True, timeout=60
    )
    python = bare / "bin" / "python"

    played = play(HAVE_A_TOKEN, "-vvv", connection="elsewhere", python=python)

    message = played["have a token"]["msg"]
    assert "required Python library (pytest-catalyst-oauth)" in message
    assert "Python 3.11 or newer" in message
    assert f"{python} -m pip install pytest-catalyst-oauth" in message
    assert "Traceback" not in played.printed


def old_python(*names):
    """Return a Python that is too old for the engine."""
    versions = Path.home() / ".pyenv" / "versions"
    for name in names:
        for path in (*versions.glob(f"*/bin/{name}"), shutil.which(name)):
            if path and not subprocess.run([path, "-c", ""], check=False).returncode:
                return path
    return None


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_an_old_python_is_told_so(play, version):
    """On a Python before 3.11 the module says what it needs, and does not crash."""
    if version == "3.8" and not ansible_version.startswith("2.19."):
        pytest.skip("this ansible-core runs no modules on Python 3.8")
    python = old_python(f"python{version}")
    if python is None:
        pytest.skip(f"no Python {version} is installed")

    played = play(HAVE_A_TOKEN, connection="elsewhere", python=python)

    message = played["have a token"]["msg"]
    assert "required Python library (pytest-catalyst-oauth)" in message
    assert f"This is Python {version}, and the library needs" in message
    assert "set ansible_python_interpreter to such a one" in message


def test_the_environment_is_enough(play, options, server, store):
    """A play without options reads CATALYST_OAUTH_*, as every other door does."""
    options.clear()

    played = play(HAVE_A_TOKEN, CATALYST_OAUTH_STORE=store, **server.env)

    assert played.outcomes == {"have a token": "changed"}
    assert len(server.fake.journal.token_requests) == 1
