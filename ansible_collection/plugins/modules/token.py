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
  - With a local connection, as with C(delegate_to=localhost), the work is done in the process of Ansible itself, which takes milliseconds.
    With any other connection, with C(become) and with C(async), a module of the same name does it on that host.
author:
  - pytest-catalyst-oauth maintainers (!UNKNOWN)
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.actiongroups
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
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
  hide_result:
    description:
      - Whether a result with a token in it is shown to nobody, as with C(no_log=true). The registered result is complete all the same.
      - It matters before ansible-core 2.22. From then on the token alone is hidden, wherever it would be shown, and this option changes nothing.
      - Before 2.22 a task with C(async) is hidden even when it fails, and one of M(ansible.builtin.async_status) needs C(no_log=true) of its own.
      - With C(poll=0) Ansible leaves the result, token and all, in a file on the host that did the work, which others there may be able to read.
        It stays until M(ansible.builtin.async_status) with C(mode=cleanup) removes it. O(return_token=false) keeps the token out of it.
    type: bool
    default: true
attributes:
  action:
    support: full
  async:
    support: full
  become:
    support: full
    details:
      - The module then runs as that user, whose store it is.
  bypass_host_loop:
    support: none
  connection:
    support: full
  delegation:
    support: full
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
      - Before ansible-core 2.22 it is hidden with a result that has a token in it. With O(return_token=false) it is shown.
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: partial
    details:
      - With O(state=refreshed) each run asks for a new token. With O(state=present) the second run returns the first one's token,
        as long as it lives, and with O(state=absent) it has nothing left to revoke.
  platform:
    support: full
    platforms: posix
notes:
  - Before ansible-core 2.22 the whole result is hidden if a token is in it; see O(hide_result). A failure never holds a secret and is shown.
  - Before ansible-core 2.22 the items of a loop over secrets, which Ansible adds to each result, are hidden in any case. What a failed one says is shown.
  - If Zoho does not say how long a token lives, an hour is assumed, with a warning.
  - A token that cannot be written to the store is returned with a warning. A store that cannot be read is a failure, as is a code that cannot be noted there.
  - What uses the token afterwards has to hide it by itself before ansible-core 2.22, by C(no_log=true).
  - The options O(client_secret), O(refresh_token), O(code) and O(proxy) never appear in output, nor in the arguments of a process.
  - With C(ANSIBLE_KEEP_REMOTE_FILES) the file of a module stays on its host, options and all. A local connection makes none without C(become) and C(async).
seealso:
  - module: catalyst.oauth.token_info
  - module: catalyst.oauth.device_code
  - plugin: catalyst.oauth.token
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Have a token
  catalyst.oauth.token:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
    refresh_token: "{{ vault_catalyst_refresh_token }}"
    data_center: eu
  register: catalyst
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

    - name: Give it up
      catalyst.oauth.token:
        state: absent

- name: Act for an organization, without a person
  catalyst.oauth.token:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
    soid: ZohoCatalyst.12345
    scopes: [ZohoCatalyst.tables.rows.READ]

- name: Begin to ask for a token, and go on
  catalyst.oauth.token:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
    refresh_token: "{{ vault_catalyst_refresh_token }}"
  async: 60
  poll: 0
  register: job

- name: Fetch the token
  ansible.builtin.async_status:
    jid: "{{ job.ansible_job_id }}"
  register: catalyst
  until: catalyst is finished
  delay: 1
  retries: 60
  no_log: true

- name: Remove the file that still holds the token
  ansible.builtin.async_status:
    jid: "{{ job.ansible_job_id }}"
    mode: cleanup

- name: Decide what to do about a failure
  block:
    - name: Have a token
      catalyst.oauth.token:
        client_id: "{{ catalyst_client_id }}"
        client_secret: "{{ vault_catalyst_client_secret }}"
      register: catalyst
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
  sample: {Authorization: Zoho-oauthtoken 1000.an-invented-token.of-nobody}
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
  sample: [ZohoCatalyst.tables.rows.READ]
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
  description: How many requests this task sent to Zoho Accounts. With C(until) Ansible's own count of tries takes its place.
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
      V(MissingEngine) is a Python without pytest-catalyst-oauth, and RV(hint) the command that installs it.
  type: str
  returned: failure
  sample: RefusedError
error:
  description:
    - The code that Zoho refused with. V(none) if the failure is no refusal.
    - With RV(status) V(none) nobody was asked, and the store knew the answer. V(revoked) is a refresh token that was given up here,
      V(revoke_pending) one whose revocation Zoho did not confirm yet, V(no_token) that there is none.
  type: str
  returned: failure
  sample: invalid_client_secret
hint:
  description: What to do next. Empty if RV(ignore:msg) says it.
  type: str
  returned: failure
  sample: copy the client secret again from the API console of this data centre
status:
  description: The HTTP status of the answer. V(none) without one, as when the store knew that Zoho would refuse.
  type: int
  returned: failure
  sample: 200
retry_after:
  description: Seconds for which nobody who shares the store asks again. V(none) if another try costs nothing.
  type: int
  returned: failure
  sample: 600
"""

from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _module,
    _options,
    _token,
)


def main() -> None:
    """Run the module."""
    _module.run_module(_token.work, _options.TOKEN)


if __name__ == "__main__":
    main()
