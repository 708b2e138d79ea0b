"""Whatever is sent, an answer comes."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import FORM, HttpRequest
from pytest_catalyst_oauth.fake import FakeCatalyst, MovableClock
from tests.fake.asking import START, new_access, works


def new_fake():
    return FakeCatalyst(clock=MovableClock(start=START))


# Ids are the same in every fake, and tokens are not: a test puts its own in.
CLIENT = new_fake().client
PROJECT = f"/baas/v1/project/{new_fake().project_id}"
TOKEN = "Zoho-oauthtoken {}"


def to_json(value):
    return json.dumps(value).encode()


def choice(words):
    return st.sampled_from(words.split())


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.sampled_from(["0", "1", "-1", "2", "1e9", "9" * 30, "9" * 5000, "٣"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text | numbers,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3)
    ),
    max_leaves=8,
)
names = choice(
    "client_id client_secret grant_type refresh_token code redirect_uri token "
    "max_rows next_token ids cacheKey"
)
known = st.sampled_from(
    [CLIENT.client_id, CLIENT.client_secret.reveal(), "refresh_token", "invented"]
)
queries = st.lists(st.tuples(names, known | numbers | text), max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
hosts = st.sampled_from(
    [
        CLIENT.data_center.accounts_url,
        CLIENT.data_center.api_url,
        "https://accounts.zoho.eu",
        "http://127.0.0.1:1",
    ]
)
segments = choice("table Guests row column segment cache oauth v2 token %2F %00 .. *")
paths = st.one_of(
    choice("/oauth/v2/token /oauth/v2/token/revoke //oauth/v2/token"),
    choice("/cache /table/Guests/row").map(PROJECT.__add__),
    st.lists(segments | numbers | text, max_size=5).map(
        lambda parts: PROJECT + "".join(f"/{part}" for part in parts)
    ),
    text.map("/".__add__),
)
rows = st.lists(
    st.dictionaries(choice("Name ROWID Seats"), values, max_size=3), max_size=3
)
items = st.fixed_dictionaries(
    {},
    optional={
        "cache_name": values,
        "cache_value": values,
        "expiry_in_hours": values | st.integers(1, 48),
    },
)
bodies = st.one_of(
    st.binary(max_size=40),
    queries.map(str.encode),
    (values | rows | items).map(to_json),
    st.sampled_from([b"[" * 5000, b'[{"Name":"\\ud800"}]', b'[{"Seats":1e999}]']),
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": st.sampled_from([TOKEN, TOKEN, "Bearer invented"]),
        "Content-Type": st.sampled_from([FORM, "application/json"]),
        "Accept": st.just("application/vnd.catalyst.v2+json"),
    },
)


@settings(max_examples=300, deadline=None, database=None)
@given(
    choice("GET POST PUT PATCH DELETE HEAD OPTIONS TRACE"),
    hosts,
    paths,
    queries,
    headers,
    bodies,
)
def test_every_request_gets_a_whole_answer(method, host, path, query, headers, body):
    """Never an exception, and afterwards the fake still works."""
    fake = new_fake()
    token = new_access(fake)
    request = HttpRequest(
        method=method,
        url=f"{host}{path}?{query}",
        headers=tuple((n, v.format(token.reveal())) for n, v in headers.items()),
        body=body,
    )

    reply = fake.send(request)

    assert 200 <= reply.status < 500
    if method != "HEAD":
        assert reply.header("Content-Length") == str(len(reply.body))
        is_json = reply.header("Content-Type") == "application/json;charset=UTF-8"
        assert is_json == isinstance(reply.json(), dict)
    assert works(fake, token)
