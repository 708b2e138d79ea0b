"""Note every task's result in a file, one JSON object a line, as callbacks get it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: notes
type: notification
short_description: Note every task's result
description: Writes to the file that the environment variable NOTES_FILE names.
"""


class CallbackModule(CallbackBase):
    """Appends to the file that NOTES_FILE names."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "notes"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result):
        self._note(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._note(result, "failed")

    def v2_runner_on_skipped(self, result):
        self._note(result, "skipped")

    def _note(self, result, outcome):
        note = {
            "task": result.task.name,
            "host": result.host.get_name(),
            "outcome": outcome,
            "result": result.result,
        }
        with Path(os.environ["NOTES_FILE"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(note, default=str) + "\n")
