"""A test's new part, put into the cassette that it shares with others."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.engine.errors import SettingsError

from . import _file, _format
from ._origin import Origin
from ._parts import KEY, WITH, locked, merged, owner_of, owners

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ._scanner import Finding

    Content = dict[str, Any]

_NUMBER = re.compile(r"interactions\[(\d+)\]")
_SHOWN = 10
# Cassettes that have a lock in common, so that all that are in use are remembered.
_KEPT = 16


def write_part(
    path: Path,
    data: bytes,
    part: str,
    *,
    look: Callable[[bytes], Iterable[Finding]],
    is_gone: Callable[[str], bool],
) -> None:
    """Replace one part of a shared cassette, or all of a file that has no parts.

    Args:
        path: The file.
        data: What the test recorded, scanned.
        part: Node id of the test.
        look: Scans what the file holds already, unless it was scanned when it was
            written.
        is_gone: Tells whether a test is no more, so that its part is dropped.

    Raises:
        SettingsError: The old file cannot be read, or holds a secret in another
            test's part; or the folder cannot be written to.
    """
    with locked(path) as lock:
        note = lock.with_suffix(".scanned")
        joined = _joined(path, data, part, note=note, look=look, is_gone=is_gone)
        # This frame holds nothing of the old file: a traceback shows locals.
        if not isinstance(joined, bytes):
            raise joined
        _file.write(path, joined)
        note.touch(0o600)
        note.write_text("\n".join([*_marks(note)[1 - _KEPT :], _mark(joined)]))


def _joined(
    path: Path,
    data: bytes,
    part: str,
    *,
    note: Path,
    look: Callable[[bytes], Iterable[Finding]],
    is_gone: Callable[[str], bool],
) -> bytes | SettingsError:
    """Return the bytes of the whole file, or what keeps it from being written."""
    text = _file.read(path)
    try:
        old = None if text is None else _format.read(text, exactly=True)
        gone = {test for test in owners(old) if is_gone(test)} - {part}
        if old is not None and text is not None and not _is_noted(note, text):
            told = _leaks(old, look(text.encode()), {part, *gone})
            if told:
                return _leaky(path, told)
        new = _format.read(data.decode(), exactly=True)
        content = merged(old, new, part, without=gone)
        origin = Origin.read(content[WITH])
    except ValueError as error:
        return _file.unreadable(path, str(error))
    shown = f"Shared by {len(content[KEY])} tests. {origin}"
    return _format.as_bytes(content, shown)


def _leaks(
    content: Content, findings: Iterable[Finding], replaced: set[str]
) -> list[str]:
    """Return what other tests' parts hold; all else is not written again."""
    told = []
    for finding in findings:
        found = _NUMBER.match(finding.place)
        owner = owner_of(content, int(found[1])) if found else None
        if found and owner is not None and owner not in replaced:
            told.append(f"\n  {finding}, of {owner}")
        elif not found and finding.place:
            told.append(f"\n  {finding}")
    return told


def _leaky(path: Path, told: list[str]) -> SettingsError:
    more = f"\n  and {len(told) - _SHOWN} more" if told[_SHOWN:] else ""
    return SettingsError(
        f"cassette {path}",
        "was left as it is, since another part of it than this test's holds what "
        f"looks like a secret:{''.join(told[:_SHOWN])}{more}\n",
        "record that part again first, or run: "
        f"catalyst-oauth cassette scrub --in-place {path}",
    )


def _is_noted(note: Path, text: str) -> bool:
    """Tell whether a file is what some process wrote last, after it was scanned.

    Otherwise each of a thousand tests would scan the parts of all others.
    """
    return _mark(text.encode()) in _marks(note)


def _marks(note: Path) -> list[str]:
    """Return the marks of the files that were written last under one lock."""
    try:
        return note.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _mark(data: bytes) -> str:
    # Another version may find more.
    return f"{__version__} {sha256(data).hexdigest()}"
