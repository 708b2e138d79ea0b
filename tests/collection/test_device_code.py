"""Logging in with the help of a person."""

from __future__ import annotations

import json

import pytest

from pytest_catalyst_oauth.engine import ClientKind
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings

pytest.importorskip("ansible", reason="ansible-core is not installed")
BOTH = pytest.mark.parametrize("connection", ["local", "elsewhere"])


@pytest.fixture
def fake():
    """A fake whose devices may ask each second."""
    return FakeCatalyst(settings=FakeSettings(device_interval=1))


@pytest.fixture
def person(fake):
    """Somebody who decides before the second poll: "approve", "deny" or ""."""
    person = {"decides": "approve", "polls": 0}
    inner = fake.decide

    def decide(request):
        decision = inner(request)
        said = decision.reply.json() or {}
        if "user_code" in said:
            person["code"] = said["user_code"]
        if said.get("error") == "authorization_pending":
            person["polls"] += 1
            if person["decides"] == "approve":
                fake.approve_device(person["code"])
            if person["decides"] == "deny":
                fake.deny_device(person["code"])
        return decision

    fake.decide = decide
    return person


@pytest.fixture
def options(server, store):
    """A client that is registered for devices."""
    client = server.fake.register_client(kind=ClientKind.DEVICE)
    return {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "accounts_url": server.accounts_url,
        "api_url": server.api_url,
        "store": store,
        "scopes": ["ZohoCatalyst.tables.rows.READ"],
    }


@BOTH
def test_one_task_does_it_all(play, person, connection):
    """The person is told during the task, and a later task renews by itself."""
    played = play(
        """
        - name: log in
          catalyst.oauth.device_code:
            wait: true
            hide_result: false
          register: login
        - name: have it
          catalyst.oauth.token:
        - name: renew it
          catalyst.oauth.token:
            state: refreshed
        """,
        connection=connection,
    )

    assert played.outcomes == {
        "log in": "changed",
        "have it": "ok",
        "renew it": "changed",
    }
    login = played["log in"]
    assert not login["pending"]
    assert login["scope"] == ["ZohoCatalyst.tables.rows.READ"]
    assert login["data_center"] == "us"
    assert f"/oauth/v3/device and enter {person['code']}" in played.printed
    assert person["polls"] == 1


@BOTH
def test_one_task_starts_and_another_asks(play, person, connection):
    """`until` asks as long as the login is pending; starting it changed nothing."""
    played = play(
        """
        - name: start
          catalyst.oauth.device_code:
          register: login
        - name: tell
          ansible.builtin.debug:
            msg: "{{ login.message }}"
        - name: ask
          catalyst.oauth.device_code:
            device_code: "{{ login.device_code }}"
            return_token: false
          register: done
          until: not done.pending
          delay: "{{ login.interval | int }}"
          retries: 5
        """,
        connection=connection,
    )

    assert played.outcomes == {"start": "ok", "tell": "ok", "ask": "changed"}
    assert played["tell"]["msg"].endswith(person["code"])
    assert played["ask"]["token_fingerprint"]
    assert person["polls"] == 1


def test_a_login_that_fails_says_why(play, person, server):
    """The person says no, or nothing; neither loops on, and both are told apart."""
    person["decides"] = "deny"
    denied = play("""
        - name: log in
          catalyst.oauth.device_code:
            wait: true
        """)
    person["decides"] = ""
    silent = play("""
        - name: log in
          catalyst.oauth.device_code:
            wait: true
            wait_time: 2
        - name: not reached
          catalyst.oauth.token:
        """)

    assert denied["log in"]["error"] == "access_denied"
    assert not denied["log in"]["pending"]
    assert "ask again later" in denied["log in"]["hint"]
    assert silent["log in"]["kind"] == "LoginNeededError"
    assert silent["log in"]["msg"].startswith("nobody confirmed within 2 s; ")
    assert "start the login again" in silent["log in"]["hint"]


def test_a_failed_login_ends_until(play):
    """A code that nobody issued is refused at once, and not asked for again."""
    played = play(
        """
        - name: ask
          catalyst.oauth.device_code:
            device_code: "{{ code }}"
          register: done
          until: not done.pending
          retries: 5
          delay: 1
        """,
        *("-e", "code=1004.an-invented-code.of-nobody"),
    )

    assert played.outcomes == {"ask": "failed"}
    assert "an-invented-code" not in json.dumps(played.notes) + played.printed


def test_check_mode_bothers_nobody(play, server):
    """Nothing is asked, and the keys of the real result are there."""
    foreseen = play(
        """
        - name: start
          catalyst.oauth.device_code:
          register: login
        - name: ask
          catalyst.oauth.device_code:
            device_code: "{{ login.device_code }}"
        - name: ask with a code
          catalyst.oauth.device_code:
            device_code: 1004.an-invented-code.of-nobody
        """,
        "--check",
    )
    real = play("""
        - name: start
          catalyst.oauth.device_code:
            hide_result: false
        """)

    assert foreseen["start"]["would_mint"]
    assert set(foreseen["start"]) - {"would_mint"} == set(real["start"])
    assert foreseen.outcomes["ask with a code"] == "changed"
    assert len(server.fake.journal) == 1


def test_a_store_that_forgets_is_refused_first(play, options, server):
    """A person is not bothered for a login that could not be kept."""
    options["store"] = "memory:"

    played = play("""
        - name: log in
          catalyst.oauth.device_code:
        """)

    assert "forgets the login" in played["log in"]["msg"]
    assert len(server.fake.journal) == 0


@pytest.mark.parametrize("poll", [0, 1])
def test_a_job_that_would_wait_for_a_person_is_refused(play, server, poll):
    """Nobody would be told what to enter where; two tasks do it."""
    played = play(f"""
        - name: log in
          catalyst.oauth.device_code:
            wait: true
          async: 60
          poll: {poll}
        """)

    assert played.outcomes == {"log in": "failed"}
    assert played["log in"]["kind"] == "SettingsError"
    assert played["log in"]["pending"] is False
    assert "without async" in played["log in"]["hint"]
    assert "without async" in played["log in"]["msg"]
    assert len(server.fake.journal) == 0


class TestLongLife:
    """A server whose device codes live for two hours."""

    @pytest.fixture
    def fake(self):
        """Such a fake."""
        settings = FakeSettings(device_interval=1, device_code_lifetime=7200)
        return FakeCatalyst(settings=settings)

    def test_codes_that_outlive_the_longest_wait_are_waited_for(self, play, person):
        """The task waits as long as it may, and is not refused for it."""
        played = play("""
            - name: log in
              catalyst.oauth.device_code:
                wait: true
            """)

        assert played.outcomes == {"log in": "changed"}
        assert person["polls"] == 1
