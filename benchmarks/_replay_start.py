"""What a plugin adds to the start of a session that does not use it."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ._replay_suites import run_pytest
from ._table import Part, middle

if TYPE_CHECKING:
    from ._stage import Stage

_PLUGINS = {
    "no plugin": None,
    "no plugin, once more": None,
    "ours": "pytest_catalyst_oauth.plugin",
    "pytest-recording": "pytest_recording.plugin",
    "pytest-vcr": "pytest_vcr",
}


def measure(stage: Stage, *, quick: bool) -> Part:  # noqa: ARG001  needs no server
    """Start pytest with each plugin, in turn."""
    part = Part(name="start", title="a session that does not use the plugin")
    plugins = {}
    for name, module in _PLUGINS.items():
        if module is None or find_spec(module.split(".")[0]):
            plugins[name] = module
        else:
            part.remarks.append(f"{name}: {module} is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_nothing.py").write_text("def test_nothing(): pass\n")

        def start(module: str | None) -> float:
            return run_pytest(
                plugin=module, folder=folder, environment=os.environ
            ).processor

        for module in plugins.values():  # writes the bytecode
            start(module)
        found = [
            {name: start(module) for name, module in plugins.items()}
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
