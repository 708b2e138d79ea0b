# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write down what became of each task, for a test that reads it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: task_results
type: notification
short_description: Write each task's result to a file
version_added: 0.1.0
author:
  - pytest-catalyst-oauth maintainers (!UNKNOWN)
description:
  - Appends one JSON object a line to a file, with what callbacks are told about a task on a host.
  - The pytest fixture C(catalyst_playbook) of pytest-catalyst-oauth reads it.
  - Where a task has C(no_log=true) or hides its own result, so does the line.
requirements:
  - enabling it, for example in the environment variable C(ANSIBLE_CALLBACKS_ENABLED)
options:
  path:
    description: The file, which only its owner can read if it is new. Without a path nothing is written.
    type: path
    env:
      - name: CATALYST_OAUTH_TASK_RESULTS
"""

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Appends to a file."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "catalyst.oauth.task_results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """Note a task that went well."""
        self._note(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """Note a task that failed, whatever comes of it."""
        self._note(result, "failed")

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        """Note a task that was left out."""
        self._note(result, "skipped")

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        """Note a host that was not there."""
        self._note(result, "unreachable")

    def _note(self, result: t.Any, outcome: str) -> None:
        path = self.get_option("path")
        if not path:
            return
        note = {
            "task": result.task.name,
            "action": result.task.action,
            "host": result.host.get_name(),
            "outcome": outcome,
            "result": result.result,
        }
        line = json.dumps(note, default=str) + "\n"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "a", encoding="utf-8") as file:
            file.write(line)
