"""Who may call what: zoho-protocol.md 8.1, 9 and 10."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import (
    DataCenter,
    HttpRequest,
    ScopeCatalogue,
    is_stale_token,
)
from pytest_catalyst_oauth.fake.catalyst._routes import HANDLERS, rules
from tests.fake.asking import (
    INVENTED,
    ROWS,
    access_of,
    call,
    data,
    error_code,
    new_access,
    refresh,
)

V2 = "application/vnd.catalyst.v2+json"


@pytest.fixture
def token(fake):
    return new_access(fake)


def test_a_project_tells_its_name(fake, token):
    """And its id, 17 digits that a JavaScript number cannot hold."""
    project = data(call(fake, "", token))

    assert project["project_name"] == "FakeProject"
    assert project["id"] == int(fake.project_id)
    assert project["id"] > 2**53


@pytest.mark.parametrize("scheme", ["Zoho-oauthtoken", "Bearer", "bearer"])
def test_both_schemes_are_accepted(fake, token, scheme):
    """The documented one, and the one of Zoho's command line tool."""
    reply = call(fake, "/table", token, authorization=f"{scheme} {token.reveal()}")

    assert reply.status == 200


@pytest.mark.parametrize(
    "authorization",
    ["Zoho-oauthtoken 1000.invented", "Zoho-oauthtoken", "", "Basic aW52ZW50ZWQ="],
)
def test_an_invented_token_is_invalid(fake, authorization):
    """And so is everything else that is none: 401, which tells to refresh."""
    reply = call(fake, "/table", INVENTED, authorization=authorization)

    assert (reply.status, error_code(reply)) == (401, "INVALID_TOKEN")
    assert is_stale_token(reply.status, reply.body)


def test_a_token_without_a_header_is_none(fake, token):
    """The API reads neither the query nor the body for it."""
    url = f"{fake.client.data_center.api_url}/baas/v1/project/{fake.project_id}/table"

    reply = fake.send(
        HttpRequest(method="GET", url=f"{url}?access_token={token.reveal()}")
    )

    assert (reply.status, error_code(reply)) == (401, "INVALID_TOKEN")


@pytest.mark.parametrize("end", ["expired", "revoked", "displaced"])
def test_a_dead_token_looks_like_an_invented_one(fake, clock, token, end):
    """The answers are the same, byte for byte: no client can tell why."""
    if end == "expired":
        clock.advance(hours=1)
    elif end == "revoked":
        fake.revoke(token)
    else:
        token = access_of(refresh(fake))
        for _ in range(9):
            refresh(fake)
        clock.advance(minutes=11)
        refresh(fake)

    reply = call(fake, "/table", token)

    assert reply.status == 401
    assert reply.body == call(fake, "/table", INVENTED).body


@pytest.mark.parametrize(
    ("scopes", "method", "path", "is_enough"),
    [
        (ROWS, "GET", "/table/Guests/row", True),
        (ROWS.lower(), "GET", "/table/Guests/row", True),
        (ROWS.upper(), "GET", "/table/Guests/row", True),
        (ROWS, "POST", "/table/Guests/row", False),
        (ROWS, "GET", "/table", False),
        ("ZohoCatalyst.tables.rows.ALL", "POST", "/table/Guests/row", True),
        ("ZohoCatalyst.tables.ALL", "GET", "/table", True),
        ("ZohoCatalyst.tables.ALL", "GET", "/table/Guests/row", False),
        ("ZohoCatalyst.tables.READ", "GET", "/table/Guests/column", False),
        ("ZohoCatalyst.tables.columns.READ", "GET", "/table/Guests/column", True),
        ("ZohoCatalyst.projects.READ", "GET", "/", True),
        ("ZohoCatalyst.projects.READ", "GET", "/segment", False),
        ("ZohoCatalyst.segments.ALL", "GET", "/segment", True),
        ("ZohoCatalyst.segments.ALL", "GET", "/cache?cacheKey=a", False),
        ("ZohoCatalyst.cache.READ", "GET", "/cache?cacheKey=a", True),
        ("ZohoCatalyst.cache.CREATE", "PUT", "/cache", True),
        ("ZohoCatalyst.cache.UPDATE", "PUT", "/cache", False),
        ("QuickML.deployment.READ openid", "GET", "/", False),
        ("ZohoCatalyst.tables.rows.ALL", "POST", "/query", False),
        ("ZohoCatalyst.folders.ALL", "GET", "/folder", True),
        ("ZohoCatalyst.folders.ALL", "GET", "/folder/1/file/1", False),
        ("ZohoCatalyst.cron.ALL", "GET", "/job_scheduling/cron", True),
        ("ZohoCatalyst.cron.READ", "POST", "/cron", False),
    ],
)
def test_a_scope_opens_what_it_names(fake, scopes, method, path, is_enough):
    """In any case of letters; `.ALL` holds its own resource, and nothing below it."""
    value = [] if method == "POST" else {"cache_name": "a", "cache_value": "b"}

    reply = call(fake, path, new_access(fake, scopes), method, value=value)

    if is_enough:
        assert reply.status == 200
    else:
        assert (reply.status, error_code(reply)) == (401, "OAUTH_SCOPE_MISMATCH")
        assert not is_stale_token(reply.status, reply.body), "a refresh cures nothing"


