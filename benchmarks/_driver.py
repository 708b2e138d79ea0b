"""The command line of a benchmark: its parts, measured one after the other."""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ._stage import stage

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """What one script measures.

    Attributes:
        prog: Its name, as in its help.
        about: What it compares.
        parts: Names of its parts, to the module of each.
        peers: Distributions that are measured beside ours.
        environment: What they need to be lenient about.
    """

    prog: str
    about: str
    parts: dict[str, str]
    peers: Sequence[str]
    environment: Sequence[str] = ()

    def main(self, arguments: list[str] | None) -> int:
        """Run the parts that were asked for, and print their tables."""
        options = self._parser().parse_args(arguments)
        print(self._machine(), flush=True)
        found = {}
        with stage() as server:
            # Before any peer is imported: some read their addresses then.
            os.environ |= {**server.server.env, "NO_PROXY": "127.0.0.1"}
            os.environ |= dict.fromkeys(self.environment, "1")
            for name in options.only:
                measure = import_module(f"benchmarks.{self.parts[name]}").measure
                part = measure(server, quick=options.quick)
                print(f"\n{part.markdown()}", end="", flush=True)
                found[name] = asdict(part)
        if options.json is not None:
            text = json.dumps(found, indent=2)
            options.json.write_text(f"{text}\n", encoding="utf-8")
        return 0

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(
            prog=self.prog,
            description=f"{self.about} Nothing but 127.0.0.1 is contacted. Peers that "
            "are not installed are left out: pip install '.[bench]' has them all",
        )
        parser.add_argument(
            "--only",
            type=self._names,
            default=tuple(self.parts),
            metavar="PARTS",
            help=f"some of {','.join(self.parts)}",
        )
        parser.add_argument(
            "--quick", action="store_true", help="few and small; the times mean nothing"
        )
        parser.add_argument(
            "--json", type=Path, metavar="FILE", help="write all here too"
        )
        return parser

    def _names(self, text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        if not set(names) <= set(self.parts):
            choices = ", ".join(self.parts)
            raise argparse.ArgumentTypeError(f"choose from {choices}")
        return names

    def _machine(self) -> str:
        python = f"{platform.python_implementation()} {platform.python_version()}"
        processors = f"{os.cpu_count()} processors"
        there = [f"{name} {found}" for name in self.peers if (found := _version(name))]
        return f"{python}, {platform.system()}, {processors}; {', '.join(there)}"


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
