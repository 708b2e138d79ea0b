"""The documentation: its examples run, its links and citations lead somewhere.

Each page is one folder in which its blocks run in order, as a reader would run them. A
Python block names its file in its first line. Test files are run by pytest, others as
programs; `conftest.py` serves the tests that follow. Shell blocks are run by bash, each
in a terminal of its own; a server that a block leaves running does so until the page
ends. At the
hosts of Zoho and at those that the environment names, programs meet one fake.
"""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import NamedTuple

import pytest

from pytest_catalyst_oauth import fixtures, hookspecs
from pytest_catalyst_oauth.adapters import connect, open_store
from pytest_catalyst_oauth.engine import DataCenter
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings

# It also imports what pytester must not forget between two runs.
from tests.plugin.conftest import QUIET

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Its examples wait for a person at a browser; tests/cli/test_reference.py checks it.
FOR_PEOPLE = {"command.md"}
# Seconds; a command that waits for somebody would wait for minutes.
PATIENCE = 120
# Port 9 discards: whoever does not mean the loopback gets nowhere.
NOWHERE = "http://127.0.0.1:9"
_BLOCK = re.compile(
    r"^(?P<mark><!-- \w+ -->\n)?```(?P<kind>python|sh)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CITATION = re.compile(r"zoho-protocol\.md(?P<sections>(?:,? (?:and )?\d+(?:\.\d+)?)*)")


class Block(NamedTuple):
    """A fenced block of a page.

    Attributes:
        place: Page and line, for people.
        kind: `python` or `sh`.
        text: As written.
    """

    place: str
    kind: str
    text: str

    @property
    def file(self) -> str:
        found = re.match(r"# (\w+\.py)\n", self.text)
        assert found, f"{self.place}: the first line should name a file: # guests.py"
        return found[1]


def blocks(page):
    """List a page's blocks, without the two that .ci/run runs in a fresh checkout."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            f"{page.name}:{text.count(chr(10), 0, found.start('text'))}",
            found["kind"],
            found["text"],
        )
        for found in _BLOCK.finditer(text)
        if found["mark"] is None
    ]


@pytest.fixture
def server():
    settings = FakeSettings(data_center=DataCenter.parse("eu"), token_requests=1000)
    with FakeServer(FakeCatalyst(settings=settings)) as server:
        yield server


@pytest.fixture
def desk(server, pytester, tmp_path, monkeypatch):
    """A folder, and an environment in which nothing but this machine is reached."""
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    environment = {
        **server.env,
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HTTP_PROXY": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "NO_PROXY": "127.0.0.1",
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTEST_ADDOPTS": " ".join(QUIET),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return pytester


def run_python(block, server, desk):
    """Save a block under the name that it gives, and run it."""
    (desk.path / block.file).write_text(block.text, encoding="utf-8")
    if block.file.startswith("test_"):
        assert desk.runpytest_inprocess(block.file).ret == 0, block.place
    elif block.file != "conftest.py":
        with server.fake.in_process():
            runpy.run_path(block.file, run_name="__main__")


def run_shell(block, running):
    """Run a block, or start it if it serves and nothing else."""
    if re.search(r"^catalyst-oauth serve[^&\n]*$", block.text, re.MULTILINE):
        running.enter_context(serving(block))
    else:
        run_command(["bash", "-euo", "pipefail", "-c", block.text], block)


def run_command(command, block):
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, f"{block.place}\n{done.stdout}\n{done.stderr}"


@contextmanager
def serving(block):
    command = ["bash", "-c", f"exec {block.text}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            told = process.stdout.readline()
            assert told.startswith("listening on http://127.0.0.1:"), block.place
            yield
        finally:
            process.kill()


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if blocks(page) and page.name not in FOR_PEOPLE],
    ids=lambda page: page.stem,
)
def test_the_examples_of_a_page_run(page, server, desk):
    """From top to bottom, as written, against the fake."""
    with ExitStack() as running:
        for block in blocks(page):
            if block.kind == "python":
                run_python(block, server, desk)
            else:
                run_shell(block, running)


def test_the_readme_has_the_commands_that_the_ci_runs():
    """`.ci/run` takes its two commands from there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    marks = re.findall(r"^<!-- (\w+) -->\n```sh\n(.+)\n```$", text, re.MULTILINE)

    assert [mark for mark, _ in marks] == ["demo", "test"]
    assert all("venv .venv" in command for _, command in marks)


def _anchors(page):
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
        for title in titles
    }


