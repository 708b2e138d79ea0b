"""Where secrets might get out, and do not."""

from __future__ import annotations

import json
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread

import pytest

from pytest_catalyst_oauth.adapters import open_store

pytest.importorskip("ansible", reason="ansible-core is not installed")
HIDES_ITSELF = find_spec("ansible.module_utils.secrets") is not None


@contextmanager
def watched_processes():
    """Collect the command lines of all processes while the context lasts."""
    seen, done = set(), Event()

    def watch():
        while not done.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes())
                except OSError:
                    continue

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_no_secret_gets_out(play, server, options, tmp_path):
    """Not at -vvv with --diff, in callbacks, in the process list or in files left."""
    code = server.fake.issue_code()
    server.fake.slow("token", seconds=0.2)
    (tmp_path / "code.json").write_text(json.dumps({"code": code.reveal()}))

    with watched_processes() as seen:
        played = play(
            """
            - name: shown
              catalyst.oauth.token:
                profile: shown
            - name: hidden
              catalyst.oauth.token:
                state: refreshed
              no_log: true
              register: hidden
            - name: usable all the same
              ansible.builtin.assert:
                that: hidden.headers.Authorization is match('Zoho-oauthtoken 1000[.]')
            - name: kept back
              catalyst.oauth.token:
                return_token: false
                state: refreshed
            - name: of a code
              catalyst.oauth.token:
                refresh_token: "{{ omit }}"
                code: "{{ code }}"
                profile: of a code
              no_log: true
            - name: fails
              catalyst.oauth.token:
                client_id: 1000.NOBODY
              ignore_errors: true
            - name: fails hidden
              catalyst.oauth.token:
                client_id: 1000.NOBODY2
              no_log: true
              ignore_errors: true
            """,
            *("-vvv", "--diff", "-e", "@code.json"),
        )
    (tmp_path / "code.json").unlink()

    assert played.code == 0, played.outcomes
    inputs = [code, options["client_secret"], options["refresh_token"]]
    stored = tokens_by_profile(options["store"])
    assert stored.keys() == {"default", "shown", "of a code"}
    # So the documentation says: a module can hide its result from 2.22 on only.
    if not HIDES_ITSELF:
        assert stored.pop("shown").reveal() in played.printed
    assert any(b"AnsiballZ_token" in line for line in seen)
    left = files_under(tmp_path / "ansible", tmp_path / "home")
    for secret in (*inputs, *stored.values()):
        assert secret.reveal() not in played.printed
        assert not any(secret.reveal().encode() in line for line in seen)
        assert not any(secret.reveal().encode() in content for content in left)
        assert secret.reveal() not in (tmp_path / "notes.jsonl").read_text()


def tokens_by_profile(address):
    """Return the access tokens in a store."""
    store = open_store(address)
    found = [(key.profile, store.load(key)) for key in tuple(store.keys())]
    return {p: r.access_token for p, r in found if r and r.access_token}


def files_under(*folders):
    """Return the content of all files in some folders."""
    paths = [path for folder in folders for path in folder.rglob("*")]
    return [path.read_bytes() for path in paths if path.is_file()]
