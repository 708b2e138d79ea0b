"""ZCQL: zoho-protocol.md 10.5; what SQL means is in test_query_properties.py."""

from __future__ import annotations

import pytest

from tests.fake.asking import call, data, error_code, new_access

ZCQL = "ZohoCatalyst.zcql.CREATE"
ROOMS = [
    {"Name": "Blue", "Beds": 2, "Guest": "Ada"},
    {"Name": "Red Room", "Beds": 3, "Guest": None},
    {"Name": "Attic", "Beds": 2, "Guest": "Nobody"},
]


@pytest.fixture
def post(fake):
    fake.add_table("Rooms", ROOMS)
    fake.add_table("Flags", [{"Paid": True, "Name": "x", "Price": 1.7e308}] * 2)
    token = new_access(fake, ZCQL)

    def ask(query, **more):
        return call(fake, "/query", token, "POST", value={"query": query}, **more)

    return ask


@pytest.fixture
def ask(post):
    return lambda query: data(post(query))


def test_each_line_has_its_table_above_its_columns(ask):
    """As Catalyst answers."""
    assert ask("SELECT Name, Seats FROM Guests ORDER BY Seats DESC") == [
        {"Guests": {"Name": "Grace", "Seats": 4}},
        {"Guests": {"Name": "Ada", "Seats": 2}},
    ]


def test_a_star_is_all_columns(ask):
    """The system's, too."""
    (line,) = ask("select * from Guests where Name = 'Ada';")

    assert list(line["Guests"]) == [
        "ROWID",
        "CREATORID",
        "CREATEDTIME",
        "MODIFIEDTIME",
        "Name",
        "Seats",
    ]


def test_a_join_has_both_tables_in_each_line(ask):
    """Without a partner the other table's columns have no value."""
    query = "SELECT Rooms.Name, g.Name FROM Rooms LEFT JOIN Guests g ON g.Name = Guest"

    assert ask(f"{query} ORDER BY Rooms.Name") == [
        {"Rooms": {"Name": "Attic"}, "Guests": {"Name": None}},
        {"Rooms": {"Name": "Blue"}, "Guests": {"Name": "Ada"}},
        {"Rooms": {"Name": "Red Room"}, "Guests": {"Name": None}},
    ]


def test_a_table_that_is_there_twice_goes_by_its_aliases(ask):
    """Otherwise one would hide the other."""
    lines = ask("SELECT a.Name, b.Name FROM Rooms a JOIN Rooms b ON a.Beds < b.Beds")

    assert lines[0] == {"a": {"Name": "Blue"}, "b": {"Name": "Red Room"}}


@pytest.mark.parametrize(
    ("value", "key", "found"),
    [
        ("COUNT(ROWID)", "COUNT(ROWID)", 3),
        ("count(*)", "COUNT(*)", 3),
        ("COUNT(DISTINCT Beds)", "COUNT(DISTINCT Beds)", 2),
        ("SUM(Rooms.Beds)", "SUM(Beds)", 7),
        ("MAX(Name) AS Last", "Last", "Red Room"),
        ("COUNT(Guest)", "COUNT(Guest)", 2),
    ],
)
def test_an_aggregate_is_named_as_it_was_asked_for(ask, value, key, found):
    """Or by its alias."""
    assert ask(f"SELECT {value} FROM Rooms") == [{"Rooms": {key: found}}]


@pytest.mark.parametrize("pattern", ["*oo*", "%OO%", "R_d *", "Red*Room"])
def test_a_star_in_a_pattern_is_any_text(ask, pattern):
    """So is a percent sign; A to Z match a to z."""
    lines = ask(f"SELECT Name FROM Rooms WHERE Name LIKE '{pattern}'")

    assert lines == [{"Rooms": {"Name": "Red Room"}}]


