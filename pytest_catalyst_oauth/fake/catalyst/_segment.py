"""Segments of the cache."""

from __future__ import annotations

from typing import Any, final

from pytest_catalyst_oauth.engine._value import Value


@final
class CacheItem(Value):
    """One value of a cache segment.

    Attributes:
        value: Text.
        hours: How long it was to be kept.
        ends_at: Seconds since the epoch.
    """

    value: str | None
    hours: int
    ends_at: float


@final
class Segment:
    """One segment of the cache.

    Attributes:
        segment_id: 17 digits.
        name: Unique in its project.
        items: By key.
    """

    __slots__ = ("items", "name", "segment_id")

    def __init__(self, *, segment_id: int, name: str) -> None:
        self.segment_id = segment_id
        self.name = name
        self.items: dict[str, CacheItem] = {}

    @property
    def described(self) -> dict[str, Any]:
        """What the API says about it."""
        return {"id": self.segment_id, "segment_name": self.name}
