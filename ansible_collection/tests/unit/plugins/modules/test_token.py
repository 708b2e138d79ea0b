# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module by itself, against the fake on 127.0.0.1."""

from __future__ import annotations

import json
import os

import pytest

from ansible.module_utils.testing import patch_module_args
from ansible_collections.catalyst.oauth.plugins.modules import token

fake = pytest.importorskip("pytest_catalyst_oauth.fake")


@pytest.fixture(name="server")
def _server():
    """The fake on 127.0.0.1."""
    with fake.FakeServer() as running:
        yield running


@pytest.fixture(name="run")
def _run(server, tmp_path, monkeypatch, capsys):
    """Run the module with what leads to the fake, and return its result."""
    for name in [name for name in os.environ if name.startswith("CATALYST_OAUTH_")]:
        monkeypatch.delenv(name)
    given = {
        "client_id": server.client.client_id,
        "client_secret": server.client.client_secret.reveal(),
        "refresh_token": server.fake.refresh_token.reveal(),
        "accounts_url": server.accounts_url,
        "api_url": server.api_url,
        "store": str(tmp_path / "tokens.db"),
    }

    def run(check=False, **arguments):
        arguments = dict(given, _ansible_check_mode=check, **arguments)
        with patch_module_args(arguments), pytest.raises(SystemExit):
            token.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_a_token_is_minted_once(run, server):
    """The first task changes something, the second gets the same token for nothing."""
    first, second = run(), run()

    assert (first["changed"], first["reused"]) == (True, False)
    assert (second["changed"], second["reused"]) == (False, True)
    assert second["access_token"] == first["access_token"]
    assert len(server.fake.journal.token_requests) == 1


def test_check_mode_asks_nobody(run, server):
    """It says that a token would be minted, under the same keys."""
    foreseen = run(check=True)
    minted = run()

    assert foreseen["would_mint"]
    assert minted.keys() <= foreseen.keys()
    assert len(server.fake.journal) == 1


def test_a_revoked_token_is_no_change(run, server):
    """What is gone already need not be revoked again."""
    run()

    assert run(state="absent")["changed"]
    assert not run(state="absent")["changed"]
    assert len(server.fake.journal.revocations) >= 1
