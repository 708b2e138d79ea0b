"""Playbooks while everything that can fail does."""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import contextmanager

import pytest

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine import StoreKey
from pytest_catalyst_oauth.engine._value import replace
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings

pytest.importorskip("ansible", reason="ansible-core is not installed")
FAIL = """
- name: have a token
  catalyst.oauth.token:
    attempts: 2
    total_time: 60
    timeout: 30
    hide_result: false
  register: catalyst
  ignore_errors: true
- name: rescue
  ansible.builtin.debug:
    msg:
      kind: "{{ catalyst.kind }}"
      error: "{{ catalyst.error }}"
      hint: "{{ catalyst.hint }}"
      status: "{{ catalyst.status }}"
      retry_after: "{{ catalyst.retry_after }}"
      attempts: "{{ catalyst.attempts }}"
"""
HIDDEN = FAIL.replace("    hide_result: false\n", "")

# What happens; kind, error, status and attempts of the failure; part of its hint.
FAILURES = {
    "storm": (
        {"status": 503, "times": None},
        ("ReplyError", None, 503, 2),
        "run the task again later",
    ),
    "maintenance": (
        {"fault": "html"},
        ("ReplyError", None, 200, 1),
        "run the task again later",
    ),
    "silence": (
        {"fault": "reset_before", "times": None},
        ("TransportError", None, None, 2),
        "check accounts_url, the network and the proxy",
    ),
    "throttle": (
        {"fault": "throttle"},
        ("ThrottledError", "Access Denied", 400, 1),
        "wait ten minutes without asking",
    ),
    "revoked": (
        {"fault": "revoked"},
        ("LoginNeededError", "invalid_code", 200, 1),
        "generate a new one in the API console",
    ),
    "wrong data centre": (
        {"status": 200, "body": '{"error": "invalid_client"}'},
        ("RefusedError", "invalid_client", 200, 1),
        "enabled in the data centre whose accounts server was asked",
    ),
    "no token": (
        {"status": 200, "body": '{"api_domain": "https://www.zohoapis.com"}'},
        ("ReplyError", None, 200, 1),
        "run the task again later",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failing_server_is_told_as_data(play, fake, options, case):
    """`rescue` gets kind, code, status, pause and hint; nobody gets a secret."""
    fault, (kind, error, status, attempts), hint = FAILURES[case]
    fake.fail("token", **fault)

    played = play(FAIL, "-vvv")

    told = played["rescue"]["msg"]
    assert (told["kind"], told["error"], told["status"]) == (kind, error, status)
    assert told["attempts"] == attempts
    assert hint in told["hint"]
    assert told["retry_after"] is None or told["retry_after"] > 0
    assert hint in " ".join(played.printed.split())
    assert not played["have a token"]["changed"]
    assert_silent(played, options)


def test_a_short_storm_is_survived(play, fake, options):
    """A 503 and an answer that is lost after the mint are asked for again."""
    fake.fail("token", status=503, headers={"Retry-After": "1"})
    survived = play(FAIL)
    fake.fail("token", fault="reset_after")
    lost = play(FAIL.replace("total_time", "state: refreshed\n    total_time"))

    for played in (survived, lost):
        assert played.outcomes["have a token"] == "changed"
        assert played["have a token"]["attempts"] == 2
        assert_silent(survived, options, known=played)
    assert len(fake.journal.token_requests) == 4


def test_an_answer_lost_after_the_code_was_spent(play, fake, options):
    """A code is not sent twice: the failure says that a new one is needed."""
    del options["refresh_token"]
    options["code"] = fake.issue_code()
    fake.fail("token", fault="reset_after")

    first, second = play(FAIL, "-vvv"), play(FAIL, "-vvv")

    assert first["rescue"]["msg"]["kind"] == "TransportError"
    assert first["rescue"]["msg"]["attempts"] == 1
    again = second["rescue"]["msg"]
    assert again["attempts"] == 0
    assert again["kind"] in ("LoginNeededError", "TransportError")
    assert len(fake.journal.token_requests) == 1
    assert_silent(first, options)
    assert_silent(second, options)


def test_a_life_that_nobody_told_is_an_hour(play, fake, options):
    """A 200 without `expires_in` is a token, with a warning about what is assumed."""
    body = {"access_token": "1000.fa4e1111.fa4e2222", "token_type": "Bearer"}
    fake.fail("token", status=200, body=json.dumps(body))

    played = play(HIDDEN, "-vvv")

    printed = " ".join(played.printed.split())
    assert played.outcomes["have a token"] == "changed"
    assert "did not say how long the token lives, so an hour is assumed" in printed
    assert body["access_token"] not in played.printed
    again = play(FAIL)
    assert again["have a token"]["reused"]
    assert 3500 < again["have a token"]["expires_in"] <= 3600


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_wrong_costs_nothing(play, fake, options, hours):
    """Life is counted from here, so a server's clock may say what it likes."""
    fake.clock.advance(hours=hours)
    fake.fail("token", fault="clock_skew", seconds=hours * 3600)

    played = play(FAIL)

    assert played.outcomes["have a token"] == "changed"
    assert 3500 < played["have a token"]["expires_in"] <= 3600


def test_a_token_from_the_future_is_replaced(play, options, server):
    """After this machine's clock was set back, a stored token is not trusted."""
    play(FAIL)
    store = open_store(options["store"])
    key = next(iter(store.keys()))
    assert isinstance(key, StoreKey)
    record = store.load(key)
    later = time.time() + 7200
    moved = replace(record, obtained_at=later, expires_at=later + 3600)
    assert store.compare_and_swap(key, record.generation, moved)

    played = play(FAIL)

    assert played.outcomes["have a token"] == "changed"
    assert 3500 < played["have a token"]["expires_in"] <= 3600


@contextmanager
def mounted(folder, options):
    """A file system of its own in a folder."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=10)
    except OSError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=10)


def test_a_full_disk_is_told_before_anything_is_asked(play, options, tmp_path, fake):
    """A store that has no room to be opened costs no request; the failure says why."""
    disk = tmp_path / "disk"
    with mounted(disk, "size=256k,mode=0700"):
        options["store"] = str(disk / "tokens.db")
        play("""
            - name: make the file
              catalyst.oauth.token:
                profile: other
            """)
        fill(disk / "filler")

        played = play(FAIL, "-vvv")

    told = played["rescue"]["msg"]
    assert told["kind"] == "StoreError"
    assert told["hint"] == "check the disk, and who may write there"
    assert "full" in played["have a token"]["msg"]
    assert len(fake.journal) == 1
    assert_silent(played, options)


def fill(path):
    """Write until there is no room."""
    with path.open("wb") as file:
        try:
            while True:
                os.write(file.fileno(), b"x" * 1024)
        except OSError:
            return


@pytest.mark.parametrize("grant", ["refresh_token", "code"])
def test_a_store_that_cannot_be_written(play, options, tmp_path, fake, grant):
    """Before anything is asked the failure names the file, and nothing is spent."""
    if grant == "code":
        del options["refresh_token"]
        options["code"] = fake.issue_code()
    disk = tmp_path / "disk"
    with mounted(disk, "ro,mode=0700"):
        options["store"] = str(disk / "tokens.db")

        played = play(FAIL, "-vvv")

    assert played["rescue"]["msg"]["kind"] == "StoreError"
    assert str(disk / "tokens.db") in played["have a token"]["msg"]
    assert played["rescue"]["msg"]["hint"]
    assert len(fake.journal) == 0
    assert_silent(played, options)


class TestQuota:
    """A server that takes two token requests in ten minutes."""

    @pytest.fixture
    def fake(self):
        """Such a fake."""
        return FakeCatalyst(settings=FakeSettings(token_requests=2))

    def test_the_pause_is_data(self, play, fake, options):
        """Nobody asks again before it has passed, and the failure says how long."""
        played = play("""
            - name: use it up
              catalyst.oauth.token:
                state: refreshed
              loop: [1, 2]
            - name: once too often
              catalyst.oauth.token:
                state: refreshed
              ignore_errors: true
            - name: again
              catalyst.oauth.token:
                state: refreshed
              ignore_errors: true
            - name: look
              catalyst.oauth.token_info:
            - name: the old one works
              catalyst.oauth.token:
            """)

        for task in ("once too often", "again"):
            assert played[task]["kind"] == "ThrottledError"
            assert 590 <= played[task]["retry_after"] <= 600
        assert played["again"]["attempts"] == 0
        assert 590 <= played["look"]["retry_after"] <= 600
        assert played["look"]["kind"] == "ThrottledError"
        assert played.outcomes["the old one works"] == "ok"
        assert len(fake.journal.token_requests) == 3


def assert_silent(played, options, known=None):
    """Demand that no secret of the options is in any output."""
    texts = [played.printed, json.dumps(played.notes)]
    if known is not None:
        texts = [known.printed]
    for name in ("client_secret", "refresh_token", "code"):
        if name in options:
            assert not any(options[name].reveal() in text for text in texts), name
    assert not any("Traceback" in text for text in texts)
