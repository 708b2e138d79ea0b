"""A cassette: exchanges on disk, and where they came from."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from pytest_catalyst_oauth.engine.errors import SettingsError

from . import _file, _format
from ._origin import Origin
from .errors import CassetteMissError, SecretInCassetteError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ._exchange import RecordedExchange
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
    def load(cls, path: Path, *, test: str | None = None) -> Cassette:
        """Read a cassette.

        Args:
            path: The file.
            test: Node id of the test that wants it; None for any.

        Raises:
            CassetteMissError: There is no such file.
            SettingsError: It is no cassette, or another test recorded it.
        """
        text = _file.read(path)
        if text is None:
            raise CassetteMissError(str(path), "there is no such file", _command(test))
        cassette = cls._read(path, text)
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
    def _read(cls, path: Path, text: str) -> Cassette:
        try:
            exchanges, found = _format.load(text)
            origin = Origin.read(found) if found is not None else None
            return cls(exchanges=exchanges, origin=origin, path=path)
        except ValueError as error:
            problem = str(error)
        raise SettingsError(
            f"cassette {path}", problem, "mend the file, or delete it and record again"
        )

    def save(
        self,
        path: Path,
        *,
        scrubber: Scrubber,
        is_allowed: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        """Scrub, scan and write; the old file stays unless all goes well.

        Args:
            path: The file.
            scrubber: What knows the secrets.
            is_allowed: Tells whether what looks like a secret is none.

        Raises:
            SecretInCassetteError: A secret survived the scrubber. Nothing was written.
            SettingsError: The folder cannot be written to.
        """
        # This frame never holds what may contain a secret: a traceback shows locals.
        outcome = self._data_or_findings(scrubber, is_allowed)
        if not isinstance(outcome, bytes):
            raise SecretInCassetteError(str(path), outcome)
        _file.write(path, outcome)

    def _data_or_findings(
        self, scrubber: Scrubber, is_allowed: Callable[[bytes], bool]
    ) -> bytes | tuple[str, ...]:
        from ._scanner import scan

        scrubbed = scrubber.scrub(self.exchanges)
        data = _format.dump(scrubbed.exchanges, self.origin)
        findings = scan(
            data,
            known=scrubbed.secrets,
            environment=os.environ,
            is_allowed=is_allowed,
        )
        return tuple(map(str, findings)) if findings else data


def _command(test: str | None) -> str:
    return f"pytest --catalyst-oauth=record {shlex.quote(test) if test else ''}".strip()
