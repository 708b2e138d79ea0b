"""Who created and changed what: zoho-protocol.md 10.6."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine.grants import LoginAttempt
from pytest_catalyst_oauth.fake import FakeCatalyst
from tests.fake.asking import access_of, call, data, new_access, token_request
from tests.fake.test_files import form, upload

FOLDERS = "ZohoCatalyst.folders.CREATE"
CRON = {
    "cron_name": "nightly",
    "cron_type": "Periodic",
    "cron_detail": {"hour": 1, "repetition_type": "every"},
}


def login(fake, user):
    """The access token of somebody who consented in a browser."""
    client = fake.register_client(redirect_uri="https://shop.example/callback")
    attempt = LoginAttempt.start(client, FakeCatalyst.ALL_SCOPES)
    client, grant = attempt.finish(fake.consent(attempt.url, user=user))
    return access_of(fake.send(grant.request(client)))


@pytest.fixture
def grace(fake):
    return fake.add_user("Grace", "Hopper", email="grace@example.com", location="us")


@pytest.fixture
def ada_token(fake):
    return new_access(fake)


@pytest.fixture
def grace_token(fake, grace, ada_token):
    return login(fake, grace)


def person(fake, user, user_id):
    return {
        "zuid": user.zuid,
        "is_confirmed": True,
        "email_id": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "user_type": "Admin",
        "user_id": user_id,
    }


def test_what_a_token_creates_is_its_users(fake, grace, grace_token, ada_token):
    """A folder, a file, a cron and a project; another one may change them."""
    folder = data(
        call(fake, "/folder", grace_token, "POST", value={"folder_name": "Plans"})
    )
    fields, files = {"file_name": "a.txt"}, {"code": ("a.txt", b"x")}
    file = data(upload(fake, grace_token, folder["id"], form(fields, files)))
    cron = data(call(fake, "/cron", grace_token, "POST", value=CRON))

    expected = person(fake, grace, folder["created_by"]["user_id"])
    for made in (folder, file, cron):
        assert made["created_by"] == made["modified_by"] == expected

    path = f"/folder/{folder['id']}"
    changed = data(call(fake, path, ada_token, "PUT", value={"folder_name": "Ideas"}))
    assert changed["created_by"] == expected
    assert changed["modified_by"]["email_id"] == "ada@example.com"
    path = f"/cron/{cron['id']}"
    changed = data(call(fake, path, ada_token, "PUT", value={"description": "x"}))
    assert changed["created_by"] == expected
    assert changed["modified_by"]["email_id"] == "ada@example.com"
    job = call(fake, "/job_scheduling/cron/nightly/submit_job", ada_token, "POST")
    assert data(job)["created_by"]["email_id"] == "ada@example.com"


def test_rows_tell_whose_token_inserted_them(fake, grace_token, ada_token):
    """By the number that the user has in the organisation, also by a query."""
    rows = [{"Name": "Edith", "Seats": 1}]

    by_grace = data(call(fake, "/table/Guests/row", grace_token, "POST", value=rows))[
        0
    ]["CREATORID"]
    by_ada = data(call(fake, "/table/Guests/row", ada_token, "POST", value=rows))[0][
        "CREATORID"
    ]
    query = {"query": "INSERT INTO Guests (Name, Seats) VALUES ('Joan', 2)"}
    queried = data(call(fake, "/query", grace_token, "POST", value=query))

    assert by_grace != by_ada
    assert queried[0]["Guests"]["CREATORID"] == by_grace
    assert len(str(by_grace)) == len(str(by_ada)) == 17


def test_what_is_made_at_the_console_is_of_who_is_signed_in(fake, ada_token, grace):
    """Ada from the start, and whoever consented last."""
    fake.add_folder("Adas")
    login(fake, grace)
    fake.add_folder("Graces")
    fake.add_table("Rooms", [{"Name": "Attic"}])

    folders = data(call(fake, "/folder", ada_token))
    tables = data(call(fake, "/table", ada_token))

    assert [one["created_by"]["first_name"] for one in folders] == ["Ada", "Grace"]
    assert [one["modified_by"]["first_name"] for one in tables] == ["Ada", "Grace"]


def test_the_owner_acts_where_a_token_is_nobodys(fake):
    """Client credentials have no user; then it is whose organisation it is."""
    fields = {"grant_type": "client_credentials", "scope": FOLDERS}
    reply = fake.send(token_request(fake.client, soid="ZohoCatalyst.1", **fields))

    folder = data(
        call(fake, "/folder", access_of(reply), "POST", value={"folder_name": "Plans"})
    )

    assert folder["created_by"]["email_id"] == "ada@example.com"
