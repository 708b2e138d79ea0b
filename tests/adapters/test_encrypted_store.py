"""`?key_file=` and `?key_env=`: what is stored is of no use without the key."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine import Record
from pytest_catalyst_oauth.engine.errors import SettingsError, StoreError
from tests.adapters.stores import (
    FULL,
    KEY,
    KEY_TEXT,
    OTHER,
    OTHER_KEY_TEXT,
    generation,
    write_key,
)


@pytest.fixture(params=["json", "redis"])
def address(request, place_of):
    return place_of(request.param).address


@pytest.fixture
def key_file(tmp_path):
    return write_key(tmp_path / "key", KEY_TEXT)


@pytest.fixture
def files(tmp_path):
    """A folder of one encrypted record, and its store."""
    key_file = write_key(tmp_path / "key", KEY_TEXT)
    store = open_store(f"json:{tmp_path}/tokens?key_file={key_file}")
    store.compare_and_swap(KEY, 0, FULL)
    return tmp_path / "tokens", store


def refused(store):
    with pytest.raises(StoreError) as caught:
        store.load(KEY)
    return caught.value


def test_nothing_secret_can_be_read_in_the_file(files):
    """Whose it is can, and nothing else."""
    folder, store = files
    seed = "0123456789abcdef"
    store.compare_and_swap(KEY, 1, replace(FULL, seed=seed))

    (file,) = folder.iterdir()

    assert "1000.X" in file.read_text()
    for hidden in ("invented", "ZohoCatalyst", "zohoapis", seed):
        assert hidden not in file.read_text()


def test_equal_records_look_different(files):
    """Nobody can tell from outside whether something changed."""
    folder, store = files
    (before,) = [path.read_text() for path in folder.iterdir()]
    store.compare_and_swap(KEY, 1, FULL)
    (after,) = [path.read_text() for path in folder.iterdir()]

    assert len(before) == len(after)
    assert before.partition("sealed")[2][:12] != after.partition("sealed")[2][:12]


def test_a_key_may_come_from_the_environment(address, key_file, monkeypatch):
    """The same key, however it comes; in either alphabet of base64."""
    monkeypatch.setenv("INVENTED_KEY", "_-" + KEY_TEXT[2:])
    open_store(f"{address}&key_env=INVENTED_KEY").compare_and_swap(KEY, 0, FULL)
    monkeypatch.setenv("INVENTED_KEY", "/+" + KEY_TEXT[2:])

    store = open_store(f"{address}&key_env=INVENTED_KEY")

    assert store.load(KEY) == replace(FULL, generation=1)


def test_a_wrong_key_is_one_clear_error_and_destroys_nothing(
    address, key_file, tmp_path
):
    """With the right one again, all is there."""
    right = open_store(f"{address}&key_file={key_file}")
    right.compare_and_swap(KEY, 0, FULL)
    other = write_key(tmp_path / "other", OTHER_KEY_TEXT)
    wrong = open_store(f"{address}&key_file={other}")

    error = refused(wrong)

    assert error.problem.startswith("cannot be decrypted: another key wrote it")
    assert list(wrong.keys()) == [KEY]
    assert right.load(KEY) == replace(FULL, generation=1)


def test_without_a_key_it_is_one_clear_error(address, key_file):
    """The message says how to give the key."""
    open_store(f"{address}&key_file={key_file}").compare_and_swap(KEY, 0, FULL)

    error = refused(open_store(address))

    assert error.problem == "is encrypted"
    assert error.hint.startswith("add ?key_file=PATH or ?key_env=NAME")


def test_a_record_in_clear_is_not_taken_for_ours(address, key_file):
    """Whoever can write to the store, but has no key, cannot plant a token."""
    open_store(address).compare_and_swap(KEY, 0, FULL)

    assert refused(open_store(f"{address}&key_file={key_file}")).problem == (
        "is not encrypted"
    )


def test_an_old_record_cannot_be_brought_back(files):
    """The generation is bound to what is sealed, and so is whose it is."""
    folder, store = files
    old = (folder / f"{KEY.digest}.1.json").read_text()
    store.compare_and_swap(KEY, 1, FULL)
    third = folder / f"{KEY.digest}.3.json"
    third.touch(0o600)
    third.write_text(old.replace('"generation":1', '"generation":3'))

    assert refused(store).problem.startswith("cannot be decrypted")
    assert third.exists()


def test_a_record_cannot_be_given_to_another(files):
    """Renaming a file makes nobody somebody else."""
    folder, store = files
    file = folder / f"{KEY.digest}.1.json"
    text = file.read_text().replace('"profile":"default"', '"profile":"admin"')
    stolen = replace(OTHER, profile="admin")
    other = folder / f"{stolen.digest}.1.json"
    other.touch(0o600)
    other.write_text(text)

    with pytest.raises(StoreError, match="cannot be decrypted"):
        store.load(stolen)


@pytest.mark.parametrize("length", [0, 5, 12, 27])
def test_a_stump_is_an_error(files, length):
    """Too short for a nonce and a tag."""
    folder, store = files
    file = folder / f"{KEY.digest}.1.json"
    head, _, sealed = file.read_text().rpartition(":")
    file.write_text(f'{head}:"{sealed[1 : 1 + length * 4]}"}}')

    assert refused(store).problem.startswith("cannot be decrypted")


@pytest.mark.parametrize(
    "text",
    ["", "\n", "too short", KEY_TEXT[4:], KEY_TEXT + KEY_TEXT, "ö" * 44, "=" * 44],
)
def test_a_key_that_is_none_is_refused_at_once(tmp_path, text, monkeypatch):
    """The message says what a key looks like, and does not show this one."""
    key_file = write_key(tmp_path / "key", text)
    with pytest.raises(SettingsError, match="openssl rand -base64 32") as caught:
        open_store(f"json:{tmp_path}/tokens?key_file={key_file}")

    assert str(key_file) in str(caught.value)
    lines = traceback.TracebackException.from_exception(
        caught.value, capture_locals=True
    )
    assert KEY_TEXT[4:] not in "".join(lines.format()).replace(repr(text), "")


def test_a_key_that_is_not_there_is_refused_at_once(tmp_path):
    """The message says how to make one."""
    with pytest.raises(SettingsError, match="cannot be read: No such file") as caught:
        open_store(f"json:{tmp_path}/tokens?key_file={tmp_path}/key")

    assert caught.value.hint.startswith("make one with: (umask 077; openssl rand")
    with pytest.raises(SettingsError, match="NOT_SET_AT_ALL: is not set"):
        open_store(f"json:{tmp_path}/tokens?key_env=NOT_SET_AT_ALL")
    with pytest.raises(SettingsError, match="were both given"):
        open_store(f"json:{tmp_path}/tokens?key_env=A&key_file=B")


def test_a_key_that_others_can_read_is_refused(tmp_path, key_file):
    """Then it is no key any more."""
    key_file.chmod(0o640)

    with pytest.raises(StoreError, match="can be read or written by other users"):
        open_store(f"json:{tmp_path}/tokens?key_file={key_file}")


def test_what_is_sealed_is_used_as_any_other(address, key_file):
    """Writing goes on from where it was."""
    store = open_store(f"{address}&key_file={key_file}")
    for number in range(3):
        assert store.compare_and_swap(KEY, number, Record(seed=str(number)))

    assert generation(store) == 3
    assert store.load(KEY).seed == "2"
