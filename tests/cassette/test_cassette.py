"""Cassette files: what is written, what is read, and what is refused."""

import os
import re
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import vcr
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_catalyst_oauth.cassette import (
    Cassette,
    RecordedExchange,
    Scrubber,
    _format,
)
from pytest_catalyst_oauth.cassette.errors import (
    CassetteMissError,
    SecretInCassetteError,
)
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.cassette.recordings import (
    ACCOUNTS,
    NEW_TOKEN,
    OLD_TOKEN,
    PROJECT,
    TEST,
    cassette,
    origin,
    refresh,
    rows,
)

PLAIN = textwrap.dedent(
    """\
    interactions:
    - request:
        body: null
        headers: {Accept: ['*/*']}
        method: GET
        uri: https://api.test/x
      response:
        body: {string: hello}
        headers: {X-A: [one, two]}
        status: {code: 200, message: OK}
    version: 1
    """
)
FOUND = "recorded_with: {recorded_at: '2026-11-23', source: a, versions: {}, "
FOUND += "test: null, data_center: eu, project_id: null}"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "guests" / "listed.yaml"


def save(path, *exchanges, **options):
    cassette(*exchanges, **options).save(path, scrubber=Scrubber())
    return path


def test_what_is_saved_is_what_is_loaded(path):
    """Exchanges, their order, and where they came from."""
    save(path, refresh(OLD_TOKEN), rows(OLD_TOKEN, status=401))

    loaded = Cassette.load(path, test=TEST)

    assert loaded.origin == origin()
    assert loaded.path == path
    assert [one.reply.status for one in loaded.exchanges] == [200, 401]
    assert loaded.exchanges[1].request.url == rows(OLD_TOKEN).request.url


def test_the_first_line_says_in_words_where_it_came_from(path):
    """Somebody who opens the file need not know the format."""
    save(path, refresh(OLD_TOKEN))

    assert path.read_text().splitlines()[0] == (
        f"# Recorded 2026-11-23 12:00 UTC from {ACCOUNTS} by {TEST}, with "
        "pytest-catalyst-oauth 0.1.0, python 3.11.7. Secrets are replaced."
    )


def test_a_test_id_cannot_break_out_of_the_comment(path):
    """A parametrized id may contain a line break."""
    odd = "tests/test_a.py::test_b[x\ninteractions: []]"

    save(path, refresh(OLD_TOKEN), test=odd)

    assert Cassette.load(path, test=odd).exchanges


def test_plain_vcrpy_replays_our_file(path):
    """`vcr.use_cassette` and `requests` need nothing of this project."""
    save(path, refresh(OLD_TOKEN), rows(OLD_TOKEN))

    with vcr.use_cassette(path, record_mode="none", match_on=["method", "uri", "body"]):
        request = Cassette.load(path).exchanges[0].request
        token = requests.post(
            request.url, data=request.body.decode(), headers=dict(request.headers)
        ).json()["access_token"]
        reply = requests.get(f"{PROJECT}/table/Guests/row?max_rows=2&next_token=5")

    assert token == "REDACTED-access-token-1"
    assert reply.json()["data"][0]["name"] == "Invented Guest"


def test_a_plain_vcrpy_cassette_can_be_loaded(path):
    """Its origin is unknown, its exchanges are as good as ours."""
    path.parent.mkdir()
    path.write_text(PLAIN)

    loaded = Cassette.load(path, test=TEST)

    assert loaded.origin is None
    assert loaded.exchanges[0].reply == HttpReply(
        status=200, headers=(("X-A", "one"), ("X-A", "two")), body=b"hello"
    )


def test_bodies_that_vcrpy_writes_with_its_own_tags_can_be_loaded(path):
    """An uploaded file is written as a BytesIO, which VCR.py's safe loader knows."""
    path.parent.mkdir()
    tag = (
        "!!python/object/new:_io.BytesIO\n      state: !!python/tuple [filed, 0, null]"
    )
    path.write_text(PLAIN.replace("body: null", f"body: {tag}"))

    assert Cassette.load(path).exchanges[0].request.body == b"filed"


def test_a_date_without_a_zone_is_in_utc(path):
    """Somebody wrote it by hand."""
    path.parent.mkdir()
    path.write_text(PLAIN + FOUND)

    found = Cassette.load(path, test=TEST).origin

    assert found.recorded_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert found.test is None


