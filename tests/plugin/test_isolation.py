"""Whatever way a test is run, its cassette holds one whole attempt that passed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from pytest_catalyst_oauth.cli import main
from tests.plugin.conftest import BODY, QUIET

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_catalyst_oauth.fake import FakeServer


@pytest.fixture
def session(pytester: pytest.Pytester):
    """Run pytest in the user's project, in another process."""

    def session(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*QUIET, "-p", "no:html", *arguments)

    return session


def cassettes(root: Path) -> dict[str, list[str]]:
    """Return what each file below `cassettes/` asked for, in order."""
    found = [path for path in (root / "cassettes").rglob("*") if path.is_file()]
    return {
        path.relative_to(root / "cassettes").as_posix(): [
            f"{one['request']['method']} {one['request']['uri'].rpartition('/')[2]}"
            for one in yaml.safe_load(path.read_text())["interactions"]
        ]
        for path in found
    }


SHAPES = """
import asyncio, pytest

def url(handle, table="Guests"):
    return f"{handle.project_url}/table/{table}"

class TestOuter:
    def test_same(self, catalyst_session, catalyst_oauth):
        assert catalyst_session.get(url(catalyst_oauth)).ok

    class TestInner:
        def test_same(self, catalyst_session, catalyst_oauth):
            assert catalyst_session.get(url(catalyst_oauth)).ok

def test_same(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(url(catalyst_oauth)).ok

def test_SAME(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(url(catalyst_oauth)).ok

@pytest.mark.parametrize("value", [
    "a/b", "a:b", "..", "é", "CON", "nul.txt", "x", "X", "end.", "end ", "end",
    "y" * 300, "y" * 301, "new\\nline", "", "*?<>|", "[z]",
])
def test_ids(value, catalyst_session, catalyst_oauth):
    assert catalyst_session.get(url(catalyst_oauth)).ok

@pytest.mark.asyncio
async def test_async(catalyst_async_httpx, catalyst_oauth):
    async with catalyst_async_httpx as client:
        calls = [client.get(url(catalyst_oauth)) for _ in range(3)]
        assert all(reply.is_success for reply in await asyncio.gather(*calls))

@pytest.mark.asyncio
async def test_async_cassette(catalyst_cassette, catalyst_oauth):
    import httpx
    header = {"Authorization": catalyst_oauth.credentials.authorization()}
    async with httpx.AsyncClient(headers=header) as client:
        assert (await client.get(url(catalyst_oauth))).is_success

@pytest.mark.xdist_group("one")
def test_grouped(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(url(catalyst_oauth)).ok

@pytest.mark.xdist_group("one")
@pytest.mark.xdist_group(name="two")
def test_grouped_twice(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(url(catalyst_oauth)).ok

def test_subtests(catalyst_session, catalyst_oauth, subtests):
    for number in range(3):
        with subtests.test(number=number):
            assert catalyst_session.get(url(catalyst_oauth)).ok
"""
HOW = {
    "con": "import pytest\ndef con(catalyst_token): pass\n",
    "aux_prn": SHAPES,
}
COUNT = 4 + 17 + 2 + 2 + 1
RESERVED = {"con", "prn", "aux", "nul", "com1", "lpt1"}


def test_each_test_has_its_own_file_on_every_platform(
    pytester: pytest.Pytester, server: FakeServer, session
) -> None:
    """Recorded in one process, replayed by workers in three ways, without a network."""
    pytester.makeini("[pytest]\npython_functions = test_* con\n")
    pytester.makepyfile(**HOW, test_con=HOW["con"])
    arguments = ("-p", "asyncio", "aux_prn.py", "test_con.py")

    session("--catalyst-oauth=record", *arguments).assert_outcomes(passed=COUNT + 1)

    files = list(cassettes(pytester.path))
    assert len({file.casefold() for file in files}) == COUNT + 1
    for file in files:
        assert file.isascii()
        for part in file.split("/"):
            assert len(part) < 120
            assert not set(part) & set('<>:"\\|?* ')
            assert part.partition(".")[0].casefold() not in RESERVED
            assert part.rstrip(". ") == part
    for how in ("load", "loadscope", "loadgroup"):
        replayed = session(
            *("--catalyst-oauth=replay", "--catalyst-oauth-strict"),
            *("-n", "4", "--dist", how, *arguments),
        )
        replayed.assert_outcomes(passed=COUNT + 1)


