"""The same tasks in Ansible's own process and as modules, and what tells them apart."""

from __future__ import annotations

import json

import pytest

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer

pytest.importorskip("ansible", reason="ansible-core is not installed")
LIFE = """
- name: foresee
  catalyst.oauth.token:
    hide_result: false
  check_mode: true
- name: mint
  catalyst.oauth.token:
    hide_result: false
- name: reuse
  catalyst.oauth.token:
    hide_result: false
- name: tell
  catalyst.oauth.token_info:
- name: refresh
  catalyst.oauth.token:
    state: refreshed
    hide_result: false
- name: revoke
  catalyst.oauth.token:
    state: absent
- name: revoke again
  catalyst.oauth.token:
    state: absent
- name: fail
  catalyst.oauth.token:
  ignore_errors: true
"""
CHANGES = {
    "foresee": "changed",
    "mint": "changed",
    "reuse": "ok",
    "tell": "ok",
    "refresh": "changed",
    "revoke": "changed",
    "revoke again": "ok",
    "fail": "failed",
}


def test_action_and_module_give_the_same(play, server, options, tmp_path):
    """The same changes, keys and types, wherever the work is done."""
    played = {}
    for connection in ("local", "elsewhere"):
        options["store"] = str(tmp_path / connection / "tokens.db")
        options["refresh_token"] = server.fake.issue_refresh_token()
        played[connection] = play(LIFE, "--diff", connection=connection)

    assert played["local"].outcomes == CHANGES
    assert played["elsewhere"].outcomes == CHANGES
    for task in CHANGES:
        here, there = (shape_of(one[task]) for one in played.values())
        assert here == there, task
    assert played["local"]["tell"]["exists"]
    assert played["local"]["tell"]["state"] == "fresh"


def shape_of(result):
    """Return the keys and types of a result, without those that Ansible adds."""
    ansibles_own = ("invocation", "exception", "warnings")
    return {
        name: type(value).__name__
        for name, value in result.items()
        if not name.startswith("_ansible") and name not in ansibles_own
    }


def test_a_result_with_a_token_is_hidden_unless_asked(play):
    """Nobody is shown it by default; what holds no token is shown."""
    played = play("""
        - name: hidden
          catalyst.oauth.token:
        - name: shown
          catalyst.oauth.token:
            hide_result: false
        - name: kept back
          catalyst.oauth.token:
            return_token: false
        - name: gone
          catalyst.oauth.token:
            state: absent
        """)

    assert "token_fingerprint" in played["shown"]
    assert "token_fingerprint" in played["kept back"]
    assert "token_fingerprint" in played["gone"]
    assert played.printed.count("hidden due to the fact that") == 0
    if "censored" in played["hidden"]:
        assert "token_fingerprint" not in played["hidden"]
    else:
        assert "1000." not in json.dumps(played["hidden"])


def test_the_environment_of_a_task_counts(play, options, server, store):
    """What `environment` says is heard in the process of Ansible, and only there."""
    options.clear()
    given = json.dumps({**server.env, "CATALYST_OAUTH_STORE": store})

    played = play(f"""
        - name: with it
          catalyst.oauth.token:
          environment: {given}
        - name: without it
          catalyst.oauth.token:
          ignore_errors: true
        """)

    assert played.outcomes == {"with it": "changed", "without it": "failed"}
    assert "client id: is missing" in played["without it"]["msg"]


def test_another_user_has_another_store(play):
    """With `become` the module runs, which a user of no such name cannot."""
    played = play(
        """
        - name: as somebody
          catalyst.oauth.token_info:
          become: true
          vars:
            ansible_become_exe: invented-sudo
          ignore_errors: true
        """,
        *("-e", "ansible_become_user=invented-nobody"),
    )

    assert played.outcomes == {"as somebody": "failed"}


def test_async_is_done_by_the_module(play, server):
    """A token can be fetched in the background, and is there when asked for."""
    played = play("""
        - name: begin
          catalyst.oauth.token:
            return_token: false
          async: 60
          poll: 1
        - name: have it
          catalyst.oauth.token:
        """)

    assert played.outcomes == {"begin": "changed", "have it": "ok"}, played.printed
    assert len(server.fake.journal.token_requests) == 1


