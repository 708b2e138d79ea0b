"""Projects and their organisation: zoho-protocol.md 10.1 and 10.8."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import HttpRequest
from tests.fake.asking import data, error_code, new_access


@pytest.fixture
def api(fake):
    token = new_access(fake)

    def ask(method, path, body=b"", **headers):
        given = ((name.replace("_", "-"), value) for name, value in headers.items())
        return fake.send(
            HttpRequest(
                method=method,
                url=f"{fake.client.data_center.api_url}/baas/v1{path}",
                headers=(("Authorization", f"Bearer {token.reveal()}"), *given),
                body=body,
            )
        )

    return ask


def test_projects_are_listed(fake, api):
    """With or without a slash at the end."""
    (project,) = data(api("GET", "/project"))

    assert str(project["id"]) == fake.project_id
    assert data(api("GET", "/project/")) == [project]
    assert data(api("GET", f"/project/{fake.project_id}")) == project
    assert project["created_by"]["email_id"].endswith("example.com")


def test_a_new_project_is_empty(fake, api):
    """And has nothing of the first one."""
    made = data(api("POST", "/project", b'{"project_name": "Second"}'))
    path = f"/project/{made['id']}"

    assert [one["project_name"] for one in data(api("GET", "/project"))] == [
        "FakeProject",
        "Second",
    ]
    assert data(api("GET", path)) == made
    assert data(api("GET", f"{path}/table")) == []
    assert error_code(api("GET", f"{path}/table/Guests/row")) == "INVALID_ID"
    assert len(data(api("GET", f"/project/{fake.project_id}/table"))) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "INVALID_INPUT"),
        (b"[]", 400, "INVALID_INPUT"),
        (b'{"project_name": ""}', 400, "INVALID_INPUT"),
        (b'{"project_name": "FakeProject"}', 409, "DUPLICATE_ENTRY"),
    ],
)
def test_a_project_needs_a_name_of_its_own(api, body, status, code):
    """The error names the member."""
    reply = api("POST", "/project", body)

    assert (reply.status, error_code(reply)) == (status, code)
    assert "roject" in reply.json()["data"]["message"]


def test_there_is_one_organisation(api):
    """A request may name it; another one is refused."""
    (org,) = data(api("GET", "/orgs"))

    assert api("GET", "/project", CATALYST_ORG=str(org["id"])).status == 200
    reply = api("GET", "/project", CATALYST_ORG="10000009")
    assert (reply.status, error_code(reply)) == (400, "INVALID_ORG")


@pytest.mark.parametrize("name", ["Development", "Production"])
def test_an_environment_may_be_named(api, name):
    """The fake has the same in both."""
    assert api("GET", "/project", Environment=name).status == 200