def _leads_nowhere(page, target):
    path, _, anchor = target.partition("#")
    goal = (page.parent / path) if path else page
    if not goal.exists():
        return True
    return bool(anchor) and anchor not in _anchors(goal)


def test_every_link_between_pages_leads_somewhere():
    """To a file that is there, and to a heading in it."""
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target
    ]
    broken = [f"{p.name}: {t}" for p, t in links if _leads_nowhere(p, t)]

    assert len(links) > 10
    assert broken == []


def _citations():
    """Yield every place that cites the page on Zoho, with the sections it names."""
    for folder in ("pytest_catalyst_oauth", "ansible_collection", "tests"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix not in (".py", ".toml", ".md") or path == Path(__file__):
                continue
            for found in _CITATION.finditer(path.read_text(encoding="utf-8")):
                yield path, re.findall(r"\d+(?:\.\d+)?", found["sections"])


def test_every_citation_about_zoho_can_be_looked_up():
    """Each names a section, and the page has it."""
    text = (REFERENCE / "zoho-protocol.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", text, re.MULTILINE))
    cited = list(_citations())
    lost = {
        str(path.relative_to(ROOT)): sections
        for path, sections in cited
        if not sections or set(sections) - known
    }

    assert len(cited) > 30
    assert lost == {}


def _hook_headings():
    hooks = [name for name in vars(hookspecs) if name.startswith("pytest_catalyst_")]
    for name in hooks:
        arguments = ", ".join(signature(getattr(hookspecs, name)).parameters)
        yield f"### `{name}({arguments})`"


def _public(kind):
    return [name for name in vars(kind) if not name.startswith("_")]


def _connect_arguments():
    return [f"`{name}`" for name in signature(connect).parameters if name != "client"]


def _fixture_names():
    folder = Path(fixtures.__file__).parent
    pages = (folder / name for name in ("__init__.py", "_requested.py"))
    source = "".join(page.read_text(encoding="utf-8") for page in pages)
    return re.findall(r"^ *@pytest\.fixture.*\n *def (\w+)", source, re.MULTILINE)


def _store_words():
    """List the schemes and options that `open_store` documents."""
    text = open_store.__doc__
    options = re.findall(r"^\s*\| `(\w+)` \|", text, re.MULTILINE)
    schemes = re.findall(r"`(\w+:)", text)
    return [*schemes, *(f"| `{option}` |" for option in options)]


def _serve_options():
    command = [sys.executable, "-m", "pytest_catalyst_oauth", "serve", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  (--[\w-]+)", told, re.MULTILINE)


def _options():
    source = (ROOT / "pytest_catalyst_oauth" / "plugin.py").read_text(encoding="utf-8")
    return re.findall(r'"(--catalyst-oauth[\w-]*)"', source)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("plugin.md", _fixture_names),
        ("plugin.md", _hook_headings),
        ("fake.md", lambda: _public(FakeCatalyst)),
        ("fake.md", lambda: [f"`{field.name}`" for field in fields(FakeSettings)]),
        ("fake.md", lambda: _public(FakeServer)),
        ("fake.md", _serve_options),
        ("connect.md", _connect_arguments),
        ("stores.md", _store_words),
        ("options.md", _options),
    ],
    ids="fixtures hooks fake switches server serve connect stores options".split(),
)
def test_a_page_names_everything_that_it_is_about(page, names):
    """What exists is documented."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    found = list(names())

    assert len(found) > 1
    assert [name for name in found if name not in text] == []
