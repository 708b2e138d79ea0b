"""Compare the fake with other servers for tests: `python benchmarks/fake.py --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks._fake_servers import Running, Server
    from benchmarks._table import Part

_CONNECTIONS = (1, 32)
_MANY = 200_000


def main(arguments: list[str] | None = None) -> int:
    """Measure rates, starts and memory, and print a table of each."""
    options = _parser().parse_args(arguments)
    # After what is installed, so that a wheel is measured if there is one.
    sys.path.append(str(Path(__file__).parents[1]))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {platform.system()}, {os.cpu_count()} processors", flush=True)
    found = {}
    with tempfile.TemporaryDirectory() as made:
        # Where Python is told to write none, it would compile us at each start.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(made, "bytecode"))
        folder = options.npm or Path(made)
        servers, remarks = import_module("benchmarks._fake_servers").servers(folder)
        for measure in (rates, starts, steadiness):
            part = measure(servers, quick=options.quick)
            part.remarks += remarks
            print(f"\n{part.markdown()}", end="", flush=True)
            found[part.name] = asdict(part)
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


def rates(servers: list[Server], *, quick: bool) -> Part:
    """Count token requests per second; all servers run, and take turns."""
    part = _part("rate", "token requests per second, over connections that stay open")
    rounds, seconds = (1, 0.2) if quick else (7, 2.0)
    for count in _CONNECTIONS:
        with ExitStack() as stack:
            stage = [(one, _ready(stack, one)) for one in servers]
            got: dict[str, list[tuple[float, float]]] = {
                one.name: [] for one in servers
            }
            # One round before, which is not counted: code gets warm.
            for number in range(rounds + 1):
                for server, (run, octets) in stage:
                    figures = _turn(run, octets, count, seconds)
                    if number:
                        got[server.name].append(figures)
        _tell(part, count, got)
    return part


def _turn(
    run: Running, octets: bytes, count: int, seconds: float
) -> tuple[float, float]:
    before = run.cpu
    load = import_module("benchmarks._fake_load").load(run.port, octets, count, seconds)
    if load.refused:
        raise SystemExit(f"{run.process.args!r} refused {load.refused} requests")
    return load.rate, (run.cpu - before) / load.answered * 1e6


def _tell(part: Part, count: int, got: dict[str, list[tuple[float, float]]]) -> None:
    middle = import_module("benchmarks._table").middle
    ours = [rate for rate, _ in got["ours"]]
    for name, figures in got.items():
        rate, noise = middle([rate for rate, _ in figures])
        # Turn by turn, so that what slows all of them down does not count.
        ratio, _ = middle([a / b for a, (b, _) in zip(ours, figures, strict=True)])
        part.rows.append(
            {
                "server": name,
                "connections": count,
                "per second": rate,
                "middle half": noise,
                "ours is x times that": ratio,
                "server's CPU, us per request": middle([cpu for _, cpu in figures])[0],
            }
        )


def starts(servers: list[Server], *, quick: bool) -> Part:
    """Time from the start of a process to its first answer; servers take turns."""
    module = import_module("benchmarks._fake_servers")
    middle = import_module("benchmarks._table").middle
    part = _part("start", "from the start of a process to its first answer")
    stage = [module.ours_as_a_command(), *servers[1:]]
    got: dict[str, list[float]] = {one.name: [] for one in stage}
    memory = {}
    # One round before, which is not counted: it writes the bytecode.
    for number in range(2 if quick else 10):
        for server in stage:
            with module.running(server.command) as run:
                if number:
                    got[server.name].append(run.started_in * 1000)
                memory[server.name] = run.memory
    for name, values in got.items():
        milliseconds, noise = middle(values)
        part.rows.append(
            {
                "server": name,
                "ms": milliseconds,
                "middle half": noise,
                "memory then, MB": memory[name],
            }
        )
    return part


def steadiness(servers: list[Server], *, quick: bool) -> Part:
    """Look at our memory while it answers a great many requests."""
    part = _part("memory", "ours, over many token requests")
    module = import_module("benchmarks._fake_load")
    with ExitStack() as stack:
        run, octets = _ready(stack, servers[0])
        answered = 0
        for goal in (0, _MANY // 10, _MANY // 2, _MANY):
            while answered < (goal // 200 if quick else goal):
                answered += module.load(
                    run.port, octets, 32, 0.1 if quick else 2
                ).answered
            part.rows.append({"token requests": answered, "memory, MB": run.memory})
    return part


def _ready(stack: ExitStack, server: Server) -> tuple[Running, bytes]:
    servers = import_module("benchmarks._fake_servers")
    run = stack.enter_context(servers.running(server.command))
    form = server.form(run.port)
    request = import_module("benchmarks._fake_load").request
    return run, request(run.port, server.path, form, server.headers)


def _part(name: str, title: str) -> Any:
    return import_module("benchmarks._table").Part(name=name, title=title)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/fake.py",
        description="Compare the fake with other servers for tests, on 127.0.0.1. "
        "Those of npm are installed by it into a temporary folder.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few and small; the times mean nothing"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all here too")
    parser.add_argument(
        "--npm", type=Path, metavar="DIR", help="where npm installs them, to be kept"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
