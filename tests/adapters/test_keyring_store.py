"""`keyring:`: the operating system's keyring, which may not be there, or not answer."""

from __future__ import annotations

import shutil
import subprocess
import sys
import traceback
from dataclasses import replace

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, NoKeyringError

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine import ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError, StoreError
from tests.adapters.stores import (
    FULL,
    KEY,
    OTHER,
    ROOT,
    FileKeyring,
    HangingKeyring,
    generation,
    keyring_store,
)


@pytest.fixture
def passwords(tmp_path):
    return FileKeyring(tmp_path / "passwords")


@pytest.fixture
def hanging(tmp_path):
    """A keyring that does not answer before the test is over."""
    backend = HangingKeyring(tmp_path / "passwords")
    yield backend
    backend.go_on.set()


def refused(store, call=lambda store: store.load(KEY)):
    with pytest.raises(StoreError) as caught:
        call(store)
    return caught.value


def write(store):
    return store.compare_and_swap(KEY, 0, FULL)


def shown(error):
    lines = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(lines.format())


def test_a_record_is_a_password_of_our_service(tmp_path, passwords):
    """People find it in their keyring under a name that they know."""
    keyring_store(tmp_path, passwords).compare_and_swap(KEY, 0, FULL)

    assert "1000.invented-refresh" in passwords.get_password(
        "catalyst-oauth", KEY.digest
    )


def test_no_file_beside_holds_a_secret(tmp_path, passwords):
    """The folder has names and locks only."""
    store = keyring_store(tmp_path, passwords)
    with store.lock(KEY, 0):
        store.compare_and_swap(KEY, 0, FULL)

    texts = [path.read_text() for path in (tmp_path / "locks").iterdir()]
    assert len(texts) == 3
    assert "invented" not in "".join(texts)


def test_the_users_keyring_is_the_default(tmp_path, passwords, monkeypatch):
    """The one that `keyring` is configured to use, in a service that may be named."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    before = keyring.get_keyring()
    keyring.set_keyring(passwords)
    try:
        store = open_store("keyring:my-team")
        store.compare_and_swap(KEY, 0, FULL)
        kept = keyring.get_password("my-team", KEY.digest)
        assert list(open_store("keyring:").keys()) == []
    finally:
        keyring.set_keyring(before)

    assert "1000.invented-refresh" in kept
    assert repr(store) == "<keyring store my-team>"


@pytest.mark.parametrize("service", ["../up", "a b", "a/b"])
def test_a_service_has_a_plain_name(service):
    """It names a folder, too."""
    with pytest.raises(SettingsError, match="use letters, digits"):
        open_store(f"keyring:{service}")


def test_a_machine_without_a_keyring_is_told_so(tmp_path):
    """In one sentence, with the way out."""
    error = refused(keyring_store(tmp_path, NoKeyring()))

    assert str(error) == (
        "token store keyring: there is none on this machine; "
        "name another store: sqlite:PATH"
    )


class Failing(FileKeyring):
    """Fails at reading or writing, with whatever it is given."""

    def __init__(self, path, error, at):
        super().__init__(path)
        self._error, self._at = error, at

    def get_password(self, service, username):
        if self._at == "get":
            raise self._error
        return super().get_password(service, username)

    def set_password(self, service, username, password):
        raise self._error


@pytest.mark.parametrize("at", ["get", "set"])
@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (KeyringLocked("1000.invented-echo"), "is locked"),
        (OSError("1000.invented-echo"), "does not work: OSError"),
    ],
)
def test_what_a_backend_says_is_not_repeated(tmp_path, error, problem, at):
    """It may be anything; the kind is enough, and no traceback shows the record."""
    found = refused(keyring_store(tmp_path, Failing(tmp_path / "p", error, at)), write)

    assert found.problem == problem
    assert "1000.invented" not in shown(found)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (KeyringLocked("1000.invented-echo"), "is locked"),
        (NoKeyringError("1000.invented-echo"), "there is none on this machine"),
    ],
)
def test_a_large_record_is_not_blamed_for_a_locked_keyring(tmp_path, error, problem):
    """Asking for fewer scopes would not unlock it."""
    large = replace(FULL, access_token=Secret("1000.invented-" + "x" * 1200))
    store = keyring_store(tmp_path, Failing(tmp_path / "p", error, "set"))

    assert (
        refused(store, lambda s: s.compare_and_swap(KEY, 0, large)).problem == problem
    )


def test_a_record_that_is_too_large_is_named(tmp_path):
    """Windows takes 2560 bytes; what else may have gone wrong is not guessed at."""
    backend = Failing(tmp_path / "p", ValueError("stub received bad data"), "set")
    large = replace(FULL, access_token=Secret("1000.invented-" + "x" * 1200))

    error = refused(
        keyring_store(tmp_path, backend), lambda s: s.compare_and_swap(KEY, 0, large)
    )

    assert "does not take 3" in error.problem
    assert error.problem.endswith("bytes; some keyrings take 2560")
    assert error.hint == "ask for fewer scopes, or name another store"
    assert "invented" not in shown(error)


def test_an_ordinary_record_fits_into_every_keyring(tmp_path, passwords):
    """Zoho's tokens have 70 characters; a handful of scopes goes with them."""
    usual = replace(
        FULL,
        seed="0" * 32,
        access_token=Secret("1000." + "invented" * 8 + "x"),
        refresh_token=Secret("1000." + "invented" * 8 + "y"),
        scope=ScopeSet.parse(f"ZohoCatalyst.tables.rows.{n}" for n in "RCUD"),
        failure=None,
    )
    keyring_store(tmp_path, passwords).compare_and_swap(KEY, 0, usual)

    kept = passwords.get_password("catalyst-oauth", KEY.digest)
    assert len(kept.encode("utf-16-le")) < 2560


