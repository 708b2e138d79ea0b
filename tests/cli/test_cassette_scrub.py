"""`catalyst-oauth cassette scrub`: what people have already, without the secrets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import requests
import vcr
import yaml

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.cassette._format import dump
from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.cli._world import World
from tests.cassette.recordings import (
    CLIENT_SECRET,
    NEW_TOKEN,
    OLD_TOKEN,
    REFRESH_TOKEN,
    origin,
    refresh,
    rows,
)

CASSETTES = Path(__file__).parents[2] / "cassettes"
SECRETS = CLIENT_SECRET, NEW_TOKEN, OLD_TOKEN, REFRESH_TOKEN
PASSPHRASE = "correct horse battery"


@pytest.fixture
def scrub(capsys):
    """Run the command; return exit code, output and complaints."""

    def scrub(*arguments, **environ):
        world = World(environ=environ)
        code = main(["cassette", "scrub", *map(str, arguments)], world=world)
        return code, *capsys.readouterr()

    return scrub


@pytest.fixture
def leaking(tmp_path):
    """Save a flow as it is: ours, VCR.py's YAML, or its JSON."""

    def leaking(kind, *exchanges):
        exchanges = exchanges or (refresh(NEW_TOKEN), rows(NEW_TOKEN))
        data = dump(exchanges, origin() if kind == "ours" else None)
        content = yaml.safe_load(data)
        path = tmp_path / f"leaking.{'json' if kind == 'json' else 'yaml'}"
        if kind == "json":
            path.write_text(json.dumps(content, indent=4))
        elif kind == "yaml":
            path.write_text(yaml.safe_dump(content))
        else:
            path.write_bytes(data)
        return path

    return leaking


@pytest.mark.parametrize("kind", ["ours", "yaml", "json"])
def test_the_secrets_go_and_plain_vcr_still_replays(scrub, leaking, kind):
    """In the same file and the same serializer; the summary shows no value."""
    path = leaking(kind)

    code, said, error = scrub(path, "--in-place")

    text = path.read_text()
    assert (code, error) == (0, "")
    assert not [one for one in SECRETS if one in text + said]
    assert scan(text.encode()) == ()
    assert "form refresh_token 1" in said
    assert "JSON access_token 1" in said
    assert "header Authorization 1" in said
    assert text.startswith("# Recorded") == (kind == "ours")
    serializer = "json" if kind == "json" else "yaml"
    with vcr.use_cassette(
        str(path), serializer=serializer, record_mode="none", match_on=["method", "uri"]
    ):
        url = "https://accounts.zoho.eu/oauth/v2/token"
        reply = requests.post(url, data={"grant_type": "refresh_token"})
    assert reply.status_code == 200
    assert "access_token" in reply.json()


def test_without_a_place_nothing_is_written(scrub, leaking):
    """It only tells what it would do."""
    path = leaking("yaml")
    before = path.read_bytes()

    code, said, _ = scrub(path)

    assert code == 0
    assert said.endswith("; nothing was written\n")
    assert path.read_bytes() == before


def test_into_a_folder(scrub, leaking, tmp_path):
    """The old file stays; a file in the folder is never replaced."""
    path, folder = leaking("yaml"), tmp_path / "clean"
    before = path.read_bytes()

    first, again = scrub(path, "--output", folder), scrub(path, "--output", folder)

    assert first[0] == 0
    assert NEW_TOKEN not in (folder / path.name).read_text()
    assert path.read_bytes() == before
    assert again[0] == 2
    assert f"{folder / path.name}: is there; name another folder" in again[2]


def test_two_results_of_one_name_are_refused(scrub, leaking, tmp_path):
    """Before anything is written."""
    path = leaking("yaml")
    other = tmp_path / "other" / path.name
    other.parent.mkdir()
    shutil.copy(path, other)

    code, _, error = scrub(path, other, "--output", tmp_path / "clean")

    assert code == 2
    assert "would be written twice" in error
    assert not (tmp_path / "clean").exists()