def test_version_1_answers_numbers_and_version_2_text(fake, token):
    """Ids and values alike; what is no number stays what it was."""
    fake.add_table("Things", [{"N": 7, "F": 1.5, "B": True, "T": "1", "Z": None}])
    path = "/table/Things/row"

    for accept in (None, "application/json"):
        (row,) = data(call(fake, path, token, accept=accept))
        assert [row[c] for c in "NFBTZ"] == [7, 1.5, True, "1", None]
        assert isinstance(row["ROWID"], int)
    for accept in (V2, f"{V2}, ", f"{V2},*/*"):
        (row,) = data(call(fake, path, token, accept=accept))
        assert [row[c] for c in "NFBTZ"] == ["7", "1.5", True, "1", None]
        assert row["ROWID"].isdecimal()


def test_another_project_is_not_ours(fake, token):
    """The token is good, but not for that."""
    reply = call(fake, "/table", token, project_id="10000000000000009")

    assert error_code(reply) == "PERMISSION_NEEDED"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "INVALID_URL"),
        ("GET", "/table/Guests/row/1/2", 404, "INVALID_URL"),
        ("PATCH", "/cache", 405, "INVALID_REQUEST_METHOD"),
        ("DELETE", "/table", 405, "INVALID_REQUEST_METHOD"),
        ("GET", "/table/Nothing", 404, "INVALID_ID"),
        ("GET", "/segment/1", 404, "INVALID_ID"),
    ],
)
def test_what_is_not_there_is_said(fake, token, method, path, status, code):
    """In the envelope that all failures of the API have."""
    reply = call(fake, path, token, method)

    assert (reply.status, error_code(reply)) == (status, code)


def test_a_path_outside_any_project_is_not_there(fake, token):
    """Only projects and their organisation are."""
    reply = fake.send(
        HttpRequest(
            method="GET",
            url=f"{fake.client.data_center.api_url}/baas/v1/wormholes",
            headers=(("Authorization", f"Bearer {token.reveal()}"),),
        )
    )

    assert (reply.status, error_code(reply)) == (404, "INVALID_URL")


def test_a_token_of_one_data_centre_is_unknown_in_another(fake, token):
    """As an invented one is."""
    assert fake.client.data_center.location == "us"
    url = DataCenter.parse("in").api_url + f"/baas/v1/project/{fake.project_id}/table"
    headers = (("Authorization", f"Bearer {token.reveal()}"),)

    reply = fake.send(HttpRequest(method="GET", url=url, headers=headers))

    assert (reply.status, error_code(reply)) == (401, "INVALID_TOKEN")


def test_the_first_refresh_token_opens_everything(fake, token):
    """So that nobody has to think of scopes to begin with."""
    for scope in fake.ALL_SCOPES:
        assert scope.name.startswith("ZohoCatalyst.")
    for path in ("", "/table", "/table/Guests/column", "/table/Guests/row", "/segment"):
        assert call(fake, path, token).status == 200


def test_a_call_that_only_catalyst_serves_says_so(fake, token):
    """Its scope is checked first; then the error names the call and the fake."""
    scope = "ZohoCatalyst.search.READ"

    refused = call(fake, "/search", token, "POST", value={})
    reply = call(fake, "/search", new_access(fake, scope), "POST", value={})

    assert (refused.status, error_code(refused)) == (401, "OAUTH_SCOPE_MISMATCH")
    assert (reply.status, error_code(reply)) == (501, "NOT_SERVED_BY_THE_FAKE")
    assert "POST /baas/v1/project/{project}/search" in reply.json()["data"]["message"]


def test_every_handler_has_its_line_in_the_catalogue():
    """One that has none is an error before anybody calls it."""
    catalogue = ScopeCatalogue.load()

    found = rules(catalogue, HANDLERS)

    assert len([one for one in found if one.is_served]) == len(HANDLERS)
    with pytest.raises(LookupError, match="/wormhole"):
        rules(catalogue, {"GET /wormhole": HANDLERS["GET /table"]})


def test_all_scopes_are_those_of_what_is_served(fake):
    """So nobody is granted a scope that opens nothing here."""
    served = {one.scope for one in rules(ScopeCatalogue.load(), HANDLERS) if one[4]}

    assert set(fake.ALL_SCOPES) == served
