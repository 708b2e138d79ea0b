"""What a plugin adds to the start of a session that does not use it.

All are installed, and pytest finds them by itself; those that are not measured are
blocked by `-p no:NAME`, as somebody does who wants a session without them.
"""

from __future__ import annotations

import os
import tempfile
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from ._replay_suites import run_pytest, written
from ._table import Part, middle

if TYPE_CHECKING:
    from ._stage import Stage

_PLUGINS = {
    "no plugin": None,
    "no plugin, once more": None,
    "ours": "catalyst_oauth",
    "pytest-recording": "recording",
    "pytest-vcr": "vcr",
}


def measure(stage: Stage, *, quick: bool) -> Part:  # noqa: ARG001  needs no server
    """Start pytest with each plugin, in turn."""
    part = Part(name="start", title="a session that does not use the plugin")
    plugins = {}
    installed = {one.name for one in entry_points(group="pytest11")}
    for name, plugin in _PLUGINS.items():
        if plugin is None or plugin in installed:
            plugins[name] = plugin
        else:
            part.remarks.append(f"{name}: {plugin} is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_nothing.py").write_text("def test_nothing(): pass\n")

        def start(plugin: str | None) -> float:
            blocked = sorted(installed - {plugin})
            return run_pytest(
                *(part for name in blocked for part in ("-p", f"no:{name}")),
                folder=folder,
                environment=written(os.environ),
            ).processor

        for plugin in plugins.values():  # writes the bytecode
            start(plugin)
        found = [
            {name: start(plugin) for name, plugin in plugins.items()}
            for _ in range(2 if quick else 31)
        ]
    for name in plugins:
        ratio, noise = middle([one[name] / one["no plugin"] for one in found])
        added, _ = middle([one[name] - one["no plugin"] for one in found])
        part.rows.append(
            {
                "plugin": name,
                "x no plugin, CPU": ratio,
                "middle half": noise,
                "CPU ms added": added,
            }
        )
    return part
