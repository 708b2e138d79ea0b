"""Compare the engine with other OAuth clients: `python benchmarks/engine.py --help`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

_PARTS = ("hot", "cold", "herd", "soft")
_LENIENCE = (
    "AUTHLIB_INSECURE_TRANSPORT",
    "OAUTHLIB_INSECURE_TRANSPORT",
    "OAUTHLIB_RELAX_TOKEN_SCOPE",
)


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that were asked for, and print their tables."""
    options = _parser().parse_args(arguments)
    # After what is installed, so that a wheel is measured if there is one.
    sys.path.append(str(Path(__file__).parents[1]))
    stage = import_module("benchmarks._stage")
    print(_machine(), flush=True)
    found = {}
    with stage.stage() as server:
        # Before any peer is imported: the SDK reads its addresses then. The loopback
        # speaks plain http, and Zoho may answer with fewer scopes than were asked for.
        os.environ |= {**server.server.env, "NO_PROXY": "127.0.0.1"}
        os.environ |= dict.fromkeys(_LENIENCE, "1")
        for name in options.only:
            measure = import_module(f"benchmarks._{name}").measure
            part = measure(server, quick=options.quick)
            print(f"\n{part.markdown()}", end="", flush=True)
            found[name] = asdict(part)
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/engine.py",
        description="Compare the engine with other OAuth clients on this machine. "
        "Nothing but 127.0.0.1 is contacted. Peers that are not installed are left "
        "out: pip install 'pytest-catalyst-oauth[bench]'",
    )
    parser.add_argument(
        "--only",
        type=_names,
        default=_PARTS,
        metavar="PARTS",
        help=f"some of {','.join(_PARTS)}",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few and small; the times mean nothing"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all here too")
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not set(names) <= set(_PARTS):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(_PARTS)}")
    return names


def _machine() -> str:
    peers = import_module("benchmarks._peers").PEERS
    versions = {peer.distribution: peer.version for peer in peers}
    there = [f"{name} {found}" for name, found in versions.items() if found]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    processors = f"{os.cpu_count()} processors"
    return f"{python}, {platform.system()}, {processors}; {', '.join(there)}"


if __name__ == "__main__":
    sys.exit(main())