def test_wrong_options_are_refused_alike(play):
    """An unknown option, a wrong type and a wrong choice each get one sentence."""
    tasks = """
        - name: unknown
          catalyst.oauth.token:
            colour: green
          ignore_errors: true
        - name: type
          catalyst.oauth.token:
            attempts: many
          ignore_errors: true
        - name: choice
          catalyst.oauth.token:
            state: somewhere
          ignore_errors: true
        - name: two grants
          catalyst.oauth.token:
            soid: ZohoCatalyst.1
          ignore_errors: true
        """
    here, there = play(tasks), play(tasks, connection="elsewhere")

    words = {
        "unknown": "colour",
        "type": "attempts",
        "choice": "present, refreshed, absent",
        "two grants": "mutually exclusive",
    }
    for task, word in words.items():
        assert word in here[task]["msg"], task
        assert word in there[task]["msg"], task
    assert "Traceback" not in here.printed


def test_what_asks_nobody_needs_no_client_secret(play, options, server):
    """What is stored can be told and had; a login, which asks, is refused."""
    minted = play("""
        - name: mint
          catalyst.oauth.token:
            return_token: false
        """)["mint"]
    del options["client_secret"], options["refresh_token"]

    played = play("""
        - name: tell
          catalyst.oauth.token_info:
        - name: have it
          catalyst.oauth.token:
            return_token: false
        - name: look
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token', **given) | length > 60 }}"
        - name: log in
          catalyst.oauth.device_code:
            scopes: ZohoCatalyst.tables.READ
          ignore_errors: true
        - name: log in, foreseen
          catalyst.oauth.device_code:
            scopes: ZohoCatalyst.tables.READ
          check_mode: true
          ignore_errors: true
        """)

    assert played.code == 0, played.printed
    assert played["tell"]["exists"]
    assert played["have it"]["token_fingerprint"] == minted["token_fingerprint"]
    assert played["look"]["msg"] is True
    for task in ("log in", "log in, foreseen"):
        assert "client secret" in played[task]["msg"]
    assert len(server.fake.journal) == 1


def test_a_relative_store_lies_beside_the_playbook(
    play, run_ansible, options, server, tmp_path
):
    """Wherever Ansible was started, and whether action, job or lookup opens it."""
    options["store"] = "tokens.db"
    tasks = """
        - name: here
          catalyst.oauth.token:
            return_token: false
        - name: as a job
          catalyst.oauth.token:
            return_token: false
          async: 60
          poll: 1
        - name: look
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token', **given) | length > 60 }}"
        - name: of the environment
          catalyst.oauth.token_info:
            store: ""
          environment:
            CATALYST_OAUTH_STORE: tokens.db
        """

    play(tasks, "--syntax-check")
    (tmp_path / "elsewhere").mkdir()
    done = run_ansible(
        "ansible-playbook", "-i", "../hosts.ini", "../play.yml", cwd="elsewhere"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "tokens.db").exists()
    assert not list((tmp_path / "elsewhere").iterdir())
    assert len(server.fake.journal.token_requests) == 1


@pytest.mark.parametrize("connection", ["local", "elsewhere"])
def test_a_secret_in_the_wrong_option_is_not_shown(play, options, connection):
    """Every refusal quotes what was wrong, but not if it is a secret."""
    secret = "an'invented\"one\\with-signs"
    options["client_secret"] = secret
    given = "{{ given.client_secret }}"
    tasks = "".join(
        f"""
        - name: {name}
          catalyst.oauth.token:
            {name}: '{given}'
            refresh_token: "{{{{ omit }}}}"
            accounts_url: "{{{{ omit }}}}"
          ignore_errors: true
        """
        for name in ("state", "min_remaining", "soid", "data_center", "profile")
    )
    look = """
        - name: look
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token', client_id='1000.NOBODY',
              client_secret=given.client_secret, store='memory:', refresh_token='x',
              data_center=given.client_secret) }}"
          ignore_errors: true
        - name: look by number
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token', client_id='1000.NOBODY',
              client_secret='twelve' * 4, min_remaining='twelve' * 4) }}"
          ignore_errors: true
        """

    played = play(tasks + look, connection=connection)

    shown = (played.printed + json.dumps(played.notes)).replace("\\", "")
    assert "with-signs" not in shown
    assert "twelvetwelve" not in shown
    assert "present, refreshed, absent" in played["state"]["msg"]
    assert "is unknown" in played["data_center"]["msg"]
    assert "********" in played["data_center"]["msg"]


