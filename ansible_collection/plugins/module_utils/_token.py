# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action, the module and the lookup `token` do. Private to this collection."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.catalyst.oauth.plugins.module_utils import _door

if t.TYPE_CHECKING:
    from pytest_catalyst_oauth.engine import Token


def work(access: _door.Access) -> dict[str, t.Any]:
    """Do what `state` says, or in check mode find out what would be done."""
    params = access.params
    _door.check_range("min_remaining", params["min_remaining"], 0, 3000)
    before, would_ask = access.credentials.peek(), False
    if before is None or params["state"] != "present":
        # Whatever comes of it, the server is asked.
        access.require_secret()
    try:
        changed, token = _act(access, before)
    except _door.WouldAskError:
        changed, token, would_ask = True, None, True
        if access.lacks_secret:
            changed, token, would_ask = False, _stored(access, before), False
    would_mint = would_ask and params["state"] != "absent"
    result = report(token, access)
    result.update(changed=changed, reused=token is not None and not changed)
    if access.check_mode:
        result.update(would_mint=would_mint, would_revoke=would_ask and not would_mint)
    if access.diff_mode:
        after = {"token_fingerprint": "not known yet"} if would_mint else {}
        after.update(describe(token))
        result["diff"] = {"before": describe(before), "after": after}
    return result


def report(token: Token | None, access: _door.Access) -> dict[str, t.Any]:
    """Return the result's keys about a token, the same ones for None."""
    result = {
        "api_url": access.api_url,
        "attempts": len(access.journal),
        "expires_at": None,
        "expires_in": token and max(0, int(token.expires_at.timestamp() - time.time())),
        "scope": [],
        "token_fingerprint": None,
    }
    result.update(describe(token))
    if token is not None:
        _door.hide([token.access_token.reveal()])
    if access.params["return_token"]:
        result["access_token"] = token and token.access_token.reveal()
        result["headers"] = {"Authorization": token.authorization} if token else {}
    return result


def _act(access: _door.Access, before: t.Any) -> tuple[bool, t.Any]:
    """Return whether something changed, and the token."""
    params, credentials = access.params, access.credentials
    if params["state"] == "absent":
        return credentials.revoke(), None
    if params["state"] == "refreshed":
        token = credentials.refresh()
    else:
        token = credentials.token(min_life=params["min_remaining"])
    return access.has_issued(token, before), token


def _stored(access: _door.Access, before: Token) -> Token:
    """Return what is stored although it is due for renewal, if that is enough."""
    least = time.time() + access.params["min_remaining"]
    if before.expires_at.timestamp() <= least:
        access.require_secret()
    return before


def describe(token: Token | None) -> dict[str, t.Any]:
    """Return what may be shown about a token; {} for none."""
    if token is None:
        return {}
    return {
        "expires_at": token.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "scope": sorted(map(str, token.scope)),
        "token_fingerprint": token.access_token.digest()[:12],
    }
