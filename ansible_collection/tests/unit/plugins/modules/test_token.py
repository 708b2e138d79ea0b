# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module by itself, against the fake on 127.0.0.1."""

from __future__ import annotations

from ansible_collections.catalyst.oauth.plugins.modules import token


def test_a_token_is_minted_once(run, server):
    """The first task changes something, the second gets the same token for nothing."""
    first, second = run(token), run(token)

    assert (first["changed"], first["reused"]) == (True, False)
    assert (second["changed"], second["reused"]) == (False, True)
    assert second["access_token"] == first["access_token"]
    assert len(server.fake.journal.token_requests) == 1


def test_check_mode_asks_nobody(run, server):
    """It says that a token would be minted, under the same keys."""
    foreseen = run(token, check=True)
    minted = run(token)

    assert foreseen["would_mint"]
    assert minted.keys() <= foreseen.keys()
    assert len(server.fake.journal) == 1


def test_a_revoked_token_is_no_change(run, server):
    """What is gone already need not be revoked again."""
    run(token)

    assert run(token, state="absent")["changed"]
    assert not run(token, state="absent")["changed"]
    assert len(server.fake.journal.revocations) >= 1
