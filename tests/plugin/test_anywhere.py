"""The reference recordings replay the same, wherever and whenever that is done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "tests" / "flows" / "test_reference_cassettes.py"
# Loaded by each worker too: the real clock of the process, a year on.
YEAR_LATER = """
import datetime, time_machine

start = datetime.datetime.now(datetime.UTC)
time_machine.travel(start + datetime.timedelta(days=366), tick=True).start()

def pytest_report_teststatus(report):
    if report.when == "call":
        with open("outcomes", "a") as file:
            year = datetime.datetime.now().year - start.year
            file.write(f"{report.nodeid} {report.outcome} {year > 0}\\n")
"""


@pytest.mark.parametrize("workers", ["0", "2", "4"])
def test_it_replays_offline_a_year_later_from_elsewhere(
    tmp_path: Path, workers: str
) -> None:
    """No socket, another home, another working directory, any number of workers."""
    (tmp_path / "year_later.py").write_text(YEAR_LATER)
    here = {k: v for k, v in os.environ.items() if not k.startswith("CATALYST_")}

    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-k", "replay", str(SUITE)),
            *("-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider"),
            *("--disable-socket", "--allow-unix-socket", "-n", workers),
            "--catalyst-oauth-strict",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **here,
            "HOME": str(tmp_path / "home"),
            "TZ": "Pacific/Kiritimati",
            "PYTEST_PLUGINS": "year_later",
            "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        },
    )

    assert done.returncode == 0, done.stdout + done.stderr
    # A worker and its controller both tell.
    outcomes = sorted(set((tmp_path / "outcomes").read_text().splitlines()))
    tests = [line.split(" ") for line in outcomes]
    assert len(tests) == SUITE.read_text().count("\n@flow(") == 13
    assert {tuple(rest) for _, *rest in tests} == {("passed", "True")}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("__pycache__",) * (tmp_path / "__pycache__").exists(),
        "outcomes",
        "year_later.py",
    ]
