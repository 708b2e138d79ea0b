"""Compare tasks that mint tokens: `python benchmarks/ansible.py --help`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that were asked for, and print their tables."""
    # This file must not be taken for Ansible, so its folder goes; the project comes
    # after what is installed, so that a wheel is measured if there is one.
    here = Path(__file__).parent
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != here.resolve()]
    sys.path.append(str(here.parent))
    driver = import_module("benchmarks._driver")
    benchmark = driver.Benchmark(
        prog="benchmarks/ansible.py",
        about="Compare the tasks of the collection with those that people write.",
        parts={"tasks": "_ansible_tasks"},
        peers=("ansible-core",),
    )
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
