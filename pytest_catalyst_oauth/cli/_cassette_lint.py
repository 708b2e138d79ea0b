"""`catalyst-oauth cassette lint`: what is wrong with cassettes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING

from pytest_catalyst_oauth.engine.errors import SettingsError

from ._parser import file_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from pytest_catalyst_oauth.cassette import Allowed, Problem

    from ._world import World

_FOUND = 1
_RULES = "leak damage name old orphan".split()
_DEFAULT = Path("cassettes")
_LIST = Path(".catalyst-oauth-allow")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the sub-command."""
    lint = commands.add_parser(
        "lint",
        help="find secrets, damage, old age and orphans",
        description="Look into cassettes of ours, VCR.py, betamax and responses, and "
        "into HAR files, for secrets that survived, damage, names that some systems "
        "do not take, old age, and tests that are no more. No secret is shown. The "
        "exit code is 1 if something is found.",
    )
    lint.add_argument(
        "paths",
        nargs="*",
        type=file_path,
        help="a cassette, or a folder with some (default: cassettes)",
        metavar="PATH",
    )
    lint.add_argument(
        "--max-age", type=_age, help="report older ones: 90d, 12w", metavar="AGE"
    )
    lint.add_argument(
        "--ignore",
        action="append",
        default=[],
        choices=_RULES,
        help="do not look for it: leak, damage, name, old or orphan; may be given "
        "several times",
        metavar="RULE",
    )
    lint.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="text (the default), json, or annotations of GitHub",
        metavar="FORMAT",
    )
    lint.add_argument(
        "--allow-list",
        type=file_path,
        default=_LIST,
        help="what looks like a secret and is none (default: %(default)s)",
        metavar="FILE",
    )
    lint.add_argument(
        "--allow",
        action="store_true",
        help="add what is found to that list, as hashes",
    )
    lint.add_argument(
        "--allow-value",
        action="store_true",
        help="add one value to that list, asked for or read from a pipe, and leave",
    )
    lint.add_argument(
        "--rootdir",
        type=Path,
        default=Path(),
        help="pytest's, where the tests are (default: the current folder)",
        metavar="FOLDER",
    )
    lint.set_defaults(run=run)


def _age(text: str) -> timedelta:
    from pytest_catalyst_oauth.cassette import read_age

    try:
        return read_age(text)
    except SettingsError as error:
        problem = f"{error.problem}; {error.hint}"
    raise argparse.ArgumentTypeError(problem)


def run(options: argparse.Namespace) -> int:
    """Look; return the exit code.

    Raises:
        SettingsError: A path is not there, or the list cannot be read or written.
    """
    from pytest_catalyst_oauth.cassette import Allowed

    allowed = Allowed.load(options.allow_list)
    if options.allow_value:
        return _allow_value(options, allowed)
    files = list(dict(_files(options.paths or [_DEFAULT])).items())
    problems = [
        one
        for one in _problems(files, options, allowed)
        if one.rule not in options.ignore
    ]
    if options.allow:
        problems = _allow(problems, options.allow_list, allowed)
    print("\n".join(_FORMATS[options.format](problems, len(files))))
    return _FOUND if problems else 0


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield each file, and whether it was named itself."""
    from pytest_catalyst_oauth.cassette import cassette_files

    for path in paths:
        if path.is_dir():
            yield from ((one, False) for one in cassette_files(path))
        elif os.path.lexists(path):
            yield path, True
        else:
            raise SettingsError(
                str(path), "is not there", "name a cassette, or a folder with some"
            )


def _problems(
    files: Sequence[tuple[Path, bool]], options: argparse.Namespace, allowed: Allowed
) -> Iterator[Problem]:
    from pytest_catalyst_oauth.cassette import Linter, clashes

    world: World = options.world
    linter = Linter(
        now=datetime.fromtimestamp(world.clock(), UTC),
        root=options.rootdir,
        environment=world.environ,
        is_allowed=allowed,
        max_age=options.max_age,
    )
    for path, is_named in files:
        yield from linter.problems(path, is_named=is_named)
    yield from clashes(path for path, _ in files)


def _allow(problems: list[Problem], path: Path, allowed: Allowed) -> list[Problem]:
    """Write what may be allowed into the list; return the rest."""
    told = [
        (one.value, f"{one.path.as_posix()}: {one.message}")
        for one in problems
        if one.value
    ]
    count = allowed.add(told, token_bytes(16)) if told else 0
    what = "1 value" if count == 1 else f"{count} values"
    sys.stderr.write(f"{path}: {what} added; read the list before you commit it\n")
    return [one for one in problems if not one.value]


def _allow_value(options: argparse.Namespace, allowed: Allowed) -> int:
    value = options.world.ask("Value that is no secret: ", piped=True)
    if not value:
        raise SettingsError("--allow-value", "got no value", "type it, or pipe it in")
    allowed.add([(value.encode(), "named by hand")], token_bytes(16))
    print(f"{options.allow_list}: 1 value added")
    return 0


def _text(problems: Sequence[Problem], count: int) -> Iterator[str]:
    for one in problems:
        line = f":{one.line}" if one.line else ""
        yield f"{_shown(one.path)}{line}: {one.rule}: {one.message}"
    files = "1 cassette" if count == 1 else f"{count} cassettes"
    found = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    yield f"{files}: {found if problems else 'nothing found'}"


def _json(problems: Sequence[Problem], count: int) -> Iterator[str]:
    listed = [
        {
            "path": _shown(one.path),
            "line": one.line or None,
            "rule": one.rule,
            "message": one.message,
        }
        for one in problems
    ]
    yield json.dumps({"cassettes": count, "problems": listed}, indent=2)


def _github(problems: Sequence[Problem], count: int) -> Iterator[str]:
    from pytest_catalyst_oauth.cassette import RULES

    for one in problems:
        level = "error" if RULES[one.rule] else "warning"
        where = f"file={_escaped(_shown(one.path), ':,')},line={one.line or 1}"
        message = _escaped(one.message)
        yield f"::{level} {where},title=cassette {one.rule}::{message}"
    yield from list(_text(problems, count))[-1:]


_FORMATS = {"text": _text, "json": _json, "github": _github}


def _shown(path: Path) -> str:
    return "".join(one if one.isprintable() else "?" for one in path.as_posix())


def _escaped(text: str, more: str = "") -> str:
    """Write a text as workflow commands of GitHub want it."""
    for sign in f"%\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
