"""Cassette files: what is written, what is read, and what is refused."""

import textwrap
from datetime import UTC, datetime

import pytest
import requests
import vcr
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
)
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest
from pytest_catalyst_oauth.engine.errors import SettingsError
from tests.cassette.recordings import (
    ACCOUNTS,
    OLD_TOKEN,
    PROJECT,
    TEST,
    cassette,
    origin,
    refresh,
    rows,
    shown_token,
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
        f"# Recorded 2026-11-23 12:00 UTC by {TEST} from {ACCOUNTS}, with "
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

    assert token == shown_token(2)
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
        ("", "is empty"),
        ("- 1", "no list 'interactions'"),
        ("interactions: 3", "no list 'interactions'"),
        ("interactions: []", "version None"),
        (PLAIN.replace("version: 1", "version: 2"), "version 2"),
        (PLAIN.replace("    method: GET\n", ""), "malformed interaction: number 1"),
        (PLAIN.replace("code: 200", "code: ok"), "malformed interaction: number 1"),
        (PLAIN + "recorded_with: me", "recorded_with that is not a mapping"),
        (PLAIN + "recorded_with: {source: a}", "recorded_with.versions"),
        (PLAIN + FOUND.replace("2026-11-23", "once"), "recorded_at is not a date"),
        (PLAIN + "on: !!binary abc", "not YAML that can be read"),
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