def test_workers_record_what_one_process_does(
    pytester: pytest.Pytester, server: FakeServer, session
) -> None:
    """The same files under the same names, also by groups."""
    pytester.makepyfile(test_shapes=SHAPES)
    arguments = ("-p", "asyncio", "-k", "same or SAME or grouped or async")
    session("--catalyst-oauth=record", *arguments).assert_outcomes(passed=8)
    alone = cassettes(pytester.path)

    for how in ("loadscope", "loadgroup"):
        done = session("--catalyst-oauth=rewrite", "-n", "4", "--dist", how, *arguments)
        done.assert_outcomes(passed=8)
        assert cassettes(pytester.path) == alone


FLAKY = """
import pathlib, pytest

@pytest.fixture
def guests(catalyst_session, catalyst_oauth):
    return lambda path: catalyst_session.get(f"{catalyst_oauth.project_url}/{path}")

def test_flaky(guests, subtests):
    tried = pathlib.Path("tried")
    with tried.open("a") as file:
        file.write("x")
    attempt = len(tried.read_text())
    if attempt == 1:
        assert guests("cache").ok, "the first attempt's own call"
        assert False
    if attempt == 2:
        with subtests.test():
            assert guests("cache").ok
            assert False
    assert guests("table").ok
"""


@pytest.mark.parametrize(
    ("mode", "workers"), [("record", "0"), ("rewrite", "0"), ("rewrite", "2")]
)
def test_of_several_attempts_the_one_that_passed_is_kept(
    pytester: pytest.Pytester, server: FakeServer, session, mode: str, workers: str
) -> None:
    """What the failing attempts exchanged is in nobody's cassette."""
    if mode == "rewrite":
        pytester.makepyfile(test_flaky=BODY.replace("test_guests", "test_flaky"))
        session("--catalyst-oauth=record").assert_outcomes(passed=1)
    pytester.makepyfile(test_flaky=FLAKY)

    done = session(f"--catalyst-oauth={mode}", "--reruns", "3", "-n", workers)

    assert done.ret == 0, done.stdout.str()
    assert len((pytester.path / "tried").read_text()) == 3
    (asked,) = cassettes(pytester.path).values()
    assert asked == ["POST token", "GET table"]
    session("--catalyst-oauth=replay", "--catalyst-oauth-strict").assert_outcomes(
        passed=1
    )


def test_attempts_that_all_fail_leave_nothing(
    pytester: pytest.Pytester, server: FakeServer, session
) -> None:
    """Not even of the last one."""
    pytester.makepyfile(test_flaky=BODY + "    assert False\n")

    session("--catalyst-oauth=record", "--reruns", "2").assert_outcomes(failed=1)

    assert cassettes(pytester.path) == {}


TEARDOWN = """
import pytest

@pytest.fixture(scope="{scope}")
def outer():
    yield
    assert False, "torn down after the session was closed"

@pytest.fixture
def inner(catalyst_session):
    yield
    assert {inner}, "torn down before"

def test_first(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(catalyst_oauth.project_url + "/table").ok

def test_torn({order}):
    assert catalyst_session.get(catalyst_oauth.project_url + "/table").ok
"""
ORDERS = {
    "before": ("function", False, "catalyst_session, catalyst_oauth, inner"),
    "after": ("function", True, "outer, catalyst_session, catalyst_oauth"),
    "module": ("module", True, "catalyst_session, catalyst_oauth, outer"),
}


@pytest.mark.parametrize("which", ORDERS)
def test_a_failing_teardown_writes_nothing(
    pytester: pytest.Pytester, server: FakeServer, session, which: str
) -> None:
    """Whether the fixture ends before ours or after, and of whatever scope it is."""
    scope, inner, order = ORDERS[which]
    pytester.makepyfile(
        test_torn=TEARDOWN.format(scope=scope, inner=inner, order=order)
    )

    session("--catalyst-oauth=record").assert_outcomes(passed=2, errors=1)

    assert list(cassettes(pytester.path)) == ["test_torn/test_first.yaml"]


