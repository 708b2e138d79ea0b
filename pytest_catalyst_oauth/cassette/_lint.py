"""What is wrong with cassettes on disk: leaks, damage, age, orphans, names."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, final

from pytest_catalyst_oauth.adapters._regular_file import (
    TooLargeError,
    UnfitFileError,
    read_regular_file,
)

from ._any_tool import read_label
from ._orphans import Tests
from ._scanner import matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime, timedelta

    from ._any_tool import Label

# One rule for each thing that `lint` looks for, and whether it is more than a hint.
RULES = {"leak": True, "damage": True, "name": True, "old": False, "orphan": False}

_ENDINGS = frozenset((".yaml", ".yml", ".json", ".har"))
_LARGEST = 1 << 26
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')


class Problem(NamedTuple):
    """Something that is wrong with a cassette; never a secret.

    Attributes:
        path: Of the file, as it was given.
        rule: One of `RULES`.
        message: What is wrong, and where in the file's structure.
        line: Counted from 1; 0 for the whole file.
        value: What leaks, to be hashed; never to be shown.
    """

    path: Path
    rule: str
    message: str
    line: int = 0
    value: bytes = b""

    def __repr__(self) -> str:
        return f"Problem({self.path}:{self.line}: {self.rule}: {self.message})"


@final
class Linter:
    """Looks at cassettes.

    Args:
        now: UTC.
        root: What node ids are relative to.
        environment: Variables whose values must not leak, if their names tell so.
        is_allowed: Tells whether what looks like a secret is none.
        max_age: Older ones are reported; None accepts any age.
    """

    def __init__(
        self,
        *,
        now: datetime,
        root: Path,
        environment: Mapping[str, str],
        is_allowed: Callable[[bytes], bool],
        max_age: timedelta | None = None,
    ) -> None:
        self._now, self._max_age = now, max_age
        self._tests = Tests(root)
        self._environment, self._is_allowed = environment, is_allowed

    def problems(self, path: Path, *, is_named: bool) -> Iterator[Problem]:
        """Yield what is wrong with a file.

        Args:
            path: The file.
            is_named: Whether somebody named it, so that it should be a cassette.
        """
        yield from _name_problems(path)
        try:
            data = _read(path)
            yield from self._leaks(path, data)
            label = read_label(data)
        except ValueError as error:
            yield Problem(path, "damage", str(error))
            return
        if label.tool is None:
            if is_named:
                tools = "VCR.py, betamax, responses or a browser"
                yield Problem(path, "damage", f"is no cassette of {tools}")
            return
        yield from self._staleness(path, label)

    def _leaks(self, path: Path, data: bytes) -> Iterator[Problem]:
        seen = set()
        for line, place, kind, value, is_known in matches(
            data, environment=self._environment
        ):
            where = (line, place, kind)
            if where in seen or (not is_known and self._is_allowed(value)):
                continue
            seen.add(where)
            message = f"{place}: {kind}" if place else kind
            # What is known to be secret cannot be allowed.
            yield Problem(path, "leak", message, line, b"" if is_known else value)

    def _staleness(self, path: Path, label: Label) -> Iterator[Problem]:
        for test, at in label.parts or ((label.test, label.recorded_at),):
            if self._max_age is not None and at and self._now - at > self._max_age:
                days = (self._now - at).days
                of = f"the part of {test} " if label.parts else ""
                old = f"{of}was recorded {days} days ago, on {at:%Y-%m-%d}"
                yield Problem(path, "old", old)
            why = self._tests.why_orphan(path, test)
            if why is not None:
                yield Problem(path, "orphan", f"{'a part ' * bool(label.parts)}{why}")


def cassette_files(folder: Path) -> list[Path]:
    """Return what may be cassettes in a folder and below; links are not followed."""
    found = []
    for parent, folders, names in os.walk(folder):
        # Hidden folders belong to tools.
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        found += [
            Path(parent, name)
            for name in sorted(names)
            if Path(name).suffix.lower() in _ENDINGS and not name.startswith(".")
        ]
    return found


def clashes(paths: Iterable[Path]) -> Iterator[Problem]:
    """Yield files whose names are one on systems that ignore capitals and accents."""
    seen: dict[str, Path] = {}
    for path in paths:
        same = unicodedata.normalize("NFC", str(path)).casefold()
        if same in seen and seen[same] != path:
            other = seen[same].name
            yield Problem(
                path, "name", f"is one file with {other} on macOS and Windows"
            )
        seen.setdefault(same, path)


def _read(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        ValueError: It cannot be read, or is too large; the text says why.
    """
    try:
        return read_regular_file(path, _LARGEST)
    except TooLargeError as error:
        problem = f"has {error.size >> 20} MiB; at most {_LARGEST >> 20} are searched"
    except UnfitFileError as error:
        problem = f"cannot be read: {error}"
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "the system refused"
        link = "is a link that leads nowhere: " if path.is_symlink() else ""
        problem = f"{link}cannot be read: {why}"
    raise ValueError(problem)


def _name_problems(path: Path) -> Iterator[Problem]:
    for name in path.parts:
        if name in (os.sep, "..", path.anchor):
            continue
        shown = _UNSAFE.sub("?", name)
        if _UNSAFE.search(name):
            yield Problem(path, "name", f"{shown}: Windows has no such file names")
        elif _RESERVED.fullmatch(name):
            yield Problem(path, "name", f"{shown}: is the name of a device on Windows")
        elif name.endswith((" ", ".")):
            yield Problem(path, "name", f"{shown}: Windows drops the last character")
        elif len(name.encode("utf-8", "replace")) > 255:
            yield Problem(path, "name", f"{shown[:40]}…: is longer than 255 bytes")
