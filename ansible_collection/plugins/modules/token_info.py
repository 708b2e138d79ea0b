#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what is stored."""

from __future__ import annotations

DOCUMENTATION = r"""
module: token_info
short_description: Tell what is known about an OAuth token for Zoho Catalyst
version_added: 0.1.0
description:
  - Reads the store. Neither asks Zoho nor returns a token.
  - With a local connection the work is done in the process of Ansible itself, otherwise by a module on the host.
author:
  - pytest-catalyst-oauth maintainers (!UNKNOWN)
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.actiongroups
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
  - catalyst.oauth.client
attributes:
  action:
    support: full
  action_group:
    support: full
    membership:
      - catalyst.oauth.client
  async:
    support: full
  become:
    support: full
  bypass_host_loop:
    support: none
  check_mode:
    support: full
  connection:
    support: full
  delegation:
    support: full
  diff_mode:
    support: none
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: full
  platform:
    support: full
    platforms: posix
notes:
  - Options that only matter when Zoho is asked, such as O(attempts) and O(proxy), are accepted so that the action group can set them.
seealso:
  - module: catalyst.oauth.token
"""

EXAMPLES = r"""
- name: Look before a long job
  catalyst.oauth.token_info:
    client_id: "{{ catalyst_client_id }}"
    client_secret: "{{ vault_catalyst_client_secret }}"
  register: known

- name: Say so
  ansible.builtin.debug:
    msg: "Token {{ known.token_fingerprint }} lives for {{ known.expires_in }} s"
  when: known.exists
"""

RETURN = r"""
exists:
  description: Whether a token is stored that still works, as far as its end of life tells.
  type: bool
  returned: success
  sample: true
state:
  description:
    - What M(catalyst.oauth.token) would do now. V(fresh) is the stored token, V(soft) the stored one or a newer, V(hard) a newer one,
      V(cooling) an error until RV(retry_after) has passed, V(dead) an error that only a person can cure.
  type: str
  returned: success
  sample: fresh
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
has_refresh_token:
  description: Whether a refresh token is stored.
  type: bool
  returned: success
  sample: true
requests_left:
  description: How many token requests Zoho's quota still allows now, as far as this store knows.
  type: int
  returned: success
  sample: 9
revoke_pending:
  description: Whether a revocation waits for Zoho's confirmation.
  type: bool
  returned: success
  sample: false
retry_after:
  description: Seconds for which nobody who shares the store asks again. V(none) if another try costs nothing.
  type: int
  returned: always
  sample: 600
kind:
  description: What sort of failure the latest request ended with, or this task. V(none) if it succeeded.
  type: str
  returned: always
  sample: RefusedError
error:
  description: The code that Zoho refused the latest request with. V(none) if it did not.
  type: str
  returned: always
  sample: invalid_client_secret
hint:
  description: What to do next.
  type: str
  returned: failure
  sample: move the file away to start with an empty store
status:
  description: Always V(none), since nobody is asked.
  type: int
  returned: failure
attempts:
  description: Always V(0), since nobody is asked.
  type: int
  returned: failure
  sample: 0
"""

from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _module,
    _options,
    _token_info,
)


def main() -> None:
    """Run the module."""
    _module.run_module(_token_info.work, _options.TOKEN_INFO)


if __name__ == "__main__":
    main()
