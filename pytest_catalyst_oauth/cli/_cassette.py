"""`catalyst-oauth cassette diff`: cassettes against the fake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from pytest_catalyst_oauth.cassette import Cassette, Drift, Premises
    from pytest_catalyst_oauth.engine import Client
    from pytest_catalyst_oauth.fake import FakeCatalyst

_DIFFERENT = 1


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        "cassette",
        help="compare cassettes with the fake",
        description="Look after cassettes, ours and those of plain VCR.py.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    diff = commands.add_parser(
        "diff",
        help="tell where the fake answers otherwise",
        description="Send the requests of cassettes to the fake, and tell where it "
        "answers otherwise: status, names of headers, and the keys, order and types of "
        "JSON. Nobody else is asked. The exit code is 1 if there is a difference.",
    )
    diff.add_argument(
        "paths",
        nargs="+",
        type=Path,
        help="a cassette, or a folder with some",
        metavar="PATH",
    )
    diff.add_argument("--json", action="store_true", help="as JSON")
    diff.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare; return the exit code.

    Raises:
        SettingsError: A path is no cassette, or a folder has none.
    """
    found = [(path, *_drift_of(path)) for path in _files(options.paths)]
    if options.json:
        print(json.dumps([_as_json(*one) for one in found], indent=2))
    else:
        for one in found:
            print("\n".join(_lines(*one)))
    return _DIFFERENT if any(drift for _, _, drift in found) else 0


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise SettingsError(str(path), "is not there", "name a cassette")
        if not path.is_dir():
            yield path
            continue
        inside = sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        if not inside:
            raise SettingsError(str(path), "has no cassette", "name another folder")
        yield from inside


def _drift_of(path: Path) -> tuple[int, list[Drift]]:
    from pytest_catalyst_oauth.cassette import Cassette, Premises, find_drift

    cassette = Cassette.load(path)
    premises = Premises(cassette.exchanges)
    fake = _fake(premises)
    known = _introduced(fake, premises, cassette)

    def move_to(moment: float) -> None:
        # Dates have no fractions, and a clock that goes back revives tokens.
        fake.clock.sleep(max(0.0, moment - fake.clock()))

    drift = list(find_drift(cassette.exchanges, fake, known, move_to))
    return len(cassette.exchanges), drift


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


def _lines(path: Path, count: int, drift: list[Drift]) -> Iterator[str]:
    told = f"{len(drift)} differences" if drift else "no difference"
    exchanges = "1 exchange" if count == 1 else f"{count} exchanges"
    yield f"{path}: {exchanges}, {told.removesuffix('s') if len(drift) == 1 else told}"
    yield from (f"  {one}" for one in drift)


def _as_json(path: Path, count: int, drift: list[Drift]) -> dict[str, object]:
    return {
        "cassette": str(path),
        "exchanges": count,
        "differences": [one._asdict() for one in drift],
    }
