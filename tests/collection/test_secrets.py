"""Where secrets might get out, and do not."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread

import pytest

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine import ClientKind

pytest.importorskip("ansible", reason="ansible-core is not installed")
HIDES_ITSELF = find_spec("ansible.module_utils.secrets") is not None


@contextmanager
def watched_processes():
    """Collect the command lines of all processes below this one, for a while."""
    seen, done = set(), Event()

    def watch():
        family = Family(os.getpid())
        while not done.wait(0.02):
            seen.update(family.command_lines())

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


class Family:
    """The processes below one; others are looked at once, since looking is costly."""

    def __init__(self, ancestor):
        self._members = {ancestor}
        self._strangers = set()

    def command_lines(self):
        """Return what is there now; a process may become another program."""
        lines, alive = set(), {int(p.name) for p in Path("/proc").glob("[0-9]*")}
        # A number may be another process's by now.
        self._strangers &= alive
        for pid in sorted(alive - self._strangers):
            with suppress(OSError):
                if pid in self._members or self._is_child(pid):
                    lines.add(Path(f"/proc/{pid}/cmdline").read_bytes())
        return lines

    def _is_child(self, pid):
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        is_child = int(stat[1]) in self._members
        (self._members if is_child else self._strangers).add(pid)
        return is_child


TASKS = """
- name: mint
  catalyst.oauth.token:
  register: minted
- name: usable all the same
  ansible.builtin.assert:
    that:
      - minted.headers.Authorization is match('Zoho-oauthtoken 1000[.]')
      - minted.access_token | length > 60
- name: hidden by the task
  catalyst.oauth.token:
    state: refreshed
  no_log: true
- name: kept back
  catalyst.oauth.token:
    return_token: false
    state: refreshed
- name: tell
  catalyst.oauth.token_info:
- name: of a code, in a loop
  catalyst.oauth.token:
    refresh_token: "{{ omit }}"
    code: "{{ code }}"
    profile: "{{ item.profile }}"
  loop:
    - profile: of a code
    - profile: of a code
  loop_control:
    label: "{{ item.profile }}"
- name: start
  catalyst.oauth.device_code:
    client_id: "{{ device.client_id }}"
    client_secret: "{{ device.client_secret }}"
    scopes: ZohoCatalyst.tables.READ
  register: login
- name: fails
  catalyst.oauth.token:
    client_id: 1000.NOBODY
  ignore_errors: true
  register: failed
- name: dump the failure
  ansible.builtin.debug:
    var: failed
- name: fails hidden
  catalyst.oauth.token:
    client_id: 1000.NOBODY2
  no_log: true
  ignore_errors: true
- name: fails after retries
  catalyst.oauth.token:
    client_id: 1000.NOBODY3
  register: retried
  until: retried is succeeded
  retries: 1
  delay: 0
  ignore_errors: true
- name: foreseen
  catalyst.oauth.token:
    state: refreshed
  check_mode: true
- name: revoke
  catalyst.oauth.token:
    state: absent
"""


@pytest.mark.parametrize("connection", ["local", "elsewhere"])
@pytest.mark.parametrize("callback", ["default", "json", "junit"])
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_no_secret_gets_out(play, server, options, tmp_path, connection, callback):
    """Not at -vvvv with --diff, to callbacks, in the process list or in files left."""
    code = server.fake.issue_code()
    device = server.fake.register_client(kind=ClientKind.DEVICE)
    secrets = Recorder(server.fake)
    given = {
        "code": code.reveal(),
        "device": {
            "client_id": device.client_id,
            "client_secret": device.client_secret.reveal(),
        },
    }
    (tmp_path / "more.json").write_text(json.dumps(given))

    with watched_processes() as seen:
        played = play(
            TASKS,
            *("-vvvv", "--diff", "-e", "@more.json"),
            connection=connection,
            # A module's file holds its options, so that only an action leaves none.
            ANSIBLE_KEEP_REMOTE_FILES=str(int(connection == "local")),
            ANSIBLE_LOG_PATH=str(tmp_path / "ansible" / "log"),
            CATALYST_OAUTH_TASK_RESULTS=str(tmp_path / "ansible" / "results"),
            **CALLBACKS[callback](tmp_path),
        )
    (tmp_path / "more.json").unlink()

    assert played.code == 0, played.printed
    issued = secrets.found()
    assert len(issued) > 4
    inputs = [code, *(one["client_secret"] for one in (options,))]
    inputs += [device.client_secret, options["refresh_token"]]
    is_module = any(b"AnsiballZ_token" in line for line in seen)
    assert is_module == (connection == "elsewhere")
    left = files_under(tmp_path / "ansible", tmp_path / "home", tmp_path / "junit")
    left += files_under(tmp_path / "tree")
    assert (tmp_path / "ansible" / "log").stat().st_size
    assert (tmp_path / "ansible" / "results").stat().st_size
    for text in (*issued, *(one.reveal() for one in inputs)):
        assert text not in played.printed
        assert text not in (tmp_path / "notes.jsonl").read_text()
        assert not any(text.encode() in line for line in seen)
        assert not any(text.encode() in content for content in left)


OURS = "notes,catalyst.oauth.task_results"
CALLBACKS = {
    "default": lambda path: {"ANSIBLE_CALLBACKS_ENABLED": OURS},
    # Both write JSON: one to the terminal, one a file for each host.
    "json": lambda path: {
        "ANSIBLE_STDOUT_CALLBACK": "minimal",
        "ANSIBLE_CALLBACKS_ENABLED": f"{OURS},tree",
        "ANSIBLE_CALLBACK_TREE_DIR": str(path / "tree"),
    },
    "junit": lambda path: {
        "ANSIBLE_CALLBACKS_ENABLED": f"{OURS},junit",
        "JUNIT_OUTPUT_DIR": str(path / "junit"),
    },
}


class Recorder:
    """Notes all secrets that a fake answers with."""

    def __init__(self, fake):
        self._texts = []
        inner = fake.decide

        def decide(request):
            decision = inner(request)
            self._texts.append(decision.reply.body.decode())
            return decision

        fake.decide = decide

    def found(self):
        """Return the texts of all tokens and device codes so far."""
        answers = [json.loads(text) for text in self._texts]
        names = ("access_token", "refresh_token", "device_code")
        return {one[name] for one in answers for name in names if name in one}


def tokens_by_profile(address):
    """Return the access tokens in a store."""
    store = open_store(address)
    found = [(key.profile, store.load(key)) for key in tuple(store.keys())]
    return {p: r.access_token for p, r in found if r and r.access_token}


def files_under(*folders):
    """Return the content of all files in some folders."""
    paths = [path for folder in folders for path in folder.rglob("*")]
    return [path.read_bytes() for path in paths if path.is_file()]
