# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doing a task's work in the process of Ansible itself. Private to this collection.

A module costs about half a second before it begins; here the engine is imported once,
before Ansible forks, and a loop keeps its connection and its certificates.
"""

from __future__ import annotations

import os
import typing as t
from abc import abstractmethod
from contextlib import chdir, contextmanager, nullcontext

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _door,
    _failure,
    _options,
)
from ansible_collections.catalyst.oauth.plugins.plugin_utils import _loop

# What the strategy imports in its own process, every worker has.
_door.warm()


class Action(ActionBase):
    """One of this collection's actions.

    Attributes:
        MODULE: The module that does the same elsewhere.
        TABLE: Its options.
        FAILED: What its failures have besides the usual.
    """

    MODULE = ""
    TABLE: dict[str, dict[str, t.Any]] = {}
    FAILED: dict[str, t.Any] = {}
    _supports_check_mode = True
    _supports_async = True

    @staticmethod
    @abstractmethod
    def work(access: _door.Access) -> dict[str, t.Any]:
        """Do what the module is for."""

    def run(
        self, tmp: t.Any = None, task_vars: dict[str, t.Any] | None = None
    ) -> dict[str, t.Any]:
        """Do the task here or on its host, and hide what it returns."""
        super().run(tmp, task_vars)
        result = self.perform(self._args(), task_vars or {})
        if result.get("failed"):
            # Ansible quotes a value that it cannot convert, and once more in its own
            # account of a failure; ours is whole without it.
            result = _options.masked(result, self._given())
            if "kind" in result:
                result.pop("exception", None)
        return self._hidden(result, task_vars or {})

    def _args(self) -> dict[str, t.Any]:
        """Return what the task says; an empty grant takes that of the group away."""
        args = dict(self._task.args)
        for name in _options.GRANTS:
            if args.get(name) in ("", None):
                args.pop(name, None)
        return args

    def perform(
        self, args: dict[str, t.Any], task_vars: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        """Do the work where the task's connection leads."""
        if not self._is_here():
            if self._task.async_val and self._hides_job(task_vars):
                # What a job came to is fetched by another action, which hides nothing.
                self._task.no_log = True
            return self._execute_module(
                module_name=self.MODULE,
                module_args=args,
                task_vars=task_vars,
                wrap_async=self._task.async_val,
            )
        validator = ArgumentSpecValidator(
            _SPECS.setdefault(self.MODULE, _options.argument_spec(self.TABLE, False)),
            mutually_exclusive=[_options.GRANTS],
        )
        checked = validator.validate(plain(args))
        if checked.error_messages:
            mistake = _failure.describe_mistake(". ".join(checked.error_messages))
            return dict(mistake, **self.FAILED)
        with self._environment(), beside_playbook(self._loader):
            outcome = _door.perform(
                self.work,
                checked.validated_parameters,
                check_mode=self._task.check_mode,
                diff_mode=self._task.diff,
                failed=self.FAILED,
            )
        for warning in outcome.warnings:
            self._display.warning(warning)
        return outcome.result

    def _is_here(self) -> bool:
        """Tell whether this process may do what a module on the host would.

        As another user it would find another store, and a Python without the engine
        lets the host's own try, and say what it lacks.
        """
        return (
            self._connection.transport == "local"
            and self._connection.become is None
            and not self._task.async_val
            and _door.ENGINE_ERROR is None
        )

    def _hidden(
        self, result: dict[str, t.Any], task_vars: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        secrets = [result[k] for k in ("access_token", "device_code") if result.get(k)]
        can_hide = _door.hide([*secrets, *self._given_secrets()])
        is_token = bool(secrets) and self._hides_result()
        if not can_hide and (is_token or self._loops_over_secrets(task_vars)):
            result["_ansible_no_log"] = True
        if self._shows_siblings():
            # Of items to come nobody knows what is secret.
            result["_ansible_no_log"] = True
        return result

    def _loops_over_secrets(self, task_vars: dict[str, t.Any]) -> bool:
        """Tell whether Ansible adds a secret to the result, as the loop's item."""
        return _loop.shows_secrets(task_vars, self._given_secrets())

    def _shows_siblings(self) -> bool:
        """Tell whether Ansible adds all items to the result of each."""
        control = self._task.loop_control
        return bool(self._task.loop and control and control.extended)

    def _given_secrets(self) -> list[str]:
        return [str(one) for one in _options.secrets_in(self._given())]

    def _given(self) -> dict[str, t.Any]:
        """Return what the task and its environment say."""
        with self._environment():
            return _options.fill(plain(dict(self._task.args)), os.environ)

    def _hides_result(self) -> bool:
        return self._is_true("hide_result", True)

    def _hides_job(self, task_vars: dict[str, t.Any]) -> bool:
        """Tell whether a job's result has to be hidden before it is known."""
        if self._shows_siblings():
            return True
        is_login = "device_code" in self.TABLE
        returns = is_login or self._is_true(
            "return_token", "return_token" in self.TABLE
        )
        is_secret = self._loops_over_secrets(task_vars)
        return (is_secret or (returns and self._hides_result())) and not _door.hide([])

    def _is_true(self, name: str, otherwise: bool) -> bool:
        return bool(boolean(self._task.args.get(name, otherwise), strict=False))

    @contextmanager
    def _environment(self) -> t.Iterator[None]:
        """Add the task's `environment`, which a module would have."""
        added: dict[str, t.Any] = {}
        self._compute_environment_string(added)
        before = dict(os.environ)
        os.environ.update({name: str(value) for name, value in added.items()})
        try:
            yield
        finally:
            if added:
                os.environ.clear()
                os.environ.update(before)


_SPECS: dict[str, dict[str, t.Any]] = {}


def beside_playbook(loader: t.Any) -> t.ContextManager[None]:
    """Let relative paths start where they do for a module on this host."""
    return nullcontext() if loader is None else chdir(loader.get_basedir())


def plain(value: t.Any) -> t.Any:
    """Return a value without Ansible's tags, which libraries stumble over."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
