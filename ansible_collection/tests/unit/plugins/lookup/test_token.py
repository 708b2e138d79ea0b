# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup by itself, against the fake on 127.0.0.1."""

from __future__ import annotations

import os

import pytest

from ansible.errors import AnsibleLookupError
from ansible.plugins.loader import lookup_loader

fake = pytest.importorskip("pytest_catalyst_oauth.fake")


@pytest.fixture(name="server")
def _server():
    """The fake on 127.0.0.1."""
    with fake.FakeServer() as running:
        yield running


@pytest.fixture(name="look_up")
def _look_up(server, tmp_path, monkeypatch):
    """Look tokens up with what leads to the fake, from the environment."""
    for name in [name for name in os.environ if name.startswith("CATALYST_OAUTH_")]:
        monkeypatch.delenv(name)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CATALYST_OAUTH_STORE", str(tmp_path / "tokens.db"))

    def look_up(*terms, check=False, **given):
        plugin = lookup_loader.get("catalyst.oauth.token")
        return plugin.run(list(terms), {"ansible_check_mode": check}, **given)

    return look_up


def test_a_token_is_shared(look_up, server):
    """It is minted once, and the same for all who ask."""
    assert look_up() == look_up("default")
    assert len(server.fake.journal.token_requests) == 1


def test_check_mode_asks_nobody(look_up, server):
    """A text that is no token takes its place."""
    assert look_up(check=True) == ["no-token-in-check-mode"]
    assert len(server.fake.journal) == 0


def test_a_refusal_is_one_sentence(look_up):
    """Without what was sent."""
    secret = "an-invented-secret-of-nobody"

    with pytest.raises(AnsibleLookupError, match="invalid_client_secret") as caught:
        look_up(client_secret=secret)

    assert secret not in str(caught.value)