EXPECTED = """
import pytest

def ask(session, handle):
    assert session.get(handle.project_url + "/table").ok

def test_skips(catalyst_session, catalyst_oauth):
    ask(catalyst_session, catalyst_oauth)
    pytest.skip("not today")

def test_xfails(catalyst_session, catalyst_oauth):
    ask(catalyst_session, catalyst_oauth)
    pytest.xfail("a known bug")

@pytest.mark.xfail(reason="a known bug", strict=True)
def test_marked(catalyst_session, catalyst_oauth):
    ask(catalyst_session, catalyst_oauth)
    assert False

@pytest.mark.xfail(reason="mended", strict=True)
def test_mended(catalyst_session, catalyst_oauth):
    ask(catalyst_session, catalyst_oauth)
"""


def test_what_was_expected_is_recorded_as_far_as_it_came(
    pytester: pytest.Pytester, server: FakeServer, session
) -> None:
    """A skip and an expected failure end alike in replay; an unexpected pass fails."""
    pytester.makepyfile(test_expected=EXPECTED)

    session("--catalyst-oauth=record").assert_outcomes(skipped=1, xfailed=2, failed=1)

    assert sorted(cassettes(pytester.path)) == [
        f"test_expected/test_{name}.yaml" for name in ("marked", "skips", "xfails")
    ]
    again = session("--catalyst-oauth=replay", "-k", "not mended", "-rxX")
    again.assert_outcomes(skipped=1, xfailed=2, deselected=1)
    assert "a known bug" in again.stdout.str()


CUT_OFF = """
import os, pathlib, signal, time, pytest

def test_before(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(catalyst_oauth.project_url + "/table").ok

@pytest.mark.timeout({limit}, func_only=True)
def test_cut(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(catalyst_oauth.project_url + "/table").ok
    {cut}
    pathlib.Path("went-on").touch()
"""
CUTS = {
    "SIGINT": "os.kill(os.getpid(), signal.SIGINT); time.sleep(60)",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "timeout": "time.sleep(60)",
    "exit": "pytest.exit('enough')",
}


def record(root: Path, *arguments: str) -> int:
    """Run pytest so that it can be killed; return its exit code."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", *QUIET, "-p", "no:html"),
            *("--catalyst-oauth=record", *arguments),
        ],
        check=False,
        cwd=root,
        capture_output=True,
        timeout=120,
        # A background job's children may ignore SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    return done.returncode


@pytest.mark.parametrize("cut", CUTS)
def test_a_test_that_is_cut_off_leaves_nothing(
    pytester: pytest.Pytester, server: FakeServer, cut: str
) -> None:
    """No half cassette and no draft; what was written before is whole."""
    limit = 2 if cut == "timeout" else 100
    pytester.makepyfile(test_cut=CUT_OFF.format(cut=CUTS[cut], limit=limit))

    record(pytester.path)

    assert not (pytester.path / "went-on").exists()
    assert cassettes(pytester.path) == {
        "test_cut/test_before.yaml": ["POST token", "GET table"]
    }


WORKERS = """
import os, pathlib, signal, time, pytest

@pytest.mark.parametrize("number", range(4))
def test_whole(catalyst_session, catalyst_oauth, number):
    assert catalyst_session.get(catalyst_oauth.project_url + "/table").ok

def test_cut(catalyst_session, catalyst_oauth):
    assert catalyst_session.get(catalyst_oauth.project_url + "/table").ok
    {cut}
    # The session may end meanwhile; if not, this is nobody's fault and fails.
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and os.getppid() == parent:
        time.sleep(0.05)
    assert False