@pytest.mark.parametrize("method", ["get_password", "set_password"])
def test_a_keyring_that_does_not_answer_is_given_up(tmp_path, hanging, method):
    """A dead session bus takes minutes; nobody waits for it twice."""
    hanging.hanging = method
    store = keyring_store(tmp_path, hanging, timeout=0.05)

    error = refused(store, write)
    again = refused(store, write)

    assert error.problem == "did not answer within 0.05 s"
    assert error.hint == "unlock it, or name another store, for example sqlite:PATH"
    assert again.problem == "still does not answer"
    assert "1000.invented" not in shown(error)


def test_a_write_that_was_given_up_cannot_come_too_late(tmp_path, hanging):
    """It keeps the lock until it is done, so nobody writes what it would destroy."""
    slow = keyring_store(tmp_path, hanging, timeout=0.05)
    refused(slow, write)
    # On a busy machine the call is given up before it has got so far.
    hanging.begun.wait()
    passwords = FileKeyring(tmp_path / "passwords")
    other = keyring_store(tmp_path, passwords, timeout=0.05)

    assert refused(other, write).problem == "did not answer within 0.05 s"

    hanging.go_on.set()
    slow._hanging.join()
    other._hanging.join()
    assert generation(keyring_store(tmp_path, passwords)) == 1


def test_a_keyring_that_answers_again_is_used_again(tmp_path, hanging):
    """Once the call that hung is over."""
    store = keyring_store(tmp_path, hanging, timeout=0.05)
    refused(store, write)

    hanging.go_on.set()
    store._hanging.join()
    # This answer is no matter of haste.
    store._timeout = 60.0

    assert generation(store) == 1


def test_a_damaged_password_is_an_error(tmp_path, passwords):
    """It is not replaced, and not shown."""
    store = keyring_store(tmp_path, passwords)
    store.compare_and_swap(KEY, 0, FULL)
    passwords.set_password("catalyst-oauth", KEY.digest, '{"1000.invented": ')

    for call in (write, lambda store: store.load(KEY)):
        error = refused(store, call)
        assert error.problem == "is damaged"
        assert KEY.digest in error.store
        assert "1000.invented" not in shown(error)


def test_a_folder_that_others_can_use_is_refused(tmp_path, passwords):
    """They could hold its locks."""
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks").chmod(0o770)

    assert "chmod 700" in refused(keyring_store(tmp_path, passwords), write).hint


def test_forgetting_leaves_others_alone(tmp_path, passwords):
    """And the list knows it."""
    store = keyring_store(tmp_path, passwords)
    store.compare_and_swap(KEY, 0, FULL)
    store.compare_and_swap(OTHER, 0, FULL)

    assert store.delete(KEY)

    assert passwords.get_password("catalyst-oauth", KEY.digest) is None
    assert list(store.keys()) == [OTHER]


IN_A_SESSION = """
import sys
sys.path.append({root!r})
from pytest_catalyst_oauth.adapters import open_store
from tests.adapters.stores import FULL, KEY, generation
import keyring

store = open_store("keyring:?timeout=60")
assert store.load(KEY) is None
assert store.compare_and_swap(KEY, 0, FULL)
assert store.compare_and_swap(KEY, 1, FULL)
assert not store.compare_and_swap(KEY, 1, FULL)
assert open_store("keyring:").load(KEY).refresh_token == FULL.refresh_token
assert list(store.keys()) == [KEY]
assert store.delete(KEY) and not store.delete(KEY)
print("all is well with", type(keyring.get_keyring()).__module__)
"""
TOOLS = ("dbus-run-session", "gnome-keyring-daemon")


@pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"{' or '.join(TOOLS)} is not installed"
)
def test_it_works_with_the_gnome_keyring(tmp_path):
    """A real Secret Service, on a session bus of its own."""
    (tmp_path / "script.py").write_text(IN_A_SESSION.format(root=str(ROOT)))
    unlock = "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets"
    done = subprocess.run(
        [
            *("dbus-run-session", "--", "sh", "-c"),
            f'{unlock} >/dev/null && exec "$0" "$1"',
            *(sys.executable, str(tmp_path / "script.py")),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "XDG_RUNTIME_DIR": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        },
    )

    assert done.stdout == "all is well with keyring.backends.SecretService\n", (
        done.stderr
    )
