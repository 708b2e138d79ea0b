#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have a token, a newer token, or none."""

from __future__ import annotations

DOCUMENTATION = r"""
module: token
short_description: Mint, reuse, refresh or revoke an OAuth token for Zoho Catalyst
version_added: 0.1.0
description:
  - Returns an access token that works, from the store if there is one, from Zoho if not.
  - Reports a change exactly when Zoho issued or revoked something for this task.
  - However many hosts, forks and plays share a store, they cause one token request an hour.
author:
  - pytest-catalyst-oauth maintainers (!UNKNOWN)
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.actiongroups
  - catalyst.oauth.client
options:
  state:
    description:
      - V(present) returns the stored token if it lives long enough, and asks for one otherwise.
      - V(refreshed) asks for a new token, whatever is stored. Tasks that do so at the same time share one.
      - V(absent) revokes the refresh token, which ends all its access tokens, and forgets what is stored.
        A new code is needed afterwards. A token that is unknown or revoked already is no failure and no change.
    type: str
    choices:
      - present
      - refreshed
      - absent
    default: present
  min_remaining:
    description:
      - Seconds for which a stored token must still work to be returned by O(state=present). One that ends sooner is refreshed.
      - From V(0) to V(3000), since a token lives for 3600 seconds.
      - Independently of it, a token in the last ten minutes of its hour is renewed if Zoho answers, and returned if not.
    type: int
    default: 60
  return_token:
    description: Whether to return the token itself, as RV(access_token) and in RV(headers).
    type: bool
    default: true
attributes:
  action_group:
    support: full
    membership:
      - catalyst.oauth.client
  check_mode:
    support: full
    details:
      - Nothing is sent and no token is written. A stored token that would be reused is returned.
      - Only Zoho knows whether a token is revoked already, so O(state=absent) then predicts a change whenever it knows a token to revoke.
  diff_mode:
    support: full
    details:
      - Shows end of life, scopes and fingerprint, never a token.
  platform:
    support: full
    platforms: posix
notes:
  - The result holds the token. Before ansible-core 2.22 a module cannot hide its own result, which Ansible shows at C(-vvv) and hands to callbacks,
    so put C(no_log=true) on the task. The registered result is complete all the same. Or set O(return_token=false).
  - The options O(client_secret), O(refresh_token) and O(code) never appear in output, nor in the arguments of a process.
  - By default the module runs on the managed host. Run it once, on the controller, with C(delegate_to=localhost) and C(run_once=true).
"""

EXAMPLES = r"""
- name: Have a token
  catalyst.oauth.token:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
    refresh_token: "{{ vault_catalyst_refresh_token }}"
    data_center: eu
  register: catalyst
  no_log: true
  run_once: true
  delegate_to: localhost

- name: Use it
  ansible.builtin.uri:
    url: "{{ catalyst.api_url }}/baas/v1/project/{{ catalyst_project_id }}/table/Guests/row"
    headers: "{{ catalyst.headers }}"
  no_log: true

- name: Say the connection once for all tasks
  module_defaults:
    group/catalyst.oauth.client:
      client_id: "{{ catalyst_client_id }}"
      client_secret: "{{ vault_catalyst_client_secret }}"
      data_center: eu
      store: /var/lib/deploy/catalyst-tokens.db
  block:
    - name: Exchange the code of a self client
      catalyst.oauth.token:
        code: "{{ catalyst_code }}"
        return_token: false

    - name: Have a token that lasts for the next half hour
      catalyst.oauth.token:
        min_remaining: 1800
      register: catalyst
      no_log: true

    - name: Give it up
      catalyst.oauth.token:
        state: absent

- name: Decide what to do about a failure
  block:
    - name: Have a token
      catalyst.oauth.token:
        client_id: "{{ catalyst_client_id }}"
        client_secret: "{{ vault_catalyst_client_secret }}"
      register: catalyst
      no_log: true
  rescue:
    - name: Say when it is worth another try
      ansible.builtin.fail:
        msg: "{{ catalyst.hint }} ({{ catalyst.retry_after }} s)"
      when: catalyst.kind == 'ThrottledError'
"""

