"""A cassette: exchanges on disk, and where they came from."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine.errors import SettingsError

from . import _file, _format
from ._origin import Origin
from ._parts import NoPartError, locked, tests_of
from .errors import CassetteMissError, SecretInCassetteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pytest_catalyst_oauth.engine import Secret

    from ._exchange import RecordedExchange
    from ._scanner import Finding
    from ._scrubber import Scrubber


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Cassette:
    """Recorded exchanges.

    Attributes:
        exchanges: In the order of their completion.
        origin: Where they came from; None for a plain VCR.py cassette.
        path: The file that they were loaded from; None when there is none.
    """

    exchanges: tuple[RecordedExchange, ...]
    origin: Origin | None = None
    path: Path | None = field(default=None, compare=False)

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        test: str | None = None,
        part: str | None = None,
        command: str = "",
    ) -> Cassette:
        """Read a cassette.

        Args:
            path: The file.
            test: Node id of the only test that may have recorded it; None for any.
            part: Node id of the test whose part of a shared cassette is wanted; None
                for all of it.
            command: What records it, for messages; by default, with the test alone.

        Raises:
            CassetteMissError: There is no such file, or no such part.
            SettingsError: It is no cassette, or another test recorded it.
        """
        text = _file.read(path)
        if text is None:
            problem = "there is no such file"
            command = command or _command(test or part)
            raise CassetteMissError(str(path), problem, command)
        try:
            cassette = cls._read(path, text, part)
        except NoPartError as error:
            problem = str(error)
            command = command or _command(test or part)
            raise CassetteMissError(str(path), problem, command) from None
        recorder = cassette.origin.test if cassette.origin else None
        if test is not None and recorder not in (None, test):
            raise SettingsError(
                f"cassette {path}",
                f"was recorded by {recorder}, not by {test}",
                "name another cassette, or record this one again: "
                "tokens of two tests in one file would not hang together",
            )
        return cassette

    @classmethod
    def load_parts(cls, path: Path) -> tuple[Cassette, ...]:
        """Read a cassette as its tests see it: one for each part, in their order.

        One that is not shared is one part.

        Raises:
            CassetteMissError: There is no such file.
            SettingsError: It is no cassette.
        """
        text = _file.read(path)
        if text is None:
            return (cls.load(path),)  # which says so
        whole = cls._read(path, text, None)
        found = (cls._read(path, text, one) for one in tests_of(_format.read(text)))
        parts = tuple(found)
        # What somebody put in by hand belongs to nobody, and would be left out.
        known = sum(len(part.exchanges) for part in parts)
        return parts if known == len(whole.exchanges) and known else (whole,)

    @staticmethod
    def holds(path: Path, part: str | None) -> bool:
        """Tell whether a file has a part of the test's own, or no parts at all.

        Raises:
            SettingsError: It is no cassette.
        """
        content = _content(path)
        if content is None:
            return False
        try:
            tests = tests_of(content)
        except ValueError as error:
            problem = str(error)
        else:
            return not tests or part is None or part in tests
        raise _file.unreadable(path, problem)

    @classmethod
    def _read(cls, path: Path, text: str, part: str | None) -> Cassette:
        try:
            exchanges, found = _format.load(text, part)
            origin = Origin.read(found) if found is not None else None
            return cls(exchanges=exchanges, origin=origin, path=path)
        except ValueError as error:
            problem = str(error)
        raise _file.unreadable(path, problem)

    def save(
        self,
        path: Path,
        *,
        scrubber: Scrubber,
        part: str | None = None,
        is_allowed: Callable[[bytes], bool] = lambda _: False,
        is_gone: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Scrub, scan and write; the old file stays unless all goes well.

        Args:
            path: The file.
            scrubber: Replaces what is secret.
            part: Node id of the test whose part of a shared cassette is replaced;
                None replaces all of it.
            is_allowed: Tells whether what looks like a secret is none.
            is_gone: Tells of a test whether it is no more, so that its part of a
                shared cassette is dropped.

        Raises:
            SecretInCassetteError: A secret survived the scrubber. Nothing was written.
            SettingsError: The folder cannot be written to; or the old file cannot be
                read, of which other parts were to be kept, or they hold a secret.
        """
        # These frames hold nothing that may be a secret: a traceback shows locals.
        outcome = self._data_or_findings(scrubber, is_allowed)
        if not isinstance(outcome, bytes):
            raise SecretInCassetteError(str(path), outcome)
        if part is None:
            with locked(path):
                _file.write(path, outcome)
        else:
            from ._joining import write_part

            look = partial(_look, is_allowed=is_allowed)
            write_part(path, outcome, part, look=look, is_gone=is_gone)

    def _data_or_findings(
        self, scrubber: Scrubber, is_allowed: Callable[[bytes], bool]
    ) -> bytes | tuple[str, ...]:
        scrubbed = scrubber.scrub(self.exchanges)
        data = _format.dump(scrubbed.exchanges, self.origin)
        findings = _look(data, known=scrubbed.secrets, is_allowed=is_allowed)
        return tuple(map(str, findings)) if findings else data


def _look(
    data: bytes, *, is_allowed: Callable[[bytes], bool], known: Iterable[Secret] = ()
) -> tuple[Finding, ...]:
    from ._scanner import scan

    return scan(data, known=known, environment=os.environ, is_allowed=is_allowed)


def _content(path: Path) -> dict[str, Any] | None:
    """Return what a file says; None if there is none."""
    text = _file.read(path)
    try:
        return None if text is None else _format.read(text)
    except ValueError as error:
        problem = str(error)
    raise _file.unreadable(path, problem)


def _command(test: str | None) -> str:
    return f"pytest --catalyst-oauth=record {shlex.quote(test) if test else ''}".strip()
