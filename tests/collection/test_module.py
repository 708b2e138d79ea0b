"""The module itself, run in this process."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from pytest_catalyst_oauth.adapters import connect, open_store
from pytest_catalyst_oauth.engine import MemoryStore, errors
from pytest_catalyst_oauth.fake import FakeCatalyst, FakeSettings

SCOPES = ["ZohoCatalyst.tables.rows.READ", "ZohoCatalyst.tables.READ"]


def without(options, *names):
    """Return `options` without some."""
    return {name: value for name, value in options.items() if name not in names}


def keys_of(result):
    """Return the keys that the module documents; Ansible adds its own."""
    return result.keys() - {"invocation", "would_mint", "would_revoke", "diff"}


def test_a_token_is_minted_once(run_module, options, server):
    """The first task changes something, the second gets the same token for nothing."""
    first = run_module(**options)
    second = run_module(**options)

    assert (first["changed"], first["reused"], first["attempts"]) == (True, False, 1)
    assert (second["changed"], second["reused"], second["attempts"]) == (False, True, 0)
    assert second["access_token"] == first["access_token"]
    assert second["token_fingerprint"] == first["token_fingerprint"]
    assert len(server.fake.journal.token_requests) == 1


def test_the_result_says_what_a_consumer_needs(run_module, options, server):
    """Header, API, end of life in UTC, and scopes are plain values."""
    result = run_module(**options)

    token = result["access_token"]
    assert result["headers"] == {"Authorization": f"Zoho-oauthtoken {token}"}
    assert result["api_url"] == server.api_url
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", result["expires_at"])
    assert 3500 < result["expires_in"] <= 3600
    assert "ZohoCatalyst.tables.rows.READ" in result["scope"]
    assert re.fullmatch(r"[0-9a-f]{12}", result["token_fingerprint"])
    assert result["token_fingerprint"] not in token


def test_a_stored_token_needs_no_client_secret(run_module, options, server):
    """Whoever asks nobody has nothing to prove; who would ask is told what lacks."""
    minted = run_module(**options)
    given = without(options, "refresh_token", "client_secret")

    found = run_module(**given)
    foreseen = run_module(check=True, **given)
    refreshed = run_module(**given, state="refreshed")
    unseen = run_module(check=True, **given, state="refreshed")
    other = run_module(**given, profile="ada")

    assert found["access_token"] == minted["access_token"]
    assert (found["changed"], found["reused"], found["attempts"]) == (False, True, 0)
    assert foreseen["access_token"] == minted["access_token"]
    for failed in (refreshed, unseen, other):
        assert failed["kind"] == "SettingsError"
        assert "client secret" in failed["msg"]
        assert failed["retry_after"] is None
    assert len(server.fake.journal) == 1
    assert run_module(**options, state="refreshed")["changed"]


def test_a_token_near_its_end_is_returned_without_a_client_secret(
    run_module, options, server, store
):
    """As it is when Zoho does not answer; one that ends too soon is not."""
    minted = run_module(**options)
    kept = open_store(store)
    (key,) = tuple(kept.keys())
    record, now = kept.load(key), time.time()
    older = replace(record, obtained_at=now - 3300, expires_at=now + 300)
    assert kept.compare_and_swap(key, record.generation, older)
    given = without(options, "refresh_token", "client_secret")

    assert run_module(**given)["token_fingerprint"] == minted["token_fingerprint"]
    assert "client secret" in run_module(**given, min_remaining=400)["msg"]
    assert len(server.fake.journal) == 1


def test_check_mode_foresees_a_mint(run_module, options, server, store):
    """Without a stored token nothing is sent or stored, and the keys are the same."""
    foreseen = run_module(check=True, **options)

    assert foreseen["changed"]
    assert foreseen["would_mint"]
    assert foreseen["access_token"] is None
    assert not foreseen["would_revoke"]
    assert len(server.fake.journal) == 0
    assert list(open_store(store).keys()) == []
    assert keys_of(foreseen) == keys_of(run_module(**options))


def test_check_mode_returns_a_stored_token(run_module, options, server):
    """What a real run would reuse is there in check mode too."""
    minted = run_module(**options)

    foreseen = run_module(check=True, **options)

    assert not foreseen["changed"]
    assert not foreseen["would_mint"]
    assert foreseen["access_token"] == minted["access_token"]
    assert len(server.fake.journal) == 1


def test_check_mode_sees_a_second_refresh_token(run_module, options, server):
    """What each real run would reuse is there, however many share the profile."""
    both = [options, {**options, "refresh_token": server.fake.issue_refresh_token()}]
    minted = [run_module(**one)["access_token"] for one in both]

    foreseen = [run_module(check=True, **one) for one in both]

    assert [one["access_token"] for one in foreseen] == minted
    assert not any(one["would_mint"] for one in foreseen)


@pytest.mark.parametrize("state", ["refreshed", "absent"])
def test_check_mode_leaves_a_stored_token_alone(run_module, options, server, state):
    """A refresh and a revocation are foreseen, and the token lives on."""
    minted = run_module(**options)

    foreseen = run_module(check=True, **options, state=state)

    assert foreseen["changed"]
    assert foreseen["would_mint"] == (state == "refreshed")
    assert foreseen["would_revoke"] == (state == "absent")
    assert len(server.fake.journal) == 1
    assert run_module(**options)["access_token"] == minted["access_token"]


def test_check_mode_does_not_use_a_code_up(run_module, options, server):
    """A code that was only looked at can be exchanged afterwards."""
    given = without(options, "refresh_token")
    given["code"] = server.fake.issue_code(SCOPES)

    assert run_module(check=True, **given)["would_mint"]
    assert run_module(**given)["changed"]


def test_check_mode_foresees_a_failure(run_module, options):
    """A task that has nothing to renew with fails without asking anybody."""
    answer = run_module(check=True, **without(options, "refresh_token"))

    assert answer["failed"]
    assert answer["error"] == "no_token"


def test_refreshed_brings_another_token(run_module, options, server):
    """A forced refresh is a change each time."""
    first = run_module(**options)

    second = run_module(**options, state="refreshed")

    assert second["changed"]
    assert second["access_token"] != first["access_token"]
    assert len(server.fake.journal.token_requests) == 2


def test_absent_revokes_and_forgets(run_module, options, server, store):
    """The server refuses the refresh token afterwards, and once more is no change."""
    run_module(**options)

    gone = run_module(**options, state="absent")
    again = run_module(**options, state="absent")

    assert gone["changed"]
    assert not again["changed"]
    assert gone["access_token"] is None
    assert gone["headers"] == {}
    kept = open_store(store)
    records = list(map(kept.load, kept.keys()))
    assert [(r.access_token, r.refresh_token) for r in records] == [(None, None)]
    revoked = connect(
        server.client, refresh_token=server.fake.refresh_token, store=MemoryStore()
    )
    with pytest.raises(errors.LoginNeededError):
        revoked.token()


def test_absent_without_any_token_asks_nobody(run_module, options, server):
    """Nothing given and nothing stored is nothing to do."""
    answer = run_module(**without(options, "refresh_token"), state="absent")

    assert not answer["changed"]
    assert len(server.fake.journal) == 0


@pytest.mark.parametrize(("least", "changed"), [(1500, False), (2500, True)])
def test_min_remaining_decides(run_module, options, store, least, changed):
    """A token that ends too soon is refreshed, another is reused."""
    run_module(**options)
    kept = open_store(store)
    (key,) = kept.keys()
    record, now = kept.load(key), time.time()
    older = replace(record, obtained_at=now - 1600, expires_at=now + 2000)
    assert kept.compare_and_swap(key, record.generation, older)

    foreseen = run_module(check=True, **options, min_remaining=least)
    answer = run_module(**options, min_remaining=least)

    assert answer["changed"] == changed
    assert foreseen["would_mint"] == changed


class TestShortLife:
    """Tokens of a server that lets them live for a thousand seconds."""

    @pytest.fixture
    def fake(self):
        """A fake with short-lived tokens."""
        return FakeCatalyst(settings=FakeSettings(access_token_lifetime=1000))

    def test_more_than_tokens_live_is_not_asked_for_again(self, run_module, options):
        """Otherwise each run would mint, and empty the quota for nothing."""
        run_module(**options)

        assert not run_module(**options, min_remaining=3000)["changed"]


def test_a_code_is_exchanged_once(run_module, options, server):
    """The same code may stay in the playbook, and may be left out later."""
    given = without(options, "refresh_token")
    code = server.fake.issue_code(SCOPES)

    first = run_module(**given, code=code)
    same = run_module(**given, code=code)
    none = run_module(**given)

    assert first["changed"]
    assert first["scope"] == sorted(SCOPES)
    assert same["reused"]
    assert none["reused"]
    assert len(server.fake.journal.token_requests) == 1


def test_a_code_that_was_given_up_is_not_sent_again(run_module, options, server):
    """After `absent` the same code is refused here, with what to do instead."""
    given = without(options, "refresh_token")
    given["code"] = server.fake.issue_code(SCOPES)
    run_module(**given)
    run_module(**given, state="absent")

    answer = run_module(**given)

    assert answer["kind"] == "LoginNeededError"
    assert answer["msg"].startswith("this code was sent before; ")
    assert "generate a new one in the API console" in answer["msg"]
    assert len(server.fake.journal.token_requests) == 1


def test_profiles_do_not_mix(run_module, options, server):
    """Two users of one client have two tokens in one store."""
    theirs = server.fake.issue_refresh_token()

    mine = run_module(**options)
    other = run_module(**{**options, "refresh_token": theirs}, profile="other")

    assert other["access_token"] != mine["access_token"]
    assert run_module(**options)["reused"]


def test_return_token_false_keeps_the_token_back(run_module, options):
    """Only what may be shown is returned; the fingerprint tells tokens apart."""
    token = run_module(**options)["access_token"]

    answer = run_module(**options, return_token=False)

    assert "access_token" not in answer
    assert "headers" not in answer
    assert answer["token_fingerprint"]
    assert token not in answer.printed


def test_a_diff_shows_no_token(run_module, options):
    """It tells end of life, scopes and fingerprint before and after."""
    old = run_module(**options)["access_token"]

    answer = run_module(diff=True, **options, state="refreshed", return_token=False)

    new = run_module(**options)["access_token"]
    before, after = answer["diff"]["before"], answer["diff"]["after"]
    assert set(before) == {"expires_at", "scope", "token_fingerprint"}
    assert before["token_fingerprint"] != after["token_fingerprint"]
    assert old not in answer.printed
    assert new not in answer.printed


def test_the_environment_fills_what_is_not_given(
    run_module, server, monkeypatch, store
):
    """The variables of the fake are enough; an empty one counts as not set."""
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CATALYST_OAUTH_STORE", store)
    monkeypatch.setenv("CATALYST_OAUTH_DATA_CENTER", "")

    assert run_module()["changed"]
    assert run_module()["reused"]


@pytest.mark.parametrize(("center", "api"), [("EU", "zoho.eu"), ("au", "zoho.com.au")])
def test_the_data_centre_names_the_api(run_module, options, center, api):
    """The result leads to the API of the client's own data centre."""
    given = without(options, "api_url")

    answer = run_module(**given, data_center=center)

    assert answer["api_url"] == f"https://api.catalyst.{api}"
