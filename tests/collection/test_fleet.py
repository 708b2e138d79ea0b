"""Many hosts, and several controllers, that want one token at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.adapters.stores import NO_REDIS, REDIS, own_redis

pytest.importorskip("ansible", reason="ansible-core is not installed")
SHOW = """
- name: have a token
  catalyst.oauth.token:
    hide_result: false
"""


def test_twenty_hosts_cause_one_token_request(play, server):
    """With twenty forks and one store, one host reports the change."""
    server.fake.slow("token", seconds=1)

    played = play(SHOW, "--forks", "20", hosts="fleet")

    notes = played.all("have a token")
    outcomes = [note["outcome"] for note in notes]
    assert sorted(outcomes) == ["changed", *["ok"] * 19]
    assert len({note["result"]["token_fingerprint"] for note in notes}) == 1
    assert [note["result"]["reused"] for note in notes].count(False) == 1
    assert len(server.fake.journal.token_requests) == 1


def test_twenty_hosts_share_a_failure(play, server):
    """What the server refused for one, nobody else asks for again."""
    server.fake.revoke(server.fake.refresh_token)
    server.fake.slow("token", seconds=1)

    played = play(SHOW, "--forks", "20", hosts="fleet")

    assert {note["outcome"] for note in played.all("have a token")} == {"failed"}
    assert len(server.fake.journal.token_requests) == 1


@pytest.mark.skipif(REDIS is None, reason=NO_REDIS)
def test_two_controllers_share_a_redis(controllers, server, options):
    """Two at once, each with homes and forks of its own, cause one token request."""
    server.fake.slow("token", seconds=1)
    with own_redis() as redis:
        options["store"] = redis.address

        outcomes = controllers(SHOW, 2)

    assert sorted(outcomes) == ["changed", *["ok"] * 39]
    assert len(server.fake.journal.token_requests) == 1


@pytest.mark.skipif(REDIS is None, reason=NO_REDIS)
def test_a_redis_that_is_gone_shows_no_password(play, server, options):
    """The failure names the server and the next step, but not how we log in there."""
    options["store"] = "redis://:an-invented-password@127.0.0.1:9/0"
    for connection in ("local", "elsewhere"):
        played = play(SHOW, "-vvv", connection=connection)

        assert played["have a token"]["kind"] == "StoreError"
        assert "127.0.0.1:9" in played["have a token"]["msg"]
        assert played["have a token"]["hint"]
        everything = played.printed + json.dumps(played.notes)
        assert "an-invented-password" not in everything
    assert len(server.fake.journal) == 0


@pytest.fixture
def controllers(collections_path, options, tmp_path):
    """Run a play on the fleet from several controllers at once; return outcomes."""
    here = Path(__file__).parent

    def run(tasks, count):
        given = {n: getattr(v, "reveal", lambda v=v: v)() for n, v in options.items()}
        play = [
            {
                "hosts": "all",
                "gather_facts": False,
                "module_defaults": {"group/catalyst.oauth.client": given},
                "tasks": [
                    {
                        "name": "have a token",
                        "catalyst.oauth.token": {"hide_result": False},
                    }
                ],
            }
        ]
        hosts = "[all]\nhost[01:20] ansible_connection=local\n"

        def one(number):
            home = tmp_path / f"controller{number}"
            home.mkdir()
            (home / "play.yml").write_text(json.dumps(play))
            (home / "hosts.ini").write_text(hosts)
            done = subprocess.run(
                [
                    Path(sys.executable).with_name("ansible-playbook"),
                    *("-i", "hosts.ini", "--forks", "20", "play.yml"),
                ],
                cwd=home,
                env={
                    "PATH": os.environ["PATH"],
                    "LANG": "C.UTF-8",
                    "HOME": str(home),
                    "ANSIBLE_HOME": str(home / "ansible"),
                    "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
                    "ANSIBLE_CALLBACK_PLUGINS": str(here / "callbacks"),
                    "ANSIBLE_CALLBACKS_ENABLED": "notes",
                    "NOTES_FILE": str(home / "notes.jsonl"),
                },
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            return (home / "notes.jsonl").read_text().splitlines()

        with ThreadPoolExecutor(count) as pool:
            lines = [line for told in pool.map(one, range(count)) for line in told]
        return [json.loads(line)["outcome"] for line in lines]

    return run
