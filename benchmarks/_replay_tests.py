"""What a test with one replayed token exchange costs, more than an empty one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ._replay_suites import SUITES, Bench, present
from ._table import Part, middle

if TYPE_CHECKING:
    from ._stage import Stage

_EMPTY, _PEER = "empty tests", "pytest-recording"


def measure(stage: Stage, *, quick: bool) -> Part:
    """Record each suite once, then run all in turn."""
    count, rounds = (3, 1) if quick else (1000, 9)
    part = Part(name="tests", title=f"{count} tests, one token exchange each")
    names = {"url": stage.token_url, "form": stage.form}
    with tempfile.TemporaryDirectory() as folder:
        benches = {}
        for number, suite in enumerate(present()):
            bench = Bench(suite, Path(folder) / str(number), count, names)
            bench.record()
            benches[suite.name] = bench
        for bench in benches.values():  # writes the bytecode
            bench.replay()
        found = [
            {name: bench.replay().processor for name, bench in benches.items()}
            for _ in range(rounds)
        ]
    part.remarks += [
        f"{suite.name}: {suite.plugin} is not installed"
        for suite in SUITES
        if not suite.is_there
    ]
    for name in benches:
        added = [(one[name] - one[_EMPTY]) / count for one in found]
        cost, noise = middle(added)
        row = {"tests": name, "CPU ms added to a test": cost, "middle half": noise}
        if _PEER in benches:
            ratios = [
                (one[name] - one[_EMPTY]) / (one[_PEER] - one[_EMPTY]) for one in found
            ]
            row[f"x {_PEER}"] = middle(ratios)[0]
        part.rows.append(row)
    return part
