"""Crons at both of their paths: zoho-protocol.md 10.7."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeCatalyst, MovableClock
from tests.fake.asking import START, call, data, error_code, new_access

CRON = "/job_scheduling/cron"


@pytest.fixture
def api(new_fake):
    fake = new_fake(access_token_lifetime=10**9)
    token = new_access(fake)

    def ask(method, path, value=None):
        return call(fake, path, token, method, value=value)

    return ask


def cron(detail=None, **given):
    return {
        "cron_name": "backup",
        "cron_type": "Periodic",
        "cron_status": True,
        "cron_detail": {"repetition_type": "every", "hour": 1, **(detail or {})},
        "job_meta": {"job_name": "backup", "target_type": "Webhook"},
        **given,
    }


def older(**given):
    renamed = cron(**given)
    renamed["job_detail"] = renamed.pop("cron_detail")
    renamed["status"] = renamed.pop("cron_status")
    return renamed


@pytest.mark.parametrize(("path", "value"), [("/cron", older()), (CRON, cron())])
def test_a_cron_lives_at_either_path(api, path, value):
    """Created, listed, read by id or name, changed, deleted."""
    made = data(api("POST", path, value))
    assert made.items() >= value.items()
    assert len(str(made["id"])) == 17

    assert data(api("GET", path)) == [made]
    assert data(api("GET", f"{path}/{made['id']}")) == made
    assert data(api("GET", f"{path}/backup")) == made
    changed = data(api("PUT", f"{path}/{made['id']}", {"description": "nightly"}))
    assert changed == {**made, "description": "nightly"}

    assert data(api("DELETE", f"{path}/{made['id']}")) == changed
    assert error_code(api("GET", f"{path}/{made['id']}")) == "INVALID_ID"


def test_both_paths_show_the_same_crons(api):
    """Each by the other's names, too."""
    made = data(api("POST", "/cron", older()))

    assert data(api("GET", CRON)) == [made]
    assert made["cron_status"] is made["status"] is True
    assert made["cron_detail"] == made["job_detail"]


def test_a_cron_runs_when_it_is_due(api, clock):
    """By the clock; nothing else happens, but the runs are counted."""
    made = data(api("POST", CRON, cron()))
    assert (made["success_count"], made["next_run_time"]) == (
        0,
        "Jan 15, 2027 09:00 AM",
    )

    clock.advance(minutes=59, seconds=59)
    assert data(api("GET", f"{CRON}/backup"))["success_count"] == 0
    clock.advance(seconds=1)
    assert data(api("GET", f"{CRON}/backup"))["success_count"] == 1
    clock.advance(hours=2, minutes=30)
    later = data(api("GET", f"{CRON}/backup"))
    assert (later["success_count"], later["next_run_time"]) == (
        3,
        "Jan 15, 2027 12:00 PM",
    )


def test_a_paused_cron_does_not_run(api, clock):
    """What it missed is not made up for; told to, it runs at once."""
    api("POST", CRON, cron())
    paused = data(api("PATCH", f"{CRON}/backup", {"cron_status": False}))
    assert (paused["cron_status"], paused["next_run_time"]) == (False, None)
    clock.advance(hours=3)

    resumed = data(api("PATCH", f"{CRON}/backup", {"cron_status": True}))
    assert resumed["success_count"] == 0
    job = data(api("POST", f"{CRON}/backup/submit_job"))
    clock.advance(hours=1)

    assert job["job_status"] == "Submitted"
    assert job["job_meta_details"]["source_type"] == "Cron"
    assert data(api("GET", f"{CRON}/backup"))["success_count"] == 2


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("detail", "due"),
    [
        ({"repetition_type": "daily", "hour": 8, "minute": 30}, "2027-01-15 08:30"),
        ({"repetition_type": "daily", "hour": 8}, "2027-01-16 08:00"),
        (
            {"repetition_type": "daily", "hour": 8, "timezone": "America/New_York"},
            "2027-01-15 13:00",
        ),
        ({"repetition_type": "monthly", "days": [31], "hour": 0}, "2027-01-31 00:00"),
        (
            {"repetition_type": "yearly", "months": [2], "days": ["29"], "hour": 0},
            "2028-02-29 00:00",
        ),
        (
            {"repetition_type": "yearly", "months": [2], "days": [30], "hour": 0},
            None,
        ),
        (
            {"time_of_execution": str(int(day("2027-03-01 10:00")) * 1000)},
            "2027-03-01 10:00",
        ),
        ({"time_of_execution": 1000}, None),
    ],
)
def test_each_kind_has_its_next_time(api, detail, due):
    """In its own time zone; what never comes has none."""
    made = data(
        api("POST", CRON, {**cron(cron_type="Calendar"), "cron_detail": detail})
    )

    written = due and f"{datetime.fromisoformat(due):%b %d, %Y %I:%M %p}"
    assert made["next_run_time"] == written


def test_a_cron_of_one_time_runs_once(api, clock):
    """Then it has no next time."""
    at = int(START + 60) * 1000
    value = cron(cron_type="OneTime", cron_detail={"time_of_execution": at})
    api("POST", CRON, value)
    clock.advance(days=2)

    made = data(api("GET", f"{CRON}/backup"))

    assert (made["success_count"], made["next_run_time"]) == (1, None)


def test_an_expression_is_kept_and_never_due(api, clock):
    """The fake does not read it."""
    value = cron(
        cron_type="CronExpression", cron_expression="0 0 * * *", cron_detail={}
    )
    made = data(api("POST", CRON, value))
    clock.advance(days=2)

    assert (made["cron_expression"], made["next_run_time"]) == ("0 0 * * *", None)
    assert data(api("GET", f"{CRON}/backup"))["success_count"] == 0


