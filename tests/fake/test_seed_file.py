"""A fake from a YAML file: what it may hold, and how mistakes are told."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from pytest_catalyst_oauth.engine import Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake import FakeCatalyst, MovableClock
from tests.fake.asking import START, call, data, new_access, refresh

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "fake.md"
WHOLE = """
settings: {data_center: eu, access_token_lifetime: 900, token_requests: null}
clock: 2027-01-15T09:00:00Z
users:
- {first_name: Grace, last_name: Hopper, email: grace@example.com}
clients:
- client_id: 1000.FAKESHOP
  client_secret: fake-secret-of-the-shop
  redirect_uri: https://app.example/callback
  refresh_tokens:
  - token: 1000.fake-refresh-token
    scopes: [ZohoCatalyst.tables.rows.READ]
    user: grace@example.com
- kind: device
tables:
  Rooms: {rows: [{Name: Attic, Beds: 1}], columns: {Name: text, Beds: int}}
cache: {greeting: hello}
segments:
  Sessions: {one: "1"}
folders:
  Reports: {may.txt: all is well}
faults:
- {endpoint: revoke, fault: status, status: 502, times: 2}
slow: {user_info: 0.25}
"""


@pytest.fixture
def from_text(tmp_path):
    """Make a fake from the text of a file; its clock can be moved."""

    def make(text, **more):
        path = tmp_path / "fake.yaml"
        path.write_text(text, encoding="utf-8")
        return FakeCatalyst.from_file(path, **more)

    return make


def complaint(make, text):
    """What is said about a file, without its folder."""
    with pytest.raises(SettingsError) as caught:
        make(text)
    told = str(caught.value)
    return told[told.index("fake.yaml") :]


def test_everything_is_there_from_the_start(from_text):
    """Clients, users, tables, cache, files, faults, settings and the time."""
    fake = from_text(WHOLE, clock=MovableClock(start=START))

    state = fake.state()
    assert (state["now"], state["data_center"]) == ("2027-01-15T09:00:00+00:00", "eu")
    assert state["clients"][1:] == [
        {
            "client_id": "1000.FAKESHOP",
            "kind": "server",
            "redirect_uri": "https://app.example/callback",
        },
        {**state["clients"][2], "kind": "device", "redirect_uri": None},
    ]
    assert [one["email"] for one in state["users"]] == [
        "ada@example.com",
        "grace@example.com",
    ]
    assert state["tables"] == {"Guests": 2, "Rooms": 1}
    assert state["faults"] == [{"endpoint": "revoke", "fault": "status", "times": 2}]
    assert state["slow"] == {"user_info": 0.25}


def test_the_file_in_the_documentation_works(from_text):
    """It shows every section that there is."""
    text = REFERENCE.read_text(encoding="utf-8")
    (block,) = re.findall(
        r"^```yaml\n(settings:.*?)^```", text, re.MULTILINE | re.DOTALL
    )

    state = from_text(block).state()

    assert state["tables"]["Rooms"] == 1
    sections = re.findall(r"^(\w+):", block, re.MULTILINE)
    told = complaint(from_text, "nothing: 1")
    assert ", ".join(sections) in told


def test_its_first_client_is_the_fakes_own(from_text):
    """So programs that have its id in their configuration work unchanged."""
    fake = from_text(WHOLE, clock=MovableClock(start=START))

    reply = refresh(fake, Secret("1000.fake-refresh-token")).json()

    assert fake.client.client_secret == Secret("fake-secret-of-the-shop")
    assert fake.refresh_token == Secret("1000.fake-refresh-token")
    assert (reply["scope"], reply["expires_in"]) == (
        "ZohoCatalyst.tables.rows.READ",
        900,
    )
    rows = data(call(fake, "/table/Rooms/row", new_access(fake)))
    assert [(row["Name"], row["Beds"]) for row in rows] == [("Attic", 1)]
    item = call(fake, "/cache?cacheKey=greeting", new_access(fake))
    assert data(item)["cache_value"] == "hello"


def test_what_the_caller_says_wins(from_text):
    """A command line option over the file's setting."""
    assert (
        from_text(WHOLE, access_token_lifetime=60).settings.access_token_lifetime == 60
    )


