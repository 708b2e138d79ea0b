# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action and the module `device_code` do. Private to this collection."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _door,
    _token,
    _wiring,
)

try:
    from pytest_catalyst_oauth import adapters, engine
    from pytest_catalyst_oauth.engine import errors, grants
except ImportError:
    # `_door` says so.
    pass

# A loop that waits for a decision has one.
FAILED = {"pending": False}
# Seconds.
LONGEST_WAIT = 3600
# Seconds. Nobody knows here how long the codes of a former task live; the server does.
_LIFE = 86_400.0


def work(access: _door.Access) -> dict[str, t.Any]:
    """Start a login, or ask once or until it is decided."""
    access.require_secret()
    if access.is_store_there() or not access.check_mode:
        adapters.check_login_store(access.store, access.key())
    params = access.params
    if not params["device_code"]:
        return _started(access)
    if access.check_mode:
        result = _report(access, None)
        result.update(changed=True, would_mint=True)
        return result
    now = time.time()
    device = grants.DeviceCode(
        device_code=engine.Secret(params["device_code"]),
        user_code="",
        verification_url="",
        interval=params["interval"],
        expires_at=now + _LIFE,
    )
    # The task before has waited.
    polling = engine.grants.DevicePolling(
        client=access.client, device=device, interval=device.interval, wait_until=now
    )
    return _followed(access, polling)


def _started(access: _door.Access) -> dict[str, t.Any]:
    scopes = _wiring.parse_scopes(access.params)
    request = grants.device_code_request(access.client, scopes)
    result = _report(access, None)
    result.update(changed=False, pending=True)
    if access.check_mode:
        result.update(would_mint=True)
        return result
    asked_at = time.time()
    device = grants.read_device_code(
        access.send(request), asked_at=asked_at, home=access.client.data_center
    )
    _door.hide([device.device_code.reveal()])
    result.update(
        attempts=len(access.journal),
        device_code=device.device_code.reveal(),
        user_code=device.user_code,
        verification_url=device.verification_url,
        verification_url_complete=device.verification_url_complete,
        interval=device.interval,
        codes_expire_in=int(device.expires_at - asked_at),
        message=f"Open {device.verification_url} and enter {device.user_code}",
    )
    return result


def _followed(access: _door.Access, polling: grants.DevicePolling) -> dict[str, t.Any]:
    params = access.params
    _door.check_range("interval", params["interval"], 1, 600)
    _door.check_range("wait_time", params["wait_time"], 0, LONGEST_WAIT)
    end = time.time() + (params["wait_time"] if params["wait"] else 0)
    while True:
        asked_at = time.time()
        outcome = _asked(access, polling, asked_at)
        if isinstance(outcome, grants.DeviceLogin):
            return _finished(access, outcome, asked_at)
        moved = outcome.client.data_center != polling.client.data_center
        if outcome.wait_until > end and not moved:
            return _undecided(access, outcome)
        # Who moved to another data centre was not asked there yet.
        time.sleep(max(0.0, outcome.wait_until - time.time()))
        polling = outcome


def _asked(
    access: _door.Access, polling: grants.DevicePolling, asked_at: float
) -> grants.DevicePolling | grants.DeviceLogin:
    try:
        reply = access.send(polling.request())
    except errors.TransportError as error:
        return polling.retry(error, now=time.time())
    return polling.read(reply, asked_at=asked_at, now=time.time())


def _undecided(access: _door.Access, polling: grants.DevicePolling) -> dict[str, t.Any]:
    if access.params["wait"]:
        raise errors.LoginNeededError(
            "authorization_pending",
            0,
            f"nobody confirmed within {access.params['wait_time']:g} s",
        )
    result = _report(access, None)
    result.update(changed=False, pending=True, interval=polling.interval)
    return result


def _finished(
    access: _door.Access, login: grants.DeviceLogin, asked_at: float
) -> dict[str, t.Any]:
    key = engine.StoreKey(
        profile=access.key().profile,
        accounts_url=login.data_center.accounts_url,
        client_id=access.client.client_id,
    )
    adapters.keep_login(access.store, key, login.token, asked_at=asked_at)
    result = _report(access, login.token)
    result.update(
        changed=True,
        api_url=login.data_center.api_url,
        accounts_url=login.data_center.accounts_url,
        data_center=login.data_center.location,
    )
    return result


def _report(access: _door.Access, token: t.Any) -> dict[str, t.Any]:
    """Return all keys of a result."""
    result = dict.fromkeys(
        (
            "device_code",
            "user_code",
            "verification_url",
            "verification_url_complete",
            "codes_expire_in",
            "message",
        )
    )
    result.update(_token.report(token, access))
    result.update(
        pending=False,
        interval=access.params["interval"],
        accounts_url=access.client.data_center.accounts_url,
        data_center=access.client.data_center.location,
    )
    return result
