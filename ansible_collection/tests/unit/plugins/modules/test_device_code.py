# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module by itself, against the fake on 127.0.0.1."""

from __future__ import annotations

import pytest

from ansible_collections.catalyst.oauth.plugins.modules import device_code, token

engine = pytest.importorskip("pytest_catalyst_oauth.engine")


@pytest.fixture(name="device")
def _device(server):
    """Options of a client that is registered for devices."""
    client = server.fake.register_client(kind=engine.ClientKind.DEVICE)
    return {
        "client_id": client.client_id,
        "client_secret": client.client_secret.reveal(),
        "refresh_token": "",
    }


def test_a_login_is_started_and_finished(run, server, device):
    """Between the two a person confirms; afterwards the store has a token."""
    started = run(device_code, scopes=["ZohoCatalyst.tables.rows.READ"], **device)
    server.fake.approve_device(started["user_code"])
    done = run(device_code, device_code=started["device_code"], **device)
    reused = run(token, **device)

    assert (started["changed"], started["pending"]) == (False, True)
    assert (done["changed"], done["pending"]) == (True, False)
    assert reused["token_fingerprint"] == done["token_fingerprint"]


def test_a_person_who_says_no_is_a_failure(run, server, device):
    """It ends `until`, and says so as data."""
    started = run(device_code, scopes=["ZohoCatalyst.tables.rows.READ"], **device)
    server.fake.deny_device(started["user_code"])

    done = run(device_code, device_code=started["device_code"], **device)

    assert done["failed"]
    assert (done["error"], done["pending"]) == ("access_denied", False)


def test_check_mode_asks_nobody(run, server, device):
    """It has the keys of a login that was started."""
    foreseen = run(
        device_code, check=True, scopes=["ZohoCatalyst.tables.rows.READ"], **device
    )

    assert foreseen["would_mint"]
    assert foreseen["user_code"] is None
    assert len(server.fake.journal) == 0
