# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures as one sentence and as data. Private to this collection.

No part of a failure quotes a request or an answer: Ansible prints it even for a task
with `no_log`.
"""

from __future__ import annotations

import traceback
import typing as t

if t.TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import errors

# What to do about an error that does not say so itself, by its class.
_ADVICE = {
    "StoreError": "check who may read and write it",
    "TransportError": (
        "check accounts_url, the network and the proxy of the host that ran this task, "
        "and ca_bundle where a certificate is not trusted"
    ),
    "ReplyError": "run the task again later, and check accounts_url if it stays so",
    "LoginNeededError": "generate a new code in the API console and give it as code",
    "RefusedError": "look the code up in the documentation of Zoho Accounts",
}


def describe(
    error: errors.OAuthError, attempts: int, retry_after: int | None
) -> dict[str, t.Any]:
    """Return what a failed task returns.

    Args:
        error: What the engine said.
        attempts: How many requests were sent.
        retry_after: Seconds for which nobody asks again; None if that is now.
    """
    hint = getattr(error, "hint", "") or _advice(error)
    fact = _fact(error, hint)
    return {
        "failed": True,
        "changed": False,
        "msg": f"{fact}; {hint}." if hint else f"{fact}.",
        "kind": type(error).__name__,
        "error": getattr(error, "error", None),
        "hint": hint,
        "status": getattr(error, "status", None) or None,
        "retry_after": retry_after,
        "attempts": attempts,
    }


def describe_mistake(
    msg: str, kind: str = "SettingsError", hint: str = ""
) -> dict[str, t.Any]:
    """Return what a task returns that could not begin.

    Args:
        msg: What is wrong; with what to do, if `hint` is empty.
        kind: What sort of failure it is.
        hint: What to do next.
    """
    return {
        "failed": True,
        "changed": False,
        "msg": msg,
        "kind": kind,
        "error": None,
        "hint": hint,
        "status": None,
        "retry_after": None,
        "attempts": 0,
    }


def describe_surprise(
    error: Exception, attempts: int, retry_after: int | None
) -> dict[str, t.Any]:
    """Return what a task returns that ended by a mistake of ours."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    hint = "this is a mistake of the collection or of its library, please report it"
    result = describe_mistake(
        f"{type(error).__name__} in {frame.filename}:{frame.lineno}; {hint}.",
        type(error).__name__,
        hint,
    )
    result.update(retry_after=retry_after, attempts=attempts)
    return result


def _fact(error: errors.OAuthError, hint: str) -> str:
    if not hasattr(error, "error"):
        # An error with a hint of its own says it after a semicolon.
        return str(error).partition(f"; {hint}")[0] if hint else str(error)
    if not error.status:
        # Nobody was asked, so the detail is the engine's own words, not the server's.
        return error.detail
    return f"Zoho refused with {error.error!r}"


def _advice(error: errors.OAuthError) -> str:
    names = (kind.__name__ for kind in type(error).__mro__)
    return next((_ADVICE[name] for name in names if name in _ADVICE), "")
