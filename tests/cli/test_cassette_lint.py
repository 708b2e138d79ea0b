"""`catalyst-oauth cassette lint`: what it finds, how it tells, what it lets pass."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.cli._world import World
from tests.cassette import scan_corpus
from tests.cassette.recordings import OLD_TOKEN
from tests.cassette.scan_corpus import Exchange

ROOT = Path(__file__).parents[2]
LEAK = Exchange(reply=json.dumps({"access_token": OLD_TOKEN}).encode())
CLEAN = Exchange(reply=b'{"status": "success"}')
NOW = datetime(2026, 11, 28, tzinfo=UTC).timestamp()
# Looks like a secret and is none: the id of an invented table of a public service.
WORD = "q7Zp2mXw9KfT4vBn8sLd1Rc6"


@pytest.fixture(autouse=True)
def _in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lint(capsys):
    """Run the command; return its exit code, and what it said."""

    def lint(*arguments, environ=None, ask=""):
        world = World(
            environ=environ or {}, clock=lambda: NOW, ask=lambda *_, **__: ask
        )
        code = main(["cassette", "lint", *map(str, arguments)], world=world)
        return code, capsys.readouterr().out

    return lint


def put(name, content):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ours(test="tests/test_guests.py::test_listed", at="2026-11-24T12:00:00+00:00"):
    """A cassette of ours, with its origin."""
    origin = {
        "recorded_at": at,
        "source": "https://accounts.zoho.eu",
        "versions": {},
        "test": test,
        "data_center": "eu",
        "project_id": None,
    }
    return yaml.safe_dump({"recorded_with": origin, **scan_corpus.vcr(CLEAN)})


def test_the_reference_cassettes_are_clean(lint):
    """Of this project itself, with their tests."""
    code, said = lint(ROOT / "cassettes", "--rootdir", ROOT)

    assert code == 0, said
    assert re.fullmatch(r"\d+ cassettes: nothing found\n", said)


@pytest.mark.parametrize("tool", scan_corpus.TOOLS)
def test_a_leak_is_found_in_a_cassette_of_any_tool(lint, tool):
    """File, line, place and kind are told; the value is not."""
    path = put("cassettes/guests/listed.yaml", scan_corpus.TOOLS[tool](LEAK))

    code, said = lint()

    assert code == 1
    told = rf"^{path.as_posix()}:\d+: leak: \S+: a Zoho token$"
    assert re.search(told, said, re.MULTILINE)
    assert OLD_TOKEN[5:20] not in said
    assert said.endswith("1 cassette: 1 problem\n")


def test_the_value_of_a_variable_is_a_leak_that_names_the_variable(lint):
    """Whatever it looks like; and a path or a switch is no secret."""
    put("cassettes/a.yaml", "interactions: []\nversion: 1\n# plain words of mine\n")
    environ = {
        "GUESTS_DB_PASSWORD": "plain words of mine",
        "SSH_KEY_PATH": "interactions",
        "PWD": "interactions",
        "TOKEN_FILE": "version: 1",
    }

    code, said = lint(environ=environ)

    assert code == 1
    assert "cassettes/a.yaml:3: leak: the value of the environment variable " in said
    assert "GUESTS_DB_PASSWORD" in said
    assert "plain words" not in said
    assert "1 problem" in said


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"interactions: [", "is neither YAML nor JSON (line 2)"),
        (b"\xff\xfe\x00\x99", "is not UTF-8 text"),
        (b"version: 9\ninteractions: [{}]\n", "has version 9, expected 1"),
        (b"version: 1\ninteractions: [{}]\n", "has a malformed interaction: number 1"),
    ],
)
def test_a_bad_cassette_is_told_and_the_others_are_looked_at(lint, content, told):
    """One broken file hides no leak in the next."""
    put("cassettes/a.yaml", content)
    put("cassettes/b.yaml", scan_corpus.vcr_yaml(LEAK))

    code, said = lint()

    assert code == 1
    assert f"cassettes/a.yaml: damage: {told}" in said
    assert "cassettes/b.yaml:" in said


def test_a_link_that_leads_nowhere_is_told(lint):
    """As it is after a checkout without what it points at."""
    put("cassettes/a.yaml", scan_corpus.vcr_yaml(CLEAN))
    Path("cassettes/b.yaml").symlink_to("gone.yaml")

    code, said = lint()

    assert code == 1
    assert "cassettes/b.yaml: damage: is a link that leads nowhere" in said


def test_other_files_of_a_folder_are_searched_but_need_not_be_cassettes(lint):
    """Unless somebody named them."""
    path = put("cassettes/data.json", '{"guests": []}')

    assert lint()[0] == 0
    code, said = lint(path)
    assert code == 1
    assert "is no cassette of VCR.py" in said


def test_an_old_cassette_is_told(lint):
    """By what it says of itself, whichever tool wrote it."""
    put("cassettes/a.yaml", ours(test=None, at="2026-01-02T00:00:00+00:00"))
    put("cassettes/b.yaml", ours(test=None))
    put("cassettes/c.json", scan_corpus.betamax(CLEAN))

    assert lint()[0] == 0
    code, said = lint("--max-age", "90d")
    assert code == 1
    assert "cassettes/a.yaml: old: was recorded 330 days ago, on 2026-01-02" in said
    assert "1 problem" in said
    assert "c.json: old" in lint("--max-age", "4d")[1]


TESTS = """
import pytest
from elsewhere import TestBorrowed, test_imported