@pytest.mark.parametrize(
    ("condition", "is_true"),
    [
        ("1 = 1", True),
        ("'a' = 'b'", False),
        ("TRUE = TRUE", True),
        ("NULL = NULL", False),
        ("2 > '1'", True),
    ],
)
def test_values_can_be_compared_with_values(ask, condition, is_true):
    """As generated queries do; what has no value equals nothing."""
    lines = ask(f"SELECT Name FROM Guests WHERE {condition}")

    assert len(lines) == (2 if is_true else 0)


def test_an_id_that_is_kept_as_text_finds_its_row(fake, ask):
    """Tables often refer to each other so; a text that is no number finds nothing."""
    ada = ask("SELECT ROWID FROM Guests WHERE Name = 'Ada'")[0]["Guests"]["ROWID"]
    fake.add_table("Stays", [{"Guest": str(ada)}, {"Guest": "nobody"}])

    lines = ask("SELECT Name FROM Stays JOIN Guests ON Stays.Guest = Guests.ROWID")

    assert lines == [{"Guests": {"Name": "Ada"}}]


def test_a_long_pattern_takes_no_long_time(fake, ask):
    """A matcher that tries every way to match would not come back."""
    fake.add_table("Long", [{"T": "a" * 5000}], {"T": "text"})
    pattern = "*a" * 500 + "b"

    assert ask(f"SELECT T FROM Long WHERE T LIKE '{pattern}'") == []


def test_no_more_than_300_lines_come_at_once(fake, ask):
    """Whatever the limit says; an offset reaches the others."""
    fake.add_table("Many", [{"N": n} for n in range(310)])

    assert len(ask("SELECT N FROM Many")) == 300
    assert len(ask("SELECT N FROM Many LIMIT 5000")) == 300
    assert ask("SELECT N FROM Many LIMIT 309, 5") == [{"Many": {"N": 309}}]


