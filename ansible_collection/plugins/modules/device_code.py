#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log in with the help of a person at another device."""

from __future__ import annotations

DOCUMENTATION = r"""
module: device_code
short_description: Log in to Zoho with the help of a person at another device
version_added: 0.1.0
description:
  - Starts a login, says which address a person has to open and what to enter there, and asks Zoho whether that has happened.
  - With O(wait=true) one task does it all. Otherwise one task starts, and another asks, again and again by C(until).
  - The finished login goes to the store, where M(catalyst.oauth.token) finds its refresh token.
author:
  - pytest-catalyst-oauth maintainers (!UNKNOWN)
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.actiongroups
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
  - catalyst.oauth.client
options:
  device_code:
    description: What a former task returned as RV(device_code). Without it a login is started.
    type: str
  interval:
    description: Seconds between two requests with O(wait=true), from V(1) to V(600). A login that is started here brings its own.
    type: float
    default: 5
  wait:
    description: Whether to ask until the person has decided. A task that waits and gets no decision fails.
    type: bool
    default: false
  wait_time:
    description:
      - Seconds to wait for the person, from V(0) to V(3600).
      - A login that is started here waits as long as its codes live, unless a task says otherwise.
    type: float
    default: 300
  return_token:
    description: Whether to return the token itself, as RV(access_token) and in RV(headers).
    type: bool
    default: true
  hide_result:
    description:
      - Whether a result with a token or a device code in it is shown to nobody, as with C(no_log=true). The registered result is complete all the same.
      - It matters before ansible-core 2.22. From then on these two alone are hidden, wherever they would be shown, and this option changes nothing.
      - Before 2.22 a task with C(async) is hidden even when it fails, and one of M(ansible.builtin.async_status) needs C(no_log=true) of its own.
      - With C(poll=0) Ansible leaves the result, token and all, in a file on the host that did the work, which other users of that host may be
        able to read. It stays there after it was fetched, until M(ansible.builtin.async_status) with C(mode=cleanup) removes it.
        With O(return_token=false) no token gets there.
    type: bool
    default: true
attributes:
  action:
    support: full
  action_group:
    support: full
    membership:
      - catalyst.oauth.client
  async:
    support: partial
    details:
      - A login that is started here cannot wait, since nobody would be told what to do.
  become:
    support: full
  bypass_host_loop:
    support: none
  check_mode:
    support: full
    details:
      - Nothing is asked and nobody is told anything. What would be known afterwards is V(none).
      - A task that waits for another one's login needs C(when=not ansible_check_mode), since there is no RV(device_code) to give.
  connection:
    support: full
  delegation:
    support: full
  diff_mode:
    support: none
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: none
    details:
      - Each login that is started is another one, and a device code works once.
  platform:
    support: full
    platforms: posix
notes:
  - What a person has to do is shown as soon as it is known, even if the result is hidden.
  - Starting a login is no change. A login that a person confirmed is one.
  - The client has to be registered for devices, that is as a non-browser application.
seealso:
  - module: catalyst.oauth.token
"""

EXAMPLES = r"""
- name: Log in, and wait for a person
  catalyst.oauth.device_code:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
    scopes:
      - ZohoCatalyst.tables.rows.READ
    wait: true

- name: Start a login
  catalyst.oauth.device_code:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
    scopes:
      - ZohoCatalyst.tables.rows.READ
  register: login

- name: Tell the team
  ansible.builtin.debug:
    msg: "{{ login.message }}"
  when: not ansible_check_mode

- name: Wait for the team
  catalyst.oauth.device_code:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
    device_code: "{{ login.device_code }}"
  when: not ansible_check_mode
  register: done
  until: not done.pending
  delay: "{{ login.interval | int }}"
  retries: 20
"""

RETURN = r"""
pending:
  description: Whether nobody has decided yet. V(false) in a failure, so that C(until) ends.
  type: bool
  returned: always
  sample: true
message:
  description: What a person has to do. V(none) unless a login was started.
  type: str
  returned: success
  sample: Open https://accounts.zoho.eu/oauth/v3/device and enter ABCD-1234
device_code:
  description: What another task asks with; a secret. V(none) unless a login was started.
  type: str
  returned: success
  sample: 1004.an-invented-device-code.of-nobody
user_code:
  description: What a person enters. V(none) unless a login was started.
  type: str
  returned: success
  sample: ABCD-1234
verification_url:
  description: What a person opens. V(none) unless a login was started.
  type: str
  returned: success
  sample: https://accounts.zoho.eu/oauth/v3/device
verification_url_complete:
  description: The same with the code in it. V(none) if Zoho gave none.
  type: str
  returned: success
  sample: https://accounts.zoho.eu/oauth/v3/device/setCode?devcode=ABCD-1234
interval:
  description: Seconds to leave between two requests.
  type: float
  returned: success
  sample: 30
codes_expire_in:
  description: Seconds for which the codes live. V(none) unless a login was started.
  type: int
  returned: success
  sample: 300
data_center:
  description: Where the person lives, whose token works there and only there. Give it to the tasks that follow.
  type: str
  returned: success
  sample: eu
accounts_url:
  description: The accounts server of that data centre.
  type: str
  returned: success
  sample: https://accounts.zoho.eu
api_url:
  description: The Catalyst API of that data centre. V(none) where Catalyst is not offered.
  type: str
  returned: success
  sample: https://api.catalyst.zoho.eu
access_token:
  description: The token. V(none) before a person has confirmed.
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
attempts:
  description: How many requests this task sent to Zoho Accounts. With C(until) Ansible's own count of tries takes its place.
  type: int
  returned: always
  sample: 1
would_mint:
  description: Always V(true), since the real run asks Zoho.
  type: bool
  returned: in check mode
  sample: true
kind:
  description:
    - What sort of failure it is. V(LoginNeededError) means that nobody confirmed in time, V(RefusedError) with RV(error=access_denied) that the person said no.
  type: str
  returned: failure
  sample: LoginNeededError
error:
  description:
    - The code that Zoho refused with. V(none) if the failure is no refusal.
    - V(authorization_pending) with RV(status) V(none) means that nobody decided within O(wait_time).
  type: str
  returned: failure
  sample: access_denied
hint:
  description: What to do next. Empty if RV(ignore:msg) says it.
  type: str
  returned: failure
  sample: "the device code was not confirmed in time: start the login again"
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

from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _device_code,
    _module,
    _options,
)


def main() -> None:
    """Run the module."""
    _module.run_module(_device_code.work, _options.DEVICE_CODE, _device_code.FAILED)


if __name__ == "__main__":
    main()