def test_listed(): pass

class TestGuests:
    @pytest.mark.parametrize("n", [1])
    async def test_one(self, n): pass

class TestMore(TestBorrowed): pass

@pytest.mark.catalyst_oauth(cassette="s.yaml")
@pytest.mark.slow
class TestMarked:
    def test_kept(self): pass

@elsewhere.more
class TestChanged: pass

if True:
    def test_inside(): pass
"""


@pytest.mark.parametrize(
    ("test", "is_orphan"),
    [
        ("test_listed", False),
        ("test_listed[any-parameter]", False),
        ("TestGuests::test_one[1]", False),
        ("TestMore::test_inherited", False),
        ("TestMarked::test_kept", False),
        ("TestMarked::test_renamed", True),
        ("TestChanged::test_any", False),
        ("test_imported", False),
        ("test_inside", False),
        ("test_gone", True),
        ("TestGuests::test_listed", True),
        ("TestGone::test_one", True),
    ],
)
def test_a_cassette_whose_test_is_no_more_is_an_orphan(lint, test, is_orphan):
    """Test files are read, not imported; what may be a test's is left alone."""
    put("tests/test_guests.py", TESTS)
    put("cassettes/any.yaml", ours(f"tests/test_guests.py::{test}"))

    code, said = lint()

    assert code == is_orphan, said
    assert ("orphan: was recorded by tests/test_guests.py::" in said) == is_orphan


@pytest.mark.parametrize(
    ("line", "is_orphan"),
    [
        ("globals()['test_gone'] = print", False),
        ("for n in 'ab': setattr(module, f'test_{n}', print)", False),
        ("scenarios('guests.feature')", False),
        ("print('test_gone')", True),
    ],
)
def test_a_test_that_a_call_makes_is_there(lint, line, is_orphan):
    """Nobody can tell by reading which ones there are."""
    put("tests/test_guests.py", f"{line}\n")
    put("cassettes/any.yaml", ours("tests/test_guests.py::test_gone"))

    assert lint()[0] == is_orphan


def test_a_doctest_is_no_orphan(lint):
    """Its id has the module's name once more."""
    put("tests/guests.py", "def count(): ...\n")
    put("cassettes/any.yaml", ours("tests/guests.py::tests.guests.count"))

    assert lint()[0] == 0


def shared(**dates):
    """Return a shared cassette with one part for each date."""
    content = yaml.safe_load(ours("x"))
    origin = content["recorded_with"]
    content["recorded_for"] = {
        f"tests/test_guests.py::{test}": {**origin, "test": test, "recorded_at": date}
        for test, date in dates.items()
    }
    content["recorded_with"] = {**origin, "test": None}
    return yaml.safe_dump(content)


def test_parts_without_a_test_are_named(lint):
    """A renamed test leaves one behind; the part is told, with the file."""
    put("tests/test_guests.py", TESTS)
    today = datetime.now(UTC).isoformat()
    put(
        "cassettes/tests/test_guests/s.yaml", shared(test_listed=today, test_gone=today)
    )

    code, said = lint()

    assert code == 1
    assert said == (
        "cassettes/tests/test_guests/s.yaml: orphan: a part was recorded by "
        "tests/test_guests.py::test_gone, which is no more in tests/test_guests.py\n"
        "1 cassette: 1 problem\n"
    )


def test_each_part_has_an_age_of_its_own(lint):
    """The youngest part does not make the others young."""
    put("tests/test_guests.py", TESTS)
    now = datetime.fromtimestamp(NOW, UTC)
    old = (now - timedelta(days=200)).isoformat()
    put("cassettes/s.yaml", shared(test_listed=now.isoformat(), test_inside=old))

    code, said = lint("--max-age", "90d")

    assert code == 1
    told = "s.yaml: old: the part of tests/test_guests.py::test_inside was recorded 200"
    assert told in said
    assert said.endswith("1 cassette: 1 problem\n")


def test_a_cassette_whose_test_file_is_no_more_is_an_orphan(lint):
    """The file is named."""
    put("cassettes/any.yaml", ours())

    assert "but there is no tests/test_guests.py" in lint()[1]
    assert lint("--ignore", "orphan")[0] == 0