def test_rows_are_inserted_changed_and_deleted(ask, clock):
    """By the same scope as they are read."""
    (line,) = ask("INSERT INTO Guests (Name, Seats) VALUES ('O''Hara', '3')")
    assert (line["Guests"]["Name"], line["Guests"]["Seats"]) == ("O'Hara", 3)
    clock.advance(seconds=1)

    assert ask("UPDATE Guests SET Seats = -1, Name = NULL WHERE Seats >= 3") == [
        {"Guests": {"UPDATED_ROWS_COUNT": 2}}
    ]
    (changed, _) = ask("SELECT * FROM Guests WHERE Seats = -1")
    assert changed["Guests"]["MODIFIEDTIME"] > changed["Guests"]["CREATEDTIME"]
    assert ask("DELETE FROM Guests WHERE Name IS NULL") == [
        {"Guests": {"DELETED_ROWS_COUNT": 2}}
    ]
    assert len(ask("SELECT * FROM Guests")) == 1


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO Guests (Seats) VALUES ('many')",
        "UPDATE Guests SET Seats = 'many'",
    ],
)
def test_what_does_not_fit_is_refused_as_for_rows(post, query):
    """With the same words."""
    reply = post(query)

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert "Seats" in reply.json()["data"]["message"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("SELECT Name FROM Nothing", "Unknown Table Nothing"),
        ("SELECT Naem FROM Guests", "Unknown Column Naem"),
        ("SELECT x.Name FROM Guests", "Unknown Table x"),
        ("SELECT x.* FROM Guests", "Unknown Table x"),
        ("DELETE FROM Guests WHERE Naem = 1", "Unknown Column Naem"),
        ("UPDATE Guests SET Naem = 1", "Unknown Column Naem"),
        ("INSERT INTO Guests (ROWID) VALUES (1)", "ROWID is the system's"),
        ("INSERT INTO Guests (Name) VALUES ('a', 'b')", "as many values"),
        ("INSERT INTO Guests (Name, Name) VALUES ('a', 'b')", "named twice"),
        ("SELECT Name FROM Guests JOIN Rooms ON Beds = Seats", "in several tables"),
        ("SELECT * FROM Guests JOIN Guests ON ROWID = 1", "use an alias"),
        ("SELECT Name FROM Guests WHERE Seats = 'two'", "number value expected"),
        ("SELECT Name FROM Guests WHERE Seats = TRUE", "number value expected"),
        ("SELECT Name FROM Guests WHERE TRUE < FALSE", "cannot compare boolean"),
        ("SELECT SUM(Name) FROM Guests", "SUM takes numbers"),
        ("SELECT Name, COUNT(*) FROM Guests", "Name must be in GROUP BY"),
        ("SELECT * FROM Guests GROUP BY Name", "* cannot stand beside"),
        ("SELECT Name FROM Guests HAVING Seats > 1", "HAVING needs GROUP BY"),
        ("SELECT Name FROM Guests WHERE COUNT(*) > 1", "COUNT cannot stand in WHERE"),
        ("SELECT UPPER(Name) FROM Guests", "function UPPER is not supported"),
        ("SELECT Name FROM Guests WHERE UPPER(Name) = 'A'", "function UPPER"),
        ("SELECT Name FROM Guests WHERE 1 = 'one'", "number value expected"),
        ("SELECT Paid FROM Flags WHERE Paid LIKE 't*'", "LIKE takes text"),
        ("SELECT Paid FROM Flags WHERE Paid = Name", "cannot be compared"),
        ("SELECT SUM(Price) FROM Flags", "SUM(Price) is out of range"),
        ("SELECT Seats + 1 FROM Guests", "+ is not supported"),
        ("SELECT Name FROM Guests, Rooms", "a list of tables"),
        ("SELECT Name FROM (SELECT * FROM Guests)", "a query inside a query"),
        ("SELECT Name FROM Guests WHERE Seats IN (SELECT Beds FROM Rooms)", "SELECT"),
        ("SELECT Name FROM Guests UNION SELECT Name FROM Rooms", "UNION is not"),
        ("SELECT Name FROM Guests RIGHT JOIN Rooms ON 1 = 1", "RIGHT is not"),
        ("SELECT Name FROM Guests ORDER BY 1", "ORDER BY with a number"),
        ("SELECT Name FROM Guests WHERE Name LIKE Name", "a pattern in quotes"),
        ("SELECT Name FROM Guests LIMIT -1", "- is not supported"),
        ("SELECT Name FROM Guests LIMIT 1.5", "a whole number"),
        ("SELECT Name Guests", "expected FROM, found the end"),
        ("SELECT FROM Guests", "expected a column, found FROM"),
        ("SELECT Name FROM Guests WHERE Seats", "a comparison, found the end"),
        ("SELECT Name FROM Guests WHERE Name = 'Ada", "Syntax error near 'Ada"),
        ("SELECT Name FROM Guests WHERE Seats = 1e999", "Number out of range"),
        ("DROP TABLE Guests", "found DROP"),
    ],
)
def test_an_error_names_what_is_wrong(post, query, named):
    """What Catalyst may know and the fake does not says that it is the fake."""
    reply = post(query)

    assert (reply.status, error_code(reply)) == (400, "ZCQL QUERY ERROR")
    assert named in reply.json()["data"]["message"]


@pytest.mark.parametrize("value", [None, [], {}, {"query": 1}, {"query": " "}])
def test_a_body_without_a_query_is_refused(fake, value):
    """The error names the member."""
    reply = call(fake, "/query", new_access(fake, ZCQL), "POST", value=value)

    assert (reply.status, error_code(reply)) == (400, "INVALID_INPUT")
    assert "query" in reply.json()["data"]["message"]


def test_numbers_are_text_in_version_2(post):
    """As for rows; the SDK asks for both kinds at once."""
    accept = "application/vnd.catalyst.v2+json,application/vnd.catalyst.v2+zcql"

    reply = post("SELECT COUNT(*) FROM Guests", accept=accept)

    assert data(reply) == [{"Guests": {"COUNT(*)": "2"}}]


def test_a_quoted_name_may_be_a_keyword(fake, ask):
    """In backticks."""
    fake.add_table("Order", [{"Group": 1}])

    assert ask("SELECT `Group` FROM `Order`") == [{"Order": {"Group": 1}}]
