"""Segments of the cache."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CacheItem:
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
@dataclass(slots=True, kw_only=True)
class Segment:
    """One segment of the cache."""

    segment_id: int
    name: str
    items: dict[str, CacheItem] = field(default_factory=dict)

    @property
    def described(self) -> dict[str, Any]:
        """What the API says about it."""
        return {"id": self.segment_id, "segment_name": self.name}