"""
BY_WORKERS = {
    "worker killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "session killed": "parent = os.getppid(); os.kill(parent, signal.SIGKILL)",
    "session interrupted": "parent = os.getppid(); os.kill(parent, signal.SIGINT)",
}


@pytest.mark.parametrize("cut", BY_WORKERS)
def test_workers_that_are_cut_off_leave_nothing(
    pytester: pytest.Pytester, server: FakeServer, cut: str
) -> None:
    """What is there is whole, without a draft; the next run records the rest."""
    body = WORKERS.format(cut=BY_WORKERS[cut])
    pytester.makepyfile(test_cut=body)

    assert record(pytester.path, "-n", "2") != 0

    for name, asked in cassettes(pytester.path).items():
        assert name.startswith("test_cut/test_whole")
        assert asked == ["POST token", "GET table"]
    pytester.makepyfile(test_cut=WORKERS.partition("    {cut}")[0])
    assert record(pytester.path, "-n", "2") == 0
    assert len(cassettes(pytester.path)) == 5


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_writer_killed_before_its_rename_harms_nothing(
    pytester: pytest.Pytester, server: FakeServer, workers: str
) -> None:
    """The old cassette is whole, lint passes the draft by, the next run removes it."""
    pytester.makepyfile(test_user=BODY)
    folder = pytester.path / "cassettes/test_user"
    assert record(pytester.path) == 0
    before = (folder / "test_guests.yaml").read_bytes()
    pytester.makeconftest("""
        import os, pathlib, signal

        def replace(draft, target):
            if target.suffix == ".yaml":
                os.kill(os.getpid(), signal.SIGKILL)
            os.replace(draft, target)

        pathlib.Path.replace = replace
    """)

    assert record(pytester.path, "--catalyst-oauth=rewrite", "-n", workers) != 0

    assert len(list(folder.iterdir())) == 2, "a draft was left"
    assert (folder / "test_guests.yaml").read_bytes() == before
    assert main(["cassette", "lint", str(pytester.path / "cassettes")]) == 0
    (pytester.path / "conftest.py").unlink()
    assert record(pytester.path, "--catalyst-oauth=rewrite", "-n", workers) == 0
    assert [file.name for file in folder.iterdir()] == ["test_guests.yaml"]


def test_what_a_killed_writer_left_is_swept(
    pytester: pytest.Pytester, server: FakeServer, run
) -> None:
    """The next to write the same cassette removes its draft, and others' old ones."""
    pytester.makepyfile(test_user=BODY)
    folder = pytester.path / "cassettes/test_user"
    folder.mkdir(parents=True)
    left = folder / ".test_guests.yaml.0123abcd.tmp"
    others = folder / ".test_other.yaml.0123abcd.tmp"
    old = folder / ".test_renamed.yaml.0123abcd.tmp"
    for draft in (left, others, old):
        draft.write_text("half")
    os.utime(old, (0, 0))

    run("--catalyst-oauth=record").assert_outcomes(passed=1)

    names = sorted(file.name for file in folder.iterdir())
    assert names == [others.name, "test_guests.yaml"]


def test_failed_tests_alone_are_recorded_again(
    pytester: pytest.Pytester, server: FakeServer, session
) -> None:
    """`--lf` records what failed before, and leaves the other cassettes alone."""
    body = (
        BODY
        + BODY.replace("test_guests", "test_flag")
        + ("    import os\n    assert os.path.exists('flag')\n")
    )
    pytester.makepyfile(test_last=body)
    cached = ("-o", "cache_dir=kept", "-p", "cacheprovider")
    session("--catalyst-oauth=record", *cached).assert_outcomes(passed=1, failed=1)
    before = (pytester.path / "cassettes/test_last/test_guests.yaml").read_bytes()
    (pytester.path / "flag").touch()

    session("--catalyst-oauth=rewrite", "--lf", *cached).assert_outcomes(passed=1)

    assert len(cassettes(pytester.path)) == 2
    after = (pytester.path / "cassettes/test_last/test_guests.yaml").read_bytes()
    assert after == before


def test_a_test_that_runs_again_and_again_has_a_file_for_each_time(
    pytester: pytest.Pytester, server: FakeServer, session
) -> None:
    """As pytest-repeat does it: by parameters."""
    pytester.makeconftest("""
        def pytest_generate_tests(metafunc):
            metafunc.fixturenames.append("step")
            metafunc.parametrize("step", range(3), ids=lambda n: f"{n + 1}-3")
    """)
    pytester.makepyfile(test_loop=BODY)

    session("--catalyst-oauth=record").assert_outcomes(passed=3)

    assert len(cassettes(pytester.path)) == 3
    session("--catalyst-oauth=replay", "-n", "2").assert_outcomes(passed=3)
