"""The cache: zoho-protocol.md 10.4."""

from __future__ import annotations

import pytest

from tests.fake.asking import call, data, error_code, new_access


@pytest.fixture
def api(new_fake):
    fake = new_fake(access_token_lifetime=90 * 3600)
    token = new_access(fake)

    def ask(method, path="/cache", value=None):
        return call(fake, path, token, method, value=value)

    return ask


def item(**given):
    return {"cache_name": "colour", "cache_value": "blue", **given}


def test_what_was_put_can_be_read(api):
    """With the project, the segment and a date for people beside it."""
    put = data(api("POST", value=item(expiry_in_hours=1)))

    assert data(api("GET", "/cache?cacheKey=colour")) == put
    assert (put["cache_name"], put["cache_value"]) == ("colour", "blue")
    assert put["segment_details"]["segment_name"] == "Default"
    assert put["project_details"]["project_name"] == "FakeProject"
    assert put["expires_in"] == "Jan 15, 2027 09:00 AM"
    assert (put["expiry_in_hours"], put["ttl_in_milliseconds"]) == (1, 3_600_000)


def test_put_and_post_do_the_same(api):
    """The later value counts."""
    api("POST", value=item())
    api("PUT", value=item(cache_value="green"))

    assert data(api("GET", "/cache?cacheKey=colour"))["cache_value"] == "green"


@pytest.mark.parametrize("hours", [1, "2", None])
def test_an_item_ends_by_the_clock(api, clock, hours):
    """After its hours, or 48 without any; then its value is null."""
    api("POST", value=item(expiry_in_hours=hours))
    read = "/cache?cacheKey=colour"

    clock.advance(hours=int(hours or 48), seconds=-1)
    assert data(api("GET", read))["cache_value"] == "blue"
    assert data(api("GET", read))["ttl_in_milliseconds"] == 1000

    clock.advance(seconds=1)
    assert data(api("GET", read))["cache_value"] is None


def test_an_item_that_never_was_is_null(api):
    """With HTTP 200, as one that ended."""
    answer = data(api("GET", "/cache?cacheKey=nothing"))

    assert answer["cache_value"] is answer["expires_in"] is None
    assert (answer["expiry_in_hours"], answer["ttl_in_milliseconds"]) == (None, 0)


def test_an_item_is_deleted(api):
    """Also if there is none."""
    api("POST", value=item())

    for _ in range(2):
        assert data(api("DELETE", "/cache?cacheKey=colour")) is None

    assert data(api("GET", "/cache?cacheKey=colour"))["cache_value"] is None


def test_the_default_segment_has_an_id(api):
    """Its items are those without a segment."""
    (segment,) = data(api("GET", "/segment"))
    path = f"/segment/{segment['id']}"

    assert data(api("GET", path)) == segment
    api("POST", f"{path}/cache", item())
    assert data(api("GET", "/cache?cacheKey=colour"))["cache_value"] == "blue"
    assert error_code(api("POST", "/segment/1/cache", item())) == "INVALID_ID"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        item(cache_name=""),
        item(cache_name="x" * 51),
        item(cache_name=1),
        item(cache_value="x" * 16_001),
        item(cache_value=None),
        item(cache_value="\ud800"),
        item(expiry_in_hours=0),
        item(expiry_in_hours=49),
        item(expiry_in_hours=1.5),
        item(expiry_in_hours=True),
        item(expiry_in_hours="9" * 5000),
    ],
)
def test_what_is_no_item_is_refused(api, value):
    """Names, values and hours have the documented limits."""
    reply = api("POST", value=value)

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")


def test_the_largest_item_fits(api):
    """50 characters, 16,000 characters, 48 hours."""
    largest = item(cache_name="n" * 50, cache_value="v" * 16_000, expiry_in_hours=48)

    assert data(api("POST", value=largest))["cache_value"] == "v" * 16_000


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_reading_needs_a_key(api, method):
    """The error names the parameter."""
    reply = api(method)

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert "cacheKey" in reply.json()["data"]["message"]
