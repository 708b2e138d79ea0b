# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action and the module `token_info` do. Private to this collection."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.catalyst.oauth.plugins.module_utils import _door, _token


def work(access: _door.Access) -> dict[str, t.Any]:
    """Tell what is stored, without asking anybody and without a token."""
    # What only reads leaves no trace, in check mode or not.
    access.check_mode = True
    status = access.credentials.status()
    token = access.credentials.peek()
    retry_after = access.retry_after()
    result = {
        "changed": False,
        "api_url": access.api_url,
        "exists": token is not None,
        "expires_at": None,
        "expires_in": token and max(0, int(token.expires_at.timestamp() - time.time())),
        "scope": [],
        "token_fingerprint": None,
        "state": status.state.value,
        "has_refresh_token": status.has_refresh_token,
        "requests_left": status.requests_left,
        "revoke_pending": status.revoke_pending,
        "retry_after": retry_after,
        "kind": type(status.failure).__name__ if status.failure else None,
        "error": getattr(status.failure, "error", None),
    }
    result.update(_token.describe(token))
    return result
