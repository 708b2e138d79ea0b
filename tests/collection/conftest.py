"""The collection where Ansible finds it, a fake to talk to, and two ways to run it."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer

SOURCE = Path(__file__).parents[2] / "ansible_collection"
# Nothing listens on the discard port: whoever leaves loopback fails at once.
NOWHERE = "http://127.0.0.1:9"
INVENTORY = """
[all]
first
second
[fleet]
host[01:20]
[all:vars]
ansible_connection={connection}
ansible_python_interpreter={python}
"""
PLAY = """
- hosts: {hosts}
  gather_facts: false
  vars_files: [vars.json]
  module_defaults:
    group/catalyst.oauth.client: "{{{{ given }}}}"
  tasks:
{tasks}
"""


@pytest.fixture(scope="session")
def collections_path(tmp_path_factory):
    """A folder for ANSIBLE_COLLECTIONS_PATH that holds a copy of the collection."""
    pytest.importorskip("ansible", reason="ansible-core is not installed")
    path = tmp_path_factory.mktemp("collections")
    ignore = shutil.ignore_patterns("__pycache__", ".ruff_cache", "output")
    shutil.copytree(
        SOURCE, path / "ansible_collections" / "catalyst" / "oauth", ignore=ignore
    )
    return path


@pytest.fixture
def fake():
    """The fake behind `server`; a test may override it by settings of its own."""
    return FakeCatalyst()


@pytest.fixture
def server(fake):
    """The fake on loopback."""
    with FakeServer(fake) as running:
        yield running


@pytest.fixture
def store(tmp_path):
    """Address of a store that no other test uses."""
    return str(tmp_path / "store" / "tokens.db")


@pytest.fixture
def options(server, store):
    """The connection options that lead to the fake; secrets are revealed on use."""
    client = server.client
    return {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "refresh_token": server.fake.refresh_token,
        "accounts_url": server.accounts_url,
        "api_url": server.api_url,
        "store": store,
    }


@pytest.fixture
def run_module(collections_path, monkeypatch, capsys):
    """Run the module `token` in this process; return its result and its output."""
    from ansible.module_utils.testing import patch_module_args

    for name in [name for name in os.environ if name.startswith("CATALYST_OAUTH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HTTP_PROXY", NOWHERE)
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.syspath_prepend(str(collections_path))
    name = "ansible_collections.catalyst.oauth.plugins.modules.token"
    module = importlib.import_module(name)

    def run(check=False, diff=False, **arguments):
        switches = {"_ansible_check_mode": check, "_ansible_diff": diff}
        given = plain({**arguments, **switches})
        with patch_module_args(given), pytest.raises(SystemExit):
            module.main()
        out, err = capsys.readouterr()
        # What Ansible tells itself on the wire never reaches a user.
        result = {k: v for k, v in json.loads(out).items() if k[:9] != "_ansible_"}
        return Answer(result, json.dumps(result) + err)

    yield run
    for loaded in [n for n in sys.modules if n.startswith("ansible_collections")]:
        del sys.modules[loaded]


class Answer(dict):
    """A module's result, and all that it printed."""

    def __init__(self, result: dict[str, Any], printed: str) -> None:
        super().__init__(result)
        self.printed = printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run of ansible-playbook left behind.

    Attributes:
        code: Exit code.
        printed: Standard output and standard error.
        notes: What callbacks were told, in order.
    """

    code: int
    printed: str
    notes: list[dict[str, Any]]

    def __getitem__(self, task: str) -> dict[str, Any]:
        """The result of the task of that name."""
        return self.all(task)[0]["result"]

    def all(self, task: str) -> list[dict[str, Any]]:
        """The notes about the task of that name, one for each host."""
        return [note for note in self.notes if note["task"] == task]

    @property
    def outcomes(self) -> dict[str, str]:
        """What became of each task: ok, changed, failed or skipped."""
        return {note["task"]: note["outcome"] for note in self.notes}


@pytest.fixture
def run_ansible(collections_path, tmp_path):
    """Run one of Ansible's commands, cut off from the world and from this home."""

    def run(command, *arguments, cwd=".", **environment):
        return subprocess.run(
            [Path(sys.executable).with_name(command), *arguments],
            cwd=tmp_path / cwd,
            env={
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "HOME": str(tmp_path / "home"),
                "HTTP_PROXY": NOWHERE,
                "HTTPS_PROXY": NOWHERE,
                "NO_PROXY": "127.0.0.1",
                "NO_COLOR": "1",
                "ANSIBLE_HOME": str(tmp_path / "ansible"),
                "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
                "ANSIBLE_COLLECTIONS_PATH": str(collections_path),
                "ANSIBLE_LOCALHOST_WARNING": "0",
                "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"),
                "ANSIBLE_CALLBACKS_ENABLED": "notes",
                "ANSIBLE_CONNECTION_PLUGINS": str(
                    Path(__file__).parent / "connections"
                ),
                "NOTES_FILE": str(tmp_path / "notes.jsonl"),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture
def play(run_ansible, options, tmp_path):
    """Run a play's tasks, given as YAML; `options` are the group's defaults."""

    def run(
        tasks,
        *arguments,
        hosts="first",
        connection="local",
        python=sys.executable,
        **environment,
    ):
        given = plain(options)
        inventory = INVENTORY.format(connection=connection, python=python)
        (tmp_path / "hosts.ini").write_text(inventory)
        (tmp_path / "vars.json").write_text(json.dumps({"given": given}))
        (tmp_path / "notes.jsonl").write_text("")
        (tmp_path / "play.yml").write_text(
            PLAY.format(hosts=hosts, tasks=indent(dedent(tasks), "    "))
        )
        done = run_ansible(
            "ansible-playbook", "-i", "hosts.ini", "play.yml", *arguments, **environment
        )
        lines = (tmp_path / "notes.jsonl").read_text().splitlines()
        return Played(
            code=done.returncode,
            printed=done.stdout + done.stderr,
            notes=[json.loads(line) for line in lines],
        )

    return run


def plain(values):
    """Return a mapping with its secrets as text."""
    return {n: v.reveal() if isinstance(v, Secret) else v for n, v in values.items()}
