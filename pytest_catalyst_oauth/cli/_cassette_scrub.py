"""`catalyst-oauth cassette scrub`: secrets out of cassettes that are there already."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.cassette.errors import SecretInCassetteError
from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import OAuthError, SettingsError

from ._parser import file_path

if TYPE_CHECKING:
    import argparse
    from collections import Counter
    from collections.abc import Iterator, Mapping, Sequence

# A shorter value stands in texts by chance.
_SHORTEST = 8


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    scrub = commands.add_parser(
        "scrub",
        help="take the secrets out of cassettes that are there",
        description="Replace the secrets in cassettes, ours or VCR.py's in YAML or "
        "JSON, by stand-ins, and scan the result. Without --output and --in-place "
        "nothing is written. A cassette in which the scan still finds something is "
        "not written; the exit code is then 9.",
    )
    scrub.add_argument(
        "paths",
        nargs="+",
        type=file_path,
        help="a cassette, or a folder with some",
        metavar="PATH",
    )
    where = scrub.add_mutually_exclusive_group()
    where.add_argument(
        "--output", type=file_path, help="write them there", metavar="FOLDER"
    )
    where.add_argument("--in-place", action="store_true", help="replace the files")
    scrub.add_argument(
        "--secret-env",
        action="append",
        default=[],
        help="a variable whose value is a secret, wherever it stands; may be given "
        "several times",
        metavar="NAME",
    )
    scrub.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Scrub all; return the exit code.

    Raises:
        SettingsError: A variable is missing or too short, a folder has no cassette, or
            two results would have the same name.
    """
    secrets = list(_secrets(options.secret_env, options.world.environ))
    files = list(_files(options.paths))
    targets = _targets(files, options)
    worst = 0
    for (path, _), target in zip(files, targets, strict=True):
        try:
            print(_scrubbed(path, target, secrets))
        except OAuthError as error:
            worst = max(worst, error.exit_code)
            _complain(error)
    return worst


def _secrets(names: Sequence[str], environ: Mapping[str, str]) -> Iterator[Secret]:
    for name in names:
        value = environ.get(name, "")
        if len(value) < _SHORTEST:
            raise SettingsError(
                f"environment variable {name}",
                f"has {len(value)} characters, expected {_SHORTEST} or more",
                "a shorter value stands in texts by chance" if value else "set it",
            )
        yield Secret(value)


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield each file, with the path that it has below what somebody named."""
    from pytest_catalyst_oauth.cassette import cassette_files
    from pytest_catalyst_oauth.cassette._any_tool import is_cassette

    for path in paths:
        # Not Path.is_dir, which raises for what may not be looked at.
        if not os.path.isdir(path):  # noqa: PTH112
            yield path, Path(path.name)
            continue
        inside = [one for one in cassette_files(path) if is_cassette(one)]
        if not inside:
            raise SettingsError(
                f"cassette {path}", "has no cassette", "name another folder"
            )
        yield from ((one, one.relative_to(path)) for one in inside)


def _targets(
    files: Sequence[tuple[Path, Path]], options: argparse.Namespace
) -> list[Path | None]:
    folder: Path | None = options.output
    if folder is None:
        # The file that a link leads to, or the link would be replaced.
        return [
            Path(os.path.realpath(path)) if options.in_place else None
            for path, _ in files
        ]
    targets: list[Path | None] = []
    for _, below in files:
        target = folder / below
        if target in targets or os.path.lexists(target):
            problem = "would be written twice" if target in targets else "is there"
            raise SettingsError(str(target), problem, "name another folder")
        targets.append(target)
    return targets


def _scrubbed(path: Path, target: Path | None, secrets: Sequence[Secret]) -> str:
    """Scrub one; return what was done."""
    from pytest_catalyst_oauth.cassette import Scrubber, _file
    from pytest_catalyst_oauth.cassette._foreign import scrub_file

    data, replaced = scrub_file(path, Scrubber(secrets))
    is_same_file = target is not None and target == Path(os.path.realpath(path))
    told = f"{path}: {_summary(replaced)}"
    if target is None:
        return f"{told}; nothing was written" if replaced else told
    if replaced or not is_same_file:
        _file.write(target, data)
    return told if is_same_file else f"{told}; written to {target}"


def _summary(replaced: Counter[str]) -> str:
    if not replaced:
        return "nothing to replace"
    total = replaced.total()
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(replaced.items()))
    return f"{total} value{'' if total == 1 else 's'} replaced ({kinds})"


def _complain(error: OAuthError) -> None:
    told = str(error)
    if isinstance(error, SecretInCassetteError):
        told = told.replace(
            "name the values to the scrubber", "name the values with --secret-env"
        ).partition(" (in pytest")[0]
    sys.stderr.write(f"catalyst-oauth: {told}\n")
