"""The cache: segments and their items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.fake._answer import json_body, whole_number

from ._envelope import ApiError, success
from ._segment import CacheItem

if TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import HttpReply

    from ._call import Call
    from ._segment import Segment

_LONGEST_NAME = 50
_LONGEST_VALUE = 16_000
_MOST_HOURS = 48


def list_segments(call: Call) -> HttpReply:
    """`GET /segment`."""
    segments = call.project.segments
    return success([segment.described for segment in segments], call.accept)


def get_segment(call: Call) -> HttpReply:
    """`GET /segment/{id}`."""
    return success(_segment(call).described, call.accept)


def put_item(call: Call) -> HttpReply:
    """`POST` or `PUT /segment/{id}/cache`, or `/cache` for the default segment."""
    name, item = _read(call)
    segment = _segment(call)
    segment.items[name] = item
    return success(_described(call, segment, name, item), call.accept)


def get_item(call: Call) -> HttpReply:
    """`GET /segment/{id}/cache?cacheKey=`; an ended item's value is null."""
    name = _key(call)
    segment = _segment(call)
    item = segment.items.get(name)
    if item is None or item.ends_at <= call.now:
        item = CacheItem(value=None, hours=0, ends_at=call.now)
    return success(_described(call, segment, name, item), call.accept)


def delete_item(call: Call) -> HttpReply:
    """`DELETE /segment/{id}/cache?cacheKey=`."""
    _segment(call).items.pop(_key(call), None)
    return success(None, call.accept)


def _segment(call: Call) -> Segment:
    segment = call.project.find_segment(call.parts[0] if call.parts else None)
    if segment is None:
        raise ApiError(404, "INVALID_ID", "No such Segment with the given id exists")
    return segment


def _key(call: Call) -> str:
    name = call.query("cacheKey")
    if name is None:
        raise ApiError(400, "INVALID_INPUT", "Expected the parameter cacheKey")
    return name


def _read(call: Call) -> tuple[str, CacheItem]:
    body = json_body(call.request)
    given = body if isinstance(body, dict) else {}
    name, value = given.get("cache_name"), given.get("cache_value")
    hours = given.get("expiry_in_hours")
    whole = _MOST_HOURS if hours is None else whole_number(hours)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for cache_name")
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE:
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for cache_value")
    if whole is None or not 0 < whole <= _MOST_HOURS:
        raise ApiError(400, "INVALID_INPUT", "Invalid input value for expiry_in_hours")
    return name, CacheItem(value=value, hours=whole, ends_at=call.now + whole * 3600)


def _described(
    call: Call, segment: Segment, name: str, item: CacheItem
) -> dict[str, Any]:
    ends = call.project.org.written_short(item.ends_at)
    return {
        "cache_name": name,
        "cache_value": item.value,
        "project_details": call.project.details,
        "segment_details": segment.described,
        # A date for people; it has nothing to do with a token's `expires_in`.
        "expires_in": ends if item.hours else None,
        "expiry_in_hours": item.hours or None,
        "ttl_in_milliseconds": int((item.ends_at - call.now) * 1000),
    }
