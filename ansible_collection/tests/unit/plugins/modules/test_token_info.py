# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module by itself, against the fake on 127.0.0.1."""

from __future__ import annotations

from ansible_collections.catalyst.oauth.plugins.modules import token, token_info


def test_nothing_is_stored_at_first(run, server):
    """It says so, and asks nobody."""
    known = run(token_info)

    assert (known["changed"], known["exists"], known["expires_in"]) == (
        False,
        False,
        None,
    )
    assert len(server.fake.journal) == 0


def test_a_token_is_told_without_itself(run):
    """Its life, its scopes and its fingerprint."""
    minted = run(token)

    known = run(token_info)

    assert known["exists"]
    assert known["token_fingerprint"] == minted["token_fingerprint"]
    assert known["scope"] == minted["scope"]
    assert 0 < known["expires_in"] <= minted["expires_in"]
    assert minted["access_token"] not in str(known)


def test_a_failure_is_remembered(run, server):
    """What the latest request ended with is there for whoever asks."""
    server.fake.fail("token", fault="throttle")
    failed = run(token)

    known = run(token_info)

    assert failed["kind"] == known["kind"] == "ThrottledError"
    assert known["state"] == "cooling"
    assert 0 < known["retry_after"] <= failed["retry_after"]
