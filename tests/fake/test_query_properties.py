"""ZCQL against SQLite: the same rows and the same statement, so the same result."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings, MovableClock
from tests.fake.asking import START, call, data, new_access

GUESTS = {"Name": "varchar", "Seats": "bigint", "Price": "double", "Paid": "boolean"}
ROOMS = {"Label": "varchar", "Beds": "bigint"}
NUMBERS = ["G.Seats", "G.Price", "G.ROWID", "R.Beds"]
TEXTS = ["G.Name", "R.Label"]

names = st.text("aAbB_% '*", max_size=4)
# `*` stands for any text in Catalyst only.
patterns = st.text("aAbB_% '", max_size=4)
seats = st.integers(-3, 3)
prices = st.integers(-6, 6).map(lambda half: half / 2)
guests = st.lists(
    st.fixed_dictionaries(
        {
            "Name": st.none() | names,
            "Seats": st.none() | seats,
            "Price": st.none() | prices,
            "Paid": st.none() | st.booleans(),
        }
    ),
    max_size=7,
)
rooms = st.lists(
    st.fixed_dictionaries({"Label": st.none() | names, "Beds": st.none() | seats}),
    max_size=5,
)
signs = st.sampled_from(["=", "!=", "<>", "<", "<=", ">", ">="])
joins = st.sampled_from(["", "INNER JOIN", "JOIN", "LEFT JOIN", "LEFT OUTER JOIN"])


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def usable(columns, joined):
    return st.sampled_from([c for c in columns if joined or c.startswith("G.")])


def literals(joined):
    number = (seats | prices).map(str)
    # A number may stand in quotes, and a text need not.
    numbers = number | seats.map(lambda n: quoted(str(n)))
    return [
        (usable(NUMBERS, joined), numbers),
        (usable(TEXTS, joined), names.map(quoted) | seats.map(str)),
    ]


def comparisons(joined):
    some = []
    for columns, values in literals(joined):
        some += [
            st.builds("{} {} {}".format, columns, signs, values | columns),
            st.builds("{} BETWEEN {} AND {}".format, columns, values, values),
            st.builds("{} NOT BETWEEN {} AND {}".format, columns, values, values),
            st.builds(
                "{} {} ({})".format,
                columns,
                st.sampled_from(["IN", "NOT IN"]),
                st.lists(values, min_size=1, max_size=3).map(", ".join),
            ),
            st.builds(
                "{} IS {}".format, columns, st.sampled_from(["NULL", "NOT NULL"])
            ),
        ]
    likes = st.builds(
        "{} {} {}".format,
        usable(TEXTS, joined),
        st.sampled_from(["LIKE", "NOT LIKE"]),
        patterns.map(quoted),
    )
    paid = st.sampled_from(["G.Paid = TRUE", "G.Paid != FALSE", "G.Paid = NULL"])
    return st.one_of(*some, likes, paid)


def conditions(joined):
    return st.recursive(
        comparisons(joined),
        lambda inner: st.one_of(
            st.builds("({} AND {})".format, inner, inner),
            st.builds("{} OR {}".format, inner, inner),
            st.builds("NOT ({})".format, inner),
        ),
        max_leaves=4,
    )


def clause(word, inner):
    return st.just("") | inner.map(f"{word} {{}}".format)


@st.composite
def sources(draw):
    join = draw(joins)
    if not join:
        return "FROM Guests G", False
    on = draw(
        st.sampled_from(["G.Seats = R.Beds", "R.Label = G.Name", "G.Price <= R.Beds"])
    )
    return f"FROM Guests AS G {join} Rooms R ON {on}", True


def statement(*parts):
    return " ".join(part for part in parts if part)


def selected(columns):
    return ", ".join(f"{column} AS c{n}" for n, column in enumerate(columns))


@st.composite
def plain_selects(draw):
    """A statement, and whether the order of its lines is certain."""
    source, joined = draw(sources())
    columns = draw(
        st.lists(usable([*NUMBERS, *TEXTS, "G.Paid"], joined), min_size=1, max_size=4)
    )
    where = draw(clause("WHERE", conditions(joined)))
    distinct = draw(st.sampled_from(["", "DISTINCT"]))
    keys = draw(st.permutations(range(len(columns))))
    ways = [draw(st.sampled_from(["", " ASC", " DESC"])) for _ in keys]
    # All columns are keys: lines that still tie are equal.
    order = "ORDER BY " + ", ".join(
        f"c{k}{way}" for k, way in zip(keys, ways, strict=True)
    )
    limit = draw(st.sampled_from(["", "LIMIT 2", "LIMIT 1, 3", "LIMIT 3 OFFSET 1"]))
    select = statement("SELECT", distinct, selected(columns))
    return statement(select, source, where, order, limit), len(columns)


def aggregates(joined):
    number, text = usable(NUMBERS, joined), usable(TEXTS, joined)
    distinct = st.sampled_from(["", "DISTINCT "])
    return st.one_of(
        st.just("COUNT(*)"),
        st.builds("COUNT({}{})".format, distinct, number | text),
        # Not of ids: sums of 17 digits are rounded, and in no agreed order.
        st.builds(
            "{}({}{})".format,
            st.sampled_from(["SUM", "AVG"]),
            distinct,
            number.filter(lambda name: name != "G.ROWID"),
        ),
        st.builds("{}({})".format, st.sampled_from(["MIN", "MAX"]), number | text),
    )


@st.composite
def grouped_selects(draw):
    source, joined = draw(sources())
    keys = draw(
        st.lists(usable([*NUMBERS, *TEXTS, "G.Paid"], joined), max_size=2, unique=True)
    )
    values = draw(st.lists(aggregates(joined), min_size=1, max_size=3))
    where = draw(clause("WHERE", conditions(joined)))
    group = f"GROUP BY {', '.join(keys)}" if keys else ""
    having = "HAVING COUNT(*) >= 2 AND MAX(G.Seats) IS NOT NULL"
    having = draw(st.sampled_from(["", having])) if keys else ""
    columns = [*keys, *values]
    select = f"SELECT {selected(columns)}"
    return statement(select, source, where, group, having), len(columns)


@contextmanager
def world(guest_rows, room_rows):
    """Yield the same tables twice: how to ask the fake, and SQLite."""
    fake = FakeCatalyst(
        settings=FakeSettings(token_requests=1000), clock=MovableClock(start=START)
    )
    # Not the table that is there from the start.
    fake._project.tables.clear()
    with closing(sqlite3.connect(":memory:")) as base:
        _fill(fake, base, guest_rows, room_rows)
        token = new_access(fake)

        def ask(query):
            return data(call(fake, "/query", token, "POST", value={"query": query}))

        yield ask, lambda query: base.execute(query).fetchall()


def _fill(fake, base, guest_rows, room_rows):
    project = fake._project
    for name, columns, rows in (
        ("Guests", GUESTS, guest_rows),
        ("Rooms", ROOMS, room_rows),
    ):
        fake.add_table(name, rows, columns)
        types = {"varchar": "TEXT", "double": "REAL"}
        own = [f"{n} {types.get(t, 'INTEGER')}" for n, t in columns.items()]
        base.execute(f"CREATE TABLE {name} (ROWID INTEGER, {', '.join(own)})")
        wanted = ["ROWID", *columns]
        marks = ", ".join("?" * len(wanted))
        base.executemany(
            f"INSERT INTO {name} ({', '.join(wanted)}) VALUES ({marks})",
            [
                [row[n] for n in wanted]
                for row in project.find_table(name).rows.values()
            ],
        )


def as_tuples(lines, width):
    flat = [
        {k: v for cells in line.values() for k, v in cells.items()} for line in lines
    ]
    return [tuple(line[f"c{n}"] for n in range(width)) for line in flat]


@settings(max_examples=60, deadline=None)
@given(guests, rooms, plain_selects())
def test_the_same_lines_in_the_same_order(guest_rows, room_rows, select):
    """Conditions, joins, order, distinct lines and limits mean what they do in SQL."""
    query, width = select
    with world(guest_rows, room_rows) as (ask, ask_sqlite):
        assert as_tuples(ask(query), width) == ask_sqlite(query)


@settings(max_examples=60, deadline=None)
@given(guests, rooms, grouped_selects())
def test_the_same_groups(guest_rows, room_rows, select):
    """Aggregates skip what has no value, and an empty table still has one line."""
    query, width = select
    with world(guest_rows, room_rows) as (ask, ask_sqlite):
        assert Counter(as_tuples(ask(query), width)) == Counter(ask_sqlite(query))


@settings(max_examples=40, deadline=None)
@given(guests, conditions(joined=False))
def test_the_same_rows_are_deleted_and_updated(guest_rows, condition):
    """By a condition about one table."""
    condition = condition.replace("G.", "Guests.")
    with world(guest_rows, []) as (ask, ask_sqlite):
        (expected,) = ask_sqlite(f"SELECT COUNT(*) FROM Guests WHERE {condition}")

        changed = ask(f"UPDATE Guests SET Name = 'new' WHERE {condition}")
        ask_sqlite(f"UPDATE Guests SET Name = 'new' WHERE {condition}")
        assert changed == [{"Guests": {"UPDATED_ROWS_COUNT": expected[0]}}]

        (left,) = ask_sqlite(f"SELECT COUNT(*) FROM Guests WHERE {condition}")
        deleted = ask(f"DELETE FROM Guests WHERE {condition}")
        assert deleted == [{"Guests": {"DELETED_ROWS_COUNT": left[0]}}]
        assert ask(f"SELECT ROWID FROM Guests WHERE {condition}") == []


words = st.sampled_from(
    "SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET AND OR NOT IN IS NULL LIKE "
    "BETWEEN JOIN INNER LEFT ON AS DISTINCT COUNT SUM MIN MAX AVG UPDATE SET DELETE "
    "INSERT INTO VALUES UNION CASE Guests Rooms Name Seats Paid ROWID G R * ( ) , . = "
    "!= < > - + ; 'a' '1' 1 2.5 1e999 TRUE FALSE NULL `Name` 9999999999999999999999"
    " ' ` \" \x00 ٣".split(" ")
)
sentences = st.lists(words | names, max_size=25).map(" ".join)
beginnings = st.sampled_from(
    [
        "",
        "SELECT Name FROM Guests WHERE ",
        "SELECT * FROM Guests ",
        "SELECT COUNT(*) FROM Guests GROUP BY Name ",
        "UPDATE Guests SET ",
        "INSERT INTO Guests (Name) VALUES ",
        "DELETE FROM Guests WHERE ",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.builds(str.__add__, beginnings, sentences) | st.text(max_size=30))
def test_no_text_makes_the_fake_stumble(text):
    """Each gets a result, or a refusal in the API's envelope."""
    fake = FakeCatalyst(clock=MovableClock(start=START))

    reply = call(fake, "/query", new_access(fake), "POST", value={"query": text})

    answer = reply.json()
    if answer["status"] == "failure":
        assert reply.status in (400, 409)
        assert answer["data"]["message"]
    else:
        assert isinstance(answer["data"], list)


def test_conditions_inside_each_other_have_an_end():
    """A thousand brackets are refused, and Python's stack is not used up."""
    fake = FakeCatalyst(clock=MovableClock(start=START))
    query = "SELECT * FROM Guests WHERE " + "(" * 1000 + "Seats = 1" + ")" * 1000

    reply = call(fake, "/query", new_access(fake), "POST", value={"query": query})

    assert reply.status == 400
    assert "inside each other" in reply.json()["data"]["message"]
