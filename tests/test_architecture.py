"""What the layout promises: small modules, pure layers, nothing heavy unasked."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pytest_catalyst_oauth
from pytest_catalyst_oauth import adapters, engine
from pytest_catalyst_oauth.adapters import SqliteStore
from pytest_catalyst_oauth.engine import Record, Secret, StoreKey, errors

ROOT = Path(__file__).parents[1]
PACKAGE = Path(pytest_catalyst_oauth.__file__).parent
COLLECTION = ROOT / "ansible_collection"
HEAVY = (
    "requests urllib3 vcr yaml responses tenacity httptools sqlite3 platformdirs "
    "ansible httpx redis keyring cryptography"
).split()
# Not heavy, but none of the engine's business.
FOREIGN = [*HEAVY, "pytest", "pluggy", "_pytest", "socket", "ssl", "http.client"]


def python(*arguments, **env):
    """Run a fresh interpreter; return what it said."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), **env},
    )
    assert done.returncode in (0, 5), done.stdout + done.stderr
    return done.stdout


def modules():
    return sorted([*PACKAGE.rglob("*.py"), *COLLECTION.glob("plugins/**/*.py")])


def _tests():
    """Yield each test of the project with its file."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path, node


def test_every_module_can_be_read_in_one_sitting():
    """Three hundred lines at most; more than that is two things."""
    long = {
        str(path): count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }

    assert len(modules()) > 20
    assert long == {}


def test_every_module_says_what_it_is():
    """Its docstring is one sentence, or starts with one."""
    silent = [
        str(path)
        for path in PACKAGE.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_every_test_states_its_claim():
    """In a docstring, in words that a user understands."""
    silent = [
        f"{path.name}:{node.lineno} {node.name}"
        for path, node in _tests()
        if not ast.get_docstring(node)
    ]

    assert silent == []


BLOCKED = """
import importlib.abc, sys

class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {blocked!r}:
            raise ImportError(f"{{name}} is blocked")

sys.meta_path.insert(0, Wall())
from pytest_catalyst_oauth.engine import Credentials, MemoryStore
import pytest_catalyst_oauth.engine.grants
"""


def test_the_engine_needs_the_standard_library_only():
    """It works where nothing is installed, and where there is no network."""
    assert python("-c", BLOCKED.format(blocked=FOREIGN)) == ""


@pytest.mark.parametrize(
    "module", ["pytest_catalyst_oauth", "pytest_catalyst_oauth.engine"]
)
def test_importing_is_cheap(module):
    """Whoever imports it pays for what is used, when it is used."""
    check = f"import sys, {module}; print([m for m in {FOREIGN!r} if m in sys.modules])"

    assert python("-c", check).strip() == "[]"


@pytest.mark.parametrize(
    "module",
    [
        "pytest_catalyst_oauth.plugin",
        "pytest_catalyst_oauth.hookspecs",
        "pytest_catalyst_oauth.fixtures",
        "pytest_catalyst_oauth.adapters",
    ],
)
def test_importing_the_plugin_is_cheap(module):
    """Every pytest run of every project pays for it; so it is next to nothing."""
    check = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"

    assert python("-c", check).strip() == "[]"


# Of the standard library, what a start would notice: each takes 2 to 25 ms.
SLOW = (
    "dataclasses inspect pathlib urllib.parse ipaddress hashlib hmac json threading "
    "random importlib.metadata asyncio"
).split()
HIT = f"""
import sys
from pytest_catalyst_oauth.adapters import connect
from pytest_catalyst_oauth.engine import Client, DataCenter, Secret

client = Client(
    client_id="1000.INVENTED",
    client_secret=Secret("invented"),
    data_center=DataCenter.parse("eu"),
)
assert connect(client, store=sys.argv[1]).authorization()
print([m for m in {[one for one in HEAVY if one != "sqlite3"] + SLOW!r}
       if m in sys.modules])
"""


def test_a_stored_token_costs_next_to_no_imports(tmp_path):
    """A new process that finds a valid token waits for nothing that it does not use."""
    path = tmp_path / "tokens.db"
    key = StoreKey(
        profile="default",
        accounts_url="https://accounts.zoho.eu",
        client_id="1000.INVENTED",
    )
    now = time.time()
    record = Record(
        access_token=Secret("1000.invented"), obtained_at=now, expires_at=now + 3600
    )
    SqliteStore(path).compare_and_swap(key, 0, record)

    # Without the site, which imports whatever is installed there.
    assert python("-S", "-c", HIT, path).strip() == "[]"


@pytest.mark.parametrize("facade", [adapters, engine])
def test_a_facade_lists_what_it_has(facade):
    """Also before anything was imported, so that an editor can complete it."""
    assert dir(facade) == sorted(facade.__all__)
    assert all(getattr(facade, name) is not None for name in facade.__all__)


WITNESS = f"""
import sys

def pytest_unconfigure(config):
    ours = [m for m in sys.modules if m.startswith("pytest_catalyst_oauth")]
    print("heavy:", sorted(m for m in {HEAVY!r} if m in sys.modules))
    print("ours:", len(ours))
