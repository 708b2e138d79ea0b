"""What operators do with tasks besides running them one after the other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ansible", reason="ansible-core is not installed")
BOTH = pytest.mark.parametrize("connection", ["local", "elsewhere"])
# Whatever the fake makes up for a secret says so.
SECRET = re.compile(r"(?:100[04]\.)?fa4efa4e[\w-]{12,}(?:\.[0-9a-f]{32})?")


def everything(played):
    """Return what a run showed, on the terminal and to callbacks."""
    return played.printed + json.dumps(played.notes)


@BOTH
def test_a_job_in_the_background_hides_its_token(play, server, tmp_path, connection):
    """What `async` brings is shown to nobody, alone and in a loop, and is whole."""
    played = play(
        """
        - name: begin
          catalyst.oauth.token:
          async: 60
          poll: 1
          register: it
        - name: in a loop
          catalyst.oauth.token:
            profile: "{{ item }}"
          async: 60
          poll: 1
          loop: [ada]
        - name: use it
          ansible.builtin.uri:
            url: "{{ url }}"
            headers: "{{ it.headers }}"
          no_log: true
        """,
        "-vvvv",
        *("-e", f"url={server.project_url}/table/Guests/row"),
        connection=connection,
    )

    assert played.code == 0, played.printed
    assert not SECRET.search(everything(played))


def test_a_job_is_fetched_later(play, server):
    """What another task fetches is whole; that one has to hide it by itself."""
    played = play(
        """
        - name: begin
          catalyst.oauth.token:
          async: 60
          poll: 0
          register: job
        - name: fetch
          ansible.builtin.async_status:
            jid: "{{ job.ansible_job_id }}"
          register: it
          until: it is finished
          retries: 30
          delay: 1
          no_log: true
        - name: look at it
          ansible.builtin.assert:
            that:
              - it.access_token is match('1000[.]')
              - it.headers.Authorization | length > 60
        """,
        "-vvvv",
    )

    assert played.code == 0, played.printed
    assert not SECRET.search(everything(played))


@pytest.fixture
def vault(run_ansible, tmp_path):
    """Encrypt a text as operators do; return it as YAML."""
    (tmp_path / "password").write_text("an-invented-password")

    def encrypt(secret):
        done = run_ansible(
            *("ansible-vault", "encrypt_string", "--vault-password-file", "password"),
            secret.reveal(),
        )
        assert done.returncode == 0, done.stderr
        return json.dumps(done.stdout.partition("!vault |")[2].split()).strip("[]")

    return encrypt


def test_encrypted_variables_are_used_and_not_shown(play, vault, options):
    """A vault's values reach the engine, by variables and by the task itself."""
    encrypted = {n: vault(options.pop(n)) for n in ("client_secret", "refresh_token")}
    lines = {n: "\\n".join(json.loads(f"[{v}]")) for n, v in encrypted.items()}
    played = play(
        f"""
        - name: by variables
          catalyst.oauth.token:
            client_secret: "{{{{ secret }}}}"
            refresh_token: "{{{{ refresh }}}}"
          vars:
            secret: !vault "{lines["client_secret"]}"
            refresh: !vault "{lines["refresh_token"]}"
        - name: by itself
          catalyst.oauth.token:
            client_secret: !vault "{lines["client_secret"]}"
            refresh_token: !vault "{lines["refresh_token"]}"
        """,
        *("-vvvv", "--vault-password-file", "password"),
    )

    assert played.outcomes == {"by variables": "changed", "by itself": "ok"}
    assert not SECRET.search(everything(played))


@BOTH
def test_a_loop_tries_each_item_until_it_works(play, server, connection):
    """`until` sees the failure as data; other items are not asked for again."""
    server.fake.fail("token", status=503, times=1)

    played = play(
        """
        - name: each user
          catalyst.oauth.token:
            profile: "{{ item }}"
            attempts: 1
          register: it
          until: it is succeeded
          retries: 3
          delay: 0
          loop: [ada, grace]
          ignore_errors: true
        """,
        "-vvvv",
        connection=connection,
    )

    assert not SECRET.search(everything(played))
    assert len(server.fake.journal.token_requests) in (2, 3)


@BOTH
def test_a_loop_over_secrets_shows_none(play, server, tmp_path, connection):
    """Whether an item works or fails; and a person is told why it failed."""
    users = [
        {"name": "ada", "refresh": server.fake.issue_refresh_token().reveal()},
        {"name": "nobody", "refresh": "1000.fa4efa4efa4efa4efa4efa4efa4e.of-nobody"},
    ]
    (tmp_path / "users.json").write_text(json.dumps({"users": users}))
    played = play(
        """
        - name: each user
          catalyst.oauth.token:
            profile: "{{ item.name }}"
            refresh_token: "{{ item.refresh }}"
            return_token: false
          loop: "{{ users }}"
          ignore_errors: true
          register: tokens
        - name: what is known of each
          catalyst.oauth.token_info:
            refresh_token: "{{ item.refresh }}"
          loop: "{{ users }}"
        - name: what became of them
          ansible.builtin.debug:
            msg: "{{ tokens.results | map(attribute='failed') }}"
        """,
        *("-vvvv", "-e", "@users.json"),
        connection=connection,
    )

    assert played["what became of them"]["msg"] == [False, True]
    assert not SECRET.search(everything(played))
    assert "log in again" in " ".join(played.printed.split())


