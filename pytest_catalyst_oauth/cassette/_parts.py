"""A cassette that several tests share: each has a part of its own in it.

The file says in `recorded_for` which tests those are and where each part came from, and
each interaction names its test. VCR.py reads neither, and sees one cassette.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Content = dict[str, Any]

# Of an interaction, its test; of the file, each test's origin.
KEY = "recorded_for"
WITH = "recorded_with"
# Seconds; writing a cassette takes a small part of one.
_PATIENCE = 60.0
_LOCKS = 64


class NoPartError(Exception):
    """A shared cassette holds nothing of a test; the text says whose it holds."""


def tests_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Return whose parts a cassette holds; empty if it is not shared.

    Raises:
        ValueError: It says so in a way that nobody understands.
    """
    found = content.get(KEY, {})
    if not isinstance(found, dict) or not all(
        isinstance(test, str) and isinstance(origin, dict)
        for test, origin in found.items()
    ):
        raise ValueError(f"has a {KEY} that does not map tests to where they came from")
    return tuple(found)


def part_of(content: Content, test: str | None) -> Content:
    """Return the cassette as one test sees it.

    The only part serves every test, as a cassette without parts does.

    Raises:
        NoPartError: There are several parts, and none is the test's.
        ValueError: As for `tests_of`.
    """
    # Most are not shared.
    tests = tests_of(content) if KEY in content else ()
    if test is None or not tests:
        return content
    if test not in tests:
        if len(tests) > 1:
            raise NoPartError(f"holds nothing of {test}, only of {len(tests)} others")
        test = tests[0]
    mine = [one for one in content["interactions"] if _owner(one) == test]
    origin = content[KEY][test]
    return {**content, WITH: origin, "interactions": mine}


def owners(content: Content | None) -> tuple[str, ...]:
    """Return the tests whose parts are kept when one is replaced.

    Raises:
        ValueError: As for `tests_of`.
    """
    return tuple(_parts(content)) if content is not None else ()


def owner_of(content: Content, number: int) -> str | None:
    """Return whose an interaction is, also in a file that is not shared."""
    if tests_of(content):
        return _owner(content["interactions"][number])
    known = (content.get(WITH) or {}).get("test")
    return None if known is None else str(known)


def merged(
    old: Content | None, new: Content, test: str, *, without: Iterable[str] = ()
) -> Content:
    """Return a shared cassette with one test's part replaced.

    The parts are in the order of their tests' names, whoever came first. What another
    test, or nobody known, recorded before the file was shared is kept as a part of the
    former, and dropped of the latter.

    Args:
        old: What the file holds; None for no file.
        new: What the test recorded.
        test: Its node id.
        without: Tests that are no more, whose parts are dropped.

    Raises:
        ValueError: As for `tests_of`.
    """
    parts = _parts(old) if old is not None else {}
    for name in without:
        parts.pop(name, None)
    parts[test] = (new.get(WITH) or {}, new["interactions"])
    last = max((origin for origin, _ in parts.values()), key=_moment)
    return {
        "version": new["version"],
        WITH: {**last, "test": None},
        KEY: {name: parts[name][0] for name in sorted(parts)},
        "interactions": [
            {KEY: name, **{k: v for k, v in one.items() if k != KEY}}
            for name in sorted(parts)
            for one in parts[name][1]
        ],
    }


def _parts(content: Content) -> dict[str, tuple[dict[str, Any], list[Any]]]:
    tests = tests_of(content)
    if tests:
        return {
            name: (part[WITH], part["interactions"])
            for name in tests
            for part in (part_of(content, name),)
        }
    origin = content.get(WITH) or {}
    known = origin.get("test")
    return {str(known): (origin, content["interactions"])} if known else {}


def _owner(interaction: Any) -> str | None:
    return interaction.get(KEY) if isinstance(interaction, dict) else None


def _moment(origin: Mapping[str, Any]) -> str:
    return str(origin.get("recorded_at"))


@contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Keep all other processes of this user from writing a cassette meanwhile.

    The lock's file, which is given, is not beside the cassette, which lies in a
    repository. Nobody may hold two at once.

    Raises:
        SettingsError: Another process holds the lock for too long.
        StoreError: There is no private place for the lock.
    """
    import tempfile

    from pytest_catalyst_oauth.adapters import ensure_private_folder, file_lock

    user = os.getuid() if hasattr(os, "getuid") else "me"
    folder = Path(tempfile.gettempdir(), f"pytest-catalyst-oauth-locks-{user}")
    ensure_private_folder(folder)
    # Several cassettes share one: to remove a lock would let two holders in.
    number = sha256(os.fsencode(os.path.realpath(path))).digest()[0] % _LOCKS
    lock = folder / f"{number}.lock"
    with file_lock(lock, _PATIENCE) as obtained:
        if not obtained:
            raise SettingsError(
                f"cassette {path}",
                f"is being written by another process for more than {_PATIENCE:.0f} s",
                f"end that process; it holds {lock}",
            )
        yield lock
