# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token in an expression."""

from __future__ import annotations

DOCUMENTATION = r"""
name: token
short_description: An OAuth token for Zoho Catalyst from the shared store
version_added: 0.1.0
description:
  - Returns an access token that works, from the store if there is one, from Zoho if not.
  - It does exactly what M(catalyst.oauth.token) with O(catalyst.oauth.token#module:state=present) does.
  - It always does so on the controller.
author:
  - pytest-catalyst-oauth maintainers (!UNKNOWN)
extends_documentation_fragment:
  - catalyst.oauth.client
  - catalyst.oauth.client.plugins
options:
  _terms:
    description: Profiles, each for one token. Without any, the one of O(profile).
    type: list
    elements: str
  min_remaining:
    description: Seconds for which a stored token must still work, from V(0) to V(3000). One that ends sooner is refreshed.
    type: int
    default: 60
notes:
  - Ansible evaluates an expression each time that it meets it, so keep the store shared, or the value in a variable by M(ansible.builtin.set_fact).
  - With C(--check) nothing is asked. Where a token would be minted, the text V(no-token-in-check-mode) takes its place.
  - A lookup cannot see the C(check_mode) of a single task.
  - Before ansible-core 2.22 a task that uses the value needs C(no_log=true). From then on Ansible hides it wherever it would be shown.
seealso:
  - module: catalyst.oauth.token
"""

EXAMPLES = r"""
- name: Call the API
  ansible.builtin.uri:
    url: "https://api.catalyst.zoho.eu/baas/v1/project/{{ catalyst_project_id }}/table"
    headers:
      Authorization: >-
        Zoho-oauthtoken {{ lookup('catalyst.oauth.token', client_id=catalyst_client_id,
        client_secret=vault_catalyst_client_secret, data_center='eu') }}
  no_log: true

- name: Have the tokens of two users of one client, which the environment names
  ansible.builtin.set_fact:
    tokens: "{{ query('catalyst.oauth.token', 'ada', 'grace') }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: One access token for each profile.
  type: list
  elements: str
"""

import typing as t
from contextlib import suppress

from ansible.errors import AnsibleError, AnsibleLookupError, AnsibleValueOmittedError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _door,
    _options,
    _token,
)
from ansible_collections.catalyst.oauth.plugins.plugin_utils._action import (
    beside_playbook,
    plain,
)

NO_TOKEN = "no-token-in-check-mode"


class LookupModule(LookupBase):
    """The lookup `catalyst.oauth.token`."""

    def run(
        self, terms: list[t.Any], variables: t.Any = None, **kwargs: t.Any
    ) -> list[str]:
        """Return a token for each profile."""
        lack = _door.missing_engine()
        if lack is not None:
            raise AnsibleLookupError(lack)
        self._check_names(kwargs)
        self._set_options(self._templated(variables or {}, kwargs), kwargs)
        given = plain({n: self.get_option(n) for n in _options.LOOKUP})
        self._settle_grant(given)
        check_mode = bool((variables or {}).get("ansible_check_mode"))
        profiles = plain(terms) or [given["profile"]]
        return [self._token(dict(given, profile=p), check_mode) for p in profiles]

    def _set_options(
        self, variables: dict[str, t.Any], kwargs: dict[str, t.Any]
    ) -> None:
        try:
            self.set_options(var_options=variables, direct=kwargs)
        except AnsibleError as error:
            # It quotes a value that it cannot convert.
            told = _options.masked(str(error), plain(kwargs))
            raise AnsibleLookupError(told) from None

    def _check_names(self, kwargs: dict[str, t.Any]) -> None:
        """Refuse what is no option; Ansible would pass over it in silence."""
        unknown = sorted(set(kwargs).difference(_options.LOOKUP))
        if unknown:
            known = ", ".join(sorted(_options.LOOKUP))
            raise AnsibleLookupError(
                f"The lookup catalyst.oauth.token has no option {', '.join(unknown)}; "
                f"its options are {known}."
            )

    def _templated(
        self, variables: dict[str, t.Any], kwargs: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        """Return the host variables that stand for an option, worked out.

        Ansible does so for connections alone.
        """
        found = {}
        for name, option in self.option_definitions.items():
            if kwargs.get(name) is not None:
                continue
            for variable in [v["name"] for v in option.get("vars") or ()]:
                if variable in variables:
                    with suppress(AnsibleValueOmittedError):
                        found[variable] = self._worked_out(variables[variable])
        return found

    def _worked_out(self, value: t.Any) -> t.Any:
        return value if self._templar is None else self._templar.template(value)

    def _settle_grant(self, given: dict[str, t.Any]) -> None:
        """Take one way to a token: of several the one that was said most directly."""
        ways = ("Direct", "var", "env")
        found = {}
        for name in [n for n in _options.GRANTS if given[n]]:
            way = str(self.get_option_and_origin(name)[1]).partition(":")[0]
            found[name] = ways.index(way) if way in ways else len(ways)
        best = min(found.values(), default=0)
        kept = [n for n in found if found[n] == best]
        if best == ways.index("env"):
            # Two variables of the environment are no contradiction, as in a task.
            kept = kept[:1]
        given.update(dict.fromkeys(set(_options.GRANTS).difference(kept)))

    def _token(self, given: dict[str, t.Any], check_mode: bool) -> str:
        checked = ArgumentSpecValidator(
            _options.argument_spec(_options.LOOKUP, for_module=False),
            mutually_exclusive=[_options.GRANTS],
        ).validate({n: v for n, v in given.items() if v is not None})
        if checked.error_messages:
            mistake = ". ".join(checked.error_messages)
            raise AnsibleLookupError(_options.masked(mistake, given))
        fixed = {"state": "present", "return_token": True}
        params = dict(checked.validated_parameters, **fixed)
        with beside_playbook(self._loader):
            outcome = _door.perform(_token.work, params, check_mode)
        for warning in outcome.warnings:
            Display().warning(warning)
        if outcome.result.get("failed"):
            raise AnsibleLookupError(outcome.result["msg"])
        return outcome.result["access_token"] or NO_TOKEN
