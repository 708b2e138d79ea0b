# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say whose token, where it is kept, and how to ask for it."""

from __future__ import annotations


class ModuleDocFragment:
    """Documents what `module_utils/_options.py` lists; a test compares the two."""

    DOCUMENTATION = r"""
requirements:
  - pytest-catalyst-oauth (for the Python of the host that does the work)
  - Python 3.11 or newer (likewise)
  - pytest-catalyst-oauth[redis] for a store on Redis, [keyring] for one in a keyring, [encryption] for an encrypted one (likewise)
options:
  client_id:
    description:
      - The client ID from the Zoho API console. It is no secret and is shown in output.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_CLIENT_ID) is used,
        and at last the client of the SDKs' E(CATALYST_AUTH), with its secret and its refresh token.
    type: str
  client_secret:
    description:
      - The client secret from the Zoho API console. A task that finds what it needs in the store, and asks nobody, does without.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_CLIENT_SECRET) is used,
        and at last the one in E(CATALYST_AUTH), if the client comes from there as well.
    type: str
  refresh_token:
    description:
      - What access tokens are renewed with. Without it and O(code), the one in the store is used.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_REFRESH_TOKEN) is used,
        and at last the one in E(CATALYST_AUTH), if the client comes from there as well.
      - Mutually exclusive with O(code) and O(soid).
    type: str
  code:
    description:
      - A code that a self client generated in the Zoho API console. It lives for some minutes and works once.
      - The refresh token that it brings goes to the store, so that later tasks may give the same code again, or none.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_CODE) is used.
      - Mutually exclusive with O(refresh_token) and O(soid).
    type: str
  soid:
    description:
      - An organization to act for with the credentials of the client alone, as C(Service.organization); needs O(scopes).
      - If the option is not given, the environment variable E(CATALYST_OAUTH_SOID) is used.
      - Mutually exclusive with O(refresh_token) and O(code).
      - A variable never adds a second way to the one of O(refresh_token), O(code) and O(soid) that is given,
        and an empty text takes back the one that C(module_defaults) give.
    type: str
  scopes:
    description:
      - What to ask for, with O(soid) or on a device. A refresh token and a code have their scopes already, so that it is not sent with them.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_SCOPES) is used, split by commas and spaces.
    type: list
    elements: str
  data_center:
    description:
      - The data centre where the client and its user live; V(us), V(eu), V(in), V(au), V(jp), V(ca), V(sa) or V(ae).
      - The data centres V(cn), V(uk) and V(sg) issue tokens too, but have no Catalyst API.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_DATA_CENTER) is used, and at last V(us).
    type: str
  accounts_url:
    description:
      - Where tokens are asked for, instead of the data centre's accounts server.
      - For a fake or a proxy. Plain HTTP is accepted for this machine only.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_ACCOUNTS_URL) is used,
        and at last the SDKs' E(X_ZOHO_CATALYST_ACCOUNTS_URL), unless a data centre is named.
    type: str
  api_url:
    description:
      - The Catalyst API, instead of the data centre's. It is not asked, only returned as RV(ignore:api_url).
      - If the option is not given, the environment variable E(CATALYST_OAUTH_API_URL) is used,
        and at last the SDKs' E(X_ZOHO_CATALYST_CONSOLE_URL), unless a data centre is named.
    type: str
  profile:
    description:
      - Tells several users of one client apart in one store.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_PROFILE) is used, and at last V(default).
    type: str
  store:
    description:
      - Where tokens are kept between tasks and runs, seen from the host that does the work.
      - A path or V(sqlite:PATH) names a file that only its owner may read. C(~) and C($HOME) stand for folders there.
        A relative one starts at the playbook's folder; on another host, where its modules start.
        V(memory:) keeps nothing, so every task asks Zoho anew.
      - V(json:FOLDER) has a file for each client and profile, also on a network file system.
        V(keyring:) or V(keyring:SERVICE) names the keyring of the operating system; it needs C(pytest-catalyst-oauth[keyring]).
      - V(redis://HOST:PORT/DB), V(rediss:) for TLS or V(unix:///PATH?db=DB) for a socket names a server that several controllers share.
        It needs C(pytest-catalyst-oauth[redis]). Keep its password out of the address by C(?password_env=NAME).
      - C(?key_file=PATH) or C(?key_env=NAME) encrypts what V(json:) and Redis keep, with 32 bytes in base64 as the key.
        It needs C(pytest-catalyst-oauth[encryption]).
      - Without it, a file in the state folder of the user who does the work.
      - All hosts, forks and programs of one user that name the same store share one token and one request for it.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_STORE) is used.
    type: str
  attempts:
    description:
      - How many requests may be sent in all when nobody answers or the server fails. V(1) never retries.
      - A refusal is never retried, nor is Zoho's throttle, which asking again makes longer.
    type: int
    default: 4
  total_time:
    description:
      - Seconds after which no further attempt starts.
      - Keep it below 60 together with O(timeout). Whoever else waits for the same token gives up then.
    type: float
    default: 30
  timeout:
    description: Seconds that one attempt may take.
    type: float
    default: 20
  validate_certs:
    description: Whether to check TLS certificates. Set it to V(false) only for a server of your own.
    type: bool
    default: true
  ca_bundle:
    description: A file with the certificates of the authorities to trust, instead of those that Python's C(requests) brings.
    type: path
  proxy:
    description:
      - A proxy to go through, as C(http://host:port). It may have a user and a password, and is never shown.
      - Without it, the usual variables such as E(HTTPS_PROXY) count.
    type: str
notes:
  - The environment variables are read on the host that does the work, the task's C(environment) among them, and an empty one counts as not set.
    Keep secrets out of C(environment) where a module does the work, since Ansible writes it into a command line there.
  - Zoho answers about ten token requests in ten minutes for one refresh token. Share one store, and a token is asked for once an hour.
  - After a failed request nobody who shares the store asks again before a pause has passed. Until then the same error is returned.
"""

    # For plugins, beside the above: variables, ansible.cfg and host variables.
    PLUGINS = r"""
options:
  client_id:
    env:
      - name: CATALYST_OAUTH_CLIENT_ID
    ini:
      - section: catalyst_oauth
        key: client_id
    vars:
      - name: ansible_catalyst_oauth_client_id
  client_secret:
    secret: true
    env:
      - name: CATALYST_OAUTH_CLIENT_SECRET
    vars:
      - name: ansible_catalyst_oauth_client_secret
  refresh_token:
    secret: true
    env:
      - name: CATALYST_OAUTH_REFRESH_TOKEN
    vars:
      - name: ansible_catalyst_oauth_refresh_token
  code:
    secret: true
    env:
      - name: CATALYST_OAUTH_CODE
    vars:
      - name: ansible_catalyst_oauth_code
  soid:
    env:
      - name: CATALYST_OAUTH_SOID
    ini:
      - section: catalyst_oauth
        key: soid
    vars:
      - name: ansible_catalyst_oauth_soid
  scopes:
    env:
      - name: CATALYST_OAUTH_SCOPES
    ini:
      - section: catalyst_oauth
        key: scopes
    vars:
      - name: ansible_catalyst_oauth_scopes
  data_center:
    env:
      - name: CATALYST_OAUTH_DATA_CENTER
    ini:
      - section: catalyst_oauth
        key: data_center
    vars:
      - name: ansible_catalyst_oauth_data_center
  accounts_url:
    env:
      - name: CATALYST_OAUTH_ACCOUNTS_URL
    ini:
      - section: catalyst_oauth
        key: accounts_url
    vars:
      - name: ansible_catalyst_oauth_accounts_url
  api_url:
    env:
      - name: CATALYST_OAUTH_API_URL
    ini:
      - section: catalyst_oauth
        key: api_url
    vars:
      - name: ansible_catalyst_oauth_api_url
  profile:
    env:
      - name: CATALYST_OAUTH_PROFILE
    ini:
      - section: catalyst_oauth
        key: profile
    vars:
      - name: ansible_catalyst_oauth_profile
  store:
    env:
      - name: CATALYST_OAUTH_STORE
    ini:
      - section: catalyst_oauth
        key: store
    vars:
      - name: ansible_catalyst_oauth_store
  attempts:
    ini:
      - section: catalyst_oauth
        key: attempts
    vars:
      - name: ansible_catalyst_oauth_attempts
  total_time:
    ini:
      - section: catalyst_oauth
        key: total_time
    vars:
      - name: ansible_catalyst_oauth_total_time
  timeout:
    ini:
      - section: catalyst_oauth
        key: timeout
    vars:
      - name: ansible_catalyst_oauth_timeout
  validate_certs:
    ini:
      - section: catalyst_oauth
        key: validate_certs
    vars:
      - name: ansible_catalyst_oauth_validate_certs
  ca_bundle:
    ini:
      - section: catalyst_oauth
        key: ca_bundle
    vars:
      - name: ansible_catalyst_oauth_ca_bundle
  proxy:
    secret: true
    vars:
      - name: ansible_catalyst_oauth_proxy
"""
