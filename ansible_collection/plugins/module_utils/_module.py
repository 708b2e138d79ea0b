# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of every module of this collection. Private to it."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _door,
    _failure,
    _options,
)


class _Module(AnsibleModule):
    """A module whose failures have one set of keys, also those that Ansible finds."""

    def __init__(self, failed: dict[str, t.Any], **kwargs: t.Any) -> None:
        self._failed = failed
        super().__init__(**kwargs)

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        """End the task."""
        result = _failure.describe_mistake(msg)
        result.update(self._failed, **kwargs)
        super().fail_json(**result)


def run_module(
    work: t.Callable[[_door.Access], dict[str, t.Any]],
    table: dict[str, dict[str, t.Any]],
    failed: dict[str, t.Any] | None = None,
) -> None:
    """Run as a module on the host where it lies; an action does without.

    Args:
        work: Does what the module is for.
        table: Its options.
        failed: What a failure has besides the usual.
    """
    module = _Module(
        failed or {},
        argument_spec=_options.argument_spec(table),
        mutually_exclusive=[_options.GRANTS],
        supports_check_mode=True,
    )
    lack = _door.missing_engine()
    if lack is not None:
        module.fail_json(lack, kind="MissingEngine", hint=_door.missing_cure())
    params = dict(module.params)
    _blind(module, table)
    outcome = _door.perform(work, params, module.check_mode, module._diff, failed)
    for warning in outcome.warnings:
        module.warn(warning)
    if outcome.result.get("failed"):
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)


def _blind(module: AnsibleModule, table: dict[str, dict[str, t.Any]]) -> None:
    """Hide secrets where `invocation` shows them, and nowhere else.

    Ansible cuts no_log values out of all results, and what is short, or is an address,
    is a part of other texts.
    """
    for name in [n for n in table if table[n].get("secret") and module.params[n]]:
        if name == "proxy":
            module.no_log_values.discard(module.params[name])
        module.params[name] = _options.HIDDEN
    for text in [v for v in module.no_log_values if len(v) < _options.LEAST_SECRET]:
        module.no_log_values.discard(text)
    if "@" in (module.params["store"] or ""):
        # The address of a Redis server may hold a password.
        module.params["store"] = _options.HIDDEN