@pytest.mark.parametrize(
    "text", ["clock: 12:30:00", "cache: {opens: 8:30}", "slow: {token: 1:30.5}"]
)
def test_a_time_of_day_is_no_number(from_text, text):
    """YAML reads one as a number to the base of 60, and nobody means that."""
    assert complaint(from_text, f"settings: {{}}\n{text}") == (
        "fake.yaml, line 2: has a number with colons, which YAML reads to the base of "
        "60; put it in quotes, or write a moment with its date"
    )


def test_a_number_may_be_too_long(from_text):
    """Which is told as such."""
    assert complaint(from_text, f"cache:\n  one: {'9' * 5000}") == (
        "fake.yaml, line 2: has a number with more than 100 digits"
    )


@pytest.mark.parametrize("name", "ROWID CREATORID CREATEDTIME MODIFIEDTIME".split())
@pytest.mark.parametrize(
    "table", ["{{columns: {{{name}: text}}}}", "{{rows: [{{{name}: one}}]}}"]
)
def test_the_systems_columns_cannot_be_given(from_text, table, name):
    """They are there already; a value for one would be lost in silence."""
    told = complaint(from_text, f"tables:\n  Rooms: {table.format(name=name)}")

    assert told.startswith("fake.yaml, line 2, tables.Rooms: ")
    assert f"column {name!r} of table 'Rooms' is there already" in told


