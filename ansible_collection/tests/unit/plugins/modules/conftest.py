# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fake on 127.0.0.1, and modules that lead there."""

from __future__ import annotations

import json
import os

import pytest

from ansible.module_utils.testing import patch_module_args

fake = pytest.importorskip("pytest_catalyst_oauth.fake")


@pytest.fixture(name="server")
def _server():
    """The fake on 127.0.0.1; devices may ask each second."""
    settings = fake.FakeSettings(device_interval=1)
    with fake.FakeServer(fake.FakeCatalyst(settings=settings)) as running:
        yield running


@pytest.fixture(name="run")
def _run(server, tmp_path, monkeypatch, capsys):
    """Run a module with what leads to the fake, and return its result."""
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

    def run(module, check=False, **arguments):
        arguments = dict(given, **dict(arguments, _ansible_check_mode=check))
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        return json.loads(capsys.readouterr().out)

    return run
