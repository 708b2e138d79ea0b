"""One cassette of many tests: each has its own part of it, in one process or four."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from pytest_catalyst_oauth.cassette import Cassette, _scanner, scan
from tests.cassette.recordings import OLD_TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_catalyst_oauth.fake import FakeServer

SHARED = "cassettes/shared.yaml"
TESTS = """
import pytest

pytestmark = pytest.mark.catalyst_oauth(cassette="shared.yaml")

@pytest.mark.parametrize("number", range(24))
def test_row(number, catalyst_session, catalyst_oauth):
    url = f"{catalyst_oauth.project_url}/table/Rooms/row"
    row = {"Name": f"room {number}", "Beds": number}
    (made,) = catalyst_session.post(url, json=[row]).json()["data"]
    # The same request by all tests, and another answer for each.
    (last,) = catalyst_session.get(url, params={"max_rows": "1"}).json()["data"]
    assert made["Beds"] == number
    assert last["Name"]
"""
TWO = """
import pytest

pytestmark = pytest.mark.catalyst_oauth(cassette="shared.yaml")

@pytest.mark.parametrize("name", ["ada", "grace"])
def test_cache(name, catalyst_session, catalyst_oauth):
    url = f"{catalyst_oauth.project_url}/cache"
    params = {"cacheKey": "who"}
    item = {"cache_name": "who", "cache_value": name}
    assert catalyst_session.put(url, json=item).ok
    kept = catalyst_session.get(url, params=params).json()["data"]
    assert kept["cache_value"] == name
