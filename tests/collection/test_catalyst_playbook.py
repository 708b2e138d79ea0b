"""The fixture for people who test their own playbooks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_catalyst_oauth.engine.errors import SettingsError

pytest.importorskip("ansible", reason="ansible-core is not installed")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "plugin.md"
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Have a token
      catalyst.oauth.token:
      register: catalyst
      no_log: true
    - name: Read the guests
      ansible.builtin.uri:
        url: "{{ catalyst.api_url }}/baas/v1/project/10000000000000001/table/Guests/row"
        headers: "{{ catalyst.headers }}"
"""
# A token would do before ansible-core 2.22 only, where Ansible begins to hide it.
LEAKING = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Show it
      ansible.builtin.debug:
        msg: "{{ lookup('ansible.builtin.env', 'CATALYST_OAUTH_REFRESH_TOKEN') }}"
    - name: Show another
      ansible.builtin.debug:
        msg: "{{ more | default('none') }}"
"""


@pytest.fixture
def written(tmp_path, monkeypatch, collections_path):
    """Write a playbook, where Ansible knows the collection and little else."""
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", str(collections_path))
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path / "ansible"))

    def write(text):
        (tmp_path / "site.yml").write_text(text)
        return tmp_path / "site.yml"

    return write


def test_a_run_tells_tasks_and_journal(catalyst_playbook, written):
    """What each task did, and what Zoho was asked; the next run has less to do."""
    first = catalyst_playbook(written(PLAY))
    second = catalyst_playbook(written(PLAY))

    assert (first.code, second.code) == (0, 0), first.output
    assert first["Have a token"].changed
    assert not second["Have a token"].changed
    assert first["Read the guests"].result["json"]["status"] == "success"
    first.journal.expect(token_requests=1)
    second.journal.expect(token_requests=0)
    assert [e.status for e in second.journal] == [200]
    catalyst_playbook.fake.journal.expect(token_requests=1)


def test_a_fake_that_fails_is_within_reach(catalyst_playbook, fake_catalyst, written):
    """The same fake as in process; a failed task tells why."""
    fake_catalyst.revoke(fake_catalyst.refresh_token)

    played = catalyst_playbook(written(PLAY.replace("no_log: true", "")))

    assert played.code == 2
    assert played["Have a token"].failed
    assert played["Have a token"].result["kind"] == "LoginNeededError"
    assert played.outcomes == {"Have a token": "failed"}


def test_a_leak_is_found_and_not_repeated(catalyst_playbook, written):
    """It is named by its place, and the text has a mark instead."""
    played = catalyst_playbook(written(LEAKING))

    assert played.code == 0, played.output
    assert played.leaks == ("output", "Show it")
    assert played["Show it"].result["msg"].startswith("<secret ")
    assert "1000.fa4e" not in played.output
    assert "1000.fa4e" not in repr(played)


@pytest.mark.parametrize(
    "harmless",
    [
        "9d1c" * 4 + "fa4e" + "07b2" * 8,
        "0c0ffee0-fa4e-4bad-8bad-0badc0ffee00",
        "fa4e" + "0badc0de" * 4,
    ],
)
def test_a_digest_is_no_leak(catalyst_playbook, written, harmless):
    """A machine's facts hold many, and four digits of one may be any."""
    played = catalyst_playbook(written(LEAKING), extra_vars={"more": harmless})

    assert played["Show another"].result["msg"] == harmless


@pytest.mark.parametrize(
    ("more", "leaks"),
    [("", ("Gathering Facts",)), ('  gather_subset: ["!env"]\n', ())],
)
def test_facts_hold_the_environment(catalyst_playbook, written, more, leaks):
    """With the secrets that lie there, unless it is left out."""
    text = "- hosts: localhost\n" + more

    assert catalyst_playbook(written(text)).leaks == leaks


def test_arguments_variables_and_environment_go_along(catalyst_playbook, written):
    """As on the command line of ansible-playbook, but for secret values."""
    played = catalyst_playbook(
        written(LEAKING),
        *("--start-at-task", "Show another"),
        extra_vars={"more": "of the test"},
        env={"ANSIBLE_NOCOLOR": "0", "ANSIBLE_FORCE_COLOR": "1"},
    )

    assert played["Show another"].result["msg"] == "of the test"
    assert "\x1b[" in played.output
    with pytest.raises(LookupError, match="no task 'Show it' was run, but 'Show anot"):
        played["Show it"]


def test_what_is_missing_is_named(catalyst_playbook, written, tmp_path):
    """A playbook that is not there, and a collection that nobody installed."""
    with pytest.raises(SettingsError, match=r"nowhere\.yml: is no file; name"):
        catalyst_playbook("nowhere.yml")

    with pytest.raises(SettingsError, match="ANSIBLE_COLLECTIONS_PATH"):
        catalyst_playbook(
            written("- hosts: localhost\n  gather_facts: false\n"),
            env={"ANSIBLE_COLLECTIONS_PATH": str(tmp_path), "HOME": str(tmp_path)},
        )


def test_a_run_without_an_end_is_ended(catalyst_playbook, written):
    """With all that it started; the test is told after how long."""
    text = "- hosts: localhost\n  tasks:\n    - ansible.builtin.pause:\n"

    with pytest.raises(SettingsError, match=r"did not end in 0\.1 seconds"):
        catalyst_playbook(written(text), timeout=0.1)


def test_the_clock_of_the_fake_is_not_ansibles(
    catalyst_playbook, fake_catalyst, written
):
    """A stored token is reused, though the fake takes it for dead."""
    catalyst_playbook(written(PLAY))
    fake_catalyst.clock.advance(hours=2)

    reused = catalyst_playbook(written(PLAY))

    assert not reused["Have a token"].changed
    assert reused["Read the guests"].result["status"] == 401


def test_the_example_of_the_documentation_runs(pytester, written):
    """As a reader would run it, in a folder of its own."""
    page = PAGE.read_text(encoding="utf-8")
    section = page.partition("## `catalyst_playbook`")[2].partition("\n## ")[0]
    for name, text in re.findall(r"```\w+\n# (\S+)\n(.*?)```", section, re.DOTALL):
        (pytester.path / name).write_text(text, encoding="utf-8")

    pytester.runpytest_subprocess().assert_outcomes(passed=3)
