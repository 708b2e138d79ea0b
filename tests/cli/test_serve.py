"""`catalyst-oauth serve` with a seed, its control, and https."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Event, Thread
from urllib.request import Request, urlopen

import pytest

from pytest_catalyst_oauth.cli import main
from pytest_catalyst_oauth.cli._secrets_file import read_secrets_file
from pytest_catalyst_oauth.cli._serve import follow
from pytest_catalyst_oauth.engine import HttpReply, HttpRequest, Journal
from tests.cli.stage import COMMAND, visit

SEED = """
settings: {data_center: eu}
clients:
- client_id: 1000.FAKESHOP
  client_secret: fake-secret-of-the-shop
  refresh_tokens: [{token: 1000.fake-refresh-token}]
"""


@contextmanager
def serving(folder, *options, lines=1):
    """Serve; yield the process, the first lines and the env file's variables."""
    file = folder / "fake.env"
    command = [*COMMAND, "serve", "--env-file", str(file), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = [process.stdout.readline() for _ in range(lines)]
            yield process, told, read_secrets_file(file)
        finally:
            process.kill()


def test_a_seed_file_decides_what_is_there(tmp_path):
    """The env file names its client and its token; no secret is printed."""
    (tmp_path / "fake.yaml").write_text(SEED)

    with serving(tmp_path, "--seed", str(tmp_path / "fake.yaml")) as (process, _, env):
        url = f"{env['CATALYST_OAUTH_ACCOUNTS_URL']}/oauth/v2/token"
        data = (
            b"grant_type=refresh_token&client_id=1000.FAKESHOP&"
            b"client_secret=fake-secret-of-the-shop&refresh_token=1000.fake-refresh-token"
        )
        with urlopen(Request(url, data=data), timeout=10) as reply:
            answer = json.load(reply)
        line = process.stdout.readline()

    assert env["CATALYST_OAUTH_CLIENT_ID"] == "1000.FAKESHOP"
    assert env["CATALYST_OAUTH_REFRESH_TOKEN"] == "1000.fake-refresh-token"
    assert env["CATALYST_OAUTH_DATA_CENTER"] == "eu"
    assert answer["api_domain"] == "https://www.zohoapis.eu"
    assert "access token issued" in line
    assert "fake-secret" not in line


def test_options_win_over_the_seed(tmp_path):
    """As everywhere: the command line is the strongest place."""
    (tmp_path / "fake.yaml").write_text(SEED)
    options = ("--seed", str(tmp_path / "fake.yaml"), "--data-center", "jp")

    with serving(tmp_path, *options) as (_, _, env):
        assert env["CATALYST_OAUTH_DATA_CENTER"] == "jp"


def test_the_control_is_off_unless_asked_for(tmp_path):
    """No variables, no page."""
    with serving(tmp_path) as (_, told, env):
        url = env["CATALYST_OAUTH_ACCOUNTS_URL"]

        assert visit(f"{url}/.catalyst-oauth/")[0] == 404
        assert not [name for name in env if "CONTROL" in name]
        assert told == [f"listening on {url}; stop with Ctrl+C\n"]


def test_the_control_prints_a_page_that_opens_once(tmp_path):
    """The token is in the env file only; what is printed is worth nothing later."""
    with serving(tmp_path, "--control", lines=2) as (process, told, env):
        token = env["CATALYST_OAUTH_FAKE_CONTROL_TOKEN"]
        page = re.fullmatch(r"control, for one browser: (http://\S+)\n", told[1])[1]
        state = f"{env['CATALYST_OAUTH_FAKE_CONTROL_URL']}state"

        assert token not in "".join(told)
        assert visit(page)[0] == 303
        assert visit(page)[0] == 403
        assert visit(state, Authorization=f"Bearer {token}")[0] == 200
        assert visit(state)[0] == 401

        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert process.stdout.read() == "\n", "the control is not in the journal"


def test_a_quiet_server_prints_no_exchange(tmp_path):
    """Under load the printing would cost more than the answers."""
    with serving(tmp_path, "--quiet") as (process, _, env):
        visit(f"{env['CATALYST_OAUTH_API_URL']}/baas/v1/project")
        # Longer than it takes to look at the journal.
        Event().wait(0.5)
        process.send_signal(signal.SIGINT)

        assert process.stdout.read() == "\n"
        assert process.wait() == 0


def test_https_and_a_proxy_name_what_to_trust(tmp_path):
    """The files and addresses that clients need."""
    pytest.importorskip("trustme")

    with serving(tmp_path, "--https", "--proxy", lines=3) as (_, told, env):
        assert told[0].startswith("listening on https://127.0.0.1:")
        assert told[1].startswith("proxy for Zoho's own addresses: http://127.0.0.1:")
        assert told[2] == f"clients have to trust {env['SSL_CERT_FILE']}\n"


@pytest.mark.parametrize(
    ("seed", "told"),
    [
        (None, "none.yaml: cannot be read: No such file or directory"),
        ("clints: []", "fake.yaml, line 1, clints: is unknown; did you mean clients?"),
    ],
)
def test_a_mistake_in_the_seed_gets_one_line(tmp_path, capsys, seed, told):
    """With file and line; nothing is served."""
    path = tmp_path / ("none.yaml" if seed is None else "fake.yaml")
    if seed is not None:
        path.write_text(seed)

    assert main(["serve", "--seed", str(path)]) == 2

    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_an_unknown_profile_shows_the_usage(capsys):
    """With the two that there are."""
    with pytest.raises(SystemExit) as caught:
        main(["serve", "--profile", "lax"])

    assert caught.value.code == 2
    assert "faithful" in capsys.readouterr().err


def test_the_follower_says_what_it_missed(capsys):
    """A journal that forgets faster than it is read leaves a gap, which is told."""
    journal = Journal(limit=2)
    for number in range(5):
        url = f"http://127.0.0.1/{number}"
        journal.note(HttpRequest(method="GET", url=url), HttpReply(status=404), 0.0)
    # It would follow until it is interrupted, as in a terminal.
    Thread(target=follow, args=(journal,), daemon=True).start()
    text = ""
    while text.count("\n") < 3:
        text += capsys.readouterr().out

    assert text.splitlines()[0] == "... 3 more"
    assert [line.split()[2] for line in text.splitlines()[1:]] == ["/3", "/4"]


class Impatient(io.StringIO):
    """A terminal whose reader presses Ctrl+C as soon as there is something to read."""

    def flush(self):
        if self.getvalue().count("\n") == 1:
            raise KeyboardInterrupt


def test_the_follower_tells_nothing_twice(monkeypatch):
    """Also if it is to end at the moment at which it prints an exchange."""
    journal = Journal()
    request = HttpRequest(method="GET", url="http://127.0.0.1/one")
    journal.note(request, HttpReply(status=404), 0.0)
    monkeypatch.setattr(sys, "stdout", shown := Impatient())

    follow(journal)

    assert shown.getvalue().count("/one") == 1


def test_serving_imports_nothing_heavy():
    """Whoever starts a fake for every test waits for it every time."""
    heavy = "requests urllib3 responses pytest vcr yaml jinja2 trustme cryptography"
    program = f"""
import sys
from pytest_catalyst_oauth.cli._main import _parser
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer
_parser(["serve"]).parse_args(["serve"])
with FakeServer(FakeCatalyst(), control=True) as server:
    server.env, server.control_page()
    print([name for name in {heavy.split()!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
