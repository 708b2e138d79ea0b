"""`catalyst-oauth cassette serve`: a recording for curl, Node and whoever else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.cli._secrets_file import read_secrets_file
from tests.cli.stage import COMMAND

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
RENEWED = Path(__file__).parents[2] / "cassettes" / "refresh" / "after_the_hour.yaml"
NODE, CURL = shutil.which("node"), shutil.which("curl")
# The flow that was recorded: twice a token, and rows with each.
PROGRAM = """
if (typeof fetch === "undefined") process.exit(77);
const env = process.env;
const told = [];
for (let round = 0; round < 2; round++) {
  const token = await fetch(`${env.CATALYST_OAUTH_ACCOUNTS_URL}/oauth/v2/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: env.CATALYST_OAUTH_CLIENT_ID,
      client_secret: env.CATALYST_OAUTH_CLIENT_SECRET,
      grant_type: "refresh_token",
      refresh_token: env.CATALYST_OAUTH_REFRESH_TOKEN,
    }),
  }).then((reply) => reply.json());
  const path = `/baas/v1/project/${env.CATALYST_OAUTH_PROJECT_ID}/table/Guests/row`;
  const rows = await fetch(`${env.CATALYST_OAUTH_API_URL}${path}`, {
    headers: { Authorization: `Zoho-oauthtoken ${token.access_token}` },
  }).then((reply) => reply.json());
  told.push([token.access_token, rows.data.map((row) => row.Name)]);
}
console.log(JSON.stringify(told));
"""


class Served:
    """A server of its own that replays.

    Attributes:
        process: The command.
        env: The variables that it wrote, and the world around.
    """

    def __init__(self, process, env):
        self.process = process
        self.env = env
        self.url = env["CATALYST_OAUTH_ACCOUNTS_URL"]
        path = f"/baas/v1/project/{env['CATALYST_OAUTH_PROJECT_ID']}/table/Guests/row"
        self.rows = env["CATALYST_OAUTH_API_URL"] + path

    def run(self, *command, text=None):
        """Run a client; return what it said."""
        done = subprocess.run(
            command,
            env=self.env,
            input=text,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if done.returncode == 77:
            pytest.skip("this Node has no fetch")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def curl(self, *arguments):
        """Return status and body."""
        form = ("--disable", "--silent", "--write-out", "\n%{http_code}")
        body, _, status = self.run(CURL, *form, *arguments).rpartition("\n")
        return int(status), body

    def end(self):
        """Ask for the end; return exit code, output and complaints."""
        self.process.terminate()
        said, error = self.process.communicate(timeout=20)
        return self.process.returncode, said, error


@pytest.fixture
def serve(tmp_path):
    """Start the command with options; the variables are there when it is."""

    @contextmanager
    def serve(*options, path=RENEWED):
        file = tmp_path / "replay.env"
        command = [*COMMAND, "cassette", "serve", path, "--env-file", file, *options]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            [*map(str, command)], text=True, stdout=pipe, stderr=pipe
        ) as process:
            try:
                process.stdout.readline()
                around = {
                    n: v for n, v in os.environ.items() if "PROXY" not in n.upper()
                }
                yield Served(process, {**around, **read_secrets_file(file)})
            finally:
                process.kill()

    return serve


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
def test_a_node_program_replays(serve):
    """It gets what was recorded, in order, and the end is no failure."""
    with serve("--strict") as served:
        told = json.loads(served.run(NODE, "--input-type=module", text=PROGRAM))

        code, said, error = served.end()

    names = ["Ada", "Grace"]
    assert told == [
        ["REDACTED-access-token-1", names],
        ["REDACTED-access-token-2", names],
    ]
    assert (code, error) == (0, "")
    assert said.count("-> 200 access token issued") == 2
    assert said.count("-> 200 success") == 2


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_a_request_without_an_answer_is_explained(serve):
    """To the client and to whoever watches; no secret is shown to either."""
    with serve() as served:
        status, body = served.curl(
            f"{served.rows}?max_rows=3",
            "--header",
            "Authorization: Zoho-oauthtoken 5ec",
        )
        code, said, _ = served.end()

    answer = json.loads(body)
    explained = answer["error_description"]
    assert status == 501
    assert answer["error"] == "not_answered"
    assert "nearest is exchange 2 of 4" in explained
    assert "query parameter max_rows is new ('3')" in explained
    assert "pytest --catalyst-oauth=rewrite 'tests/flows/" in explained
    assert explained in said
    assert "not asked for: GET https://api.catalyst.zoho.com/baas/" in said
    assert "not answered: 1" in said
    assert "5ec" not in body + said
    assert code == 0


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_each_exchange_answers_once_or_again(serve):
    """Once by default; then from the first one on."""
    with serve() as served:
        once = [served.curl(served.rows)[0] for _ in range(3)]
    with serve("--repeat") as served:
        again = [served.curl(served.rows)[0] for _ in range(5)]

    assert once == [200, 200, 501]
    assert again == [200] * 5


def test_strict_ends_with_1_if_something_was_not_asked_for(serve):
    """And names it, so that a job's log says why it failed."""
    with serve("--strict") as served:
        code, said, error = served.end()

    assert code == 1
    assert error.count("not asked for: ") == 4
    assert "not asked for" not in said


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_the_recorded_addresses_themselves_by_a_proxy(serve):
    """For a client with Zoho's hosts written into it."""
    pytest.importorskip("trustme")
    with serve("--proxy") as served:
        assert served.url == "https://accounts.zoho.com"
        found = served.curl(served.rows, "--cacert", served.env["SSL_CERT_FILE"])
        other = subprocess.run(
            [CURL, "--disable", "--silent", "https://stranger.example/"],
            env=served.env,
            capture_output=True,
            timeout=30,
            check=False,
        )

    assert found[0] == 200
    assert other.returncode != 0


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_a_foreign_host_that_was_recorded_is_served_by_the_proxy(serve, tmp_path):
    """A cassette of plain VCR.py may hold any host."""
    pytest.importorskip("trustme")
    path = tmp_path / "foreign.yaml"
    path.write_text(
        "version: 1\ninteractions:\n- request: {method: GET, headers: {}, body: null,\n"
        "    uri: 'https://shop.example/a'}\n"
        "  response: {status: {code: 200, message: OK}, headers: {},"
        " body: {string: hello}}\n"
    )
    with serve("--proxy", path=path) as served:
        ca = served.env["SSL_CERT_FILE"]

        assert served.curl("https://shop.example/a", "--cacert", ca) == (200, "hello")


def test_where_answers_come_from_is_told(serve):
    """Whoever records from a replay must not take it for Zoho or the fake."""
    with serve() as served:
        source = served.env["CATALYST_OAUTH_SOURCE"]

    assert source.startswith("a replay of the fake of pytest-catalyst-oauth")


def test_a_cassette_that_is_not_there_starts_nothing(tmp_path, capsys):
    """One line, and no file is written."""
    file = tmp_path / "replay.env"

    code = main(
        ["cassette", "serve", str(tmp_path / "gone.yaml"), "--env-file", str(file)]
    )

    assert code == 8
    assert "gone.yaml: there is no such file" in capsys.readouterr().err
    assert not file.exists()
