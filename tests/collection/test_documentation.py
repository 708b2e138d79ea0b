"""What the collection says about itself."""

from __future__ import annotations

import ast
import json
import re
import tarfile
from pathlib import Path

import pytest
import yaml

SOURCE = Path(__file__).parents[2] / "ansible_collection"
PYTHON = sorted(SOURCE.glob("plugins/**/*.py"))
DOCUMENTED = ("type", "default", "required", "choices", "elements")


PLUGINS = {
    "token": ("module", "TOKEN"),
    "token_info": ("module", "TOKEN_INFO"),
    "device_code": ("module", "DEVICE_CODE"),
    "lookup": ("lookup", "LOOKUP"),
}


@pytest.fixture(params=PLUGINS)
def plugin(request, run_ansible, collections_path, monkeypatch):
    """What ansible-doc knows about a plugin, and its table of options."""
    kind, table = PLUGINS[request.param]
    name = "token" if kind == "lookup" else request.param
    done = run_ansible("ansible-doc", "-t", kind, "--json", f"catalyst.oauth.{name}")
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    monkeypatch.syspath_prepend(str(collections_path))
    return json.loads(done.stdout)[f"catalyst.oauth.{name}"], getattr(options(), table)


def options():
    """Return the module with the tables."""
    from ansible_collections.catalyst.oauth.plugins.module_utils import _options

    return _options


def test_the_documentation_is_what_the_plugin_accepts(plugin):
    """Options, types, defaults and choices agree with the one table."""
    docs, table = plugin
    said = docs["doc"]["options"]

    assert {name for name in said if name != "_terms"} == table.keys()
    for name, option in table.items():
        for key in DOCUMENTED:
            assert said[name].get(key) == option.get(key), (name, key)


def test_the_documentation_names_the_variables(plugin):
    """Each variable that stands in for an option is told, and no other."""
    docs, table = plugin
    said = docs["doc"]["options"]

    for name, option in table.items():
        text = "".join(said[name]["description"])
        told = set(re.findall(r"E\((CATALYST_OAUTH_\w+)\)", text))
        assert told == ({options().variable(name)} if option.get("env") else set())
        vendor = option.get("vendor", options().PREFIX)
        assert vendor in text or vendor == options().PREFIX


@pytest.mark.parametrize("plugin", ["lookup"], indirect=True)
def test_a_lookup_is_set_by_the_same_variables(plugin):
    """Its variables are those of the table, and it takes no secret from a file."""
    docs, _ = plugin
    said = docs["doc"]["options"]

    for name, option in options().CONNECTION.items():
        ways = {one: said[name].get(one, []) for one in ("env", "ini", "vars")}
        env = [options().variable(name)] if option.get("env") else []
        keys = [] if option.get("secret") else [name]
        assert [one["name"] for one in ways["env"]] == env
        assert [one["key"] for one in ways["ini"]] == keys
        assert [one["name"] for one in ways["vars"]] == [
            f"ansible_catalyst_oauth_{name}"
        ]
        assert said[name].get("secret", False) == bool(option.get("secret"))


def test_the_group_has_all_modules_that_take_its_options(collections_path):
    """`module_defaults` of the group reaches every module, and breaks none."""
    runtime = yaml.safe_load((SOURCE / "meta" / "runtime.yml").read_text())

    modules = {path.stem for path in SOURCE.glob("plugins/modules/*.py")}
    actions = {path.stem for path in SOURCE.glob("plugins/action/*.py")}
    assert set(runtime["action_groups"]["client"]) == modules == actions


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
