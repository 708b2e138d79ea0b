# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have a token, a newer token, or none; here or on the task's host."""

from __future__ import annotations

from ansible_collections.catalyst.oauth.plugins.module_utils import _options, _token
from ansible_collections.catalyst.oauth.plugins.plugin_utils import _action


class ActionModule(_action.Action):
    """The action `catalyst.oauth.token`."""

    MODULE = "catalyst.oauth.token"
    TABLE = _options.TOKEN
    work = staticmethod(_token.work)
