"""Where a cassette came from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth.engine._value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

_TEXT_OR_NONE = (str, type(None))
_KINDS: dict[str, type | tuple[type, ...]] = {
    "versions": dict,
    "recorded_at": str,
    "source": str,
    "test": _TEXT_OR_NONE,
    "data_center": str,
    "project_id": _TEXT_OR_NONE,
}


@final
class Origin(Value):
    """Where a cassette came from; `recorded_with` in the file.

    Attributes:
        recorded_at: When, UTC.
        source: Who answered: a URL, or `the fake of pytest-catalyst-oauth 0.1.0`.
        versions: Name and version of what recorded it.
        test: Node id of the test that recorded it; None when no test did.
        data_center: Short name.
        project_id: The Catalyst project in the URLs; None when there is none.
    """

    recorded_at: datetime
    source: str
    versions: tuple[tuple[str, str], ...]
    test: str | None = None
    data_center: str
    project_id: str | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> Self:
        """Build one from the mapping that `as_mapping` gave.

        Raises:
            ValueError: A key is missing or of another type; the text says which.
        """
        for key, kind in _KINDS.items():
            if not isinstance(found.get(key), kind):
                # A file is wrong, not the type of an argument.
                raise ValueError(f"recorded_with.{key} is missing or malformed")  # noqa: TRY004
        versions = found["versions"]
        return cls(
            recorded_at=_moment(found["recorded_at"]),
            source=found["source"],
            versions=tuple([(str(name), str(versions[name])) for name in versions]),
            test=found.get("test"),
            data_center=found["data_center"],
            project_id=found.get("project_id"),
        )

    def as_mapping(self) -> dict[str, Any]:
        """Return plain values, in the order of the file."""
        return {
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(),
            "source": self.source,
            "versions": dict(self.versions),
            "test": self.test,
            "data_center": self.data_center,
            "project_id": self.project_id,
        }

    def __str__(self) -> str:
        when = self.recorded_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        by = f" by {self.test}" if self.test else ""
        tools = ", ".join(f"{name} {version}" for name, version in self.versions)
        return f"Recorded {when}{by} from {self.source}, with {tools}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("recorded_with.recorded_at is not a date") from None
    if moment.tzinfo is UTC:
        return moment
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
