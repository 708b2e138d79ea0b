# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say whose token, where it is kept, and how to ask for it."""

from __future__ import annotations


class ModuleDocFragment:
    """Documents what `module_utils/_door.py` accepts; a test compares the two."""

    DOCUMENTATION = r"""
requirements:
  - pytest-catalyst-oauth (on the host and the Python that run the module)
  - Python 3.11 or newer (likewise)
options:
  client_id:
    description:
      - The client ID from the Zoho API console. It is no secret and is shown in output.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_CLIENT_ID) is used.
    type: str
    required: true
  client_secret:
    description:
      - The client secret from the Zoho API console.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_CLIENT_SECRET) is used.
    type: str
    required: true
  refresh_token:
    description:
      - What access tokens are renewed with. Without it and O(code), the one in the store is used.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_REFRESH_TOKEN) is used.
      - Mutually exclusive with O(code).
    type: str
  code:
    description:
      - A code that a self client generated in the Zoho API console. It lives for some minutes and works once.
      - The refresh token that it brings goes to the store, so that later tasks may give the same code again, or none.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_CODE) is used.
      - Mutually exclusive with O(refresh_token).
    type: str
  data_center:
    description:
      - The data centre where the client and its user live; V(us), V(eu), V(in), V(au), V(jp), V(ca), V(sa) or V(ae).
      - The data centres V(cn), V(uk) and V(sg) issue tokens too, but have no Catalyst API.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_DATA_CENTER) is used.
    type: str
    default: us
  accounts_url:
    description:
      - Where tokens are asked for, instead of the data centre's accounts server.
      - For a fake or a proxy. Plain HTTP is accepted for this machine only.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_ACCOUNTS_URL) is used.
    type: str
  api_url:
    description:
      - The Catalyst API, instead of the data centre's. It is not asked, only returned as RV(ignore:api_url).
      - If the option is not given, the environment variable E(CATALYST_OAUTH_API_URL) is used.
    type: str
  profile:
    description:
      - Tells several users of one client apart in one store.
      - If the option is not given, the environment variable E(CATALYST_OAUTH_PROFILE) is used.
    type: str
    default: default
  store:
    description:
      - Where tokens are kept between tasks and runs, on the host that runs the module.
      - A path or V(sqlite:PATH) names a file that only its owner may read.
        V(memory:) keeps nothing, so every task asks Zoho anew.
      - Without it, a file in the state folder of the user who runs the module.
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
notes:
  - The environment variables are read on the host that runs the module, and an empty one counts as not set.
  - Zoho answers about ten token requests in ten minutes for one refresh token. Share one store, and a token is asked for once an hour.
  - After a failed request nobody who shares the store asks again before a pause has passed. Until then the same error is returned.
"""