@pytest.mark.parametrize(
    ("name", "is_orphan"),
    [
        ("cassettes/tests/test_guests/test_listed.yaml", False),
        ("cassettes/tests/test_guests/test_listed-x-0badcafe.yaml", False),
        ("cassettes/tests/test_guests/TestGuests.test_one.yaml", False),
        ("cassettes/tests/test_guests/test_gone.yaml", True),
        ("tests/cassettes/test_guests/TestGuests.test_one[1].yaml", False),
        ("tests/cassettes/test_guests/test_gone.yaml", True),
        ("cassettes/somewhere/else.yaml", False),
    ],
)
def test_a_cassette_that_does_not_say_whose_it_is_is_judged_by_its_path(
    lint, name, is_orphan
):
    """As this plugin and pytest-recording lay them out; others are left alone."""
    plain = TESTS.replace("(TestBorrowed)", "").replace("@elsewhere.more", "")
    put("tests/test_guests.py", plain)
    put(name, scan_corpus.vcr_yaml(CLEAN))

    assert lint(Path(name).parts[0])[0] == is_orphan


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("cassettes/a:b.yaml", "Windows has no such file names"),
        ("cassettes/con.yaml", "is the name of a device on Windows"),
        ("cassettes/guests./a.yaml", "Windows drops the last character"),
    ],
)
def test_a_name_that_some_systems_do_not_take_is_told(lint, name, told):
    """Else a checkout fails there."""
    put(name, scan_corpus.vcr_yaml(CLEAN))

    code, said = lint()

    assert code == 1
    assert told in said


def test_two_names_that_are_one_elsewhere_are_told(lint):
    """macOS and Windows would check one out over the other."""
    put("cassettes/Guests.yaml", scan_corpus.vcr_yaml(CLEAN))
    put("cassettes/guests.yaml", scan_corpus.vcr_yaml(CLEAN))

    assert "guests.yaml: name: is one file with Guests.yaml on macOS" in lint()[1]


def test_json_tells_the_same_to_programs(lint):
    """One object, and no value in it."""
    put("cassettes/a.yaml", scan_corpus.vcr_yaml(LEAK))

    code, said = lint("--format", "json")

    assert code == 1
    told = json.loads(said)
    assert told["cassettes"] == 1
    assert [(one["path"], one["rule"]) for one in told["problems"]] == [
        ("cassettes/a.yaml", "leak")
    ]
    assert OLD_TOKEN[5:20] not in said


def test_github_shows_it_beside_the_line(lint):
    """As workflow commands, escaped."""
    put("cassettes/a,b%.yaml", scan_corpus.vcr_yaml(LEAK))

    _, said = lint("--format", "github")

    assert re.match(
        r"::error file=cassettes/a%2Cb%25\.yaml,line=\d+,title=cassette leak::", said
    )


def test_what_is_no_secret_can_be_allowed_and_is_kept_as_a_hash(lint):
    """The list is committed, so it must not hold the value; it works for all files."""
    put("cassettes/a.yaml", scan_corpus.vcr_yaml(Exchange(reply=WORD.encode())))
    assert lint()[0] == 1

    assert lint("--allow")[0] == 0
    listed = Path(".catalyst-oauth-allow").read_text()
    put("cassettes/b.yaml", scan_corpus.vcr_yaml(Exchange(body=WORD.encode())))

    assert lint()[0] == 0
    assert WORD not in listed
    assert "# cassettes/a.yaml: interactions[0].response.body" in listed
    assert lint("--allow-list", "another")[0] == 1


def test_a_value_can_be_allowed_before_there_is_a_file(lint):
    """A recording is not written while it looks like a leak."""
    assert lint("--allow-value", ask=WORD)[0] == 0
    put("cassettes/a.yaml", scan_corpus.vcr_yaml(Exchange(reply=WORD.encode())))

    assert lint()[0] == 0
    assert lint("--allow-value")[0] == 2


def test_a_known_secret_cannot_be_allowed(lint):
    """What the environment calls a secret is one."""
    put("cassettes/a.yaml", scan_corpus.vcr_yaml(Exchange(reply=b"plain words")))
    environ = {"GUESTS_TOKEN": "plain words"}

    assert lint("--allow", environ=environ)[0] == 1
    assert lint(environ=environ)[0] == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "nowhere: is not there"),
        (["--max-age", "soon"], "whole number and a unit"),
        (["--ignore", "nothing"], "invalid choice"),
        (["--allow-list", "broken"], "broken, line 1: is neither a comment nor"),
    ],
)
def test_a_wrong_command_line_is_no_finding(capsys, arguments, told):
    """The exit code is 2, so that CI can tell the two apart."""
    put("cassettes/a.yaml", scan_corpus.vcr_yaml(CLEAN))
    put("broken", "whatever")

    try:
        code = main(["cassette", "lint", *arguments])
    except SystemExit as left:
        code = left.code

    assert code == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_pre_commit_gets_its_answer_from_the_hook(lint):
    """It calls the entry with the names of files that match, as a program."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    names = ["tests/cassettes/a.yaml", "cassettes/b.json", "cassettes/README.md"]
    put(names[0], scan_corpus.vcr_yaml(LEAK))
    put(names[1], scan_corpus.vcr_json(CLEAN))
    matching = [name for name in names if re.search(hook["files"], name)]
    program, *entry = shlex.split(hook["entry"])

    def call(*files):
        return subprocess.run(
            [Path(sys.executable).with_name(program), *entry, *files],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "NO_COLOR": "1"},
        )

    assert hook["id"] == "catalyst-oauth-cassette-lint"
    assert matching == names[:2]
    assert (call(*matching).returncode, call(names[1]).returncode) == (1, 0)
    assert "a Zoho token" in call(*matching).stdout