def test_what_is_clean_stays_as_it_is(scrub, tmp_path):
    """To the last byte, so that a hook before each commit changes nothing."""
    for source in CASSETTES.rglob("*.yaml"):
        path = tmp_path / source.name
        shutil.copy(source, path)

        code, said, _ = scrub(path, "--in-place")

        assert (code, said) == (0, f"{path}: nothing to replace\n")
        assert path.read_bytes() == source.read_bytes()


def test_a_secret_of_a_variable_goes_wherever_it_stands(scrub, leaking):
    """Nobody else could know that it is one."""
    request, reply = rows(NEW_TOKEN)
    told = reply.body.replace(b"Invented Guest", PASSPHRASE.encode())
    path = leaking("yaml", (request, type(reply)(status=200, body=told)))

    code, said, _ = scrub(path, "--in-place", "--secret-env", "MINE", MINE=PASSPHRASE)

    assert code == 0
    assert PASSPHRASE not in path.read_text() + said
    assert "JSON name 1" in said


@pytest.mark.parametrize("value", ["", "short"])
def test_a_variable_without_a_secret_is_a_mistake(scrub, leaking, value):
    """A typing error would leave the secret where it is."""
    path = leaking("yaml")
    before = path.read_bytes()

    code, _, error = scrub(path, "--in-place", "--secret-env", "MINE", MINE=value)

    assert code == 2
    assert f"environment variable MINE: has {len(value)} characters" in error
    assert path.read_bytes() == before


def test_what_the_scan_still_finds_is_not_written(scrub, leaking, tmp_path):
    """A secret where no cassette has one: in a key of the file's own."""
    path = leaking("yaml")
    content = yaml.safe_load(path.read_text())
    content["metadata"] = {"who": NEW_TOKEN}
    path.write_text(yaml.safe_dump(content))
    before = path.read_bytes()

    code, said, error = scrub(path, "--in-place")

    assert (code, said) == (9, "")
    assert "not written, a secret may have survived at" in error
    assert "--secret-env" in error
    assert NEW_TOKEN not in error
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_the_others_are_scrubbed_although_one_is_broken(scrub, leaking, tmp_path):
    """Each that is broken is named."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("- 1\n")
    path = leaking("yaml")

    code, said, error = scrub(broken, path, "--in-place")

    assert code == 2
    assert f"cassette {broken}: is YAML, but not a VCR.py cassette" in error
    assert said.startswith(f"{path}: ")
    assert NEW_TOKEN not in path.read_text()


def test_a_link_stays_a_link(scrub, leaking, tmp_path):
    """What it leads to is scrubbed."""
    path, link = leaking("yaml"), tmp_path / "link.yaml"
    link.symlink_to(path.name)

    assert scrub(link, "--in-place")[0] == 0
    assert link.is_symlink()
    assert NEW_TOKEN not in path.read_text()


def test_a_folder_is_scrubbed_with_all_below_it(scrub, leaking, tmp_path):
    """As `lint` and `diff` take one; what is no cassette is left alone."""
    text = leaking("ours").read_text()
    for name in ("a/one.yaml", "b/one.yml"):
        path = tmp_path / "some" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "some" / "notes.json").write_text('{"to": "do"}')

    code, said, error = scrub(tmp_path / "some", "--output", tmp_path / "clean")

    assert (code, error) == (0, "")
    assert said.count(" written to ") == 2
    clean = [p for p in (tmp_path / "clean").rglob("*") if p.is_file()]
    assert {one.relative_to(tmp_path).as_posix() for one in clean} == {
        "clean/a/one.yaml",
        "clean/b/one.yml",
    }
    assert all(scan(one.read_bytes()) == () for one in clean)

    code, _, error = scrub(tmp_path / "some", "--in-place")

    assert (code, error) == (0, "")
    assert scan((tmp_path / "some/b/one.yml").read_bytes()) == ()