"""


def collect(folder, *arguments):
    """Collect a test that asks for nothing; return what pytest imported for it."""
    (folder / "test_one.py").write_text("def test_one():\n    pass\n")
    (folder / "witness.py").write_text(WITNESS)
    said = python(
        *("-m", "pytest", "--co", "-q", "-p", "no:cacheprovider", "-p", "witness"),
        *(*arguments, folder),
        PYTHONPATH=f"{folder}{os.pathsep}{PACKAGE.parent}",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
    return dict(re.findall(r"^(heavy|ours): (.*)$", said, re.MULTILINE))


def test_nothing_heavy_is_imported_unless_a_test_asks(tmp_path):
    """Collecting with the plugin imports no more libraries than without it."""
    without = collect(tmp_path)
    having = collect(tmp_path, "-p", "pytest_catalyst_oauth.plugin")

    assert without == {"heavy": "[]", "ours": "0"}
    assert having["heavy"] == "[]"
    # Each of them costs every session half a millisecond.
    assert 0 < int(having["ours"]) < 8


def test_the_plugin_can_be_switched_off(tmp_path):
    """By the name that pytest shows; then not one module of ours is imported."""
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n")
    (tmp_path / "witness.py").write_text(WITNESS)

    said = python(
        *("-m", "pytest", "--co", "-q", "-p", "no:cacheprovider", "-p", "witness"),
        *("-p", "no:catalyst_oauth", tmp_path),
        PYTHONPATH=f"{tmp_path}{os.pathsep}{PACKAGE.parent}",
    )

    assert "ours: 0" in said


def test_every_error_is_in_the_tree():
    """The docstring of `errors` shows all kinds, and each under its parent."""
    tree = errors.__doc__ or ""

    def below(kind):
        for child in kind.__subclasses__():
            if child.__module__ == errors.__name__:
                yield child
                yield from below(child)

    depths = {
        name: len(indent) // 4
        for indent, name in re.findall(
            r"^    ([│ ├└─]*)(\w+Error)\b", tree, re.MULTILINE
        )
    }
    assert depths == {
        kind.__name__: sum(issubclass(one, errors.OAuthError) for one in kind.__mro__)
        - 1
        for kind in (errors.OAuthError, *below(errors.OAuthError))
    }


def test_imports_point_down():
    """As import-linter sees it: no layer imports one above or beside it."""
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("the contracts are in the checkout")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stdout


def test_the_scanner_knows_nothing_of_the_scrubber():
    """It shares no code and no table with it, so that they share no blind spot."""
    imported = {
        f"{path.name} imports {node.module}"
        for path in (PACKAGE / "cassette").glob("_scan[_n]*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.level
        and not (node.module or "").startswith("_scan_")
    }

    assert imported == set()


# A token or a code, a client secret, a client id: as Zoho issues them.
REAL = re.compile(
    r"\b(100[0-9]\.[0-9a-f]{32}\.[0-9a-f]{32}|[0-9a-f]{42}|100[0-9]\.[A-Z0-9]{30})\b"
)
TEXTS = {".py", ".md", ".toml", ".yaml", ".yml", ".ini", ".cfg", ".txt", ".j2", ".json"}


def looks_real(text):
    """Tell whether it is more than a few characters repeated, or a word."""
    body = text.partition(".")[2] or text
    spelled = re.search(r"fake|invented|example|0badc0de|c0ffee", body, re.IGNORECASE)
    return len(set(body) - {"."}) > 6 and not spelled


def test_no_file_names_a_credential_that_could_be_real():
    """Whatever is written down here is visibly invented."""
    skipped = {".git", ".venv", ".tox", "build", "dist", "__pycache__"}
    found = [
        f"{path.relative_to(ROOT)}: {text[:12]}…"
        for path in ROOT.rglob("*")
        if path.suffix in TEXTS and not skipped & set(path.parts)
        for text in REAL.findall(path.read_text(encoding="utf-8", errors="replace"))
        if looks_real(text)
    ]

    assert found == []


STRAYING = """
import socket
import pytest

def test_connects():
    try:
        with socket.socket() as caller:
            caller.connect(("192.0.2.1", 80))
    except OSError:
        pass  # as code does that is built to survive a failing network

def test_looks_up():
    try:
        socket.getaddrinfo("accounts.zoho.com", 443)
    except OSError:
        pass

def test_stays():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    socket.getaddrinfo("localhost", 80)
"""


def test_a_test_that_leaves_the_loopback_fails(tmp_path):
    """Even if it swallows the refusal."""
    (tmp_path / "test_straying.py").write_text(STRAYING)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-p", "tests.conftest", tmp_path),
        ],
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
    )

    assert "3 passed, 2 errors" in done.stdout
    assert "left the loopback: socket.connect: 192.0.2.1" in done.stdout
    assert "left the loopback: socket.getaddrinfo: accounts.zoho.com" in done.stdout
