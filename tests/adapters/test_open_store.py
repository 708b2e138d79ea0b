"""`open_store`: which address is which store, and what is wrong with the others."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.adapters._open_store import _OPENERS
from pytest_catalyst_oauth.engine import MemoryStore
from pytest_catalyst_oauth.engine.errors import SettingsError


def refused(address):
    with pytest.raises(SettingsError) as caught:
        open_store(address)
    return caught.value


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("tokens.db", "<SQLite store tokens.db>"),
        ("sqlite:tokens.db", "<SQLite store tokens.db>"),
        ("json:tokens", "<JSON store tokens>"),
        ("json:/srv/tokens?lease=7.5", "<JSON store /srv/tokens>"),
        ("keyring:", "<keyring store catalyst-oauth>"),
        ("keyring:team?timeout=3", "<keyring store team>"),
        ("redis://127.0.0.1", "<Redis store redis://127.0.0.1:6379/0>"),
        ("redis://127.0.0.1:1/2?timeout=1", "<Redis store redis://127.0.0.1:1/2>"),
        ("redis://u:p@[::1]/2?prefix=a:", "<Redis store redis://[::1]:6379/2>"),
        ("rediss://u:p@localhost/", "<Redis store rediss://localhost:6379/0>"),
        ("unix:///run/redis.sock", "<Redis store unix:///run/redis.sock?db=0>"),
        ("unix://u:p@/run/a%20b?db=4&lease=9", "<Redis store unix:///run/a b?db=4>"),
    ],
)
def test_an_address_says_what_and_where(address, shown):
    """And the store shows it, without user and password."""
    assert repr(open_store(address)) == shown


def test_memory_is_a_store_too():
    """For one process, or for tests."""
    assert isinstance(open_store("memory:"), MemoryStore)


@pytest.mark.parametrize("address", ["json:", "sqlite:", "redis:", "foo:bar", "foo:"])
def test_an_unknown_kind_is_answered_with_the_known_ones(address):
    """The message lists what may be given."""
    error = refused(address)

    assert error.what == f"token store {address.partition(':')[0] + ':'!r}"
    for (
        known
    ) in "path sqlite: memory: json: keyring: redis:// rediss:// unix://".split():
        assert known in error.hint


HIDDEN = "pa55w0rd"


@pytest.mark.parametrize(
    "address",
    [
        f"redis:///{HIDDEN}",
        f"redis://u:{HIDDEN}/x@127.0.0.1",
        f"redis://u:1{HIDDEN}@127.0.0.1:port",
        f"redis://u:{HIDDEN}@127.0.0.1/one",
        f"redis://u:{HIDDEN}#x@127.0.0.1",
        f"redis://u:x?{HIDDEN}@127.0.0.1",
        f"redis://u:x?a=b&{HIDDEN}=@127.0.0.1",
        f"redis://u:{HIDDEN}@[::1",
        f"redis:{HIDDEN}@127.0.0.1",
        f"rediss://u:1/{HIDDEN}@127.0.0.1:6379/0",
        f"unix://u:{HIDDEN}@host/path",
        f"unix://u:{HIDDEN}@/path?db=x",
        f"unix://u:{HIDDEN}@",
    ],
)
def test_a_malformed_address_shows_no_part_of_a_password(address):
    """Whatever was written wrongly, it may have been the password."""
    error = refused(address)

    assert HIDDEN not in str(error)
    assert address.partition(":")[0] in error.what
    assert "::" not in str(error)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("lese=3", "key_env, key_file, lease"),
        ("lease=1&lease=2", "key_env, key_file, lease"),
        ("lease", "key_env, key_file, lease"),
        ("lease=", "key_env, key_file, lease"),
        ("prefix=a", "key_env, key_file, lease"),
    ],
)
def test_an_unknown_option_is_answered_with_the_known_ones(query, names):
    """Each kind of store has its own."""
    assert refused(f"json:tokens?{query}").hint.endswith(names)


@pytest.mark.parametrize(
    "address",
    ["redis://127.0.0.1?db=3", "redis://127.0.0.1?ca_file=a", "keyring:?lease=3"],
)
def test_an_option_of_another_kind_is_not_ignored(address):
    """Whoever writes it means something by it."""
    assert refused(address).problem == "are malformed, empty, given twice or unknown"


@pytest.mark.parametrize("value", ["0", "-1", "soon", "nan", "inf", "1e9"])
def test_a_time_is_a_number_of_seconds(value):
    """From nothing to a day; neither "nan" nor "soon"."""
    error = refused(f"json:tokens?lease={value}")

    assert error.what == "lease of a token store"


def test_a_password_must_be_in_the_variable_that_is_named():
    """Its name is shown, since that is what may be wrong."""
    error = refused("redis://u@127.0.0.1?password_env=NOT_SET_AT_ALL")

    assert str(error) == (
        "environment variable NOT_SET_AT_ALL: is not set, but the password of "
        "redis://127.0.0.1:6379/0 should be in it"
    )


WITHOUT = """
import importlib.abc, sys

class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Wall())
from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine.errors import SettingsError
open_store("json:tokens")
try:
    open_store(sys.argv[2])
except SettingsError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("library", "extra", "address"),
    [
        ("redis", "redis", "redis://127.0.0.1"),
        ("keyring", "keyring", "keyring:"),
        ("cryptography", "encryption", "json:tokens?key_env=PATH"),
    ],
)
def test_a_missing_library_is_one_sentence(library, extra, address):
    """It says what to install."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, library, address],
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == (
        f"the Python library {library!r}: is not installed, but the token store needs "
        f"it; pip install 'pytest-catalyst-oauth[{extra}]'\n"
    )


def test_only_what_is_used_is_imported():
    """A JSON store in clear needs none of the libraries."""
    script = (
        "import sys; from pytest_catalyst_oauth.adapters import open_store;"
        "open_store('json:tokens'); open_store('memory:');"
        "print({'redis', 'keyring', 'cryptography', 'sqlite3', 'platformdirs'}"
        " & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert done.stdout == "set()\n"


def test_every_option_is_documented():
    """In the docstring, with its default where it has one."""
    # The compiler strips the indentation from Python 3.13 on.
    text = inspect.cleandoc(open_store.__doc__)
    options = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    known = frozenset().union(*(names for _, names in _OPENERS.values()))
    assert options == known - {"db"}


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("", "token store ''"),
        ("memory:?lease=1", "token store memory:"),
        ("memory:mine", "token store memory:"),
        ("s1.db?x=1", "token store s1.db"),
        ("sqlite:s1.db?lease=1", "token store s1.db"),
        ("./a/s1.db?x=", "token store ./a/s1.db"),
    ],
)
def test_options_of_a_store_without_options_are_refused(address, what):
    """They are no part of a file's name, and are not dropped in silence."""
    error = refused(address)

    assert error.what == what
    assert error.hint


def test_a_path_may_have_a_question_mark():
    """A `Path` is never an address."""
    assert "s1.db?x=1" in repr(open_store(Path("s1.db?x=1")))
