"""A token in an expression."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible", reason="ansible-core is not installed")
LOOK = """
- name: look
  ansible.builtin.set_fact:
    token: "{{ lookup('catalyst.oauth.token', **given) }}"
  no_log: true
- name: use
  ansible.builtin.uri:
    url: "{{ url }}"
    headers:
      Authorization: "Zoho-oauthtoken {{ token }}"
  no_log: true
"""


def test_an_expression_has_a_token_that_works(play, server):
    """It is minted once, whoever looks how often, and also for the action."""
    url = f"{server.project_url}/table/Guests/row"
    more = """
- name: have it
  catalyst.oauth.token:
"""

    played = play(LOOK + more, "-e", f"url={url}")

    assert played.code == 0, played.printed
    assert played.outcomes == {"look": "ok", "use": "ok", "have it": "ok"}
    assert len(server.fake.journal.token_requests) == 1


def test_profiles_are_terms_and_the_rest_comes_from_variables(play, server, options):
    """Each profile has its own token; the environment names the client."""
    store = options["store"]
    options.clear()

    played = play(
        """
        - name: look
          ansible.builtin.assert:
            that:
              - tokens | length == 2
              - tokens | unique | length == 2
          vars:
            tokens: "{{ query('catalyst.oauth.token', 'ada', 'grace') }}"
          no_log: true
        """,
        **server.env,
        CATALYST_OAUTH_STORE=store,
    )

    assert played.code == 0, played.printed
    # The expression is evaluated for each condition.
    assert len(server.fake.journal.token_requests) == 2


def test_the_configuration_wins_over_the_environment_of_an_sdk(play, server, options):
    """Host variables say whose token; Zoho's own variables would say another's."""
    given = {f"ansible_catalyst_oauth_{n}": v for n, v in revealed(options).items()}
    options.clear()
    tasks = f"""
        - name: look
          ansible.builtin.debug:
            msg: "{{{{ lookup('catalyst.oauth.token') | length > 60 }}}}"
          vars: {given}
        """

    played = play(
        tasks,
        CATALYST_AUTH='{"client_id": "1000.NOBODY", "client_secret": "of nobody"}',
        X_ZOHO_CATALYST_ACCOUNTS_URL="http://127.0.0.1:9",
    )

    assert played["look"]["msg"] is True


def revealed(options):
    """Return options with their secrets as text."""
    return {n: getattr(v, "reveal", lambda v=v: v)() for n, v in options.items()}


def test_host_variables_may_be_templates(play, server, options):
    """They are worked out as all variables are; one that is wrong says its name."""
    given = {f"ansible_catalyst_oauth_{n}": v for n, v in revealed(options).items()}
    secret = given.pop("ansible_catalyst_oauth_client_secret")
    options.clear()
    tasks = f"""
        - name: look
          ansible.builtin.debug:
            msg: "{{{{ lookup('catalyst.oauth.token') | length > 60 }}}}"
          vars: &given
            vault_secret: {secret}
            ansible_catalyst_oauth_client_secret: "{{{{ vault_secret }}}}"
            ansible_catalyst_oauth_profile: "{{{{ omit }}}}"
            ansible_catalyst_oauth_scopes: ["{{{{ 'AaaServer' }}}}.profile.READ"]
            <<: {given}
        - name: said here
          ansible.builtin.debug:
            msg: "{{{{ lookup('catalyst.oauth.token', profile='ada') | length > 60 }}}}"
          vars:
            <<: *given
            ansible_catalyst_oauth_profile: "{{{{ nowhere }}}}"
        - name: undefined
          ansible.builtin.debug:
            msg: "{{{{ lookup('catalyst.oauth.token') }}}}"
          vars:
            <<: *given
            ansible_catalyst_oauth_profile: "{{{{ nowhere }}}}"
          ignore_errors: true
        """

    played = play(tasks)

    assert played["look"]["msg"] is True, played.printed
    assert played["said here"]["msg"] is True
    assert "'nowhere' is undefined" in played["undefined"]["msg"]
    assert len(server.fake.journal.token_requests) == 2


def test_an_unknown_option_is_refused(play, server):
    """By its name, and never by its value; nothing was asked by then."""
    played = play("""
        - name: look
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token', datacenter='an invented one',
              state='refreshed', **given) }}"
          ignore_errors: true
        """)

    told = played["look"]["msg"]
    assert "no option datacenter, state" in told
    assert "client_id, client_secret, code, data_center" in told
    assert "an invented one" not in told
    assert len(server.fake.journal) == 0


def test_check_mode_asks_nobody(play, server):
    """A placeholder stands for the token that would be minted."""
    foreseen = play(
        """
        - name: look
          ansible.builtin.debug:
            msg: "{{ lookup('catalyst.oauth.token', **given) }}"
        """,
        "--check",
    )

    assert foreseen["look"]["msg"] == "no-token-in-check-mode"
    assert len(server.fake.journal) == 0


def test_a_failure_says_what_to_do_and_no_secret(play, options):
    """The sentence is the action's, and holds nothing that was given."""
    options["client_id"] = "1000.NOBODY"

    played = play(LOOK)

    assert played.code != 0
    assert "Zoho refused with 'invalid_client'" in played.printed
    assert "is enabled in the data centre" in " ".join(played.printed.split())
    assert options["client_secret"].reveal() not in played.printed
    assert options["refresh_token"].reveal() not in played.printed
