"""`catalyst-oauth cassette show`: what a cassette holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine._server_words import quotable_value

from ._parser import file_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pytest_catalyst_oauth.cassette import Cassette
    from pytest_catalyst_oauth.cassette._sequence import Step

_HIDDEN = "•••"
_UNKNOWN = "Nobody wrote down when, with what and from where it was recorded"
# Mermaid takes `;` for the end of a line, and `#` for the start of an entity.
_ENTITIES = {ord("#"): "#35;", ord(";"): "#59;"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    show = commands.add_parser(
        "show",
        help="print the exchanges as a sequence",
        description="Print what a cassette holds, in order: who was asked for what, "
        "and what came of it. No secret is shown, also if the cassette has some.",
    )
    show.add_argument("path", type=file_path, help="a cassette", metavar="FILE")
    show.add_argument(
        "--format",
        choices=tuple(_FORMATS),
        default="text",
        help="text (the default), mermaid (a sequence diagram), or json",
    )
    show.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print it.

    Raises:
        CassetteMissError: There is no such file.
        SettingsError: It is no cassette.
    """
    from pytest_catalyst_oauth.cassette import Cassette
    from pytest_catalyst_oauth.cassette._sequence import sequence

    cassette = Cassette.load(options.path)
    lines = _FORMATS[options.format](cassette, sequence(cassette))
    print("\n".join(lines))
    return 0


def _text(cassette: Cassette, steps: tuple[Step, ...]) -> Iterator[str]:
    number = len(steps)
    yield f"{cassette.path}: {number} exchange{'' if number == 1 else 's'}"
    yield f"{_came_from(cassette)}."
    server = ""
    for step in steps:
        if step.exchange.origin != server:
            server = step.exchange.origin
            yield f"  {_server(server)}"
        yield f"  {step.number:>4}. {_when(step)} {_asked(step)} -> {_answered(step)}"


def _mermaid(cassette: Cassette, steps: tuple[Step, ...]) -> Iterator[str]:
    servers = list(dict.fromkeys(step.exchange.origin for step in steps))
    yield "sequenceDiagram"
    yield "    participant C as client"
    for number, server in enumerate(servers, 1):
        yield f"    participant S{number} as {_quoted(_server(server))}"
    yield f"    Note over C: {_quoted(_came_from(cassette))}"
    for step in steps:
        server = f"S{servers.index(step.exchange.origin) + 1}"
        yield f"    C->>{server}: {_quoted(_asked(step))}"
        yield f"    {server}-->>C: {_quoted(_answered(step))}"


def _json(cassette: Cassette, steps: tuple[Step, ...]) -> Iterator[str]:
    origin = cassette.origin.as_mapping() if cassette.origin else None
    told = {
        "cassette": str(cassette.path),
        "recorded_with": _harmless(origin),
        "exchanges": [_as_json(step) for step in steps],
    }
    yield json.dumps(told, indent=2)


_FORMATS: dict[str, Callable[[Cassette, tuple[Step, ...]], Iterator[str]]] = {
    "text": _text,
    "mermaid": _mermaid,
    "json": _json,
}


def _as_json(step: Step) -> dict[str, object]:
    exchange = step.exchange
    return {
        "number": step.number,
        "at": exchange.at.isoformat() if step.is_timed else None,
        "method": exchange.method,
        "origin": _server(exchange.origin),
        "path": exchange.path,
        "parameters": [list(pair) for pair in exchange.parameters],
        "status": exchange.status,
        "outcome": exchange.outcome,
        "token_of": step.token_of,
    }


def _when(step: Step) -> str:
    return f"{step.exchange.at:%H:%M:%S}" if step.is_timed else "--:--:--"


def _asked(step: Step) -> str:
    exchange = step.exchange
    shown = " ".join(f"{name}={value}" for name, value in exchange.parameters)
    token = f"(with the token of {step.token_of})" if step.token_of else ""
    parts = exchange.method, exchange.path, shown, token
    return " ".join(part for part in parts if part)


def _answered(step: Step) -> str:
    return f"{step.exchange.status} {step.exchange.outcome}"


def _server(origin: str) -> str:
    return quotable_value(origin)


def _came_from(cassette: Cassette) -> str:
    return str(_harmless(str(cassette.origin))) if cassette.origin else _UNKNOWN


def _harmless(value: Any) -> Any:
    """Return what somebody wrote into the file, unless it may be a secret."""
    from pytest_catalyst_oauth.cassette import scan

    if isinstance(value, dict):
        return {_harmless(name): _harmless(one) for name, one in value.items()}
    if not isinstance(value, str):
        return value
    return _HIDDEN if scan(value.encode("utf-8", "replace")) else quotable_value(value)


def _quoted(text: str) -> str:
    return text.translate(_ENTITIES)