def test_no_more_than_5000_runs_are_counted_at_once(api, clock):
    """A clock may be moved by years; the next time is right nevertheless."""
    api("POST", CRON, cron({"hour": 0, "second": 1}))
    clock.advance(hours=2)

    found = data(api("GET", f"{CRON}/backup"))

    assert found["success_count"] == 5000
    assert found["next_run_time"] == "Jan 15, 2027 10:00 AM"


@pytest.mark.parametrize(
    ("value", "code", "named"),
    [
        (None, "INVALID_INPUT", "JSON object"),
        ([], "INVALID_INPUT", "JSON object"),
        (cron(cron_name=None), "INVALID_INPUT", "cron_name"),
        (cron(cron_name="nightly-backup"), "PATTERN_NOT_MATCHED", "cron_name"),
        (cron(cron_type="Sometimes"), "INVALID_INPUT", "cron_type"),
        (cron(cron_status="yes"), "INVALID_INPUT", "cron_status"),
        (cron(cron_detail=None), "INVALID_INPUT", "cron_detail"),
        (cron({"hour": 0}), "INVALID_INPUT", "hour"),
        (cron({"hour": "x"}), "INVALID_INPUT", "hour"),
        (cron({"repetition_type": "never"}), "INVALID_INPUT", "repetition_type"),
        (cron({"repetition_type": "daily", "hour": 24}), "INVALID_INPUT", "hour"),
        (
            cron({"repetition_type": "monthly", "days": [32]}),
            "INVALID_INPUT",
            "days",
        ),
        (
            cron({"repetition_type": "daily", "timezone": "Atlantis"}),
            "INVALID_INPUT",
            "timezone",
        ),
        (cron({"time_of_execution": "soon"}), "INVALID_INPUT", "time_of_execution"),
        (cron(cron_type="CronExpression"), "INVALID_INPUT", "cron_expression"),
    ],
)
def test_what_is_no_cron_is_refused(api, value, code, named):
    """The error names the member; nothing is kept."""
    reply = api("POST", CRON, value)

    assert (reply.status, error_code(reply)) == (400, code)
    assert named in reply.json()["data"]["message"]
    assert data(api("GET", CRON)) == []


def test_a_refused_change_changes_nothing(api):
    """Nor does a pause that says neither."""
    made = data(api("POST", CRON, cron()))

    assert error_code(api("PUT", f"{CRON}/backup", {"cron_type": 1})) == "INVALID_INPUT"
    assert error_code(api("PUT", f"{CRON}/backup", {"status": 1})) == "INVALID_INPUT"
    assert error_code(api("PATCH", f"{CRON}/backup", {})) == "INVALID_INPUT"
    assert data(api("GET", f"{CRON}/backup")) == made


def test_a_name_is_taken_once(api):
    """By creation as by a change."""
    api("POST", CRON, cron())
    api("POST", CRON, cron(cron_name="other"))

    for reply in (
        api("POST", CRON, cron()),
        api("PUT", f"{CRON}/other", {"cron_name": "backup"}),
    ):
        assert (reply.status, error_code(reply)) == (409, "DUPLICATE_ENTRY")


def test_a_test_can_add_a_cron(fake):
    """What is none is an error of the test."""
    identifier = fake.add_cron(cron())

    found = data(call(fake, f"{CRON}/{identifier}", new_access(fake)))
    assert found["cron_name"] == "backup"
    with pytest.raises(SettingsError, match="cron_type"):
        fake.add_cron(cron(cron_type="Sometimes"))


numbers = st.integers() | st.text(max_size=3) | st.none() | st.floats(allow_nan=False)
details = st.fixed_dictionaries(
    {},
    optional={
        "repetition_type": st.sampled_from(["every", "daily", "monthly", "yearly", 1]),
        "time_of_execution": numbers,
        "hour": numbers | st.integers(0, 23),
        "minute": numbers | st.integers(0, 59),
        "second": numbers,
        "days": numbers | st.lists(numbers | st.integers(1, 31), max_size=3),
        "months": numbers | st.lists(st.integers(1, 12), max_size=3),
        "timezone": st.sampled_from([None, "Asia/Tokyo", "", "../x", "\x00", 1]),
    },
)


@given(details, st.integers(0, 400))
def test_any_cron_is_kept_or_refused(detail, days):
    """And whenever it is looked at later, an answer comes."""
    clock = MovableClock(start=START)
    fake = FakeCatalyst(clock=clock)
    value = {**cron(), "cron_detail": detail}
    reply = call(fake, CRON, new_access(fake), "POST", value=value)
    clock.advance(days=days)

    later = call(fake, CRON, new_access(fake))

    assert reply.status in (200, 400)
    assert len(data(later)) == (reply.status == 200)


def test_a_clock_may_be_moved_by_millennia(new_fake):
    """A cron of each 29th of February has run in each leap year, and nobody waits."""
    fake = new_fake()
    token = new_access(fake)
    detail = {"repetition_type": "yearly", "days": [29], "months": [2]}
    for number in range(10):
        value = cron(detail, cron_name=f"leap_{number}", cron_type="Calendar")
        assert call(fake, CRON, token, "POST", value=value).status == 200
    later = datetime(9000, 1, 1, tzinfo=UTC).timestamp()

    fake.clock.advance(seconds=later - fake.clock())
    crons = data(call(fake, CRON, new_access(fake)))

    assert {one["success_count"] for one in crons} == {1691}
