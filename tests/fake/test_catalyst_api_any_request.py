"""Whatever a call of the Catalyst API carries, its envelope comes."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import HttpRequest
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings, MovableClock
from pytest_catalyst_oauth.fake.catalyst._rules import all_rules
from tests.fake.asking import START, new_access, works

FAKE = FakeCatalyst(
    settings=FakeSettings(access_token_lifetime=10**9, token_requests=10**6),
    clock=MovableClock(start=START),
)
TOKEN = new_access(FAKE)
SEGMENT = FAKE.add_segment("Sessions")
FOLDER = FAKE.add_folder("Menus", {"a": b"b"})
CRON = FAKE.add_cron(
    {
        "cron_name": "backup",
        "cron_type": "OneTime",
        "cron_detail": {"time_of_execution": 1},
    }
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3)
    ),
    max_leaves=6,
)
members = st.sampled_from(
    "Name Seats ROWID cache_name cache_value expiry_in_hours folder_name query "
    "project_name cron_name cron_type cron_status cron_detail job_meta status".split()
)
objects = st.dictionaries(
    members,
    values | st.sampled_from(["OneTime", "SELECT * FROM Guests", {}]),
    max_size=5,
)
bodies = st.one_of(
    (objects | st.lists(objects, max_size=2) | values).map(
        lambda value: json.dumps(value).encode()
    ),
    st.binary(max_size=20),
)
parts = st.sampled_from(
    ["Guests", SEGMENT, FOLDER, CRON, "backup", "Name", "1", "%00", "%2F", "9" * 30]
)
queries = st.sampled_from(
    ["", "?cacheKey=a", "?ids=1,,x", "?max_rows=0", "?next_token=5", "?%ff=%"]
)
headers = st.dictionaries(
    st.sampled_from(["Accept", "CATALYST-ORG", "Environment", "Content-Type"]),
    st.sampled_from(
        ["application/vnd.catalyst.v2+json", "10000001", "", "multipart/form-data"]
    ),
)


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(all_rules()), st.lists(parts, min_size=4), queries, headers, bodies
)
def test_every_call_of_the_catalogue_gets_an_envelope(
    rule, names, query, given_headers, body
):
    """A result or a refusal, and the fake goes on to work."""
    fill = iter([FAKE.project_id, *names])
    path = re.sub(r"\(\[\^/\]\+\)", lambda _: next(fill), rule.path.pattern)
    given = [("Authorization", f"Bearer {TOKEN.reveal()}"), *given_headers.items()]

    reply = FAKE.send(
        HttpRequest(
            method=rule.method,
            url=f"{FAKE.client.data_center.api_url}{path}{query}",
            headers=tuple(given),
            body=body,
        )
    )

    assert reply.status in (200, 400, 401, 404, 409, 501)
    if not path.endswith("/download") or reply.status != 200:
        assert reply.json()["status"] == (
            "success" if reply.status == 200 else "failure"
        )

    assert works(FAKE, TOKEN)