def test_a_client_acts_for_an_organization(play, server, options):
    """Client credentials need no refresh token, and are reused as any other."""
    del options["refresh_token"]
    played = play("""
        - name: mint
          catalyst.oauth.token: &organization
            soid: ZohoCatalyst.12345
            scopes: [ZohoCatalyst.tables.rows.READ, ZohoCatalyst.tables.READ]
            hide_result: false
        - name: foresee
          catalyst.oauth.token: *organization
          check_mode: true
        - name: reuse
          catalyst.oauth.token: *organization
        """)

    assert played.outcomes == {"mint": "changed", "foresee": "ok", "reuse": "ok"}
    assert len(server.fake.journal.token_requests) == 1
    assert played["reuse"]["reused"]


class TestProxy:
    """Zoho's own addresses, by a proxy that leads to the fake."""

    @pytest.fixture
    def server(self, fake):
        """The fake behind a proxy."""
        pytest.importorskip("trustme", reason="the extra tls is not installed")
        with FakeServer(fake, proxy=True) as running:
            yield running

    @pytest.fixture
    def options(self, server, store):
        """Zoho's own data centre, and the way there."""
        client = server.fake.client
        return {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "refresh_token": server.fake.refresh_token,
            "data_center": "us",
            "store": store,
            "proxy": server.proxy.replace("//", "//ada:an-invented-password@"),
            "ca_bundle": str(server.ca_file),
        }

    @pytest.mark.parametrize("connection", ["local", "elsewhere"])
    def test_a_data_centre_is_reached_by_a_proxy(self, play, server, connection):
        """Proxy and authorities are options; the proxy's password is shown nowhere."""
        played = play(
            """
            - name: mint
              catalyst.oauth.token:
                hide_result: false
            - name: of another data centre
              catalyst.oauth.token:
                data_center: eu
              ignore_errors: true
            - name: by no proxy
              catalyst.oauth.token:
                state: refreshed
                proxy: ada:an-invented-password@proxy
              ignore_errors: true
            """,
            "-vvv",
            connection=connection,
        )

        assert played["mint"]["api_url"] == "https://api.catalyst.zoho.com"
        assert played["mint"]["changed"]
        wrong = played["of another data centre"]
        assert wrong["error"] == "invalid_client"
        assert "enabled in the data centre whose accounts server" in wrong["hint"]
        assert "write it as http://host:port" in played["by no proxy"]["msg"]
        results = json.dumps(played.notes) + played.printed
        assert "an-invented-password" not in results
        assert "********" not in played["mint"]["api_url"]


class TestVendor:
    """A machine where Zoho's SDKs find all that they need."""

    @pytest.fixture
    def fake(self):
        """A fake of its own, to tell its addresses from the others."""
        return FakeCatalyst()

    def test_the_variables_of_the_sdks_come_last(self, play, server, options, store):
        """They are enough alone, and never mix with what somebody said here."""
        given = dict(options)
        options.clear()
        options["store"] = store
        sdk = {n: v for n, v in server.env.items() if not n.startswith("CATALYST_O")}
        played = play(
            """
            - name: enough
              catalyst.oauth.token:
            - name: said here
              catalyst.oauth.token:
                client_id: 1000.NOBODY
              ignore_errors: true
            - name: another data centre
              catalyst.oauth.token_info:
                data_center: eu
            """,
            CATALYST_AUTH=sdk["CATALYST_AUTH"],
            X_ZOHO_CATALYST_ACCOUNTS_URL=sdk["X_ZOHO_CATALYST_ACCOUNTS_URL"],
            X_ZOHO_CATALYST_CONSOLE_URL=sdk["X_ZOHO_CATALYST_CONSOLE_URL"],
        )

        assert played.outcomes["enough"] == "changed"
        assert "client secret of 1000.NOBODY" in played["said here"]["msg"]
        other = played["another data centre"]
        assert other["api_url"] == "https://api.catalyst.zoho.eu"
        assert given["client_id"] in sdk["CATALYST_AUTH"]
