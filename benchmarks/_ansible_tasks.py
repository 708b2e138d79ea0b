"""What a task costs a play: minting and reusing a token, by us and by hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from ._table import Part, middle

if TYPE_CHECKING:
    from ._stage import Stage

_ITEMS, _FEW = 20, 2
_COLLECTION = Path(__file__).parents[1] / "ansible_collection"
_PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
_OURS: dict[str, Any] = {
    "catalyst.oauth.token": {"refresh_token": "{{ item }}", "return_token": True}
}
_TASKS: dict[str, dict[str, Any]] = {
    "debug": {"ansible.builtin.debug": {"msg": "{{ item }}"}},
    "ours, minted": _OURS,
    # The same once more: by now there is a token in the store.
    "ours, reused": _OURS,
    "ansible.builtin.uri": {
        "ansible.builtin.uri": {
            "url": "{{ token_url }}",
            "method": "POST",
            "body_format": "form-urlencoded",
            "body": "{{ form | combine({'refresh_token': item}) }}",
            "return_content": True,
        }
    },
}


def measure(stage: Stage, *, quick: bool) -> Part:
    """Run plays of all tasks, each once by itself and once in a loop."""
    items = _FEW if quick else _ITEMS
    part = Part(name="tasks", title=f"a task by itself, and a loop of {items}")
    if not _PLAYBOOK.exists():
        part.remarks.append("ansible-core is not installed beside this Python")
        return part
    rounds = [_play(stage, items) for _ in range(1 if quick else 7)]
    for name in _TASKS:
        single, _ = middle([1000 * one[name, "once"] for one in rounds])
        item, _ = middle([1000 * one[name, "loop"] / items for one in rounds])
        row: dict[str, Any] = {"task": name, "ms once": single, "ms per item": item}
        for peer in ("ansible.builtin.uri", "debug"):
            ratios = [one[name, "loop"] / one[peer, "loop"] for one in rounds]
            row[f"x {peer}, per item"], row[f"middle half, x {peer}"] = middle(ratios)
        part.rows.append(row)
    return part


def _play(stage: Stage, items: int) -> dict[tuple[str, str], float]:
    """Run one play with a new store; return seconds by task, once and in the loop."""
    asked = stage.asked
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(
            _COLLECTION,
            folder / "ansible_collections" / "catalyst" / "oauth",
            ignore=shutil.ignore_patterns("__pycache__", "tests", ".ruff_cache"),
        )
        (folder / "play.json").write_text(json.dumps(_written(stage, items)))
        done = subprocess.run(
            [_PLAYBOOK, folder / "play.json"],
            env={**os.environ, **_environment(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        found = _read(folder / "junit")
    # One by us and one by hand, each for the single task and for all items.
    if stage.asked - asked != 2 * (1 + items):
        raise RuntimeError(f"{stage.asked - asked} token requests")
    return found


def _written(stage: Stage, items: int) -> list[dict[str, Any]]:
    fake = stage.server.fake
    tokens = [fake.issue_refresh_token().reveal() for _ in range(1 + items)]
    tasks = []
    for name, task in _TASKS.items():
        once = {"name": f"{name}: once", "loop": tokens[:1], **task}
        many = {"name": f"{name}: loop", "loop": tokens[1:], **task}
        tasks += [{**one, "no_log": True} for one in (once, many)]
    given = {"token_url": stage.token_url, "form": stage.form}
    play = {"hosts": "localhost", "gather_facts": False, "vars": given, "tasks": tasks}
    return [play]


def _environment(folder: Path) -> dict[str, str]:
    return {
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "ANSIBLE_LOCALHOST_WARNING": "0",
        # The one callback of Ansible's own that says how long a task took.
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit",
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "CATALYST_OAUTH_STORE": str(folder / "tokens.db"),
    }


def _read(folder: Path) -> dict[tuple[str, str], float]:
    found = {}
    for file in folder.glob("*.xml"):
        for case in ET.parse(file).iter("testcase"):
            # Named [HOST] PLAY: TASK: ARGUMENTS.
            for name in _TASKS:
                for how in ("once", "loop"):
                    if f"{name}: {how}" in case.get("name", ""):
                        found[name, how] = float(case.get("time", "nan"))
    return found
