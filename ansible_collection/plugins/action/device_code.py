# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log in with the help of a person at another device; here or on the task's host."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _device_code,
    _failure,
    _options,
)
from ansible_collections.catalyst.oauth.plugins.plugin_utils import _action

_HINT = (
    "wait without async, or start the login in one task, and poll with until in another"
)
_NOBODY_TOLD = {
    "msg": f"wait with async: nobody would be told what to enter where; {_HINT}.",
    "hint": _HINT,
}


class ActionModule(_action.Action):
    """The action `catalyst.oauth.device_code`.

    Only here somebody can be told something before the task ends, so that starting and
    waiting are two steps wherever they are done.
    """

    MODULE = "catalyst.oauth.device_code"
    TABLE = _options.DEVICE_CODE
    FAILED = _device_code.FAILED
    work = staticmethod(_device_code.work)

    def perform(
        self, args: dict[str, t.Any], task_vars: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        """Start, tell, and wait if the task says so."""
        waits = boolean(args.get("wait", False), strict=False)
        if waits and self._task.async_val and not args.get("device_code"):
            return dict(_failure.describe_mistake(**_NOBODY_TOLD), **self.FAILED)
        started = super().perform(args, task_vars)
        if not started.get("user_code"):
            return started
        self._display.display(f"{self._task.get_name()}: {started['message']}")
        if not waits:
            return started
        told = {"device_code": started["device_code"], "interval": started["interval"]}
        told["wait_time"] = min(started["codes_expire_in"], _device_code.LONGEST_WAIT)
        return super().perform(dict(told, **args), task_vars)