BODIES = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")),
    st.text("ab \n\r\t\x85\u2028\u2029\ufeff\x00'\"\\#:-|", max_size=40).map(
        str.encode
    ),
)


@settings(deadline=None, max_examples=200)
@given(body=BODIES, header=st.text("aZ0 ;:'\"#\u00e9\x7f", max_size=20))
def test_any_body_survives_the_file(body, header):
    """Binary, odd line breaks, leading blanks: byte for byte."""
    request = HttpRequest(method="PUT", url="https://api.test/x", body=body)
    reply = HttpReply(status=299, headers=(("X-Odd", header),), body=body)

    data = _format.dump([RecordedExchange(request, reply)], None)

    assert _format.load(data.decode()) == (((request, reply),), None)
    assert (
        vcr.serialize.deserialize(data.decode(), vcr.serializers.yamlserializer)[1][0][
            "body"
        ]["string"]
        == body
    )


def test_a_missing_cassette_says_how_to_record_it(path):
    """The command can be pasted into a shell."""
    with pytest.raises(CassetteMissError) as caught:
        Cassette.load(path, test="tests/test_a.py::test_b[x y]")

    assert str(caught.value) == (
        f"cassette {path}: there is no such file; record it with: "
        "pytest --catalyst-oauth=record 'tests/test_a.py::test_b[x y]'"
    )
    assert caught.value.exit_code == 8


def test_another_tests_cassette_is_refused(path):
    """Both tests are named."""
    save(path, refresh(OLD_TOKEN))

    with pytest.raises(SettingsError, match="not by tests/test_b") as caught:
        Cassette.load(path, test="tests/test_b.py::test_other")

    assert f"recorded by {TEST}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [1,\n", r"not YAML \(line 2\)"),
        ("a: 1\n\tb: 2", r"not YAML \(line 2\)"),
        ("", "no list 'interactions'"),
        ("- 1", "no list 'interactions'"),
        ("interactions: 3", "no list 'interactions'"),
        ("interactions: []", "version None"),
        (PLAIN.replace("version: 1", "version: 2"), "version 2"),
        (PLAIN.replace("    method: GET\n", ""), "malformed interaction: number 1"),
        (PLAIN.replace("code: 200", "code: ok"), "malformed interaction: number 1"),
        (PLAIN + "recorded_with: me", "recorded_with that is not a mapping"),
        (PLAIN + "recorded_with: {source: a}", "recorded_with.versions"),
        (PLAIN + FOUND.replace("2026-11-23", "once"), "recorded_at is not a date"),
        (PLAIN + "on: 2026-13-45", "not YAML that can be read"),
        (PLAIN + "on: !!python/object/new:_io.BytesIO {state: 3}", "cannot be read"),
        ("[" * 5000, "not YAML"),
    ],
)
def test_what_is_no_cassette_is_refused_in_one_sentence(path, text, problem):
    """The file is named, the line if it is known, and what to do."""
    path.parent.mkdir()
    path.write_text(text)

    with pytest.raises(SettingsError, match=problem) as caught:
        Cassette.load(path)

    assert str(path) in str(caught.value)
    assert "record again" in str(caught.value)


def test_a_file_that_is_no_text_is_refused(path):
    """A picture that somebody named .yaml."""
    path.parent.mkdir()
    path.write_bytes(b"\x89PNG\xff")

    with pytest.raises(SettingsError, match="not UTF-8"):
        Cassette.load(path)


def test_a_folder_is_refused(tmp_path):
    """The system's reason is told."""
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        Cassette.load(tmp_path)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch {}']",
        "!!python/object/new:subprocess.Popen [['touch', '{}']]",
        "!!python/name:os.system",
        "!!python/module:os",
    ],
)
def test_a_tag_that_would_run_code_is_refused(path, tag, tmp_path):
    """A cassette from somebody else is data, never a program."""
    path.parent.mkdir()
    path.write_text(PLAIN.replace("body: null", f"body: {tag.format(tmp_path / 'x')}"))

    with pytest.raises(SettingsError, match=r"could run code \(line 3\)"):
        Cassette.load(path)

    assert not (tmp_path / "x").exists()


