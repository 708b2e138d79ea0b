"""Compare replay with other recorders: `python benchmarks/replay.py --help`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that were asked for, and print their tables."""
    # After what is installed, so that a wheel is measured if there is one.
    sys.path.append(str(Path(__file__).parents[1]))
    driver = import_module("benchmarks._driver")
    benchmark = driver.Benchmark(
        prog="benchmarks/replay.py",
        about="Compare tests that replay a token exchange with those of other tools.",
        parts={
            "tests": "_replay_tests",
            "start": "_replay_start",
            "size": "_replay_size",
        },
        peers=("pytest", "vcrpy", "pytest-recording", "pytest-vcr", "responses"),
    )
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
