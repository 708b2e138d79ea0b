"""The benchmarks run, and count what they say they count. No test looks at a time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "benchmarks" / "engine.py"
OF_THE_FAKE = ROOT / "benchmarks" / "fake.py"
OF_REPLAY = ROOT / "benchmarks" / "replay.py"
OF_ANSIBLE = ROOT / "benchmarks" / "ansible.py"
DRIVER = ROOT / "benchmarks" / "_driver.py"
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"

pytestmark = pytest.mark.skipif(
    not SCRIPT.exists(), reason="the benchmarks are in the checkout"
)


def run(*arguments, cwd, script=SCRIPT, **env):
    """Run the script as its page says, but from anywhere; return what it prints."""
    done = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "default", **env},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_quick_run_prints_a_table(tmp_path):
    """With whatever peers there are; the floor is measured against itself."""
    said = run("--only", "hot", "--quick", cwd=tmp_path)

    assert "### hot: a valid token from memory" in said
    assert re.search(r"^\| floor, against itself \| [\d.]+ \|", said, re.MULTILINE)
    assert re.search(r"^\| ours, token\(\) \| [\d.]+ \|", said, re.MULTILINE)
    assert "### herd" not in said


@pytest.fixture(scope="module")
def herd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("herd")
    run("--only", "herd", "--quick", "--json", folder / "found.json", cwd=folder)
    found = json.loads((folder / "found.json").read_text())["herd"]
    return {(row["client"], row["server"]): row for row in found["rows"]}


@pytest.mark.parametrize("server", ["slow", "fails", "hangs"])
@pytest.mark.parametrize(
    "client", ["ours", "ours, asyncio", "ours, SQLite", "ours, Redis"]
)
def test_a_herd_causes_one_request(herd, client, server):
    """All are served, or all share one failure: threads, tasks and processes."""
    if client == "ours, Redis" and (client, server) not in herd:
        pytest.skip("no redis-server here")

    found = herd[client, server]
    assert found["token requests"] == 1
    served, missed = ("served", "errors") if server == "slow" else ("errors", "served")
    assert found[served] > 1
    assert found[missed] == 0


def test_a_start_is_light_and_a_due_token_is_renewed_once(tmp_path):
    """The parts that measure time check, too, that what they measure is right."""
    file = tmp_path / "found.json"
    run("--only", "cold,soft", "--quick", "--json", file, cwd=tmp_path)

    found = json.loads(file.read_text())
    imports = (
        "ours imports none of requests, vcr, pytest, redis, tenacity, platformdirs"
    )
    assert any(remark.startswith(imports) for remark in found["cold"]["remarks"])
    rows = {row["client"]: row for row in found["soft"]["rows"]}
    assert rows["ours, SQLite store"]["token requests per crowd"] == 1
    assert rows["ours, memory store"]["token requests per crowd"] == 1


def test_an_unknown_part_is_refused_in_words(tmp_path):
    """Naming those that there are."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--only", "warm"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 2
    assert "choose from hot, cold, herd, soft" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_page_names_every_part_and_option():
    """What the script can do is written down, and nothing else."""
    page = PAGE.read_text(encoding="utf-8")
    script = DRIVER.read_text(encoding="utf-8")

    options = re.findall(r'"(--\w+)"', script)
    assert options == ["--only", "--quick", "--json"]
    assert set(re.findall(r"--\w+", page)) == set(options)
    parts = [
        part
        for script in (SCRIPT, OF_REPLAY, OF_ANSIBLE)
        for part in re.findall(r'"(\w+)": "_\w+"', script.read_text(encoding="utf-8"))
    ]
    assert re.findall(r"^## (\w+):", page, re.MULTILINE) == parts


@pytest.fixture(scope="module")
def of_replay(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replay")
    file = folder / "found.json"
    run("--quick", "--json", file, cwd=folder, script=OF_REPLAY)
    return json.loads(file.read_text())


def test_replayed_tests_are_compared_with_empty_ones(of_replay):
    """Each suite is recorded and replayed, and all of its tests pass."""
    rows = {row["tests"]: row for row in of_replay["tests"]["rows"]}

    assert rows.keys() >= {
        "empty tests",
        "responses",
        "ours, catalyst_session",
        "ours, catalyst_cassette",
    }
    assert rows["empty tests"]["CPU ms added to a test"] == 0


def test_starts_are_compared_with_one_without_plugins(of_replay):
    """Also with itself, so that the noise is seen."""
    rows = [row["plugin"] for row in of_replay["start"]["rows"]]

    assert rows[:3] == ["no plugin", "no plugin, once more", "ours"]


def test_tasks_are_compared_with_those_by_hand(tmp_path):
    """Each task of ours runs, and as many tokens are asked for as by `uri`."""
    pytest.importorskip("ansible", reason="ansible-core is not installed")
    file = tmp_path / "found.json"

    run("--quick", "--json", file, cwd=tmp_path, script=OF_ANSIBLE)

    rows = {row["task"]: row for row in json.loads(file.read_text())["tasks"]["rows"]}
    by_hand = "ansible.builtin.uri"
    assert [*rows] == ["debug", "ours, minted", "ours, reused", by_hand]
    assert rows[by_hand][f"x {by_hand}, per item"] == 1
    assert all(row["ms per item"] > 0 for row in rows.values())


def test_cassettes_of_several_sizes_are_replayed_by_ours_and_by_vcrpy(of_replay):
    """The last exchange, and all of them."""
    rows = [(row["tool"], row["exchanges"]) for row in of_replay["size"]["rows"]]

    assert rows == [("ours", 1), ("VCR.py", 1), ("ours", 5), ("VCR.py", 5)]


@pytest.fixture(scope="module")
def of_the_fake(tmp_path_factory):
    """What a quick run says and finds where npm is not on the path."""
    folder = tmp_path_factory.mktemp("fake")
    file = folder / "found.json"
    arguments = ("--quick", "--json", file, "--npm", folder)
    said = run(*arguments, cwd=folder, script=OF_THE_FAKE, PATH=str(folder))
    return said, json.loads(file.read_text())


def test_the_fake_is_measured_without_the_others(of_the_fake):
    """What is not installed is left out, in words; npm is asked only if it is there."""
    said, found = of_the_fake

    assert "left out, as npm could not install them" in said
    assert set(found) == {"rate", "start", "memory"}
    assert all(found[name]["rows"] for name in found)


def test_each_number_of_connections_gets_tokens(of_the_fake):
    """A server that refuses ends the benchmark, so what is counted are tokens."""
    _, found = of_the_fake
    ours = [row for row in found["rate"]["rows"] if row["server"] == "ours"]

    assert [row["connections"] for row in ours] == [1, 32]
    assert all(row["per second"] > 0 for row in ours)
    assert all(row["ours is x times that"] == 1 for row in ours)


def test_the_command_is_what_is_started(of_the_fake):
    """As people start it, and small; and its memory is watched over many requests."""
    _, found = of_the_fake
    started = found["start"]["rows"][0]
    counts = [row["token requests"] for row in found["memory"]["rows"]]

    assert started["server"] == "ours, catalyst-oauth serve"
    assert 0 < started["memory then, MB"] < 60
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert counts[-1] >= 1000
