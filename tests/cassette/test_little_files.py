"""What lint says of files in which there is next to nothing."""

from datetime import UTC, datetime

import pytest

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.cassette._lint import Linter


def problems(path):
    now = datetime(2026, 11, 23, tzinfo=UTC)
    linter = Linter(
        now=now, root=path.parent, environment={}, is_allowed=lambda _: False
    )
    return [(one.rule, one.message) for one in linter.problems(path, is_named=True)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n", "is empty"),
        ("# only a remark\n", "is empty"),
        ("{}", "is no cassette of VCR.py, betamax, responses or a browser"),
        ("[]", "is no cassette of VCR.py, betamax, responses or a browser"),
        ("[[], {}]", "is no cassette of VCR.py, betamax, responses or a browser"),
    ],
)
@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.har"])
def test_a_file_with_nothing_in_it_is_one_problem(tmp_path, name, text, told):
    """Its reader would not know what to replay."""
    path = tmp_path / name
    path.write_text(text)

    assert problems(path) == [("damage", told)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "interactions: []\nversion: 1\n"),
        ("a.json", '{"interactions": [], "version": 1}'),
        ("a.har", '{"log": {"version": "1.2", "entries": []}}'),
    ],
)
def test_a_cassette_without_exchanges_is_sound(tmp_path, name, text):
    """A test that asks nothing records one, and replays it."""
    path = tmp_path / name
    path.write_text(text)

    assert problems(path) == []


def test_nothing_is_searched_without_a_word():
    """There is no value in it, and no error either."""
    assert scan(b"") == scan(b"{}") == scan(b"[]") == ()
