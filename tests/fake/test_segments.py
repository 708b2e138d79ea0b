"""Segments of the cache, which only the console creates: zoho-protocol.md 10.4."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.fake.asking import call, data, error_code, new_access


@pytest.fixture
def api(fake):
    token = new_access(fake)

    def ask(method, path, value=None):
        return call(fake, path, token, method, value=value)

    return ask


def test_an_added_segment_is_listed_after_the_default_one(fake, api):
    """And found by its id."""
    identifier = fake.add_segment("Sessions")

    names = [one["segment_name"] for one in data(api("GET", "/segment"))]

    assert names == ["Default", "Sessions"]
    assert data(api("GET", f"/segment/{identifier}"))["segment_name"] == "Sessions"


def test_segments_do_not_share_their_items(fake, api):
    """One key may be in each."""
    path = f"/segment/{fake.add_segment('Sessions')}/cache"
    api("POST", path, {"cache_name": "colour", "cache_value": "red"})
    api("POST", "/cache", {"cache_name": "colour", "cache_value": "blue"})

    api("DELETE", "/cache?cacheKey=colour")

    assert data(api("GET", f"{path}?cacheKey=colour"))["cache_value"] == "red"
    assert data(api("GET", "/cache?cacheKey=colour"))["cache_value"] is None


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/segment"), ("DELETE", "/segment/1")]
)
def test_the_api_neither_creates_nor_deletes_segments(api, method, path):
    """Catalyst's console does; a test has `add_segment`."""
    reply = api(method, path, {"segment_name": "Sessions"})

    assert (reply.status, error_code(reply)) == (405, "INVALID_REQUEST_METHOD")


def test_a_segment_cannot_be_added_twice(fake):
    """The error names it."""
    with pytest.raises(SettingsError, match=r"segment 'Default': is there already"):
        fake.add_segment("Default")