@BOTH
def test_a_loop_shows_no_secret_of_any_form(play, tmp_path, connection):
    """Whatever signs it has, what it is for, and what the task says of its result."""
    secrets = {
        "quoted": "an'invented\"one\\with-signs",
        "lines": "an-invented-one\nof two lines",
        "unused": "1000.fa4efa4efa4efa4efa4efa4efa4efa4e." + "fa4e" * 8,
        "begin": "an-invented-half",
        "end": "and-the-other-one",
    }
    (tmp_path / "secrets.json").write_text(json.dumps({"secrets": secrets}))
    played = play(
        """
        - name: in a field
          catalyst.oauth.token_info:
            client_secret: "{{ item.it }}"
          loop:
            - it: "{{ secrets.quoted }}"
            - it: "{{ secrets.lines }}"
        - name: not used
          catalyst.oauth.token_info:
            profile: "{{ item.name }}"
          loop:
            - name: ada
              of: ["{{ secrets.unused }}"]
        - name: in halves
          catalyst.oauth.token_info:
            client_secret: "{{ item.begin }}{{ item.end }}"
          loop: ["{{ secrets }}"]
        - name: of the environment
          catalyst.oauth.token_info:
          environment:
            CATALYST_OAUTH_REFRESH_TOKEN: "{{ item.quoted }}"
          loop: ["{{ secrets }}"]
        - name: without a token in it
          catalyst.oauth.token:
            client_secret: "{{ item.quoted }}"
            return_token: false
            hide_result: false
          loop: ["{{ secrets }}"]
          ignore_errors: true
        - name: as a job
          catalyst.oauth.token_info:
            client_secret: "{{ item.quoted }}"
          loop: ["{{ secrets }}"]
          async: 60
          poll: 1
        - name: beside others
          catalyst.oauth.token_info:
            client_secret: "{{ item.secret | default('an-invented-one') }}"
          loop:
            - name: ada
            - secret: "{{ secrets.lines }}"
          loop_control:
            extended: true
        - name: without any
          catalyst.oauth.token_info:
            profile: "{{ item.name }}"
          loop:
            - name: grace
        """,
        *("-e", "@secrets.json"),
        connection=connection,
    )

    assert played.code == 0, played.printed
    shown = everything(played).replace("\\", "")
    for word in ('invented"one', "two lines", "fa4efa4e", "half", "other-one"):
        assert word not in shown, word
    assert "grace" in played.printed


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_every_strategy_shares_one_request(play, server, strategy):
    """Hosts that run ahead of each other have one token all the same."""
    played = play(
        """
        - name: have a token
          catalyst.oauth.token:
        - name: have it again
          catalyst.oauth.token:
        """,
        *("--forks", "20"),
        hosts="fleet",
        ANSIBLE_STRATEGY=strategy,
    )

    outcomes = [note["outcome"] for note in played.notes]
    assert sorted(outcomes) == ["changed", *["ok"] * 39]
    assert len(server.fake.journal.token_requests) == 1


def test_a_task_that_takes_too_long_leaves_no_lock(play, server):
    """Ansible's own `timeout` ends the wait; the next task is not kept waiting."""
    server.fake.fail("token", fault="latency", seconds=8)

    played = play("""
        - name: impatient
          catalyst.oauth.token:
          timeout: 2
          ignore_errors: true
        - name: next
          catalyst.oauth.token:
        """)

    assert played.outcomes == {"impatient": "failed", "next": "changed"}


def test_a_rescue_has_the_failure_as_data(play):
    """Also without `register`, in what Ansible itself keeps, and of wrong options."""
    played = play("""
        - block:
            - name: refused
              catalyst.oauth.token:
                client_id: 1000.NOBODY
          rescue:
            - name: of a refusal
              ansible.builtin.debug:
                msg: "{{ [failed.kind, failed.error, failed.status, failed.hint,
                      failed.retry_after, failed.attempts] }}"
              vars:
                failed: "{{ ansible_failed_result }}"
        """)

    told = played["of a refusal"]["msg"]
    assert told[:3] == ["RefusedError", "invalid_client", 200]
    assert "data centre" in told[3]
    assert told[5] == 1