"""


@pytest.fixture
def rooms(server: FakeServer) -> FakeServer:
    """A server with a table that nobody wrote to."""
    server.fake.add_table("Rooms", columns={"Name": "varchar", "Beds": "bigint"})
    return server


@pytest.fixture
def session(pytester: pytest.Pytester):
    """Run pytest in the user's project, in another process with workers of its own."""

    def session(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(
            *("-p", "no:randomly", "-p", "no:asyncio", "-p", "no:anyio"),
            *("-p", "no:html", "-p", "no:cacheprovider"),
            *arguments,
        )

    return session


def parts(path: Path) -> dict[str, int]:
    """Return how many exchanges of each test a shared cassette holds."""
    content = yaml.safe_load(path.read_text())
    owners = [one["recorded_for"] for one in content["interactions"]]
    assert list(content["recorded_for"]) == sorted(set(owners))
    return {owner: owners.count(owner) for owner in owners}


@pytest.mark.parametrize(("workers", "replaying"), [("0", "4"), ("4", "1"), ("4", "0")])
def test_no_exchange_of_24_tests_is_lost(
    pytester: pytest.Pytester, rooms: FakeServer, session, workers: str, replaying: str
) -> None:
    """Recorded by one process or by four; replayed by any number of them."""
    pytester.makepyfile(test_rooms=TESTS)

    session("--catalyst-oauth=record", "-n", workers).assert_outcomes(passed=24)

    path = pytester.path / SHARED
    expected = {f"test_rooms.py::test_row[{number}]": 3 for number in range(24)}
    assert parts(path) == expected
    assert [file.name for file in path.parent.iterdir()] == ["shared.yaml"]
    assert scan(path.read_bytes()) == ()
    done = session(
        *("--catalyst-oauth=replay", "--catalyst-oauth-strict", "-n", replaying),
        *("--disable-socket",) if replaying == "0" else (),
    )
    done.assert_outcomes(passed=24)


def test_workers_share_one_token_request(
    pytester: pytest.Pytester, rooms: FakeServer, session, tmp_path: Path, monkeypatch
) -> None:
    """Ten workers would meet Zoho's limit; what they share is gone with the session."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    pytester.makepyfile(test_rooms=TESTS)
    pytester.makeconftest("""
        import os, pathlib, stat, tempfile

        def pytest_runtest_teardown(item):
            for folder in pathlib.Path(tempfile.gettempdir()).glob("pytest-catalyst*"):
                assert stat.S_IMODE(folder.stat().st_mode) == 0o700
                for file in folder.iterdir():
                    assert stat.S_IMODE(file.stat().st_mode) == 0o600
                    if file.suffix == ".json":
                        pathlib.Path(os.environ["SEEN"]).write_text(str(file))
    """)
    seen = tmp_path / "seen"
    monkeypatch.setenv("SEEN", str(seen))

    session("--catalyst-oauth=record", "-n", "4").assert_outcomes(passed=24)

    assert len(rooms.fake.journal.token_requests) == 1
    assert seen.read_text().endswith("mints.json"), "there was something to remove"
    assert [path.name for path in tmp_path.rglob("*.json")] == []


def test_each_test_is_answered_from_its_own_part(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """Two tests ask the same and are told different things, in any order."""
    pytester.makepyfile(test_two=TWO)
    run("--catalyst-oauth=record").assert_outcomes(passed=2)

    apart("--catalyst-oauth=replay", "--catalyst-oauth-strict").assert_outcomes(
        passed=2
    )
    apart("--catalyst-oauth=replay", "-k", "grace").assert_outcomes(passed=1)
    apart(
        "--catalyst-oauth=replay", "test_two.py::test_cache[grace]", "-p", "randomly"
    ).assert_outcomes(passed=1)


def test_rewriting_one_test_leaves_the_others(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """Byte for byte, and the newcomer gets a place of its own."""
    pytester.makepyfile(test_two=TWO)
    run("--catalyst-oauth=record").assert_outcomes(passed=2)
    path = pytester.path / SHARED
    before = yaml.safe_load(path.read_text())

    run("--catalyst-oauth=rewrite", "-k", "grace").assert_outcomes(passed=1)

    after = yaml.safe_load(path.read_text())
    ada, grace = (f"test_two.py::test_cache[{name}]" for name in ("ada", "grace"))
    assert before["recorded_for"][ada] == after["recorded_for"][ada]
    assert before["recorded_for"][grace] != after["recorded_for"][grace]
    assert before["interactions"][:3] == after["interactions"][:3]
    pytester.makepyfile(test_two=TWO.replace('"ada",', '"ada", "barbara",'))
    run("--catalyst-oauth=record").assert_outcomes(passed=3)
    assert len(parts(path)) == 3
    apart("--catalyst-oauth=replay").assert_outcomes(passed=3)


def test_a_test_without_a_part_is_told_so(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """It is not answered from what others recorded."""
    pytester.makepyfile(test_two=TWO)
    run("--catalyst-oauth=record").assert_outcomes(passed=2)
    pytester.makepyfile(test_two=TWO.replace('"ada",', '"ada", "barbara",'))

    missed = run("--catalyst-oauth=replay")

    missed.assert_outcomes(passed=2, errors=1)
    text = " ".join(missed.stdout.str().split())
    assert "holds nothing of test_two.py::test_cache[barbara], only of 2 others" in text
    assert "pytest --catalyst-oauth=record" in text


def test_a_failing_test_changes_no_part(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """Neither its own nor another's."""
    pytester.makepyfile(test_two=TWO)
    run("--catalyst-oauth=record").assert_outcomes(passed=2)
    path = pytester.path / SHARED
    before = path.read_text()
    pytester.makepyfile(test_two=TWO + "    assert name != 'ada'\n")

    run("--catalyst-oauth=rewrite", "-k", "ada").assert_outcomes(failed=1)

    assert path.read_text() == before


def test_what_was_recorded_alone_becomes_a_part(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """A cassette from before it was shared serves all; rewritten, it is kept."""
    pytester.makepyfile(test_two=TWO)
    run("--catalyst-oauth=record", "-k", "ada").assert_outcomes(passed=1)
    path = pytester.path / SHARED
    content = yaml.safe_load(path.read_text())
    ada = "test_two.py::test_cache[ada]"
    content["recorded_with"] = content.pop("recorded_for")[ada]
    for one in content["interactions"]:
        del one["recorded_for"]
    path.write_text(yaml.safe_dump(content))

    run("--catalyst-oauth=record").assert_outcomes(passed=1, failed=1)
    run("--catalyst-oauth=rewrite", "-k", "grace").assert_outcomes(passed=1)

    assert len(parts(path)) == 2
    apart("--catalyst-oauth=replay").assert_outcomes(passed=2)


def test_plain_vcr_reads_a_shared_cassette(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """As one cassette with all exchanges."""
    pytester.makepyfile(test_two=TWO)
    run("--catalyst-oauth=record").assert_outcomes(passed=2)
    path = pytester.path / SHARED

    requests, replies = deserialize(path.read_text(), yamlserializer)

    assert len(requests) == len(replies) == len(Cassette.load(path).exchanges) == 6
    assert re.search(r"\A# Shared by 2 tests\. Recorded ", path.read_text())


def test_a_broken_shared_cassette_is_left_as_it_is(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """The others' parts may be mended; they are not overwritten."""
    pytester.makepyfile(test_two=TWO)
    path = pytester.path / SHARED
    path.parent.mkdir()
    path.write_text("version: 1\ninteractions: [\n")

    told = run("--catalyst-oauth=rewrite", "-k", "ada")

    told.assert_outcomes(passed=1, errors=1)
    assert "is not YAML (line 3)" in " ".join(told.stdout.str().split())
    assert path.read_text() == "version: 1\ninteractions: [\n"


def test_a_part_that_nobody_understands_is_told(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """A hand that edits slips; the file is named, and left as it is."""
    pytester.makepyfile(test_two=TWO)
    run("--catalyst-oauth=record").assert_outcomes(passed=2)
    path = pytester.path / SHARED
    text = re.sub(
        r"(?s)recorded_for:.*?\ninter", "recorded_for: [1]\ninter", path.read_text()
    )
    path.write_text(text)

    for mode in ("record", "rewrite", "replay"):
        said = " ".join(run(f"--catalyst-oauth={mode}").stdout.str().split())
        assert "has a recorded_for that does not map tests to" in said
    assert path.read_text() == text


NAMED = """
import pytest

pytestmark = pytest.mark.catalyst_oauth(cassette="shared.yaml")

def test_ada(catalyst_token): pass

def test_grace(catalyst_token): pass

@pytest.mark.parametrize("name", ["one", "two"])
def test_edsger(name, catalyst_token): pass
"""
ADA, GRACE = "test_named.py::test_ada", "test_named.py::test_grace"


def test_rewriting_drops_the_part_of_a_test_that_is_no_more(
    pytester: pytest.Pytester, server: FakeServer, run, apart
) -> None:
    """A renamed test's, and that of a file that is gone; recording alone adds only."""
    pytester.makepyfile(test_named=NAMED, test_other=NAMED)
    run("--catalyst-oauth=record").assert_outcomes(passed=8)
    path = pytester.path / SHARED
    pytester.makepyfile(test_named=NAMED.replace("test_ada", "test_barbara"))
    (pytester.path / "test_other.py").unlink()

    run("--catalyst-oauth=record").assert_outcomes(passed=4)
    assert len(parts(path)) == 9

    run("--catalyst-oauth=rewrite", "-k", "grace").assert_outcomes(passed=1)
    names = ("test_barbara", "test_edsger[one]", "test_edsger[two]", "test_grace")
    assert list(parts(path)) == [f"test_named.py::{name}" for name in names]
    apart("--catalyst-oauth=replay", "--catalyst-oauth-strict").assert_outcomes(
        passed=4
    )


@pytest.mark.parametrize(
    "how",
    [
        ("-k", "grace"),
        ("test_named.py::test_grace",),
        ("-m", "chosen"),
        ("-n", "2", "-k", "grace"),
        ("--ignore=test_other.py", "-k", "grace"),
    ],
)
def test_rewriting_some_tests_drops_no_part_of_the_others(
    pytester: pytest.Pytester, server: FakeServer, run, how: tuple[str, ...]
) -> None:
    """Also of those that are not even collected, and of other parameters."""
    module = NAMED.replace("def test_grace", "@pytest.mark.chosen\ndef test_grace")
    pytester.makepyfile(test_named=module)
    pytester.makepyfile(test_other=NAMED)
    run("--catalyst-oauth=record").assert_outcomes(passed=8)
    pytester.makepyfile(test_other=NAMED.replace('"one"', '"three"'))

    done = run("--catalyst-oauth=rewrite", *how)

    assert done.parseoutcomes()["passed"] >= 1
    assert len(parts(pytester.path / SHARED)) == 8


@pytest.mark.parametrize("where", ["inside", "outside"])
def test_another_rootdir_drops_no_part(
    pytester: pytest.Pytester, server: FakeServer, run, where: str
) -> None:
    """Seen from there all node ids are others; the tests are still there."""
    for name in ("test_named", "test_other"):
        file = pytester.mkdir("sub") if name == "test_named" else pytester.path / "sub"
        (file / f"{name}.py").write_text(NAMED)
    folder = f"--catalyst-oauth-cassettes={pytester.path / 'cassettes'}"
    roots = [f"--rootdir={pytester.path}", f"--rootdir={pytester.path / 'sub'}"]
    first, second = roots if where == "inside" else roots[::-1]
    run("--catalyst-oauth=record", folder, first, "sub").assert_outcomes(passed=8)

    done = run("--catalyst-oauth=rewrite", folder, second, "sub", "-k", "ada")

    done.assert_outcomes(passed=2)
    assert len(parts(pytester.path / SHARED)) == 10


def test_a_leak_in_another_part_is_not_written_anew(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """The file stays as it is, and the part is named; its own test may replace it."""
    pytester.makepyfile(test_named=NAMED)
    run("--catalyst-oauth=record").assert_outcomes(passed=4)
    path = pytester.path / SHARED
    leaky = path.read_text().replace("grant_type=", f"extra={OLD_TOKEN}&grant_type=", 1)
    path.write_text(leaky)

    refused = run("--catalyst-oauth=rewrite", "-k", "grace")

    refused.assert_outcomes(passed=1, errors=1)
    told = " ".join(refused.stdout.str().split())
    assert "another part of it than this test's holds what looks like a secret" in told
    assert f"of {ADA}" in told
    assert OLD_TOKEN not in told
    assert path.read_text() == leaky
    run("--catalyst-oauth=rewrite", "-k", "ada").assert_outcomes(passed=1)
    assert scan(path.read_bytes()) == ()
    run("--catalyst-oauth=rewrite", "-k", "grace").assert_outcomes(passed=1)


def test_what_is_dropped_may_leak(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """The part of a test that is no more is not written again."""
    pytester.makepyfile(test_named=NAMED)
    run("--catalyst-oauth=record").assert_outcomes(passed=4)
    path = pytester.path / SHARED
    path.write_text(
        path.read_text().replace("grant_type=", f"x={OLD_TOKEN}&grant_type=", 1)
    )
    pytester.makepyfile(test_named=NAMED.replace("test_ada", "test_barbara"))

    run("--catalyst-oauth=rewrite", "-k", "grace").assert_outcomes(passed=1)

    assert scan(path.read_bytes()) == ()


def test_what_was_just_scanned_is_not_scanned_for_each_test(
    pytester: pytest.Pytester, server: FakeServer, run, monkeypatch
) -> None:
    """Else a thousand tests would scan each other's parts a million times."""
    scanned = []
    pieces = _scanner.pieces
    monkeypatch.setattr(
        _scanner, "pieces", lambda data: scanned.append(len(data)) or pieces(data)
    )
    pytester.makepyfile(test_named=NAMED.replace('["one", "two"]', "range(30)"))

    run("--catalyst-oauth=record").assert_outcomes(passed=32)

    assert len(scanned) == 32
    assert max(scanned) < 3 * min(scanned)
