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


COLUMNS = {
    "Code": {"data_type": "varchar", "max_length": 5, "is_unique": True},
    "Title": {"data_type": "text", "is_mandatory": True},
    "Nights": "int",
    "Total": "bigint",
    "Price": "double",
    "Paid": "boolean",
    "Day": "date",
    "Moment": "datetime",
}


@pytest.fixture
def stays(fake):
    fake.add_table("Stays", columns=COLUMNS)
    return "/table/Stays/row"


def stay(**given):
    return {"Code": "A1", "Title": "Spring", **given}


def test_columns_tell_what_they_take(fake, api, stays):
    """By id or by name, each alone or all together."""
    columns = data(api("GET", "/table/Stays/column"))
    code = columns[4]

    assert code["column_name"] == "Code"
    assert (code["data_type"], code["max_length"]) == ("varchar", 5)
    assert (code["is_unique"], code["is_mandatory"]) == (True, False)
    assert [c["column_sequence"] for c in columns] == list(range(1, 13))
    for identifier in ("Code", code["column_id"]):
        assert data(api("GET", f"/table/Stays/column/{identifier}")) == code
    assert error_code(api("GET", "/table/Stays/column/Nothing")) == "INVALID_ID"


def test_types_are_inferred_from_the_first_rows(fake, api):
    """A table without columns of its own gets what its rows need."""
    rows = [
        {"T": "x", "N": 1, "F": 1, "B": True, "L": "x" * 256, "Z": None},
        {"F": 1.5},
    ]
    fake.add_table("Things", rows)

    columns = data(api("GET", "/table/Things/column"))[4:]

    assert {c["column_name"]: c["data_type"] for c in columns} == {
        "T": "varchar",
        "N": "bigint",
        "F": "double",
        "B": "boolean",
        "L": "text",
        "Z": "varchar",
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"Nights": "3"}, 3),
        ({"Total": 2**62}, 2**62),
        ({"Price": "2.5"}, 2.5),
        ({"Price": 2}, 2),
        ({"Paid": "True"}, True),
        ({"Day": "2027-01-15"}, "2027-01-15"),
        ({"Moment": "2027-01-15 08:00:00"}, "2027-01-15 08:00:00"),
        ({"Moment": "2027-01-15 08:00:00:500"}, "2027-01-15 08:00:00:500"),
        ({"Nights": None}, None),
    ],
)
def test_a_value_is_kept_as_its_column_has_it(api, stays, given, kept):
    """Numbers may come as text, as clients send them."""
    (row,) = data(api("POST", stays, [stay(**given)]))

    assert row[next(iter(given))] == kept


@pytest.mark.parametrize(
    "given",
    [
        {"Nights": "three"},
        {"Nights": 1.5},
        {"Nights": True},
        {"Nights": 2**31},
        {"Total": 2**63},
        {"Price": "1e999"},
        {"Price": "free"},
        {"Paid": 1},
        {"Paid": "maybe"},
        {"Day": "15.1.2027"},
        {"Day": "2027-02-30"},
        {"Moment": "2027-01-15"},
        {"Moment": "2027-01-15 25:00:00"},
        {"Code": "toolong"},
        {"Code": 7},
        {"Title": None},
        {"Title": "x" * 10_001},
    ],
)
def test_a_value_that_does_not_fit_is_refused(api, stays, given):
    """The error names the column, and no row of the request is kept."""
    reply = api("POST", stays, [stay(Code="B2"), stay(**given)])

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert next(iter(given)) in reply.json()["data"]["message"]
    assert data(api("GET", stays)) == []


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_unknown_column_is_refused(api, method):
    """A typo does not make a column."""
    row = data(api("GET", ROWS))[0]

    reply = api(method, ROWS, [{"ROWID": row["ROWID"], "Naem": "Mary"}])

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert "column name" in reply.json()["data"]["message"]


def test_a_unique_value_occurs_once(api, stays):
    """Whether the other one is there, or comes with it; no value may repeat."""
    (first,) = data(api("POST", stays, [stay()]))
    api("POST", stays, [stay(Code=None), stay(Code=None), stay(Code="B2")])
    before = data(api("GET", stays))

    for reply in (
        api("POST", stays, [stay()]),
        api("POST", stays, [stay(Code="C3"), stay(Code="C3")]),
        api("PUT", stays, [{"ROWID": first["ROWID"], "Code": "B2"}]),
    ):
        assert (reply.status, error_code(reply)) == (409, "DUPLICATE_VALUE")
    assert data(api("GET", stays)) == before
    assert api("PUT", stays, [{"ROWID": first["ROWID"], "Code": "A1"}]).status == 200


@pytest.mark.parametrize(
    ("columns", "rows", "problem"),
    [
        ({"N": "number"}, [], "types are varchar"),
        ({"N": {"data_type": "int", "unique": True}}, [], "is described by"),
        ({"N": {"data_type": ["int"]}}, [], "is described by"),
        ({"N": {"max_length": "8"}}, [], "is described by"),
        ({"N": {"max_length": 0}}, [], "is described by"),
        ({"N": {"is_unique": "yes"}}, [], "is described by"),
        ({"N": {"is_mandatory": None}}, [], "is described by"),
        ({"N": {"default": []}}, [], "is described by"),
        ({"N": 1.5}, [], "is described by"),
        ({"N": [""]}, [], "is described by"),
        ({"N": None}, [], "is described by"),
        ({"N": "int"}, [{"N": "x"}], "Invalid input value for N"),
        (None, [{"N": 1}, {"N": "x"}], "values of several types"),
        (None, [{"N": float("inf")}], "double value expected"),
    ],
)
def test_a_test_cannot_add_a_table_that_makes_no_sense(fake, columns, rows, problem):
    """The error says why, and no half of a table is left."""
    with pytest.raises(SettingsError, match=problem):
        fake.add_table("Rooms", rows, columns)

    assert fake.add_table("Rooms")