@BOTH
def test_an_empty_text_takes_the_groups_grant_back(play, server, connection):
    """What `module_defaults` say for all tasks does not count for this one."""
    played = play(
        """
        - name: for an organization
          catalyst.oauth.token:
            refresh_token: ""
            soid: ZohoCatalyst.12345
            scopes: ZohoCatalyst.tables.READ
            hide_result: false
        """,
        connection=connection,
    )

    assert played.outcomes == {"for an organization": "changed"}
    assert played["for an organization"]["scope"] == ["ZohoCatalyst.tables.READ"]


@BOTH
def test_a_store_is_a_path_as_ansible_has_them(play, options, tmp_path, connection):
    """A tilde and a variable are resolved where the work is done."""
    for address in ("~/one.db", "$HOME/two.db", "sqlite:~/three.db"):
        options["store"] = address
        played = play(
            """
            - name: have a token
              catalyst.oauth.token:
            """,
            connection=connection,
        )
        assert played.outcomes == {"have a token": "changed"}

    found = {path.name for path in (tmp_path / "home").glob("*.db")}
    assert found == {"one.db", "two.db", "three.db"}


@BOTH
@pytest.mark.parametrize("scheme", ["", "json:"])
def test_looking_leaves_no_trace(play, options, tmp_path, connection, scheme):
    """Check mode and token_info make no store where there is none."""
    options["store"] = f"{scheme}{tmp_path}/not-there/tokens"
    played = play(
        """
        - name: foresee
          catalyst.oauth.token:
          check_mode: true
        - name: foresee the end
          catalyst.oauth.token:
            state: absent
          check_mode: true
        - name: foresee a login
          catalyst.oauth.device_code:
            scopes: ZohoCatalyst.tables.READ
          check_mode: true
        - name: look
          catalyst.oauth.token_info:
        """,
        connection=connection,
    )

    assert played.code == 0, played.printed
    assert played.outcomes["foresee"] == "changed"
    assert played["look"]["exists"] is False
    assert not (tmp_path / "not-there").exists()


@BOTH
def test_an_option_that_makes_no_sense_is_named(play, connection):
    """By the name that the task gave it."""
    played = play(
        """
        - name: total
          catalyst.oauth.token:
            total_time: -1
          ignore_errors: true
        - name: timeout
          catalyst.oauth.token:
            timeout: .nan
          ignore_errors: true
        """,
        connection=connection,
    )

    assert played["total"]["msg"] == "total_time: must be 0 or more seconds."
    assert played["timeout"]["msg"] == "timeout: must be more than 0 seconds."


@BOTH
def test_a_secret_that_begins_every_token_cuts_none(play, options, server, connection):
    """What is registered is whole, and works, however short a secret is."""
    short = {"client_id": "1000.SHORT", "client_secret": "1000"}
    server.fake.seed({"clients": [short]})
    options.update(short, refresh_token=server.fake.refresh_token)
    played = play(
        """
        - name: have a token
          catalyst.oauth.token:
          register: it
        - name: compare
          ansible.builtin.assert:
            that:
              - it.access_token is match('1000[.]fa4e')
              - it.headers.Authorization == 'Zoho-oauthtoken ' ~ it.access_token
          no_log: true
        - name: use it
          ansible.builtin.uri:
            url: "{{ url }}"
            headers: "{{ it.headers }}"
          no_log: true
        """,
        *("-e", f"url={server.project_url}/table/Guests/row"),
        connection=connection,
    )

    assert played.code == 0, played.printed


def test_a_secret_of_the_wrong_type_cuts_nothing(play):
    """A list in the place of a text leaves other values whole."""
    # What is registered: ansible-core 2.22 hides every piece of the list in output.
    played = play(
        """
        - name: a list
          catalyst.oauth.token:
            client_secret: [a, an-invented-secret-of-nobody]
          ignore_errors: true
          register: refused
        - name: compare
          ansible.builtin.assert:
            that:
              - refused.error == 'invalid_client_secret'
              - "'*' not in refused.msg"
        """,
        connection="elsewhere",
    )

    assert played.outcomes == {"a list": "failed", "compare": "ok"}
    assert "an-invented-secret" not in json.dumps(played.notes)


def test_a_lookup_cannot_see_a_single_tasks_check_mode(play, server):
    """As its documentation says."""
    played = play("""
        - name: look
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token', **given) | length > 60 }}"
          check_mode: true
        """)

    assert played["look"]["msg"] is True
    assert len(server.fake.journal) == 1


@BOTH
def test_wrong_options_fail_with_the_same_keys(play, connection):
    """What `rescue` reads is there, whoever refused."""
    played = play(
        """
        - name: wrong
          catalyst.oauth.token:
            attempts: many
          ignore_errors: true
        - name: two
          catalyst.oauth.token_info:
            soid: ZohoCatalyst.1
          ignore_errors: true
        - name: login
          catalyst.oauth.device_code:
            colour: green
          ignore_errors: true
        """,
        connection=connection,
    )

    for task in ("wrong", "two", "login"):
        failed = played[task]
        assert failed["kind"] == "SettingsError"
        assert failed["hint"] == ""
        assert (failed["error"], failed["status"], failed["retry_after"]) == (None,) * 3
        assert failed["attempts"] == 0
    assert played["login"]["pending"] is False


