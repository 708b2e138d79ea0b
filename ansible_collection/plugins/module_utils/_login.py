# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting a finished login into the store. Private to this collection."""

from __future__ import annotations

import typing as t

try:
    from pytest_catalyst_oauth import engine
    from pytest_catalyst_oauth.engine import errors
    from pytest_catalyst_oauth.engine._value import replace
except ImportError:
    # `_door` says so.
    pass

if t.TYPE_CHECKING:
    from ansible_collections.catalyst.oauth.plugins.module_utils import _door

_ATTEMPTS = 8


def check_store(access: _door.Access) -> None:
    """Make sure of the store before a person is asked for it."""
    if isinstance(access.store, engine.MemoryStore):
        raise errors.SettingsError(
            "store memory:",
            "forgets the login when the task ends",
            "give a path, or leave it out",
        )
    access.store.load(access.key())


def keep(access: _door.Access, login: t.Any, asked_at: float) -> None:
    """Replace what is stored by a new login.

    Args:
        access: Whose store and profile.
        login: Of a person, at the data centre where that person lives.
        asked_at: When it was asked for, in seconds since the epoch.
    """
    if login.token.refresh_token is None:
        raise errors.ReplyError(200, "no refresh token came with it")
    key = replace(access.key(), accounts_url=login.data_center.accounts_url)
    for _attempt in range(_ATTEMPTS):
        old = access.store.load(key) or engine.Record()
        new = replace(
            old.holding(login.token, obtained_at=asked_at),
            generation=old.generation + 1,
            # It belongs to whoever reads the store without a grant of their own.
            seed="",
            spent=False,
            revoked=False,
            revoke_pending=False,
            asked=(asked_at,),
            logins=old.logins + 1,
        )
        if access.store.compare_and_swap(key, old.generation, new):
            return
    raise errors.StoreError(
        repr(access.store), "others write to it all the time", "log in again"
    )
