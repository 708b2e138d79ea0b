"""`catalyst-oauth cassette`: what there is, and cassettes against the fake."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from pytest_catalyst_oauth.engine.errors import SettingsError

from . import _cassette_lint, _cassette_scrub, _cassette_serve, _cassette_show
from ._parser import file_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pytest_catalyst_oauth.cassette import Cassette, Drift, Premises
    from pytest_catalyst_oauth.engine import Client
    from pytest_catalyst_oauth.fake import FakeCatalyst

# As with `diff`: trouble is worse than a difference.
_DIFFERENT, _NOT_COMPARED = 1, 2
_SUFFIXES = (".yaml", ".yml")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "cassette",
        help="look after cassettes: show, lint, scrub, serve, diff",
        description="Look after cassettes, ours and those of plain VCR.py.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _cassette_show.add_parser(commands)
    _cassette_scrub.add_parser(commands)
    _cassette_serve.add_parser(commands)
    diff = commands.add_parser(
        "diff",
        help="tell where the fake answers otherwise",
        description="Send the requests of cassettes to the fake, and tell where it "
        "answers otherwise: status, names of headers, and the keys, order and types of "
        "JSON. Nobody else is asked. The exit code is 1 if there is a difference, and "
        "2 if something could not be compared.",
    )
    diff.add_argument(
        "paths",
        nargs="+",
        type=file_path,
        help="a cassette, or a folder with some",
        metavar="PATH",
    )
    diff.add_argument("--json", action="store_true", help="as JSON")
    diff.set_defaults(run=run)
    _cassette_lint.add_parser(commands)


class _Compared(NamedTuple):
    """What came of one cassette.

    Attributes:
        path: As given, or below a folder that was.
        exchanges: How many are in it.
        drift: Where the fake answers otherwise.
        problem: Why it could not be compared; empty if it was.
        hint: What to do next.
    """

    path: Path
    exchanges: int = 0
    drift: tuple[Drift, ...] = ()
    problem: str = ""
    hint: str = ""


def run(options: argparse.Namespace) -> int:
    """Compare all; return the exit code."""
    found = []
    for path, refused in _files(options.paths):
        one = refused or _compared(path)
        found.append(one)
        if one.problem:
            told = SettingsError(f"cassette {one.path}", one.problem, one.hint)
            sys.stderr.write(f"catalyst-oauth: {told}\n")
        elif not options.json:
            print("\n".join(_lines(one)))
    if options.json:
        print(json.dumps([_as_json(one) for one in found], indent=2))
    if any(one.problem for one in found):
        return _NOT_COMPARED
    return _DIFFERENT if any(one.drift for one in found) else 0


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, _Compared | None]]:
    """Yield cassettes, and what is none, with the reason."""
    for path in paths:
        # Not Path.is_dir, which raises for what may not be looked at.
        if not os.path.isdir(path):  # noqa: PTH112
            yield path, None if _is_there(path) else _refused(path, "is not there")
            continue
        inside = [one for one in path.rglob("*.y*ml") if one.suffix in _SUFFIXES]
        inside = sorted(one for one in inside if not one.is_dir())
        if not inside:
            yield path, _refused(path, "has no cassette", "name another folder")
        for one in inside:
            # What a person names may be a pipe, `<(...)`; here it would only hang.
            is_file = one.is_file() or not one.exists()
            yield one, None if is_file else _refused(one, "is not a regular file")


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        # Reading it tells why not.
        pass
    return True


def _refused(path: Path, problem: str, hint: str = "name a cassette") -> _Compared:
    return _Compared(path, problem=problem, hint=hint)


def _compared(path: Path) -> _Compared:
    from pytest_catalyst_oauth.cassette import Cassette
    from pytest_catalyst_oauth.cassette._drift import incomparable

    try:
        # Each part is a recording of its own, made at a server of its own.
        parts = Cassette.load_parts(path)
        exchanges = [one for part in parts for one in part.exchanges]
        if not (problem := incomparable(exchanges)):
            return _Compared(path, len(exchanges), tuple(_drift(parts)))
    except SettingsError as error:
        return _refused(path, error.problem, error.hint)
    except RecursionError:
        problem = "is nested too deeply"
    return _refused(path, problem, "mend the file, or delete it and record again")


def _drift(parts: Iterable[Cassette]) -> Iterator[Drift]:
    before = 0
    for part in parts:
        for one in _drift_of(part):
            yield one._replace(number=before + one.number)
        before += len(part.exchanges)


def _drift_of(cassette: Cassette) -> Iterator[Drift]:
    from pytest_catalyst_oauth.cassette import Premises, find_drift

    premises = Premises(cassette.exchanges)
    fake = _fake(premises)
    known = _introduced(fake, premises, cassette)

    def move_to(moment: float) -> None:
        # Dates have no fractions, and a clock that goes back revives tokens.
        fake.clock.sleep(max(0.0, moment - fake.clock()))

    return find_drift(cassette.exchanges, fake, known, move_to)


def _fake(premises: Premises) -> FakeCatalyst:
    from pytest_catalyst_oauth.engine import DataCenter
    from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings, MovableClock

    settings = FakeSettings(data_center=DataCenter.parse(premises.location))
    return FakeCatalyst(
        settings=settings, clock=MovableClock(start=premises.starts_at or 0.0)
    )


def _introduced(
    fake: FakeCatalyst, premises: Premises, cassette: Cassette
) -> dict[str, str]:
    """Tell the fake what the recorded server knew; return what stands for what."""
    known: dict[str, str] = {}
    project_id = premises.project_id or (
        cassette.origin.project_id if cassette.origin else None
    )
    if project_id:
        known[project_id] = fake.project_id
    clients = _clients(fake, premises, known)
    for text, (client_id, scope) in premises.refresh_tokens.items():
        token = fake.issue_refresh_token(scope or None, client=clients[client_id])
        known[text] = token.reveal()
    for text, (client_id, scope) in premises.codes.items():
        code = fake.issue_code(scope or None, client=clients[client_id])
        known[text] = code.reveal()
    for text in premises.access_tokens:
        known[text] = _access_token(fake)
    _add_tables(fake, premises, known)
    return known


def _clients(
    fake: FakeCatalyst, premises: Premises, known: dict[str, str]
) -> dict[str, Client]:
    from pytest_catalyst_oauth.engine import ClientKind

    clients: dict[str, Client] = {}
    for client_id, one in premises.clients.items():
        client = fake.register_client(
            redirect_uri=one.redirect_uri or None,
            kind=ClientKind.DEVICE if one.is_device else None,
        )
        clients[client_id] = client
        known[client_id] = client.client_id
        if one.client_secret and client.client_secret:
            known[one.client_secret] = client.client_secret.reveal()
    return clients


def _access_token(fake: FakeCatalyst) -> str:
    from pytest_catalyst_oauth.engine import read_token
    from pytest_catalyst_oauth.engine.grants import RefreshGrant

    grant = RefreshGrant(refresh_token=fake.issue_refresh_token())
    reply = fake.send(grant.request(fake.client))
    return read_token(reply, asked_at=fake.clock()).access_token.reveal()


def _add_tables(fake: FakeCatalyst, premises: Premises, known: dict[str, str]) -> None:
    # The table that is in every fake keeps its columns.
    there = set(fake.state()["tables"])
    for number, (name, columns) in enumerate(premises.tables.items(), 1):
        if name.isdecimal():
            known[name] = fake.add_table(f"Table{number}", columns=columns)
        elif name not in there:
            fake.add_table(name, columns=columns)
    for number, segment_id in enumerate(premises.segments, 1):
        known[segment_id] = fake.add_segment(f"Segment{number}")


def _lines(one: _Compared) -> Iterator[str]:
    differences = (
        _counted(len(one.drift), "difference") if one.drift else "no difference"
    )
    yield f"{one.path}: {_counted(one.exchanges, 'exchange')}, {differences}"
    yield from (f"  {difference}" for difference in one.drift)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(one: _Compared) -> dict[str, object]:
    return {
        "cassette": str(one.path),
        "exchanges": one.exchanges,
        "differences": [difference._asdict() for difference in one.drift],
        "problem": one.problem or None,
    }