def test_a_diff_is_shown_without_the_token(play):
    """Where the result is not hidden for the token's sake."""
    played = play(
        """
        - name: have a token
          catalyst.oauth.token:
            return_token: false
        """,
        "--diff",
    )

    assert "+++ after" in played.printed
    assert '"token_fingerprint"' in played.printed
    assert not SECRET.search(everything(played))


def test_a_command_line_has_a_token_hidden(run_ansible, server, store):
    """`ansible -m` prints no token."""
    done = run_ansible(
        *("ansible", "localhost", "-m", "catalyst.oauth.token"),
        **server.env,
        CATALYST_OAUTH_STORE=store,
    )

    assert done.returncode == 0, done.stderr
    assert "CHANGED" in done.stdout
    assert not SECRET.search(done.stdout + done.stderr)


@pytest.fixture
def no_engine(tmp_path):
    """The environment of a controller on which the engine is not installed."""
    package = tmp_path / "hides" / "pytest_catalyst_oauth"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "raise ImportError(\"No module named 'pytest_catalyst_oauth'\")\n"
    )
    return {"PYTHONPATH": str(package.parent)}


def test_a_controller_without_the_engine_is_told(play, no_engine):
    """Action and lookup name this Python, and what to install for it."""
    played = play(
        """
        - name: task
          catalyst.oauth.token:
          ignore_errors: true
        - name: lookup
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token') }}"
          ignore_errors: true
        """,
        **no_engine,
    )

    for task in ("task", "lookup"):
        message = played[task]["msg"]
        assert str(Path(sys.executable).with_name("python")) in message
        assert "-m pip install pytest-catalyst-oauth" in message
    assert played["task"]["kind"] == "MissingEngine"
    assert "Traceback" not in played.printed


def test_a_lookup_takes_no_second_way_from_the_environment(play, options, server):
    """What the expression says wins, as in a task."""
    options["code"] = server.fake.issue_code()
    refresh_token = options.pop("refresh_token").reveal()

    played = play(
        """
        - name: look
          ansible.builtin.set_fact:
            token: "{{ lookup('catalyst.oauth.token', **given) }}"
          no_log: true
        """,
        CATALYST_OAUTH_REFRESH_TOKEN=refresh_token,
    )

    assert played.code == 0, played.printed
    (exchange,) = server.fake.journal.token_requests
    assert dict(exchange.parameters)["grant_type"] == "authorization_code"


def test_a_start_in_the_middle_works(play, server):
    """Tags and `--start-at-task` leave out what went before."""
    tasks = """
        - name: first
          catalyst.oauth.token:
          tags: [early]
        - name: second
          catalyst.oauth.token:
            state: refreshed
          tags: [late]
        """
    started = play(tasks, "--start-at-task", "second")
    tagged = play(tasks, "--tags", "early", "--check", "--diff")

    assert started.outcomes == {"second": "changed"}
    assert tagged.outcomes == {"first": "ok"}
    assert len(server.fake.journal.token_requests) == 1


def test_results_are_plain_json(play, tmp_path):
    """Every value survives as JSON, as Ansible's own filter writes it."""
    play("""
        - name: have a token
          catalyst.oauth.token:
          register: it
          diff: true
        - name: keep
          ansible.builtin.copy:
            content: "{{ it | to_json }}"
            dest: "{{ playbook_dir }}/result.json"
            mode: "0600"
          no_log: true
        """)

    result = json.loads((tmp_path / "result.json").read_text())
    kinds = {
        "access_token": str,
        "headers": dict,
        "expires_at": str,
        "expires_in": int,
        "scope": list,
        "api_url": str,
        "reused": bool,
        "attempts": int,
        "token_fingerprint": str,
        "changed": bool,
        "diff": dict,
    }
    for name, kind in kinds.items():
        assert type(result[name]) is kind, name


def test_become_runs_the_module(play, server):
    """As another user, or as the same one: a process of its own, and one token."""
    done = subprocess.run(
        ["su", "root", "-c", "true"],
        capture_output=True,
        check=False,
        timeout=10,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        pytest.skip("su wants a password here")
    played = play(
        """
        - name: become
          catalyst.oauth.token:
          become: true
          become_method: ansible.builtin.su
          register: it
        - name: the same
          catalyst.oauth.token:
        """,
        "-vvvv",
    )

    assert played.outcomes == {"become": "changed", "the same": "ok"}, played.printed
    assert not SECRET.search(everything(played))
