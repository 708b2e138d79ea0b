"""`pytest_catalyst_oauth.guard`, with the real pytest-recording and pytest-vcr.

They cannot be installed together, so each is put into a folder of its own, and a pytest
of its own finds it there.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import requests
import vcr
import yaml

from pytest_catalyst_oauth.cassette import Cassette, Scrubber, scan
from pytest_catalyst_oauth.fake import FakeServer
from tests.cassette.recordings import OLD_TOKEN, cassette, refresh, rows

RECORD = {
    "pytest-recording": "--record-mode=once",
    "pytest-vcr": "--vcr-record=once",
}
REPLAY = {
    "pytest-recording": "--record-mode=none",
    "pytest-vcr": "--vcr-record=none",
}
TESTS = """
import os, pytest, requests

URL = os.environ["CATALYST_OAUTH_ACCOUNTS_URL"] + "/oauth/v2/token"
FORM = {
    "grant_type": "refresh_token",
    "refresh_token": os.environ["CATALYST_OAUTH_REFRESH_TOKEN"],
    "client_id": os.environ["CATALYST_OAUTH_CLIENT_ID"],
    "client_secret": os.environ["CATALYST_OAUTH_CLIENT_SECRET"],
}
TOKEN = {}

@pytest.mark.vcr
def test_token():
    reply = requests.post(URL, params=FORM).json()
    TOKEN.update(reply)
    assert reply["access_token"].startswith(os.environ["EXPECTED"])

@pytest.mark.vcr
def test_another_test_uses_the_token():
    url = os.environ["CATALYST_OAUTH_API_URL"] + "/baas/v1/project"
    note = "seen before " + TOKEN["access_token"] + " in words"
    assert requests.get(url, headers={"X-Note": note}).status_code == 401
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Install one of them into a folder; return that."""
    found = {}

    def installed(name):
        if name not in found:
            folder = tmp_path_factory.mktemp(name)
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
            done = subprocess.run(
                [*pip, "--target", folder, name],
                capture_output=True,
                text=True,
                check=False,
            )
            found[name] = folder if done.returncode == 0 else None
        if found[name] is None:
            pytest.skip(f"{name} cannot be installed here")
        return found[name]

    return installed


class Project:
    """A project that records with one of them.

    Attributes:
        path: Its folder.
        env: What its tests see.
    """

    def __init__(self, path, name, library, server):
        self.path = path
        self.name = name
        kept = {n: v for n, v in os.environ.items() if "PROXY" not in n.upper()}
        self.env = {**kept, **server.env, "PYTHONPATH": str(library)}
        (path / "test_own.py").write_text(TESTS)
        (path / "conftest.py").write_text(
            'pytest_plugins = ["pytest_catalyst_oauth.guard"]\n'
        )

    def run(self, mode, *options, expected="", **changes):
        """Run its tests in a process of their own; return code and output."""
        quiet = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:anyio")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *quiet, mode[self.name], *options],
            cwd=self.path,
            env={**self.env, "EXPECTED": expected, **changes},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def cassettes(self):
        """The files that it recorded."""
        return sorted(self.path.rglob("*.yaml"))


@pytest.fixture(params=sorted(RECORD))
def project(request, installed, tmp_path):
    """A project for each of the two, and a server to record from."""
    with FakeServer() as server:
        yield Project(tmp_path, request.param, installed(request.param), server)


def test_what_they_record_holds_no_secret_and_replays(project):
    """Also a token of one test in the words of another one."""
    code, said = project.run(RECORD, expected="100")
    assert code == 0, said

    assert len(project.cassettes) == 2
    for path in project.cassettes:
        data = path.read_bytes()
        assert scan(data) == ()
        for name in ("CLIENT_SECRET", "REFRESH_TOKEN"):
            assert project.env[f"CATALYST_OAUTH_{name}"].encode() not in data
    words = next(p for p in project.cassettes if "another" in p.name).read_text()
    assert "seen before " in words

    # Another secret in the query: it must not matter.
    code, said = project.run(REPLAY, CATALYST_OAUTH_CLIENT_SECRET="fa" * 21)
    assert code == 0, said


def test_their_cassettes_load_in_ours(project):
    """And are as good as our own."""
    project.run(RECORD, expected="100")

    loaded = [Cassette.load(path) for path in project.cassettes]

    assert [len(one.exchanges) for one in loaded] == [1, 1]
    assert {one.origin for one in loaded} == {None}


def test_a_secret_that_survives_fails_the_test_and_is_not_written(project):
    """In one sentence, and no traceback shows it."""
    leak = (
        "from pytest_catalyst_oauth.cassette import _guard\n"
        "class Lazy:\n"
        "    def __init__(self, known): pass\n"
        "    def scrub(self, exchanges):\n"
        "        from pytest_catalyst_oauth.cassette import Scrubbed\n"
        "        return Scrubbed(exchanges=tuple(exchanges), secrets=())\n"
        "_guard.Scrubber = Lazy\n"
    )
    with (project.path / "conftest.py").open("a") as conftest:
        conftest.write(leak)

    code, said = project.run(RECORD, "-l", "-k", "test_token", expected="100")

    assert code == 1
    assert "SecretInCassetteError: cassette " in said
    assert project.env["CATALYST_OAUTH_CLIENT_SECRET"] not in said
    assert project.cassettes == []


def test_our_cassettes_replay_in_pytest_recording(installed, tmp_path):
    """Without the guard, too: what we write is VCR.py's format."""
    folder = tmp_path / "cassettes" / "test_own"
    exchanges = refresh(OLD_TOKEN), rows(OLD_TOKEN)
    cassette(*exchanges).save(folder / "test_ours.yaml", scrubber=Scrubber())
    url = exchanges[1][0].url
    (tmp_path / "test_own.py").write_text(
        "import pytest, requests\n"
        "@pytest.mark.vcr\n"
        "def test_ours():\n"
        f"    assert requests.get({url!r}).json()['status'] == 'success'\n"
    )
    quiet = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:anyio")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, "--block-network"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed("pytest-recording"))},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout


def test_a_plain_vcr_can_be_guarded(tmp_path):
    """Whoever has no such plugin writes one line for the `VCR` instead."""
    from pytest_catalyst_oauth.cassette import Memory, guard

    recorder = vcr.VCR(cassette_library_dir=str(tmp_path))
    guard(recorder, Memory())
    with FakeServer() as server, recorder.use_cassette("a.yaml"):
        secret = server.fake.refresh_token.reveal()
        url = f"{server.accounts_url}/oauth/v2/token"
        requests.post(url, data={"refresh_token": secret})

    content = yaml.safe_load((tmp_path / "a.yaml").read_text())
    assert secret not in content["interactions"][0]["request"]["body"]