@pytest.mark.parametrize(
    "moment",
    [
        "2027-01-15T09:00:00Z",
        "2027-01-15 09:00:00",
        "'2027-01-15T10:00:00+01:00'",
        "1800003600",
    ],
)
def test_a_moment_is_written_in_several_ways(from_text, moment):
    """Without a zone it is UTC."""
    fake = from_text(f"clock: {moment}", clock=MovableClock(start=START))

    assert fake.clock() == START + 3600


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}"])
def test_a_file_with_nothing_is_fine(from_text, text):
    """Then it is a fake like any other."""
    assert from_text(text).state()["tables"] == {"Guests": 2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "users: []\nclint: []",
            (
                "fake.yaml, line 2, clint: is unknown; did you mean clients? there is "
                "settings, clock, users, clients, tables, cache, segments, folders, "
                "crons, faults, slow"
            ),
        ),
        (
            "settings:\n  acess_token_lifetime: 1",
            (
                "fake.yaml, line 2, settings.acess_token_lifetime: is unknown; did you "
                "mean access_token_lifetime?"
            ),
        ),
        (
            "clients:\n- kind: server\n  redirect_uri: 7",
            (
                "fake.yaml, line 3, clients[1].redirect_uri: must be a text, not a "
                "number; put it in quotes"
            ),
        ),
        (
            "clients:\n- kind: servr",
            "fake.yaml, line 2, clients[1].kind: is no choice; did you mean server?",
        ),
        (
            "tables:\n  Rooms:\n    rows: {}",
            "fake.yaml, line 3, tables.Rooms.rows: must be a list, not a mapping",
        ),
        (
            "tables:\n  A: {}\n  B: {}\n  A: {}",
            "fake.yaml, line 4: has the key A twice",
        ),
        (
            "tables:\n  Guests: {}",
            "fake.yaml, line 2, tables.Guests: table 'Guests' is",
        ),
        ("users:\n- {last_name: X}", "fake.yaml, line 2, users[1]: needs first_name"),
        ("faults:\n- {fault: html}", "fake.yaml, line 2, faults[1]: needs endpoint"),
        (
            "faults:\n- endpoint: tokn",
            "fake.yaml, line 2, faults[1].endpoint: 'tokn' is unknown",
        ),
        (
            "settings: {data_center: xx}",
            "fake.yaml, line 1, settings.data_center: data centre 'xx'",
        ),
        ("cache: {1: a}", "fake.yaml, line 1, cache: has a name that is no text"),
        ("cache: {a: ''}", "fake.yaml, line 1, cache.a: is empty; give a text"),
        ("slow: {api: x}", "fake.yaml, line 1, slow.api: must be a number, not a text"),
        (
            "settings: {says_scope: 1}",
            "fake.yaml, line 1, settings.says_scope: must be true or false, not a num",
        ),
        (
            "settings: {grants: 1.5}",
            "fake.yaml, line 1, settings.grants: must be a whole number",
        ),
        (
            "tables: {R: {rows: [{Day: 2027-01-15}]}}",
            "fake.yaml, line 1, tables.R.rows[1].Day: must be a text, a number, a bool",
        ),
        ("clock: 99999-01-01", "fake.yaml, line 1, clock: must be a moment"),
        ("clock: 1e18", "fake.yaml, line 1, clock: must be a moment"),
        ("clock: 1.0e+18", "fake.yaml, line 1, clock: cannot leave the years"),
        ("clock: yesterday", "fake.yaml, line 1, clock: must be a moment"),
        ("clock: 2027-02-31", "fake.yaml, line 1: has a date that does not exist"),
        ("users: [", "fake.yaml, line 1: is no YAML: "),
        ("a: \x07", "fake.yaml, line 1: is no YAML: it has a character"),
        ("- 1", "fake.yaml, line 1: must be a mapping, not a list"),
        ("users: !!python/none x", "fake.yaml, line 1: is no YAML: "),
        ("cache: &a\n  b: *a", "fake.yaml, line 1: contains itself"),
        (
            "clients:\n- refresh_tokens:\n  - user: nobody@example.com",
            "fake.yaml, line 3, clients[1].refresh_tokens[1].user: is nobody's email",
        ),
        (
            "clients:\n- {client_id: A1}\n- {client_id: A1}",
            "fake.yaml, line 3, clients[2].client_id: is there already",
        ),
        (
            "settings:\n  journal_size: 0",
            "fake.yaml, line 2, settings.journal_size: must be at least 1, a whole",
        ),
        (
            "settings: {token_window: -1.5}",
            "fake.yaml, line 1, settings.token_window: must be seconds: more than 0",
        ),
        (
            "settings: {device_interval: .nan}",
            "fake.yaml, line 1, settings.device_interval: is no number that can be",
        ),
        (
            "settings: {profile: stict}",
            "fake.yaml, line 1, settings: profile 'stict' is unknown; choose",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(from_text, text, told):
    """File, line, key, what was expected, and what was probably meant."""
    assert complaint(from_text, text).startswith(told)


def test_no_mistake_shows_a_value(from_text):
    """A secret in the wrong place stays out of the message."""
    secret = "fa4e0badc0de0badc0de0badc0de"
    for text in (
        f"clients:\n- client_secret: [{secret}]",
        f"clients:\n- kind: {secret}",
        f"clients:\n- refresh_tokens: [{secret}]",
        f"clients:\n- client_secret: '{secret}",
        f"clock: {secret}",
    ):
        assert "0badc0de" not in complaint(from_text, text)


def test_a_bomb_of_aliases_is_refused(from_text):
    """Nine lines that stand for a thousand million values."""
    lines = ["a0: &a0 {x: y}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    assert "has more than 100000 values" in complaint(from_text, "\n".join(lines))


def test_a_file_that_is_not_there_is_named(tmp_path):
    """With what to do."""
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        FakeCatalyst.from_file(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"cache: {a: \xe4}")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        FakeCatalyst.from_file(tmp_path / "latin.yaml")


def test_what_is_no_regular_file_is_refused(tmp_path):
    """A device has no end, and a pipe may have no beginning."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(SettingsError) as caught:
            FakeCatalyst.from_file(path)

        assert str(caught.value) == (
            f"{path}: cannot be read: it is not a regular file; "
            "name a seed file that you may read"
        )


def test_a_huge_file_is_not_read(tmp_path):
    """A seed is written by hand; what is that large is something else."""
    path = tmp_path / "fake.yaml"
    with path.open("wb") as file:
        file.truncate(20_000_000)

    with pytest.raises(SettingsError, match="it has 19 MiB, and at most 10 MiB"):
        FakeCatalyst.from_file(path)


def test_a_running_fake_takes_a_mapping(fake):
    """In the form of a file; settings come too late."""
    fake.seed({"tables": {"Rooms": {"rows": [{"Name": "Attic"}]}}, "clock": START + 60})

    assert fake.state()["tables"]["Rooms"] == 1
    assert fake.clock() == START + 60
    with pytest.raises(SettingsError, match="settings: come too late"):
        fake.seed({"settings": {}})
    with pytest.raises(SettingsError, match=r"^tables.X.rowz: is unknown"):
        fake.seed({"tables": {"X": {"rowz": []}}})


def test_the_state_tells_no_secret(fake):
    """Tokens go by fingerprints, which mean nothing elsewhere."""
    access, code = new_access(fake), fake.issue_code()

    told = str(fake.state())

    for secret in (access, code, fake.refresh_token, fake.client.client_secret):
        assert secret.reveal() not in told
    assert fake.refresh_token.__repr__()[8:14] in told


BAD_LAST = [
    {"users": [{"first_name": "A"}, {"first_name": "B"}, {"first_name": "A"}]},
    {"clients": [{"client_id": "A1"}, {"kind": "device"}, {"client_id": "A1"}]},
    {
        "clients": [
            {
                "client_id": "A1",
                "refresh_tokens": [{"token": "1000.a"}, {}, {"token": "1000.a"}],
            }
        ]
    },
    {"tables": {"A": {}, "B": {"rows": [{"X": 1}]}, "Guests": {}}},
    {
        "cache": {"old": "new", "other": "x"},
        "segments": {"S": {"a": "b"}, "Default": {}},
    },
    {"folders": {"F": {"a.txt": "x"}}, "crons": [{"cron_name": "x"}]},
    {"faults": [{"endpoint": "token"}, {"endpoint": "api"}, {"endpoint": "x"}]},
    {"slow": {"api": 1, "token": 2, "x": 3}},
    {"slow": {"api": 1, "token": -1}},
]


def everything(fake):
    """All that a seed could change, as the fake and its API tell it."""
    token = new_access(fake)
    state = {**fake.state(), "tokens": None}
    paths = (
        "/table /segment /folder /cron /cache?cacheKey=old /table/Guests/row".split()
    )
    answers = [call(fake, path, token).json() for path in paths]
    return state, answers, fake.client, fake.refresh_token


@pytest.mark.parametrize("bad", BAD_LAST)
@pytest.mark.parametrize("moved", [{}, {"clock": START + 3600}])
def test_a_seed_that_does_not_fit_changes_nothing(fake, bad, moved):
    """However much of it came before the mistake, and the time stays, too."""
    fake.seed({"cache": {"old": "value"}, "slow": {"api": 0.0}, "faults": []})
    before, tokens = everything(fake), len(fake.state()["tokens"])

    with pytest.raises(SettingsError):
        fake.seed({**moved, "users": [{"first_name": "Joan"}], **bad})

    assert len(fake.state()["tokens"]) == tokens
    assert everything(fake) == before
    fake.seed({"users": [{"first_name": "Joan"}], "clients": [{"client_id": "A1"}]})
    assert fake.client.client_id == "A1"


@pytest.mark.parametrize("bad", ["tables: {Guests: {}}", "clock: 99999999999999"])
def test_a_file_that_does_not_fit_leaves_the_clock(from_text, bad):
    """The caller's own, which others may share."""
    clock = MovableClock(start=START)

    with pytest.raises(SettingsError):
        from_text(f"{bad}\nusers: [{{first_name: Joan}}]", clock=clock)
    with pytest.raises(SettingsError):
        from_text("clock: 2027-02-01\ntables: {Guests: {}}", clock=clock)

    assert clock() == START


def test_nobody_sees_half_of_a_seed(fake):
    """Requests wait until all of it is there, or nothing."""
    seen, ready = set(), Event()

    def look():
        while not ready.is_set():
            seen.add(len(fake.state()["users"]))

    watcher = Thread(target=look)
    watcher.start()
    users = [{"first_name": f"Joan{n}"} for n in range(300)]
    try:
        for _ in range(5):
            with suppress(SettingsError):
                fake.seed({"users": [*users, users[0]]})
        fake.seed({"users": users})
    finally:
        ready.set()
        watcher.join()

    assert seen <= {1, 301}


def test_values_inside_values_without_end_are_refused(fake):
    """In words, not by the end of the stack."""
    deep = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(SettingsError, match=r"^the seed: has values inside values"):
        fake.seed({"crons": [{"cron_name": deep}]})
