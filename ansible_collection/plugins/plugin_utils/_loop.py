# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a loop adds to a task's result. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.catalyst.oauth.plugins.module_utils import _options

# Zoho's tokens and codes, and its client secrets.
_LIKE_A_SECRET = re.compile(r"1\d{3}\.[0-9a-f]{32}\.[0-9a-f]{32}|[0-9a-f]{40}")


def shows_secrets(task_vars: dict[str, t.Any], secrets: list[str]) -> bool:
    """Tell whether Ansible adds an item with a secret in it to the result.

    Args:
        task_vars: Of the task, for one item.
        secrets: What the task was given.
    """
    item = task_vars.get(task_vars.get("ansible_loop_var", ""))
    return any(_is_secret(text, secrets) for text in _texts(item))


def _is_secret(text: str, secrets: list[str]) -> bool:
    if _LIKE_A_SECRET.search(text):
        # For another task, maybe.
        return True
    is_long = len(text) >= _options.LEAST_SECRET
    return any(one in text or (is_long and text in one) for one in secrets)


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, dict):
        for pair in value.items():
            yield from _texts(list(pair))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
    elif value is not None:
        yield str(value)