RETURN = r"""
access_token:
  description: The token. V(none) after O(state=absent), and in check mode when one would be minted.
  type: str
  returned: success and O(return_token=true)
  sample: 1000.an-invented-token.of-nobody
headers:
  description: What authorizes a request of M(ansible.builtin.uri) and its like. Empty without a token.
  type: dict
  returned: success and O(return_token=true)
  sample:
    Authorization: Zoho-oauthtoken 1000.an-invented-token.of-nobody
expires_at:
  description: When the token ends, in UTC. V(none) without a token.
  type: str
  returned: success
  sample: "2027-01-31T12:00:00Z"
expires_in:
  description: Seconds for which the token still works. V(none) without a token.
  type: int
  returned: success
  sample: 3599
scope:
  description: What the token may do, as far as Zoho said. Empty without a token.
  type: list
  elements: str
  returned: success
  sample:
    - ZohoCatalyst.tables.rows.READ
token_fingerprint:
  description: The beginning of a digest of the token, to tell tokens apart in logs. V(none) without a token.
  type: str
  returned: success
  sample: 1f3870be274f
api_url:
  description: The Catalyst API of the data centre. V(none) where Catalyst is not offered.
  type: str
  returned: success
  sample: https://api.catalyst.zoho.eu
reused:
  description: Whether the token was there already, or came from a task that asked at the same time.
  type: bool
  returned: success
  sample: false
attempts:
  description: How many requests this task sent to Zoho Accounts.
  type: int
  returned: success or failure
  sample: 1
would_mint:
  description: Whether Zoho would be asked for a token.
  type: bool
  returned: in check mode
  sample: true
would_revoke:
  description: Whether Zoho would be asked to revoke a token.
  type: bool
  returned: in check mode
  sample: false
kind:
  description:
    - What sort of failure it is. V(SettingsError) and V(StoreError) are mended here, V(LoginNeededError) by a new code,
      V(ThrottledError) by waiting. V(TransportError) is no answer, V(ReplyError) an unusable one, V(RefusedError) any other refusal.
  type: str
  returned: failure
  sample: RefusedError
error:
  description: The code that Zoho refused with. V(none) if the failure is no refusal.
  type: str
  returned: failure
  sample: invalid_client_secret
hint:
  description: What to do next. Empty if RV(ignore:msg) says it.
  type: str
  returned: failure
  sample: copy the client secret again from the API console of this data centre
status:
  description: The HTTP status of the answer. V(none) without one.
  type: int
  returned: failure
  sample: 200
retry_after:
  description: Seconds for which nobody who shares the store asks again. V(none) if another try costs nothing.
  type: int
  returned: failure
  sample: 600
"""

import typing as t

from ansible_collections.catalyst.oauth.plugins.module_utils import _door

OPTIONS = {
    "state": {
        "type": "str",
        "choices": ["present", "refreshed", "absent"],
        "default": "present",
    },
    "min_remaining": {"type": "int", "default": 60},
    "return_token": {"type": "bool", "default": True, "no_log": False},
}


def act(
    params: dict[str, t.Any], access: _door.Access, before: t.Any
) -> tuple[bool, t.Any]:
    """Do what `state` says; return whether something changed, and the token."""
    if params["state"] == "absent":
        return access.credentials.revoke(), None
    if params["state"] == "refreshed":
        token = access.credentials.refresh()
    else:
        token = access.credentials.token(min_life=params["min_remaining"])
    return access.is_issued(token, before), token


def report(
    token: t.Any, access: _door.Access, *, return_token: bool
) -> dict[str, t.Any]:
    """Return the result's keys about a token, the same ones for None."""
    result = {
        "api_url": access.api_url,
        "attempts": len(access.journal),
        "expires_at": None,
        "expires_in": token and max(0, int(_door.life(token))),
        "scope": [],
        "token_fingerprint": None,
    }
    result.update(_door.describe(token))
    if return_token:
        result["access_token"] = token and _door.mask(token).access_token.reveal()
        result["headers"] = {"Authorization": token.authorization} if token else {}
    return result


def work(module: t.Any, access: _door.Access) -> dict[str, t.Any]:
    """Do it, or in check mode find out what would be done."""
    params = module.params
    _door.check_range("min_remaining", params["min_remaining"], 0, 3000)
    before, would_ask = access.known(), False
    try:
        changed, token = act(params, access, before)
    except _door.WouldAskError:
        changed, token, would_ask = True, None, True
    would_mint = would_ask and params["state"] != "absent"
    result = report(token, access, return_token=params["return_token"])
    result.update(changed=changed, reused=token is not None and not changed)
    if module.check_mode:
        result.update(would_mint=would_mint, would_revoke=would_ask and not would_mint)
    if module._diff:
        after = {"token_fingerprint": "not known yet"} if would_mint else {}
        after.update(_door.describe(token))
        result["diff"] = {"before": _door.describe(before), "after": after}
    return result


def main() -> None:
    """Run the module."""
    module = _door.open_module(OPTIONS)
    _door.run(module, lambda access: work(module, access))


if __name__ == "__main__":
    main()
