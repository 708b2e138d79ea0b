"""The Data Store: zoho-protocol.md 10.5."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.fake.asking import call, data, error_code, new_access

ROWS = "/table/Guests/row"


@pytest.fixture
def api(fake):
    token = new_access(fake)

    def ask(method, path, value=None):
        return call(fake, path, token, method, value=value)

    return ask


def test_a_table_of_guests_is_there_from_the_start(api):
    """With two rows, so that a first test has something to read."""
    rows = data(api("GET", ROWS))

    assert [row["Name"] for row in rows] == ["Ada", "Grace"]


def test_tables_are_listed(fake, api):
    """Each tells its name, its id and its project."""
    rooms = fake.add_table("Rooms")

    first, second = data(api("GET", "/table"))

    assert (first["table_name"], second["table_name"]) == ("Guests", "Rooms")
    assert str(second["table_id"]) == rooms
    assert str(second["project_id"]["id"]) == fake.project_id


def test_a_table_answers_to_its_name_and_its_id(fake, api):
    """A name may need quoting in a URL."""
    identifier = fake.add_table("Dining Rooms")

    by_name = data(api("GET", "/table/Dining%20Rooms"))

    assert by_name == data(api("GET", f"/table/{identifier}"))
    assert by_name["table_name"] == "Dining Rooms"


def test_columns_are_the_systems_and_those_that_rows_have(api):
    """In this order."""
    columns = data(api("GET", "/table/Guests/column"))

    assert [(c["column_name"], c["category"]) for c in columns] == [
        ("ROWID", 1),
        ("CREATORID", 1),
        ("CREATEDTIME", 1),
        ("MODIFIEDTIME", 1),
        ("Name", 2),
        ("Seats", 2),
    ]


def test_an_inserted_row_gets_its_system_columns(api):
    """An id of 17 digits, and times with a colon before the milliseconds."""
    (row,) = data(api("POST", ROWS, [{"Name": "Mary", "ROWID": 1}]))

    assert row["Name"] == "Mary"
    assert row["CREATEDTIME"] == row["MODIFIEDTIME"] == "2027-01-15 08:00:00:000"
    assert len(str(row["ROWID"])) == len(str(row["CREATORID"])) == 17
    assert data(api("GET", f"{ROWS}/{row['ROWID']}")) == row


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_rows_are_updated_by_either_method(api, clock, method):
    """The documentation says PUT, the SDK sends PATCH; system columns stay."""
    before = data(api("GET", ROWS))[0]
    clock.advance(seconds=1.5)

    (after,) = data(
        api(method, ROWS, [{"ROWID": str(before["ROWID"]), "Seats": 3, "CREATORID": 1}])
    )

    changes = {"Seats": 3, "MODIFIEDTIME": "2027-01-15 08:00:01:500"}
    assert after == {**before, **changes}
    assert data(api("GET", ROWS))[0] == after


def test_an_update_of_an_unknown_row_changes_nothing(api):
    """Neither that row nor the known one before it."""
    known = data(api("GET", ROWS))[0]

    reply = api("PUT", ROWS, [{"ROWID": known["ROWID"], "Name": "X"}, {"ROWID": "1"}])

    assert (reply.status, error_code(reply)) == (404, "INVALID_ID")
    assert data(api("GET", ROWS))[0] == known


def test_a_row_is_deleted(api):
    """Once; then it is not there."""
    row = data(api("GET", ROWS))[0]
    path = f"{ROWS}/{row['ROWID']}"

    assert data(api("DELETE", path)) == row
    assert api("DELETE", path).status == 404
    assert api("GET", path).status == 404
    assert len(data(api("GET", ROWS))) == 1


def test_several_rows_are_deleted_at_once(api):
    """All or none; one that is named twice counts once."""
    first, second = (str(row["ROWID"]) for row in data(api("GET", ROWS)))

    assert api("DELETE", f"{ROWS}?ids={first},1").status == 404
    assert api("DELETE", f"{ROWS}?ids=").status == 404
    assert len(data(api("GET", ROWS))) == 2

    assert api("DELETE", f"{ROWS}?ids={first},{second},{first}").status == 200
    assert data(api("GET", ROWS)) == []


@pytest.mark.parametrize(
    ("count", "pages"),
    [
        (7, [(3, True), (3, True), (1, False)]),
        (6, [(3, True), (3, False)]),
        (0, [(0, False)]),
    ],
)
def test_rows_come_in_pages(fake, api, count, pages):
    """The last page has no token for a next one; together they are all rows."""
    fake.add_table("Many", [{"N": n} for n in range(count)])
    found, sizes, token = [], [], ""
    while token is not None:
        answer = api("GET", f"/table/Many/row?max_rows=3&next_token={token}").json()
        found += [row["N"] for row in answer["data"]]
        sizes.append((len(answer["data"]), answer["more_records"]))
        token = answer.get("next_token")

    assert found == list(range(count))
    assert sizes == pages


@pytest.mark.parametrize("query", ["", "?max_rows=5000"])
def test_a_page_has_200_rows_at_most(fake, api, query):
    """However many were asked for."""
    fake.add_table("Many", [{"N": n} for n in range(201)])

    answer = api("GET", f"/table/Many/row{query}").json()

    assert (len(answer["data"]), answer["more_records"]) == (200, True)


@pytest.mark.parametrize(
    "query", ["max_rows=x", "max_rows=-1", "max_rows=0", f"next_token={'9' * 5000}"]
)
def test_a_senseless_page_is_refused(api, query):
    """A page of no rows would never end."""
    reply = api("GET", f"{ROWS}?{query}")

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"Name": "Mary"},
        ["Mary"],
        [{"Name": {"first": "Mary"}}],
        [{"Name": "\ud800"}],
        [{"Seats": float("inf")}],
    ],
    ids=["nothing", "one row", "no row", "nested", "half a character", "infinity"],
)
def test_rows_come_in_an_array_of_plain_objects(api, value):
    """Whatever else comes is refused, and the table stays readable."""
    reply = api("POST", ROWS, value)

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert len(data(api("GET", ROWS))) == 2


@pytest.mark.parametrize("row", ["0", "x", "9" * 5000, "%D9%A3"])
def test_a_strange_row_id_is_not_there(api, row):
    """Whatever a client takes for a number."""
    assert error_code(api("GET", f"{ROWS}/{row}")) == "INVALID_ID"
    assert error_code(api("PUT", ROWS, [{"ROWID": row}])) == "INVALID_ID"


def test_a_table_cannot_be_added_twice(fake):
    """The error names it; the table of guests is taken already."""
    with pytest.raises(SettingsError, match=r"table 'Guests': is there already"):
        fake.add_table("Guests", [{"Name": "Mary"}])


@pytest.mark.parametrize("rows", [["Mary"], [{"Name": ["Mary"]}]])
def test_a_test_cannot_add_what_is_no_row(fake, rows):
    """The error says what a row is, and no half of a table is left."""
    with pytest.raises(SettingsError, match=r"rows of table 'Rooms'.*mappings"):
        fake.add_table("Rooms", rows)

    assert fake.add_table("Rooms")


def test_an_empty_table_has_no_rows(fake, api):
    """And the system's columns only."""
    fake.add_table("Rooms")

    assert data(api("GET", "/table/Rooms/row")) == []
    assert len(data(api("GET", "/table/Rooms/column"))) == 4
