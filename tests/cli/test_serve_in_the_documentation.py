"""What the documentation says of a server, word for word against a real one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.cli.stage import COMMAND

ROOT = Path(__file__).parents[2]
FAKE = (ROOT / "docs" / "reference" / "fake.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text, kind, title):
    """The blocks below a heading."""
    part = text.partition(f"\n{title}\n")[2]
    part = re.split(r"^##", part, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(rf"^```{kind}\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)


def environment():
    """Without what leads elsewhere, and with the command in the path."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith("CATALYST_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**kept, "PATH": path, "NO_PROXY": "127.0.0.1"}


def run(folder, script, **variables):
    """Run a script as bash does in a strict mode; return what it printed."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**environment(), "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


@contextmanager
def serving(folder, command):
    with subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout.readline().startswith("listening on ")
            yield process
        finally:
            process.terminate()


def test_the_flow_by_curl_prints_what_the_page_says(tmp_path):
    """Page, consent, code, token, call, refresh, revocation; no secret is logged."""
    prepare, serve, flow = blocks(FAKE, "sh", "### A whole flow by curl")
    (printed,) = blocks(FAKE, "text", "### A whole flow by curl")
    run(tmp_path, prepare)

    with serving(tmp_path, serve) as process:
        assert run(tmp_path, flow) == printed
        process.terminate()
        log = process.stdout.read()

    asked = re.findall(r"^\S+ (\w+ \S+) .*-> (\d+)", log, re.MULTILINE)
    assert [path for path, _ in asked][:3] == [
        "GET /oauth/v2/auth",
        "POST /oauth/fake/consent",
        "POST /oauth/v2/token",
    ]
    assert len(asked) == 8
    assert "fa4e" not in log
    assert not (tmp_path / "shop.env").exists()


def test_a_device_logs_in_as_the_page_says(tmp_path):
    """The kiosk of the seed file, with the variables of the env file; all is quiet."""
    title = "### A client of another kind"
    prepare, serve = blocks(FAKE, "sh", title)
    # The page's own test runs `sh`; here somebody has to confirm.
    (login,) = blocks(FAKE, "bash", title)
    run(tmp_path, prepare)
    with (tmp_path / "kinds.yaml").open("a", encoding="utf-8") as seed:
        seed.write("settings: {device_interval: 0.1}\n")

    with (
        serving(tmp_path, serve),
        subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", login],
            cwd=tmp_path,
            env={**environment(), "HOME": str(tmp_path), "XDG_STATE_HOME": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as kiosk,
    ):
        code = re.search(
            r"enter (\S+)", kiosk.stdout.readline() + kiosk.stdout.readline()
        )
        variables = (tmp_path / "kinds.env").read_text(encoding="utf-8")
        found = dict(re.findall(r"^(\w+)='?([^'\n]*)", variables, re.MULTILINE))
        requests.post(
            found["CATALYST_OAUTH_FAKE_CONTROL_URL"] + "devices",
            json={"user_code": code[1], "answer": "approve"},
            headers={
                "Authorization": "Bearer " + found["CATALYST_OAUTH_FAKE_CONTROL_TOKEN"]
            },
            timeout=20,
        ).raise_for_status()
        printed, complaints = kiosk.communicate(timeout=60)

    assert "Logged in: profile default, client 1004.FAKEKIOSK\n" in printed
    assert "Scopes: ZohoCatalyst.tables.rows.READ\n" in printed
    assert complaints == ""
    assert kiosk.returncode == 0


def test_a_job_starts_and_ends_a_server_as_the_page_says(tmp_path):
    """In the background of a script, where Ctrl+C would be ignored."""
    (job,) = blocks(FAKE, "sh", "### In CI")

    assert "accounts.zoho.com" in run(tmp_path, job)
    assert not (tmp_path / "ci.env").exists()
    assert (tmp_path / "serve.log").read_text().startswith("listening on ")


@pytest.mark.parametrize("center", ["us", "jp"])
def test_the_program_of_the_readme_asks_whom_the_environment_names(tmp_path, center):
    """The fake's data centre and address, whichever they are."""
    (program,) = blocks(README, "python", "## Use it in a program")
    (tmp_path / "guests.py").write_text(program, encoding="utf-8")
    serve = f"{' '.join(COMMAND)} serve --data-center {center} --env-file fake.env"

    with serving(tmp_path, serve):
        script = f"set -a; . ./fake.env; set +a; {sys.executable} guests.py"

        assert run(tmp_path, script) == "success\n"