def test_a_surviving_secret_stops_the_writing(path):
    """Place and kind are named, the value is not, and nothing lies on the disk."""
    leak = "q7Zp2mXw9KfT4vBn8sLd1Rc6"
    reply = HttpReply.of_json(200, {"note": leak})
    exchange = RecordedExchange(rows(OLD_TOKEN).request, reply)

    with pytest.raises(SecretInCassetteError) as caught:
        save(path, exchange)

    text = str(caught.value)
    assert "interactions[0].response.body.string: a random-looking value" in text
    assert leak not in text
    assert caught.value.exit_code == 9
    assert not path.parent.exists()


def test_no_frame_of_the_error_holds_the_secret(path):
    """`pytest --showlocals` prints the locals of each frame of ours."""
    leak = "q7Zp2mXw9KfT4vBn8sLd1Rc6"
    exchange = RecordedExchange(
        rows(OLD_TOKEN).request, HttpReply.of_json(200, {"note": leak})
    )

    with pytest.raises(SecretInCassetteError) as caught:
        save(path, exchange)

    ours = [
        repr(entry.frame.f_locals)
        for entry in caught.traceback
        if "pytest_catalyst_oauth" in str(entry.path)
    ]
    assert ours
    assert not [text for text in ours if leak in text or OLD_TOKEN in text]


def test_a_refused_recording_leaves_the_old_one(path):
    """The old cassette still replays."""
    before = save(path, refresh(OLD_TOKEN)).read_bytes()
    reply = HttpReply.of_json(200, {"note": "q7Zp2mXw9KfT4vBn8sLd1Rc6"})

    with pytest.raises(SecretInCassetteError):
        save(path, RecordedExchange(rows(NEW_TOKEN).request, reply))

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_crash_between_write_and_rename_leaves_the_old_file(path):
    """A process that is killed at the worst moment costs the new recording only."""
    before = save(path, refresh(OLD_TOKEN)).read_bytes()
    program = """
        import os, pathlib, sys
        from pytest_catalyst_oauth.cassette import Scrubber
        from tests.cassette.recordings import cassette, rows

        def die(event, arguments):
            if event == "os.rename":
                os._exit(9)

        sys.addaudithook(die)
        cassette(rows("x")).save(pathlib.Path(sys.argv[1]), scrubber=Scrubber())
    """

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(path)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        check=False,
    )

    assert done.returncode == 9
    assert path.read_bytes() == before
    assert Cassette.load(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """Below a regular file there is no folder, not even for root."""
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "listed.yaml"

    with pytest.raises(SettingsError, match="cannot be written") as caught:
        save(path, refresh(OLD_TOKEN))

    assert str(path) in str(caught.value)


def test_nothing_is_left_behind_when_the_rename_fails(tmp_path):
    """A folder of that name stands in the way."""
    path = tmp_path / "listed.yaml"
    path.mkdir()

    with pytest.raises(SettingsError, match="cannot be written"):
        save(path, refresh(OLD_TOKEN))

    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_a_cassette_as_they_may_read_other_sources(path):
    """It goes into a repository, so the umask decides, as for every file there."""
    mask = os.umask(0o022)
    try:
        save(path, refresh(OLD_TOKEN))
    finally:
        os.umask(mask)

    assert path.stat().st_mode & 0o777 == 0o644


def test_a_text_of_several_lines_is_readable(path):
    """A page of HTML is written line by line, and nothing is folded."""
    page = "<html>\n  <body>No such page</body>\n</html>\n" + "word " * 60 + "."
    exchange = RecordedExchange(
        rows(OLD_TOKEN).request, HttpReply(status=404, body=page.encode())
    )

    text = save(path, exchange).read_text()

    assert re.search(r"^ +<body>No such page</body>$", text, re.MULTILINE)
    assert yaml.safe_load(text)["interactions"][0]["response"]["body"]["string"] == page


def test_a_long_text_stays_in_one_line(path):
    """A value that is folded could hide from a search for it."""
    body = HttpReply.of_json(200, {"words": "many words " * 40})

    text = save(path, RecordedExchange(rows(OLD_TOKEN).request, body)).read_text()

    assert "many words " * 40 in text
