"""What the collection says about itself."""

from __future__ import annotations

import ast
import json
import tarfile
from pathlib import Path

import pytest
import yaml

SOURCE = Path(__file__).parents[2] / "ansible_collection"
PYTHON = sorted(SOURCE.glob("plugins/**/*.py"))
DOCUMENTED = ("type", "default", "required", "choices", "elements")


@pytest.fixture
def docs(run_ansible):
    """What ansible-doc knows about the module."""
    done = run_ansible("ansible-doc", "--json", "catalyst.oauth.token")
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return json.loads(done.stdout)["catalyst.oauth.token"]


def test_the_documentation_is_what_the_module_accepts(docs, run_module, options):
    """Options, types, defaults, choices and variables agree with the argument spec."""
    from ansible_collections.catalyst.oauth.plugins.module_utils import _door
    from ansible_collections.catalyst.oauth.plugins.modules import token

    spec = {**_door.CONNECTION, **token.OPTIONS}
    said = docs["doc"]["options"]

    assert said.keys() == spec.keys()
    for name, option in spec.items():
        for key in DOCUMENTED:
            assert said[name].get(key) == option.get(key), (name, key)
        variables = option.get("fallback", (None, []))[1]
        text = "".join(said[name]["description"])
        assert all(f"E({variable})" in text for variable in variables)
        assert text.count("E(") == len(variables)


def test_the_documented_results_are_the_returned_ones(docs, run_module, options):
    """No key is returned that nobody documented, and none is missing."""
    said = docs["return"].keys()
    minted = run_module(check=True, **options).keys()
    failed = run_module(**{**options, "data_center": "mars"}).keys()

    ansibles_own = {"changed", "invocation", "failed", "msg", "warnings"}
    assert said == (minted | failed) - ansibles_own


def test_examples_hide_the_tokens_that_they_register(docs):
    """Whoever copies an example gets no token into a log."""
    tasks = list(all_tasks(yaml.safe_load(docs["examples"])))

    registering = [t for t in tasks if "catalyst.oauth.token" in t and "register" in t]
    assert registering
    assert all(task.get("no_log") for task in registering)


def all_tasks(tasks):
    """Yield tasks, and those in their blocks."""
    for task in tasks:
        yield task
        for part in ("block", "rescue", "always"):
            yield from all_tasks(task.get(part, []))


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.stem)
def test_the_plugins_can_be_read_by_old_pythons(path):
    """A missing engine is reported on Python 3.8, so the syntax has to be as old."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.stem)
def test_every_plugin_names_its_licence(path):
    """Each file says GPL-3.0-or-later in SPDX's words."""
    assert "SPDX-License-Identifier: GPL-3.0-or-later" in path.read_text()


def test_the_collection_can_be_built_and_installed(run_ansible, tmp_path):
    """The archive holds what users need, and installs without a server."""
    built = run_ansible(
        "ansible-galaxy", "collection", "build", str(SOURCE), "--output-path", "built"
    )
    assert built.returncode == 0, built.stderr
    archive = next((tmp_path / "built").glob("catalyst-oauth-*.tar.gz"))

    installed = run_ansible(
        *("ansible-galaxy", "collection", "install", "--offline"),
        *("-p", "installed", str(archive)),
        ANSIBLE_COLLECTIONS_PATH="installed",
    )

    assert installed.returncode == 0, installed.stderr
    home = tmp_path / "installed" / "ansible_collections" / "catalyst" / "oauth"
    assert (home / "plugins" / "modules" / "token.py").is_file()
    with tarfile.open(archive) as opened:
        names = set(opened.getnames())
    assert {"COPYING", "README.md", "meta/runtime.yml"} <= names
    assert not [name for name in names if "ruff" in name or "__pycache__" in name]
